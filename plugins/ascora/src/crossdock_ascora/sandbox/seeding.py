"""`POST /_seed`: put data into the sandbox as if it had always been there. Loopback only, no key.

The body has any of these keys; a record with the id of something present replaces it:

    {"customers": [{"customerId": "...", "customerName": "Bay Cafe", "billingCustomer": {"id": "..."}}],
     "contacts": [], "jobs": [], "quotes": [], "invoices": [], "payments": [], "suppliers": [],
     "supplies": [],
     "kits": [], "categories": [], "supplierInvoices": [], "labourRoles": [],
     "labour": [{"jobNumber": "J1", "labours": []}],
     "sent": {"invoices": ["id"]}, "remove": {"jobs": ["id"]}}

A record keeps every value it is given; keys that an answer always has are filled in. One without an id gets
a deterministic one of its number or its place.
"""

import json
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from crossdock_ascora.sandbox.shapes import key, whole
from crossdock_ascora.sandbox.store import IDS, Store

_NUMBERS = (
    "customerNumber",
    "jobNumber",
    "quoteNumber",
    "invoiceNumber",
    "partNumber",
    "supplierNumber",
    "name",
)


class Seeding:
    """Puts data in, past the API."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Give the route, from the root."""
        return [Route("/_seed", self._seed, methods=["POST"])]

    async def _seed(self, request: Request) -> Response:
        try:
            await run_in_threadpool(self.load, json.loads(await request.body() or b"{}"))
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"success": False, "message": str(error)}, 400)
        return JSONResponse({"success": True})

    def load(self, data: Mapping[str, Any]) -> None:
        """Add or replace what `data` holds. Raises ValueError for a key that nobody knows."""
        unknown = data.keys() - IDS.keys() - {"sent", "remove"}
        if unknown:
            raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
        for kind in IDS:
            given = [dict(item) for item in data.get(kind, ())]
            for place, item in enumerate(given):
                number = next((str(item[name]) for name in _NUMBERS if item.get(name)), str(place))
                item.setdefault(IDS[kind], key(kind, number))
            self._store.put(kind, [whole(kind, item) for item in given])
        for kind, ids in data.get("sent", {}).items():
            self._store.mark_sent(kind, ids)
        for kind, ids in data.get("remove", {}).items():
            self._store.remove(kind, ids)
