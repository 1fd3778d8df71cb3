"""The server's HTML pages for errors of HTTP itself (measured)."""

from html import escape

from starlette.responses import Response

_TITLES = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal Server Error"}
_GONE = (
    "The requested URL was not found on the server."
    " If you entered the URL manually please check your spelling and try again."
)


def page(status: int, text: str) -> Response:
    """A page with a status and a line of text."""
    title = _TITLES[status]
    body = (
        f"<!doctype html>\n<html lang=en>\n<title>{status} {title}</title>\n<h1>{title}</h1>\n"
        f"<p>{escape(text).replace('&#x27;', '&#39;')}</p>\n"
    )
    return Response(body, status, media_type="text/html")


def bad_request(text: str) -> Response:
    """400."""
    return page(400, text)


def not_found() -> Response:
    """404."""
    return page(404, _GONE)


def not_allowed() -> Response:
    """405."""
    return page(405, "The method is not allowed for the requested URL.")


def internal_error() -> Response:
    """500 (assumed)."""
    return page(500, "The server encountered an internal error.")
