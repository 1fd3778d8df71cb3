"""The benchmark's made-up CRM (source_and_sink.py) as source and destination of crossdock.

As thin as a connector can be, and whole: canonical values in between, ids chosen by the client,
external ids written with the record. Found through the entry points beside it when this folder is on
the path.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
from pydantic import BaseModel

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.connection import Connection
from crossdock.errors import BatchRefusedError, CrossdockError, StoppedError
from crossdock.fieldtypes import FieldType
from crossdock.hookspecs import hookimpl
from crossdock.http import HttpClient
from crossdock.model import (
    Batch,
    Catalog,
    Change,
    FieldSchema,
    LedgerEntry,
    Limits,
    ObjectSchema,
    Observation,
    Option,
    Outcome,
    Receipt,
    Record,
    Selection,
    TargetRecord,
)
from crossdock.values import Money, Phone

OBJECT = "contact"
_OPTIONS = tuple(Option(s) for s in ("new", "quoted", "working", "won", "lost", "archived"))
FIELDS = (
    FieldSchema("name", FieldType.TEXT),
    FieldSchema("email", FieldType.EMAIL),
    FieldSchema("phone", FieldType.PHONE),
    FieldSchema("amount", FieldType.MONEY),
    FieldSchema("status", FieldType.SELECT, options=_OPTIONS),
    FieldSchema("companyId", FieldType.TEXT),
    FieldSchema("company", FieldType.TEXT),
    FieldSchema("comment", FieldType.TEXT),
    FieldSchema("active", FieldType.BOOLEAN),
    FieldSchema("createdAt", FieldType.DATETIME),
    FieldSchema("updatedAt", FieldType.DATETIME),
)


class BenchSettings(BaseModel):
    """Where the server is, and how many records a page of it holds."""

    url: str
    page_size: int = 1000


class _Platform:
    settings_type = BenchSettings

    def __init__(self, settings: BenchSettings, connection: Connection) -> None:
        self._page_size = settings.page_size
        self._client = HttpClient(settings.url, connection=connection, classify=_refused)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, path: str, body: Any, *, safe: bool) -> Any:
        return orjson.loads(self._client.send("POST", path, safe=safe, json=body).content)


class BenchSource(_Platform):
    """Reads contacts page by page; the cursor is the number of the next page."""

    @hookimpl
    def discover(self) -> Catalog:
        """One object, counted."""
        schema = ObjectSchema(OBJECT, FIELDS, count=self._page(1)["total"])
        return Catalog("bench", "bench-source", (schema,), Capabilities(), Limits("bench"))

    @hookimpl
    def extract(self, object_name: str, cursor: str | None) -> Iterator[Batch]:
        """One batch a page."""
        page = int(cursor or 1)
        while page:
            given = self._page(page)
            records = tuple(Record(object_name, item["id"], decoded(item)) for item in given["items"])
            page = given["next"] or 0
            yield Batch(records, str(page or given["page"] + 1), given["total"])

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """A second reading; the server finds nothing by key, so all of it."""
        wanted = None if selection.ids is None else set(selection.ids)
        page = 1
        while page:
            given = self._page(page)
            page = given["next"] or 0
            for item in given["items"]:
                if wanted is None or item["id"] in wanted:
                    yield Observation(object_name, item["id"], decoded(item))

    def _page(self, number: int) -> Any:
        asked = {"page": number, "size": self._page_size}
        return orjson.loads(self._client.send("GET", "/contacts", safe=True, params=asked).content)


class BenchDestination(_Platform):
    """Writes contacts under ids that the core chose, 200 a request."""

    @hookimpl
    def discover(self) -> Catalog:
        """One object that takes every field."""
        can = Capabilities({Capability.CLIENT_IDS: Support.YES, Capability.EXTERNAL_IDS: Support.YES})
        limits = Limits("bench", batch_size=200, page_size=1000)
        return Catalog("bench", "bench-sink", (ObjectSchema(OBJECT, FIELDS),), can, limits)

    @hookimpl
    def provision(self) -> Iterator[Change]:
        """Nothing is ever missing: the server takes any field."""
        yield from ()

    @hookimpl
    def load(self, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Create one batch; the server keeps it whole or refuses it."""
        answer = self._post("/contacts/batch", [encoded(record) for record in records], safe=False)
        there = set(answer["ids"])
        for record in records:
            outcome = Outcome.CREATED if record.target_id in there else Outcome.FAILED
            yield Receipt(record.origin, outcome, record.target_id)

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Observation]:
        """Read records back by their ids."""
        for item in self._post("/contacts/read", {"ids": selection.ids or ()}, safe=True)["items"]:
            yield Observation(object_name, item["id"], decoded(item), external_id=item["external_id"])

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry], dry_run: bool) -> Iterator[Receipt]:
        """Delete what was created."""
        if not dry_run:
            self._post("/contacts/delete", {"ids": [entry.target_id for entry in entries]}, safe=True)
        for entry in entries:
            yield Receipt(entry.origin, Outcome.UPDATED, entry.target_id)


def decoded(item: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values of a record as the server writes it."""
    amount, company = item["amount"], item["company"]
    return {
        "name": item["name"],
        "email": item["email"],
        "phone": Phone(item["phone"]),
        "amount": Money(Decimal(amount["value"]), amount["currency"]),
        "status": item["status"],
        "companyId": company["id"],
        "company": company["name"],
        "comment": item["comment"],
        "active": item["active"],
        "createdAt": datetime.fromisoformat(item["created_at"]),
        "updatedAt": datetime.fromisoformat(item["updated_at"]),
    }


def encoded(record: TargetRecord) -> dict[str, Any]:
    """A target record as the server takes it."""
    wire: dict[str, Any] = {"id": record.target_id, "external_id": record.external_id}
    values: Callable[[str], Any] = record.values.__getitem__
    amount = values("amount")
    return wire | {
        "name": values("name"),
        "email": values("email"),
        "phone": values("phone").number,
        "amount": {"value": str(amount.amount), "currency": amount.currency},
        "status": values("status"),
        "company": {"id": values("companyId"), "name": values("company")},
        "comment": values("comment"),
        "active": values("active"),
        "created_at": values("createdAt").isoformat(),
        "updated_at": values("updatedAt").isoformat(),
    }


def _refused(response: Any) -> CrossdockError | None:
    if response.status_code in (409, 422):
        return BatchRefusedError(response.json()["error"])
    if response.status_code >= 400:
        return StoppedError(f"the benchmark's server answered {response.status_code}.")
    return None
