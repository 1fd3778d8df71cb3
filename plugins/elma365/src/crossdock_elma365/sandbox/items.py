"""Applications' items: list, get, statuses; and create, update, set-status, which a source never calls."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock_elma365.sandbox.answers import (
    BadRequestError,
    Body,
    LogicalError,
    NotFoundError,
    endpoint,
    listed,
    ok,
)
from crossdock_elma365.sandbox.company import Company
from crossdock_elma365.sandbox.store import Json


class Items:
    """The operations under `/app/`. There is no delete: a user's deletion is an update of `__deletedAt`."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._store = company.store

    def routes(self) -> list[Route]:
        """Give the routes, relative to `/pub/v1`."""
        both, post = ["GET", "POST"], ["POST"]
        app = "/app/{namespace}/{code}"
        return [
            Route(f"{app}/list", endpoint(self.list), methods=both),
            Route(f"{app}/create", endpoint(self.create), methods=post),
            Route(f"{app}/settings/status", endpoint(self.statuses), methods=["GET"]),
            Route(f"{app}/{{id}}/get", endpoint(self.get), methods=both),
            Route(f"{app}/{{id}}/update", endpoint(self.update), methods=post),
            Route(f"{app}/{{id}}/set-status", endpoint(self.set_status), methods=post),
        ]

    def list(self, request: Request, body: Body) -> Response:
        """Give a page of items; deleted ones too unless `active` is true."""
        return listed(self._store, self._app(request)[0], body)

    def get(self, request: Request, _body: Body) -> Response:
        """Give one item."""
        return ok(item=self._item(request)[1])

    def statuses(self, request: Request, _body: Body) -> Response:
        """Give the status settings; an application without statuses is a logical error (assumed)."""
        settings = self._app(request)[1]["settings"]
        if not settings["statusItems"]:
            raise LogicalError("status is not enabled for this application")
        return ok(**settings)

    def create(self, request: Request, body: Body) -> Response:
        """Make an item from `context`."""
        return ok(item=self._company.create(self._app(request)[0], _context(body)))

    def update(self, request: Request, body: Body) -> Response:
        """Merge `context` into an item."""
        collection, item = self._item(request)
        return ok(item=self._company.update(collection, item, _context(body)))

    def set_status(self, request: Request, body: Body) -> Response:
        """Set the status by its code."""
        collection, item = self._item(request)
        code = (body.get("status") or {}).get("code")
        for status in self._app(request)[1]["settings"]["statusItems"]:
            if status["code"] == code:
                new = {"__status": {"order": 0, "status": status["id"]}}
                return ok(item=self._company.update(collection, item, new))
        raise LogicalError(f"unknown status {code}")

    def _app(self, request: Request) -> tuple[str, Json]:
        name = "{namespace}.{code}".format(**request.path_params)
        app = self._store.app(name)
        if app is None:
            raise NotFoundError(f"application {name} not found")
        return name, app

    def _item(self, request: Request) -> tuple[str, Json]:
        name, _ = self._app(request)
        item = self._store.get(name, request.path_params["id"])
        if item is None:
            raise NotFoundError("item not found")
        return name, item


def _context(body: Body) -> dict[str, Any]:
    context = body.get("context")
    if not isinstance(context, dict):
        raise BadRequestError("context must be an object")
    return context
