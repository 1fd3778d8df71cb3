"""The schema of the company: sections, applications, processes and the rest that cannot move; groups."""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock_elma365.sandbox.answers import Body, NotFoundError, endpoint, listed, ok, page, rows
from crossdock_elma365.sandbox.company import Company
from crossdock_elma365.sandbox.listing import DEFAULT_SIZE
from crossdock_elma365.sandbox.store import Collection, Json

_KINDS = {
    "processes": Collection.PROCESSES,
    "reports": Collection.REPORTS,
    "pages": Collection.PAGES,
    "widgets": Collection.WIDGETS,
    "doctemplates": Collection.DOCTEMPLATES,
}
_ALL = {"size": 10_000}
_HIDDEN = ("rows", "definition")  # answered by operations of their own


class Schemes:
    """The operations under `/scheme/` and `/reports/`."""

    def __init__(self, company: Company) -> None:
        self._store = company.store

    def routes(self) -> list[Route]:
        """Give the routes, relative to `/pub/v1`."""
        get, both = ["GET"], ["GET", "POST"]
        section = "/scheme/namespaces/{namespace}"
        return [
            Route("/scheme/namespaces", endpoint(self.namespaces), methods=get),
            Route(f"{section}/apps", endpoint(self.apps), methods=get),
            Route(f"{section}/apps/{{code}}", endpoint(self.app), methods=get),
            Route(f"{section}/apps/{{code}}/{{kind}}", endpoint(self.of_app), methods=get),
            Route(f"{section}/processes/{{code}}", endpoint(self.process), methods=get),
            Route(f"{section}/{{kind}}", endpoint(self.of_section), methods=get),
            Route("/scheme/solutions", endpoint(self.solutions), methods=get),
            Route("/scheme/modules", endpoint(self.modules), methods=get),
            Route("/scheme/groups/list", endpoint(self.groups), methods=["POST"]),
            Route("/scheme/groups/{id}", endpoint(self.group), methods=get),
            Route("/scheme/groups/{id}/users", endpoint(self.members), methods=get),
            Route("/reports/{namespace}/{code}/list", endpoint(self.report), methods=both),
        ]

    def namespaces(self, _request: Request, _body: Body) -> Response:
        """Give all sections."""
        return rows(self._store.namespaces())

    def apps(self, request: Request, _body: Body) -> Response:
        """Give the applications of a section, without their fields."""
        keys = ("namespace", "code", "name", "elementName", "type", "__deletedAt")
        namespace = self._section(request)
        found = [app for app in self._store.apps() if app["namespace"] == namespace]
        return rows([{key: app.get(key) for key in keys} for app in found])

    def app(self, request: Request, _body: Body) -> Response:
        """Give one application with its fields; statuses are not part of it."""
        found = self._store.app("{namespace}.{code}".format(**request.path_params))
        if found is None:
            raise NotFoundError("application not found")
        return ok(application={key: value for key, value in found.items() if key != "settings"})

    def of_app(self, request: Request, _body: Body) -> Response:
        """Give processes (whose section is `section.app`) or document templates of an application."""
        return self._made("{namespace}.{code}".format(**request.path_params), request)

    def of_section(self, request: Request, _body: Body) -> Response:
        """Give processes (of its applications too), reports, pages, widgets, templates of a section."""
        return self._made(self._section(request), request)

    def process(self, request: Request, _body: Body) -> Response:
        """Give the definition of one process, that of an application in `section.app` (envelope assumed)."""
        for found in self._scheme("processes", request.path_params["namespace"]):
            if found["code"] == request.path_params["code"] and "definition" in found:
                rest = {k: v for k, v in found.items() if k != "definition"}
                return ok(process=rest | found["definition"])
        raise NotFoundError("process not found")

    def solutions(self, _request: Request, _body: Body) -> Response:
        """Give the installed solutions."""
        return listed(self._store, Collection.SOLUTIONS, _ALL)

    def modules(self, _request: Request, _body: Body) -> Response:
        """Give the installed modules."""
        return listed(self._store, Collection.MODULES, _ALL)

    def groups(self, _request: Request, body: Body) -> Response:
        """Give a page of groups and roles."""
        return listed(self._store, Collection.GROUPS, body)

    def group(self, request: Request, _body: Body) -> Response:
        """Give one group (envelope assumed)."""
        found = self._store.get(Collection.GROUPS, request.path_params["id"])
        if found is None:
            raise NotFoundError("group not found")
        return ok(group=found)

    def members(self, request: Request, body: Body) -> Response:
        """Give the users of a group (envelope assumed)."""
        self.group(request, body)
        key = request.path_params["id"]
        found: list[Any] = self._store.items(Collection.USERS)
        return rows([user for user in found if key in (user.get("groupIds") or ())])

    def report(self, request: Request, body: Body) -> Response:
        """Give a page of the data of a report (row shape and pages assumed)."""
        for report in self._scheme("reports", request.path_params["namespace"]):
            if report["code"] == request.path_params["code"]:
                data, start = report.get("rows", []), body.get("from") or 0
                found = data[start : start + (body.get("size") or DEFAULT_SIZE)]
                return page([orjson.dumps(row) for row in found], len(data))
        raise NotFoundError("report not found")

    def _section(self, request: Request) -> str:
        code = str(request.path_params["namespace"])
        if all(section["code"] != code for section in self._store.namespaces()):
            raise NotFoundError(f"namespace {code} not found")
        return code

    def _made(self, namespace: str, request: Request) -> Response:
        kind = request.path_params["kind"]
        if kind == "groups":
            return rows([])
        if kind not in _KINDS:
            raise NotFoundError(f"no {kind} here")
        return rows(
            [{k: v for k, v in each.items() if k not in _HIDDEN} for each in self._scheme(kind, namespace)]
        )

    def _scheme(self, kind: str, namespace: str) -> list[Json]:
        collection: str = _KINDS[kind]
        found: list[Any] = self._store.items(collection)
        inner = tuple([f"{namespace}."] if kind == "processes" else [])
        return [
            each for each in found if each["namespace"] == namespace or each["namespace"].startswith(inner)
        ]
