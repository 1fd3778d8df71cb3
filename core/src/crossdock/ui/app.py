"""The application: the pages of all modules, the files that they need, and what becomes of an error."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from crossdock.errors import CrossdockError, RefusedError
from crossdock.log import get_logger
from crossdock.ui.desk import Desk
from crossdock.ui.guard import Guard
from crossdock.ui.page import page
from crossdock.ui.scripts import script, style

PAGES: Final[Sequence[str]] = (
    "start",
    "mapobjects",
    "maplines",
    "mapline",
    "mapconfirm",
    "tryrecord",
    "runs",
    "progress",
    "findings",
    "queues",
    "versions",
    "undo",
)
"""Modules of this package with pages, in the order of the menu. Each has `ROUTES` and `MENU`."""

_STATUS: Final = {2: 400, 3: 503, 4: 409}


def application(desk: Desk, port: int, token: str) -> ASGIApp:
    """The guarded application for one project, served on that port."""
    modules: list[Any] = [import_module(f"crossdock.ui.{name}") for name in PAGES]
    routes = [Route("/static/{name}", style), Route("/script/{name}", script)]
    routes += [route for module in modules for route in module.ROUTES]
    handlers: Any = {CrossdockError: _error, 404: _lost, 500: _fault}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.state.desk = desk
    app.state.menu = [entry for module in modules for entry in module.MENU]
    return Guard(app, port, token)


def _error(request: Request, error: Exception) -> Response:
    """What crossdock refuses or cannot do, in its own words."""
    assert isinstance(error, CrossdockError)  # noqa: S101 it is registered for these alone
    title = "Not now" if isinstance(error, RefusedError) else "This did not work"
    problems = list(getattr(error, "problems", ()))
    data = {
        "title": title,
        "message": error.message.partition("\n")[0],
        "hint": error.hint or "",
        "problems": problems,
    }
    return page(request, "error.html", data, _STATUS.get(error.exit_code, 400))


def _lost(request: Request, _error: Exception) -> Response:
    data = {"title": "No such page", "message": "There is no such page.", "hint": "", "problems": []}
    return page(request, "error.html", data, 404)


def _fault(request: Request, error: Exception) -> Response:
    get_logger(__name__).info("unexpected", exc_info=error)
    message = f"A fault in crossdock itself: {type(error).__name__}."
    data = {
        "title": "A fault",
        "message": message,
        "hint": "The trace: .crossdock/crossdock.log",
        "problems": [],
    }
    return page(request, "error.html", data, 500)
