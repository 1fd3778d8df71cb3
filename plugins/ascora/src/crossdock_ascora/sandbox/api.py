"""The API: GET requests of the guide, and the two POSTs that hide records from the accounting link.

Documented: paths, parameters, page size 250, envelopes, bare arrays, `priorToDate` as a strict bound,
`Auth`. Seen: paths and parameters in any case; status 200 for a logical error. Assumed: 401 for a wrong
key; without JobStatus only open jobs come, without QuoteStatus only open quotes, without
IncludeChildJobs no sections, newest first; other POSTs are answered with 405.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from crossdock_ascora.sandbox.store import Store

Json = dict[str, Any]
Query = Mapping[str, str]

PAGE_SIZE = 250
_CLOSED_JOBS = frozenset({"completed", "cancelled", "closed"})
_OPEN_QUOTES = frozenset({"in-progress", "sent-to-customer"})
_LISTS = {
    "/customers/customers": "customers",
    "/customers/contacts": "contacts",
    "/jobs/jobs": "jobs",
    "/quotes/quotes": "quotes",
    "/inventory/supplies": "supplies",
    "/inventory/kits": "kits",
    "/inventory/categories": "categories",
    "/suppliers/suppliers": "suppliers",
    "/supplierinvoices/supplierinvoices": "supplierInvoices",
}
_SINGLES = {
    "/customers/customer/": ("customers", "customerId", "customer", "Customer"),
    "/customers/contact/": ("contacts", "contactId", "contact", "Contact"),
    "/jobs/job/": ("jobs", "jobNumber", "job", "Job"),
    "/quotes/quote/": ("quotes", "quoteNumber", "quotation", "Quotation"),
    "/suppliers/supplier/": ("suppliers", "supplierId", "supplier", "Supplier"),
    "/supplierinvoices/supplierinvoice/": (
        "supplierInvoices",
        "supplierInvoiceId",
        "supplierInvoice",
        "Supplier Invoice",
    ),
}
_ARRAYS = {"/quotes/labourroles": "labourRoles"}
_LIST_LEAVES_OUT = ("quoteStatusText", "childQuotes")


class Api:
    """An ASGI app: the whole API of one tenant. `token` is the key."""

    def __init__(self, store: Store, token: str) -> None:
        self._store = store
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        body = await request.body()
        answer = await run_in_threadpool(self._answer, request, body)
        await answer(scope, receive, send)

    def _answer(self, request: Request, body: bytes) -> Response:
        if request.headers.get("auth") != self._token:
            return _json({"success": False, "message": "Unauthorised: invalid API key"}, 401)
        path = request.url.path.rstrip("/").lower()
        query = {name.lower(): value for name, value in request.query_params.items()}
        if request.method == "POST":
            return self._posted(path, body)
        if request.method != "GET":
            return _json({"success": False, "message": "Method not allowed"}, 405)
        if path in _LISTS:
            return self._list(_LISTS[path], query)
        if path in _ARRAYS:
            return _json(self._store.items(_ARRAYS[path]))
        if path.startswith("/accounting/get"):
            return self._to_send(path, query)
        if path.startswith("/jobs/joblabour/"):
            return self._labour(request.url.path.rpartition("/")[2])
        return self._single(request.url.path, path)

    def _list(self, kind: str, query: Query) -> Response:
        keep = _FILTERS.get(kind, _everything)(query)
        rows = [item for item in self._store.items(kind) if keep(item)]
        if kind == "quotes":
            rows = [{k: v for k, v in item.items() if k not in _LIST_LEAVES_OUT} for item in rows]
        size = _whole(query, "pagesize", PAGE_SIZE)
        first = (_whole(query, "page", 1) - 1) * size
        return _json(
            {
                "success": True,
                "message": None,
                "results": rows[first : first + size],
                "totalPages": math.ceil(len(rows) / size),
                "totalRecords": len(rows),
            }
        )

    def _single(self, path: str, lower: str) -> Response:
        for prefix, (kind, field, member, label) in _SINGLES.items():
            if lower.startswith(prefix):
                wanted = path[len(prefix) :]
                found = [item for item in self._store.items(kind) if _same(item, field, wanted)]
                if found:
                    return _json({"success": True, "message": None, member: found[0]})
                return _json({"success": False, "message": f"No Matching {label} Found ({wanted})"})
        if lower.startswith("/customers/getcontactsforcustomer/"):
            wanted = path.rpartition("/")[2]
            rows = [item for item in self._store.items("contacts") if item.get("customerId") == wanted]
            answer = {"success": True, "message": None, "results": rows}
            return _json({**answer, "totalPages": 1, "totalRecords": len(rows)})
        return _json({"success": False, "message": "Not found"}, 404)

    def _to_send(self, path: str, query: Query) -> Response:
        kind, date = ("payments", "paymentDate") if "payments" in path else ("invoices", "invoiceDate")
        bound = query.get("priortodate", "")
        if not bound:
            return _json({"success": False, "message": "priorToDate is required"})
        rows = [item for item in self._store.items(kind, unsent=True) if str(item.get(date) or "") < bound]
        return _json(rows)

    def _labour(self, number: str) -> Response:
        found = [item for item in self._store.items("labour") if _same(item, "jobNumber", number)]
        return _json({"success": True, "jobLabours": found[0]["labours"] if found else []})

    def _posted(self, path: str, body: bytes) -> Response:
        """What a migration must never send: it would hide records from the accounting package."""
        kind = {
            "/accounting/markinvoicesassent": "invoices",
            "/accounting/markpaymentsassent": "payments",
        }.get(path)
        if kind is None:
            return _json({"success": False, "message": "Method not allowed"}, 405)
        ids = json.loads(body or b"[]")
        self._store.mark_sent(kind, [str(one) for one in ids])
        return _json({"success": True, "message": None, "entityId": None})


def _same(item: Json, field: str, wanted: str) -> bool:
    """Numbers of sections have dots on screens and dashes in addresses (documented)."""
    return str(item.get(field) or "").replace(".", "-").lower() == wanted.lower()


def _whole(query: Query, name: str, default: int) -> int:
    value = query.get(name, "")
    return max(int(value), 1) if value.isdecimal() else default


def _jobs(query: Query) -> Callable[[Json], bool]:
    wanted = query.get("jobstatus", "ALL-OPEN").upper()
    children = query.get("includechildjobs", "false").lower() == "true"
    start, end = query.get("startdate", ""), query.get("enddate", "~")

    def keep(item: Json) -> bool:
        status = str(item.get("jobStatusText") or "").lower()
        if item.get("topLevelJobNumber") not in (None, item["jobNumber"]) and not children:
            return False
        if not start <= str(item.get("dateCreated") or "") <= end:
            return False
        if wanted == "ALL-OPEN":
            return status not in _CLOSED_JOBS
        return wanted == "ALL" or status.replace(" ", "-") == wanted.lower()

    return keep


def _quotes(query: Query) -> Callable[[Json], bool]:
    wanted = query.get("quotestatus", "OPEN").upper()

    def keep(item: Json) -> bool:
        status = str(item.get("quoteStatusText") or "").lower()
        if wanted == "OPEN":
            return status in _OPEN_QUOTES
        return wanted == "ALL" or status == wanted.lower()

    return keep


def _everything(_query: Query) -> Callable[[Json], bool]:
    return lambda _item: True


def _customers(query: Query) -> Callable[[Json], bool]:
    wanted = query.get("sitebillingtype", "All").lower()

    def keep(item: Json) -> bool:
        return wanted == "all" or (wanted == "site") == bool(item.get("billingCustomer"))

    return keep


_FILTERS: Mapping[str, Callable[[Query], Callable[[Json], bool]]] = {
    "jobs": _jobs,
    "quotes": _quotes,
    "customers": _customers,
}


def _json(content: Mapping[str, Any] | Sequence[Any], status: int = 200) -> Response:
    """An answer written with ASCII alone, so that halves of surrogate pairs get through."""
    return Response(json.dumps(content).encode(), status, media_type="application/json")
