"""A company in memory, reached through a mock transport: enough of the Web API for the source's own tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from crossdock.connection import Connection
from crossdock.filestore import FileStore
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.source import Elma365Source

ANNA = "a0000000-0000-4000-8000-000000000001"


class FakeCompany:
    """Applications, users, tasks and files; `requests` keeps what was asked, `change` may alter an answer."""

    def __init__(self) -> None:
        self.apps: dict[str, dict[str, Any]] = {}
        self.users: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []
        self.section_processes: list[dict[str, Any]] = []
        self.definitions: dict[str, dict[str, Any]] = {}
        self.instances: dict[str, list[dict[str, Any]]] = {}
        self.files: dict[str, tuple[dict[str, Any], bytes]] = {}
        self.directories: dict[str, dict[str, Any]] = {}
        self.feeds: dict[str, list[dict[str, Any]]] = {}  # messages by item, comments by message
        self.requests: list[tuple[str, str, Any]] = []
        self.page_cap = 10_000
        self.link_host = "http://elma.example"
        self.moved_to = ""  # where the storage redirects to, if anywhere
        self.change: Callable[[str, Any], Any] = lambda _path, answer: answer

    def add(
        self,
        name: str,
        fields: list[dict[str, Any]],
        items: list[dict[str, Any]] | None = None,
        statuses: list[dict[str, Any]] | None = None,
        kind: str = "STANDARD",
    ) -> None:
        stamps = {
            "__createdAt": "2024-01-01T10:00:00Z",
            "__updatedAt": "2024-01-02T10:00:00.123456789Z",
            "__createdBy": ANNA,
            "__deletedAt": None,
        }
        rows = [{"__id": f"id-{n}", "__index": n, **stamps, **row} for n, row in enumerate(items or [], 1)]
        self.apps[name] = {"fields": fields, "items": rows, "statuses": statuses or [], "name": name}
        self.apps[name]["type"] = kind

    def add_file(self, identifier: str, name: str, content: bytes, **more: Any) -> None:
        about = {"__id": identifier, "__name": name, "originalName": name, "size": len(content), **more}
        self.files[identifier] = about, content

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        path, body = request.url.path, orjson.loads(request.content) if request.content else None
        self.requests.append((request.method, path, body))
        if path.startswith("/storage/"):
            assert "authorization" not in request.headers
            if self.moved_to:
                return httpx2.Response(302, headers={"Location": self.moved_to})
            return httpx2.Response(200, content=self.files[path.removeprefix("/storage/")][1])
        assert request.headers["authorization"] == "Bearer secret-token"
        answer = self.change(path, self._route(path.removeprefix("/pub/v1/").split("/"), body))
        if isinstance(answer, httpx2.Response):
            return answer
        return httpx2.Response(200, content=orjson.dumps(answer))

    def _route(self, parts: list[str], body: Any) -> Any:
        match parts:
            case ["scheme", "namespaces"]:
                return [{"code": c, "name": c} for c in {name.split(".")[0]: 0 for name in self.apps}]
            case ["scheme", "namespaces", space, "apps"]:
                split = [name.split(".") for name in self.apps]
                return {"result": {"result": [{"namespace": s, "code": c} for s, c in split if s == space]}}
            case ["scheme", "namespaces", space, "apps", code]:
                app = self.apps.get(f"{space}.{code}")
                if app is None:
                    return httpx2.Response(404, text="no such application")
                about = {"namespace": space, "code": code, "name": app["name"], "fields": app["fields"]}
                about["type"] = app["type"]
                return {"success": True, "application": about}
            case ["scheme", "namespaces", space, "apps", code, "processes"]:
                return [
                    {"namespace": f"{space}.{code}", "code": "approve", "__name": "Approve", "version": 2}
                ]
            case ["scheme", "namespaces", _, "processes"]:
                return self.section_processes
            case ["scheme", "namespaces", space, "processes", code]:
                found = self.definitions.get(f"{space}:{code}")
                return {"success": True, "process": found} if found else httpx2.Response(404, text="not here")
            case ["bpm", "instance", "bytemplate", space, code, "list"]:
                return self._list(self.instances.get(f"{space}:{code}", []), body)
            case ["reports", _, _, "list"]:
                return httpx2.Response(404, text="no such report")
            case ["scheme", "groups", "list"]:
                return self._list([], body)
            case ["scheme", "namespaces", _, "reports"]:
                return httpx2.Response(404, text="not here")
            case ["scheme", "namespaces", _, "pages"]:
                return []
            case ["app", space, code, "settings", "status"]:
                return {"success": True, "statusItems": self.apps[f"{space}.{code}"]["statuses"]}
            case ["app", space, code, "list"]:
                return self._list(self.apps[f"{space}.{code}"]["items"], body)
            case ["user", "list"]:
                return self._list(self.users, body)
            case ["tasks", "list"]:
                return self._list(self.tasks, body)
            case ["feed", _, _, target, "message", "list"]:
                return self._list(self.feeds.get(target, []), body)
            case ["feed", _, _, _, "message", message, "comment", "list"]:
                return self._list(self.feeds.get(message, []), body)
            case ["disk", "directory", identifier]:
                return {"success": True, "directory": {"__id": identifier, **self.directories[identifier]}}
            case ["disk", "file", identifier, *rest]:
                return self._file(identifier, rest)
        raise AssertionError(f"the client asked for {parts}")

    def _list(self, rows: list[dict[str, Any]], body: Any) -> Any:
        found = [r for r in rows if "ids" not in body or r["__id"] in body["ids"]]
        if body.get("active"):
            found = [r for r in found if r.get("__deletedAt") is None]
        since = body.get("filter", {}).get("tf", {}).get("__updatedAt", {}).get("min", "")
        found = [r for r in found if (r.get("__updatedAt") or "~") >= since]
        page = found[body["from"] :][: min(body["size"], self.page_cap)]
        return {"success": True, "error": "", "result": {"result": page, "total": len(found)}}

    def _file(self, identifier: str, rest: list[str]) -> Any:
        if identifier not in self.files:
            return httpx2.Response(404, text="no such file")
        if rest:
            return {"success": True, "error": "", "Link": f"{self.link_host}/storage/{identifier}"}
        return {"success": True, "error": "", "file": self.files[identifier][0]}


@pytest.fixture
def company() -> FakeCompany:
    return FakeCompany()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def connection(company: FakeCompany, store: FileStore) -> Connection:
    transport = httpx2.MockTransport(company.answer)
    return Connection(name="crm", project="p", tenant="t", files=store, transport=transport)


@pytest.fixture
def make_source(connection: Connection) -> Iterator[Callable[..., Elma365Source]]:
    made: list[Elma365Source] = []

    def make(**settings: Any) -> Elma365Source:
        values = {"url": "http://elma.example", "token": "secret-token", "calls_per_minute": 1e6}
        values = values | {"feed": "none"} | settings
        made.append(Elma365Source(Elma365Settings.model_validate(values), connection))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def field() -> Callable[..., dict[str, Any]]:
    """Makes a field definition in the platform's form."""

    def make(code: str, wire_type: str, kind: str = "", **more: Any) -> dict[str, Any]:
        view = {"name": f"Label of {code}", "data": {"additionalType": kind}}
        listed = wire_type in ("ENUM", "SYS_USER", "SYS_COLLECTION", "FILE", "IMAGE", "PHONE", "EMAIL")
        return {"code": code, "type": wire_type, "array": listed, "single": True, "view": view} | more

    return make
