"""The files that pages need: our styles and keys, and htmx out of the package that ships it.

htmx is served only if it is byte for byte the release that its authors published. Without it every page
works by plain links and forms.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha384
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

HTMX: Final = "htmx-2.0.3.js"
_PACKAGE: Final = "django-js-lib-htmx"
_FILE: Final = "js_lib_htmx/static/htmx/htmx.min.js"
_DIGEST: Final = "0895/pl2MU10Hqc6jd4RvrthNlDiE9U1tWmX7WRESftEDRosgxNsQG/Ze9YMRzHq"
"""SHA-384 of htmx.min.js 2.0.3 as its authors give it for their own downloads."""

_STYLES: Final = {"page.css": "crossdock.documents", "ui.css": "crossdock.ui"}
_FOLDERS: Final = {"page.css": "templates", "ui.css": "static"}
_ICON: Final = "icon.svg"


def style(request: Request) -> Response:
    """A style sheet (that of the documents, and what the pages have besides), or the icon."""
    name = request.path_params["name"]
    if name == _ICON:
        content = files("crossdock.ui").joinpath("static", name).read_bytes()
        return Response(content, media_type="image/svg+xml")
    if name not in _STYLES:
        return PlainTextResponse("no such file\n", 404)
    text = files(_STYLES[name]).joinpath(_FOLDERS[name], name).read_text(encoding="utf-8")
    return Response(text, media_type="text/css")


def script(request: Request) -> Response:
    """A script: htmx, or our own keys."""
    name = request.path_params["name"]
    if name == "keys.js":
        text = files("crossdock.ui").joinpath("static", name).read_text(encoding="utf-8")
        return Response(text, media_type="text/javascript")
    if name == HTMX and (content := htmx()) is not None:
        return Response(content, media_type="text/javascript")
    return PlainTextResponse("no such file\n", 404)


@cache
def htmx() -> bytes | None:
    """The library, None if it is not installed or is not the release that we know."""
    try:
        content = distribution(_PACKAGE).locate_file(_FILE).read_bytes()  # type: ignore[attr-defined]
    except (PackageNotFoundError, OSError):
        return None
    return content if b64encode(sha384(content).digest()).decode() == _DIGEST else None
