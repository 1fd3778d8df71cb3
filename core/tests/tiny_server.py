"""A tiny platform with an API of its own, to try the conformance kit on: its sandbox.

Ids come from the client, a batch is kept whole or not at all, references have to lead somewhere and are
emptied when what they lead to goes. It has no trash, no files and nothing that acts by itself. What it
holds is one JSON document on disk.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossdock.sandbox import SandboxOptions

Json = dict[str, Any]
TOKEN = "tiny-token-1c9e77d2b40a5f"
LARGEST = 2**53
SEED: Json = {
    "schema": {
        "client": {"label": "Client", "fields": {"name": {"type": "text"}, "code": {"type": "text"}}},
        "person": {"label": "Person", "fields": {"mail": {"type": "text"}}},
    },
    "rows": {"client": {}, "person": {"anna": {"key": "", "at": 0, "values": {"mail": "anna@tiny.example"}}}},
}


class RefusedError(Exception):
    """A status and what is wrong."""


class TinySandbox:
    """The server."""

    token = TOKEN

    def __init__(self, options: SandboxOptions) -> None:
        self._path, self._lock = options.data, threading.Lock()
        self._now: float | None = None
        self.state: Json = json.loads(self._path.read_text()) if self._path.exists() else _copy(SEED)
        one, row = "/objects/{name}", "/objects/{name}/rows/{id}"
        routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", "/objects", self._objects),
            ("POST", "/objects", self._add_object),
            ("DELETE", one, self._drop_object),
            ("POST", one + "/fields", self._add_field),
            ("DELETE", one + "/fields/{field}", self._drop_field),
            ("POST", one + "/find", self._find),
            ("POST", one + "/rows", self._create),
            ("PATCH", row, self._update),
            ("DELETE", row, self._destroy),
        ]
        self.app = Starlette(routes=[Route(p, self._served(f), methods=[m]) for m, p, f in routes])

    def dump(self) -> Json:
        return _copy(self.state)

    def reset(self, seed: str) -> None:
        self.state = _copy(SEED)

    def set_clock(self, now: float | None) -> None:
        self._now = now

    def close(self) -> None:
        self._save()

    def _served(self, act: Callable[..., Any]) -> Callable[[Request], Any]:
        async def serve(request: Request) -> Response:
            if request.headers.get("authorization") != f"Bearer {TOKEN}":
                return JSONResponse({"error": "this key opens nothing"}, 401)
            body = json.loads(await request.body() or b"null")
            with self._lock:
                try:
                    answer = act(body, **request.path_params)
                except RefusedError as error:
                    return JSONResponse({"error": error.args[1]}, error.args[0])
                self._save()
            return JSONResponse(answer)

        return serve

    def _save(self) -> None:
        self._path.write_text(json.dumps(self.state))

    def _table(self, name: str) -> Json:
        if name not in self.state["schema"]:
            raise RefusedError(404, f"there is no object {name}")
        return self.state["rows"].setdefault(name, {})

    def _objects(self, _body: Any) -> Any:
        counts = {name: len(self._table(name)) for name in self.state["schema"]}
        return {name: {**known, "count": counts[name]} for name, known in self.state["schema"].items()}

    def _add_object(self, body: Any) -> Any:
        if body["name"] in self.state["schema"]:
            raise RefusedError(409, f"there is an object {body['name']}")
        self.state["schema"][body["name"]] = {"label": body["label"], "custom": True, "fields": {}}
        return {}

    def _drop_object(self, _body: Any, name: str) -> Any:
        self._table(name)
        del self.state["schema"][name]
        self.state["rows"].pop(name, None)
        return {}

    def _add_field(self, body: Any, name: str) -> Any:
        self._table(name)
        fields = self.state["schema"][name]["fields"]
        if body["name"] in fields:
            raise RefusedError(409, f"there is a field {body['name']}")
        fields[body["name"]] = {**body["form"], "custom": True}
        return {}

    def _drop_field(self, _body: Any, name: str, field: str) -> Any:
        for row in self._table(name).values():
            row["values"].pop(field, None)
        self.state["schema"][name]["fields"].pop(field, None)
        return {}

    def _find(self, body: Any, name: str) -> Any:
        found = []
        for key, row in self._table(name).items():
            wanted = key in body.get("ids", ()) or row["values"].get(body.get("field")) in body.get(
                "values", ()
            )
            owner = body.get("owner")
            if wanted or (owner is not None and row["key"].startswith(owner)):
                found.append({"id": key, **row})
        return found

    def _create(self, body: Any, name: str) -> Any:
        table = self._table(name)
        made = {row["id"]: self._row(row) for row in body}
        if taken := [key for key in made if key in table]:
            raise RefusedError(409, f"the id {taken[0]} is taken")
        for row in made.values():
            self._check(name, row["values"], made)
        table.update(made)
        return list(made)

    def _update(self, body: Any, name: str, id: str) -> Any:  # noqa: A002 as in the path
        row = self._table(name).get(id)
        if row is None:
            raise RefusedError(404, f"there is no {name} {id}")
        values = {n: v for n, v in (row["values"] | body["values"]).items() if v is not None}
        self._check(name, values, {})
        self._table(name)[id] = self._row({"key": body["key"], "values": values})
        return {}

    def _destroy(self, _body: Any, name: str, id: str) -> Any:  # noqa: A002 as in the path
        if self._table(name).pop(id, None) is None:
            raise RefusedError(404, f"there is no {name} {id}")
        for other, table in self.state["rows"].items():
            for field in self._links(other):
                for row in table.values():
                    _let_go(row["values"], field, id)
        return {}

    def _row(self, row: Json) -> Json:
        at = time.time() if self._now is None else self._now
        return {
            "key": row["key"],
            "at": at,
            "values": {n: v for n, v in row["values"].items() if v is not None},
        }

    def _links(self, name: str) -> list[str]:
        fields = self.state["schema"].get(name, {"fields": {}})["fields"]
        return [field for field, form in fields.items() if form["type"] == "reference"]

    def _check(self, name: str, values: Json, new: Json) -> None:
        for field, value in values.items():
            form = self.state["schema"][name]["fields"].get(field)
            if form is None:
                raise RefusedError(422, f"{field}: there is no such field")
            if (
                form["type"] == "integer"
                and abs(int(value if isinstance(value, int) else value["$int"])) > LARGEST
            ):
                raise RefusedError(422, f"{field}: the number is too large")
            if form["type"] == "reference":
                known = {*new, *(key for o in form["references"] for key in self.state["rows"].get(o, {}))}
                if lost := set(value if isinstance(value, list) else [value]) - known:
                    raise RefusedError(422, f"{field}: {lost.pop()} is not there")


def _let_go(values: Json, field: str, gone: str) -> None:
    held = values.get(field)
    left = [key for key in held if key != gone] if isinstance(held, list) else None
    if held == gone or left == []:
        del values[field]
    elif left is not None:
        values[field] = left


def _copy(state: Json) -> Json:
    copied: Json = json.loads(json.dumps(state))
    return copied
