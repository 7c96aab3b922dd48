"""What every answer and every request is held to: no foreign script, no foreign site that acts for a person.

Scripts come from here alone, none inline but those that the page framework needs, each named by its hash. Styles may stand
inline: the component libraries set them while they run. Nothing is loaded from any other address.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Request, Response, abort, request

_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SAME = ("same-origin", "none")


def content_security_policy(script_hashes: Sequence[str]) -> str:
    """The policy; `script_hashes` are those of inline scripts, as CSP spells them."""
    scripts = " ".join(
        ["'self'", *(f"'{each}'" if not each.startswith("'") else each for each in script_hashes)]
    )
    rules = {
        "default-src": "'none'",
        "script-src": scripts,
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def protect(application: Flask, policy: str) -> None:
    """Put both on an application."""

    @application.before_request
    def refuse_foreign_sites() -> None:
        if request.method in _UNSAFE and not is_from_here(request):
            abort(403, "This request came from another site. Open the dashboard itself and try again.")

    @application.after_request
    def add_headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if is_secure(request):
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response


def is_from_here(asked: Request) -> bool:
    """Whether a request that changes something was made by our own page.

    Browsers tell where a request comes from in headers that no page can set. One that tells neither is no browser
    that has our cookie: it is refused, too.
    """
    site = asked.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _SAME
    origin = asked.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc == asked.host


def is_secure(asked: Request) -> bool:
    """Whether the browser came by https, perhaps to a proxy before us: only used to demand more, never less."""
    return asked.is_secure or asked.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip() == "https"


def address_of(asked: Request) -> str:
    """The chain of addresses a request came through, for status-api, which believes those that it was told to trust."""
    before = asked.headers.get("X-Forwarded-For")
    last = asked.remote_addr or ""
    return f"{before}, {last}" if before else last
