"""People and work: users, tasks, process instances, the feed.

Assumed: the envelope of one task and one instance (`item`), and the keys of feed messages and comments
(author, body as HTML, `__createdAt`), which no public source shows.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock_elma365.sandbox.answers import Body, NotFoundError, endpoint, listed, ok
from crossdock_elma365.sandbox.company import Company
from crossdock_elma365.sandbox.store import Collection

_FEED = "/feed/{namespace}/{code}/{target}/message"


class Work:
    """The operations under `/user/`, `/tasks/`, `/bpm/`, `/feed/`, and `/help`."""

    def __init__(self, company: Company) -> None:
        self._store = company.store

    def routes(self) -> list[Route]:
        """Give the routes, relative to `/pub/v1`."""
        both = ["GET", "POST"]
        template = "/bpm/instance/bytemplate/{namespace}/{code}/list"
        return [
            Route("/help", endpoint(self.help), methods=["POST"]),
            Route("/user/list", endpoint(self._page(Collection.USERS)), methods=both),
            Route("/tasks/list", endpoint(self._page(Collection.TASKS)), methods=["POST"]),
            Route("/tasks/{id}/get", endpoint(self._one(Collection.TASKS)), methods=both),
            Route(template, endpoint(self.instances), methods=["POST"]),
            Route("/bpm/instance/bytemplateid/{id}/list", endpoint(self.instances), methods=["POST"]),
            Route("/bpm/instance/{id}/get", endpoint(self._one(Collection.INSTANCES)), methods=both),
            Route(f"{_FEED}/list", endpoint(self.messages), methods=["POST"]),
            Route(f"{_FEED}/{{message}}/comment/list", endpoint(self.comments), methods=["POST"]),
        ]

    def help(self, _request: Request, _body: Body) -> Response:
        """Answer the cheap check of a token (answer assumed)."""
        return ok()

    def instances(self, request: Request, body: Body) -> Response:
        """Give a page of the instances of one process; a range of `__createdAt` is not applied (seen)."""
        parts = request.path_params
        wish = [{"eq": [{"field": "__templateId"}, {"const": parts.get("id")}]}]
        if "code" in parts:
            name = f"{parts['namespace']}:{parts['code']}"
            wish = [{"eq": [{"field": "__templateCode"}, {"const": name}]}]
        given = body.get("filter") or {}
        if isinstance(given.get("tf"), dict):
            given = given | {"tf": {k: v for k, v in given["tf"].items() if k != "__createdAt"}}
        return listed(self._store, Collection.INSTANCES, body | {"filter": {"and": [*wish, given]}})

    def messages(self, request: Request, body: Body) -> Response:
        """Give a page of the messages in the feed of one item."""
        wish = {"eq": [{"field": "__target"}, {"const": request.path_params["target"]}]}
        return listed(self._store, Collection.MESSAGES, body | {"filter": wish})

    def comments(self, request: Request, body: Body) -> Response:
        """Give a page of the comments to one message."""
        wish = {"eq": [{"field": "__message"}, {"const": request.path_params["message"]}]}
        return listed(self._store, Collection.COMMENTS, body | {"filter": wish})

    def _page(self, collection: str) -> Callable[[Request, Body], Response]:
        return lambda _request, body: listed(self._store, collection, body)

    def _one(self, collection: str) -> Callable[[Request, Body], Response]:
        def get(request: Request, _body: Body) -> Response:
            item = self._store.get(collection, request.path_params["id"])
            if item is None:
                raise NotFoundError("not found")
            return ok(item=item)

        return get
