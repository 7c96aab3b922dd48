"""Where somebody may be sent after signing in: into this site, and nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

from dashboard.names import INVITATION, SIGN_IN, SIGN_OUT

_OUTSIDE = (SIGN_IN, SIGN_OUT, INVITATION)


def inside(wished: str) -> str:
    r"""A path of this site with its query; `/` for whatever is none: whoever sends a link to the sign-in page chooses it.

    Browsers read `\` as `/` and leave out line ends and tabs, so an address with any of these is refused as a whole.
    """
    if not wished.startswith("/") or wished.startswith("//") or "\\" in wished or not wished.isprintable():
        return "/"
    try:
        parts = urlsplit(wished)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or parts.path in _OUTSIDE:
        return "/"
    return wished
