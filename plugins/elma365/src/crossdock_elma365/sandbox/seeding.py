"""`POST /_seed`: put data into the sandbox as if it had always been there. Loopback only, no token.

The body has any of these keys; what has the `__id` (or code) of something present replaces it:

    {"namespaces": {"demo": "Пример"},
     "apps": [{"namespace": "demo", "code": "things", "name": "Вещи",
               "fields": [{"code": "size", "type": "FLOAT", "kind": "integer", "name": "Размер"},
                          {"code": "colour", "type": "ENUM", "options": {"red": "Красный"}},
                          {"code": "owner", "type": "SYS_COLLECTION", "link": "demo.people", "many": true},
                          {"code": "lines", "type": "TABLE", "columns": [{"code": "sum", "type": "MONEY"}]}],
               "statuses": [["new", "Новая"], ["done", "Готово"]]}],
     "items": {"demo.things": [{"__id": "6f1d7a52-...", "__name": "Стул", "size": 3, "status": "done"}]},
     "users": [{"__id": "...", "__name": "Анна Петрова", "email": "anna@romashka.example"}],
     "groups": [], "tasks": [], "instances": [], "messages": [], "comments": [], "directories": [],
     "processes": [], "reports": [], "pages": [], "widgets": [], "doctemplates": [],
     "files": [{"__id": "...", "__name": "a.txt", "text": "bytes as text, or base64 in `base64`"}],
     "remove": {"demo.things": ["6f1d7a52-..."]}}

An application may be short as above (system fields are added; `type` EVENT or DOCUMENT; field keys `kind`,
`options`, `link`, `columns`, `many`, `deleted`, `required`) or as the platform answers it. An item keeps
every value it is given, `__createdAt`, `__updatedAt`, `__index` and null keys included; a missing system
field is filled in, any other missing key stays missing. A message names its record in `__target`, a comment
its message in `__message`. A process may bring its `definition`, a report its data in `rows`, an instance
names its process in `__template` ({id, name, namespace, code, version}). `status` stands for
`__status`, by its code. Removal leaves no trace.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock_elma365.sandbox import fields
from crossdock_elma365.sandbox.answers import BadRequestError, Body, endpoint, ok
from crossdock_elma365.sandbox.bpm import instance
from crossdock_elma365.sandbox.company import Company
from crossdock_elma365.sandbox.fields import NIL
from crossdock_elma365.sandbox.store import Collection, Json

COLLECTIONS = {
    "users": Collection.USERS,
    "groups": Collection.GROUPS,
    "tasks": Collection.TASKS,
    "instances": Collection.INSTANCES,
    "messages": Collection.MESSAGES,
    "comments": Collection.COMMENTS,
    "directories": Collection.DIRECTORIES,
    "processes": Collection.PROCESSES,
    "reports": Collection.REPORTS,
    "pages": Collection.PAGES,
    "widgets": Collection.WIDGETS,
    "doctemplates": Collection.DOCTEMPLATES,
    "solutions": Collection.SOLUTIONS,
    "modules": Collection.MODULES,
}

_FIELD_KEYS = {"code", "type", "name", "kind", "options", "link", "columns", "many", "deleted", "required"}


class Seeding:
    """Puts data in, past the API."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._store = company.store

    def routes(self) -> list[Route]:
        """Give the route, from the root."""
        return [Route("/_seed", endpoint(self.seed), methods=["POST"])]

    def seed(self, _request: Request, body: Body) -> Response:
        """Add or replace what the body holds; 400 for a key that nobody knows."""
        self.load(body)
        return ok()

    def load(self, data: Mapping[str, Any]) -> None:
        """Add or replace what `data` holds. Raises BadRequestError for an unknown key or field."""
        unknown = data.keys() - COLLECTIONS.keys() - {"namespaces", "apps", "items", "files", "remove"}
        if unknown:
            raise BadRequestError(f"unknown keys: {', '.join(sorted(unknown))}")
        for code, name in data.get("namespaces", {}).items():
            self._store.put_namespace(code, name)
        for app in data.get("apps", []):
            self._store.put_app(app if "settings" in app else _application(app))
        for name, items in data.get("items", {}).items():
            self._put(name, [self._with_status(name, item) for item in items])
        for key, collection in COLLECTIONS.items():
            given = data.get(key, [])
            self._put(collection, [instance(item) for item in given] if key == "instances" else given)
        self._put_files(data.get("files", []))
        for name, ids in data.get("remove", {}).items():
            self._store.remove(name, ids)

    def _put(self, collection: str, items: list[Json]) -> None:
        if collection not in COLLECTIONS.values() and self._store.app(collection) is None:
            raise BadRequestError(f"there is no application {collection}")
        number = self._store.next_index(collection)
        whole = []
        for item in items:
            present = self._store.get(collection, item["__id"]) if "__id" in item else None
            index = int(item.get("__index") or (present or {}).get("__index") or number)
            whole.append(self._company.complete(collection, item, index))
            number = max(number, index + 1)
        self._store.put(collection, whole)

    def _with_status(self, name: str, item: Json) -> Json:
        if not isinstance(item.get("status"), str):
            return item
        app = self._store.app(name)
        known = {s["code"]: s["id"] for s in app["settings"]["statusItems"]} if app else {}
        if item["status"] not in known:
            return item
        rest = {key: value for key, value in item.items() if key != "status"}
        return rest | {"__status": {"order": 0, "status": known[item["status"]]}}

    def _put_files(self, files: list[Json]) -> None:
        for given in files:
            content = base64.b64decode(given.get("base64", "")) or given.get("text", "").encode()
            self.put_file(given, content)

    def put_file(self, file: Mapping[str, Any], content: bytes) -> None:
        """Keep a file: its data (`__id`, `__name`, times) and its bytes."""
        number = self._store.next_index(Collection.FILES)
        data = {key: value for key, value in file.items() if key not in ("base64", "text")}
        digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
        shape = {"originalName": file["__name"], "size": len(content), "hash": digest, "version": 1}
        item = self._company.complete(Collection.FILES, shape | {"directory": NIL} | data, number)
        self._store.put(Collection.FILES, [item])
        self._store.put_content(item["__id"], content)


def _application(short: Mapping[str, Any]) -> Json:
    listed = [each if "view" in each else _field(each) for each in short.get("fields", [])]
    items = [(str(code), str(name)) for code, name in short.get("statuses", [])]
    name = str(short.get("name") or short["code"])
    made = fields.application(
        f"{short['namespace']}.{short['code']}",
        name,
        str(short.get("elementName") or name),
        [each for each in listed if not each["code"].startswith("__")],
        status=fields.statuses(*items) if items else None,
    )
    return made | {"type": str(short.get("type") or made["type"])}


def _field(short: Mapping[str, Any]) -> Json:
    if unknown := short.keys() - _FIELD_KEYS:
        raise BadRequestError(f"field {short.get('code')}: unknown keys {', '.join(sorted(unknown))}")
    data: Json = {}
    if "options" in short:
        data["enumItems"] = [{"code": c, "name": n, "checked": False} for c, n in short["options"].items()]
    if "link" in short:
        data["namespace"], _, data["code"] = short["link"].partition(".")
    if "columns" in short:
        data |= {"fields": [_field(column) for column in short["columns"]], "result": {}}
    kind = short.get("kind")
    return fields.field(
        short["code"],
        short["type"],
        short.get("name") or short["code"],
        many=bool(short.get("many")),
        required=bool(short.get("required")),
        data=data,
        view={"additionalType": kind} if kind else {},
        deleted=bool(short.get("deleted")),
    )
