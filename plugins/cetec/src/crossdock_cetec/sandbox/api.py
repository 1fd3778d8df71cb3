"""The paths of the API that are known to be read, and their envelopes.

Seen in clients: bare lists on /api; on /goapis lists bare, or under `data`, `rows`, `entries`; single objects
under `data`. Assumed: which list has which envelope, what is answered for something that is not there, and
that a date window goes by the promise date, else by the target ship date.
"""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock_cetec.sandbox.store import Json, Store

CAP = 50
"""The most order lines that a list gives (met in production), whatever is asked for."""

STANDARD_CUSTOMER = frozenset(
    {
        *("id", "name", "external_key", "custnum", "credit_code", "credit_limit", "terms_code", "taxtype"),
        *("fob", "shipvia", "business_type_id", "acctemail", "acctphone", "acctfax", "purchemail"),
        *("purchphone", "purchfax", "addresses", "status", "salesperson", "intercompany", "created_on"),
        *(
            f"{kind}_{part}"
            for kind in ("bill_to", "ship_to")
            for part in (
                *("name", "address_1", "address_2", "address_3", "address_city", "address_state"),
                *("address_zip", "country", "country_id"),
            )
        ),
    }
)
"""Columns that come without being asked for; all others are the tenant's own."""
_CONTROL = frozenset({"preshared_token", "columns"})


class Api:
    """The API of one tenant."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def routes(self) -> list[Route]:
        """Give the routes, from the root."""
        paths: Mapping[str, Callable[[Request], Response]] = {
            "/api/customer": self._customers,
            "/api/customer/{id}": lambda r: self._one("customers", r),
            "/api/contact": self._contacts,
            "/api/order/": self._orders,
            "/api/order/{id}": lambda r: self._one("orders", r),
            "/api/invoice": self._invoices,
            "/api/part/{id:path}": lambda r: self._one("parts", r),
            "/goapis/api/v1/ordlines/list": self._lines,
            "/goapis/api/v1/ordlinestatus/list": self._locations,
            "/goapis/api/v1/ordline/{id}/location_maps": self._location_maps,
            "/goapis/api/v1/part/{id:path}": lambda r: self._one("parts", r, "data"),
            "/goapis/api/v1/customer/lite_list": self._lite,
            "/goapis/api/v1/user/me": lambda _: _json({"data": {"username": "api", "name": "API"}}),
        }
        return [Route(path, answer, methods=["GET"]) for path, answer in paths.items()]

    def _customers(self, request: Request) -> Response:
        wanted = [c for c in request.query_params.get("columns", "").split(",") if c]
        rows = [row for row in self._store.rows("customers") if _matches(row, request)]
        if wanted:
            return _json([{c: row.get(c) for c in dict.fromkeys(("id", *wanted))} for row in rows])
        return _json([{c: v for c, v in row.items() if c in STANDARD_CUSTOMER} for row in rows])

    def _contacts(self, request: Request) -> Response:
        return _json([row for row in self._store.rows("contacts") if _matches(row, request)])

    def _orders(self, _request: Request) -> Response:
        rows = self._store.rows("orders")
        return _json([{name: value for name, value in row.items() if name != "lines"} for row in rows])

    def _invoices(self, request: Request) -> Response:
        since = request.query_params.get("invoicedate_from", "").replace(":", "-")
        rows = self._store.rows("invoices")
        return _json([row for row in rows if str(row.get("invoicedate") or "") >= since])

    def _lines(self, request: Request) -> Response:
        """Cut off at the cap, and nothing says so."""
        query = request.query_params
        start, end = query.get("from_date", ""), query.get("to_date", "9999")
        codes = set(filter(None, query.get("transcode", "").split(",")))
        internal = self._internal()
        found = [
            line
            for line in self._all_lines()
            if (start <= _date_of(line) <= end)
            and (not codes or line["transcode"] in codes)
            and (query.get("intercompany") == "true" or line["customer"] not in internal)
            and query.get("ordernum") in (None, "", line["ordernum"])
        ]
        return _json(found[:CAP])

    def _all_lines(self) -> list[Json]:
        return [
            _status_of(order, line) for order in self._store.rows("orders") for line in order.get("lines", ())
        ]

    def _internal(self) -> set[str]:
        return {
            row["name"] for row in self._store.rows("customers") if row.get("intercompany") in (1, True, "1")
        }

    def _locations(self, _request: Request) -> Response:
        return _json({"rows": self._store.rows("locations")})

    def _location_maps(self, request: Request) -> Response:
        found = self._store.get("location_maps", request.path_params["id"])
        return _json({"entries": found["locations"] if found else []})

    def _lite(self, _request: Request) -> Response:
        return _json({"data": [{"id": r["id"], "name": r["name"]} for r in self._store.rows("customers")]})

    def _one(self, collection: str, request: Request, envelope: str = "") -> Response:
        found = self._store.get(collection, request.path_params["id"])
        if found is None:
            return _json({"success": 0, "message": "not found"}, 404)
        return _json({envelope: found} if envelope else found)


def _matches(row: Json, request: Request) -> bool:
    """Any column can be a filter; one that is empty filters nothing."""
    names = {"acct_email": "acctemail"}
    given = [(names.get(n, n), v) for n, v in request.query_params.items() if n not in _CONTROL and v]
    return all(str(row.get(name, "")) == value for name, value in given)


def _date_of(line: Json) -> str:
    return str(line.get("promisedate") or line.get("target_ship_date") or "")


def _status_of(order: Json, line: Json) -> Json:
    """An order line as the list of order lines shows it."""
    return {
        "ordline_id": line["id"],
        "ordernum": order["ordernum"],
        "lineitem": line.get("lineitem"),
        "prcpart": line.get("prcpart"),
        "revision": line.get("revision"),
        "customer": order.get("customer_name"),
        "production_line_description": line.get("production_line"),
        "orig_order_qty": line.get("qty"),
        "release_qty": line.get("qty"),
        "balancedue": line.get("balancedue", line.get("qty")),
        "promisedate": line.get("due_date"),
        "target_ship_date": line.get("ship_date"),
        "target_wip_date": line.get("wip_date"),
        "transcode": line.get("transcode"),
        "work_location": line.get("work_location"),
        "short_per_allocation": False,
        "short_per_shelf": False,
    }


def _json(content: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json")
