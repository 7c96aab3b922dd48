"""The web application: pages by Dash, and around them signing in, live changes and files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dash import Dash
from flask import Flask, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from dashboard.api.connection import Connection
from dashboard.core.addresses import href
from dashboard.names import INVITATION, PRODUCT, SIGN_IN
from dashboard.server import current
from dashboard.server.failing import tell_failure
from dashboard.server.files import file_routes
from dashboard.server.live import live_routes
from dashboard.server.measuring import measure
from dashboard.server.protection import content_security_policy, protect
from dashboard.server.sessions import Sessions
from dashboard.server.sign_in import sign_in_routes
from dashboard.views import router

_HERE = Path(__file__).parent
_LONGEST_BODY = 2 * 1024 * 1024
_OPEN_TO_ALL = (SIGN_IN, INVITATION, "/assets/", "/_dash-component-suites/", "/_favicon.ico")
_PAGE = """<!doctype html>
<html lang="en">
<head>
{%metas%}
<title>{%title%}</title>
{%favicon%}
{%css%}
</head>
<body>
{%app_entry%}
<footer>
{%config%}
{%scripts%}
{%renderer%}
</footer>
</body>
</html>
"""
"""The frame of frames: as the framework's own, but it says which language it speaks."""


def make_application(connection: Connection, sessions: Sessions, ending: Callable[[], bool]) -> Flask:
    """Everything that a browser can ask for.

    Args:
        connection: where status-api is.
        sessions: who a browser is signed in as.
        ending: whether the process was told to stop.
    """
    server = Flask(__name__, static_folder=None, template_folder=str(_HERE / "templates"))
    server.config["MAX_CONTENT_LENGTH"] = _LONGEST_BODY
    current.install(server, connection, sessions)
    measure(server)
    server.before_request(_ask_to_sign_in)
    for routes in (sign_in_routes(), live_routes(ending), file_routes()):
        server.register_blueprint(routes)
    pages = Dash(
        __name__,
        server=server,  # type: ignore[arg-type]  # Dash takes an application; its types say otherwise
        assets_folder=str(_HERE / "assets"),
        serve_locally=True,
        suppress_callback_exceptions=True,
        title=PRODUCT,
        index_string=_PAGE,
        update_title=None,  # type: ignore[arg-type]  # Dash documents None: the title stays while something loads
        on_error=tell_failure,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1"},
            {"name": "color-scheme", "content": "light dark"},
        ],
    )
    router.install(pages)
    protect(server, content_security_policy(pages.csp_hashes()))
    return server


def _ask_to_sign_in() -> AnyResponse | None:
    """Pages are for people who signed in. Calls of a page tell by themselves that the session is over."""
    if request.method != "GET" or request.path.startswith(_OPEN_TO_ALL) or request.path.startswith("/_dash"):
        return None
    if current.signed_in() is not None or request.headers.get("Sec-Fetch-Dest", "document") != "document":
        return None
    wished = request.full_path.rstrip("?")
    return redirect(href(SIGN_IN.strip("/"), next=None if wished == "/" else wished))
