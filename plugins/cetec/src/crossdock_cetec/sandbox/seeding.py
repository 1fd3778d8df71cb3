"""`POST /_seed`: put data into the sandbox as if it had always been there. Loopback only, no token.

The body has any of these keys; what has the key of something present replaces it:

    {"customers": [{"id": 7, "name": "Acme", "custnum": "ACM", "ok_to_bill": 1}],
     "contacts": [{"id": 1, "customer_id": 7, "first_name": "Ann", "email": "a@b.example"}],
     "orders": [{"id": 3, "ordernum": "12345.1", "customer_name": "Acme", "ordered_on": "2024-05-01",
                 "total_resale": "100.00", "closed": 0,
                 "lines": [{"id": 31, "lineitem": 1, "prcpart": "PRTA", "qty": 2, "resale": "50.00",
                            "transcode": "SA", "due_date": "2024-06-01", "work_location": 2}]}],
     "invoices": [{"invoicenum": "9001", "custnum": "ACM", "invoicedate": "2024-05-02"}],
     "parts": [{"prcpart": "PRTA", "description": "Board"}],
     "locations": [{"id": 2, "description": "SMT"}],
     "location_maps": [{"ordline_id": 31, "locations": [{"name": "SMT", "operations": [{"name": "Place"}]}]}],
     "files": {"quotes.csv": "text", "documents/a.pdf": {"base64": "..."},
               "user_list.xlsx": {"rows": [["Username", "Email"], ["ann", "ann@b.example"]]}},
     "remove": {"orders": [3]}}

Files go into the folder of exports beside the sandbox's data file, `NAME-exports`; a spreadsheet is made as
Cetec makes it (see `excelize`).
"""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crossdock_cetec.sandbox.excelize import workbook
from crossdock_cetec.sandbox.store import KEYS, Store


class Seeding:
    """Puts data in, past the API."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Give the route, from the root."""
        return [Route("/_seed", self._seed, methods=["POST"])]

    async def _seed(self, request: Request) -> Response:
        try:
            body = orjson.loads(await request.body())
            await run_in_threadpool(self.load, body)
        except (ValueError, KeyError, TypeError) as error:
            return PlainTextResponse(f"{type(error).__name__}: {error}", 400)
        return Response(b"{}", media_type="application/json")

    def load(self, data: Mapping[str, Any]) -> None:
        """Add or replace what `data` holds. Raises ValueError for a key that nobody knows."""
        unknown = sorted(data.keys() - KEYS.keys() - {"files", "remove"})
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(unknown)}")
        for name in KEYS:
            self._store.put(name, data.get(name, ()))
        for name, content in data.get("files", {}).items():
            self._store.write(name, file_content(content))
        for name, keys in data.get("remove", {}).items():
            self._store.remove(name, keys)


def file_content(given: Any) -> bytes:
    """The bytes of a file: text, base64, or the rows of a spreadsheet (days as {"day": "2024-05-01"})."""
    if isinstance(given, str):
        return given.encode()
    if "rows" in given:
        return workbook([[_cell(cell) for cell in row] for row in given["rows"]])
    return base64.b64decode(given["base64"])


def _cell(given: Any) -> Any:
    return date.fromisoformat(given["day"]) if isinstance(given, Mapping) else given
