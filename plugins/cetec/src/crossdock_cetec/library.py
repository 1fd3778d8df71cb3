"""Every object of the catalog as a stream of records: from the API or a table, with what completes it.

What completes a record (an order's customer being the internal one, a part's bill of materials) is read from
where it is, once a reading; `second` reads all of it again by the second readers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from itertools import chain
from typing import Any

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected
from crossdock.values import Reference
from crossdock_cetec import choices, heads, lines, staff
from crossdock_cetec.client import CetecClient
from crossdock_cetec.codecs import digits
from crossdock_cetec.decoding import key_of
from crossdock_cetec.directory import Directory
from crossdock_cetec.documents import DocumentFolder
from crossdock_cetec.limits import limits
from crossdock_cetec.objects import (
    CUSTOMER,
    DOCUMENT,
    INVOICE,
    LEAD,
    NOTE,
    OBJECTS,
    ORDER,
    ORDER_LINE,
    PART,
    PURCHASE_LINE,
    PURCHASE_ORDER,
    QUOTE,
    QUOTE_LINE,
    USER,
    WORK_ORDER,
    WORK_ORDER_EXPORT,
)
from crossdock_cetec.orderparts import OrderParts
from crossdock_cetec.parts import PartBook
from crossdock_cetec.placement import Placement
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.supporttables import SUPPORT
from crossdock_cetec.tables import ExportedTables
from crossdock_cetec.tenant import LISTS, Tenant, place
from crossdock_cetec.workorders import WorkOrders, export_record, stored

Result = Record | Rejected

_NAME_USERS = (CUSTOMER, LEAD, QUOTE, ORDER, PURCHASE_ORDER, NOTE, DOCUMENT)


class Library:
    """The objects of one connection. Nothing is read before something is asked for."""

    def __init__(self, settings: CetecSettings, connection: Connection) -> None:
        self.settings = settings
        self._connection = connection
        self._opened: Tenant | None = None
        api = {name: self._api_list for name in LISTS if self.by_api(name)}
        self.directory = Directory(api, lambda: self.tables)
        self.tables = ExportedTables(settings, self.directory.elsewhere)

    def close(self) -> None:
        """Close the connections."""
        if self._opened is not None:
            self._opened.client.close()

    @property
    def tenant(self) -> Tenant:
        """The API of the tenant. Raises ConfigError without an address."""
        if self._opened is None:
            client = CetecClient(self.settings, self._connection, limits(self.settings))
            self._opened = Tenant(client, self.settings, self.directory.link)
        return self._opened

    @property
    def opened(self) -> Tenant | None:
        """The API, if it was asked for anything."""
        return self._opened

    def by_api(self, name: str) -> bool:
        """Whether an object is read through the API."""
        return bool(self.settings.url) and name in self.settings.api

    @cached_property
    def objects(self) -> tuple[str, ...]:
        """The objects that there are, in the order of the catalog; those that only a layout names last."""
        given = {*self.tables.objects, *(name for name in OBJECTS if self.by_api(name))}
        if self.settings.documents is None:
            given.discard(DOCUMENT)
        if self.by_api(WORK_ORDER) or WORK_ORDER in given:
            given.add(WORK_ORDER_EXPORT)
        others = (name for name in self.tables.objects if name not in OBJECTS and name not in SUPPORT)
        kept = (choices.CHOICE,) if any(choices.records(given)) else ()
        return (*(name for name in OBJECTS if name in given), *kept, *others)

    def base(self, name: str, *, second: bool = False) -> Iterator[Result]:
        """The records of an object as they are, before anything completes them."""
        if name == choices.CHOICE:
            return choices.records(self.objects)
        if name in LISTS and self.by_api(name):
            return (result for _, result in self.tenant.listed(name, second=second))
        if name == WORK_ORDER and self.by_api(name) and name not in self.tables.objects:
            return self.tenant.work_orders(second=second)
        return self.tables.results(name, second=second)

    def results(self, name: str, *, second: bool = False) -> Iterator[Result]:
        """Every record of an object but those with files, complete."""
        if name == ORDER_LINE:
            return (result for _, result in self.order_lines(second=second))
        if name == PART:
            return (result for _, result in self.parts(second=second))
        if name == QUOTE_LINE:
            return lines.quote_lines(self.base(name, second=second), self._heads(QUOTE, second))
        if name == PURCHASE_LINE:
            found, known = self.base(name, second=second), self._heads(PURCHASE_ORDER, second)
            return lines.purchase_lines(found, known, self._receipts(second))
        return map(self._completion(name, second), self.base(name, second=second))

    def listed(self, name: str, after: str = "") -> Iterator[tuple[str, Result]]:
        """(key of the row, record) of a list of the API, behind `after`."""
        complete = self._completion(name, False)
        return ((key, complete(result)) for key, result in self.tenant.listed(name, after))

    def order_lines(self, after: str = "", *, second: bool = False) -> Iterator[tuple[str, Result]]:
        """(order, line) of every order behind `after` (an order's key). Table rows have the order ""."""
        known = self._heads(ORDER, second)
        if not self.by_api(ORDER_LINE):
            dual = lines.both_ways(self.base(ORDER_LINE, second=second))
            rows = self.base(ORDER_LINE, second=second)
            yield from (("", line) for line in lines.order_lines(rows, known, dual))
            return
        for row in self.tenant.rows(ORDER):
            key = key_of(OBJECTS[ORDER], row)
            if key and (not after or place(key) > place(after)):
                found = [self._of_order(line, key) for line in self.tenant.lines_of(row, second=second)]
                for line in lines.order_lines(found, known, lines.both_ways(found)):
                    yield key, line

    def parts(self, after: str = "", *, second: bool = False) -> Iterator[tuple[str, Result]]:
        """(number, part). The list of parts first, its number is ""; then, if the API gives parts, those that
        orders and other tables name and the list does not have, each a request, in order behind `after`."""
        book = self.part_book(second)
        seen: set[str] = set()
        for result in chain(self.base(PART, second=second), book.rejected):
            seen.add(result.key)
            if not after:
                yield "", book.completed(result)
        if self.by_api(PART):
            wanted = sorted(number for number in self._part_numbers() - seen if number > after)
            for result in self.tenant.parts(wanted, second=second):
                yield result.key, book.completed(result)

    def part_book(self, second: bool = False) -> PartBook:
        """What completes parts."""
        named = ("bomline", "bomoperation", "vendorprice", WORK_ORDER)
        return PartBook(*(self.tables.results(name, second=second) for name in named))

    def work(self, *, second: bool = False, operations: bool = True) -> WorkOrders:
        """All work orders; their operations only where the API gives them (a request each)."""
        ask = self.tenant.location_maps if operations and self.by_api(WORK_ORDER) else None
        rows = self.base(WORK_ORDER, second=second)
        if WORK_ORDER not in self.tables.objects:  # the API's list has what is taken from stock too
            rows = (r for r in rows if isinstance(r, Rejected) or r.values.get("transcode") in (None, "SA"))
        elif ask is not None:
            rows = self._with_line_ids(rows)
        inspections, problems = (self.tables.results(n, second=second) for n in ("inspection", "ncr"))
        return WorkOrders(rows, inspections, problems, ask)

    def exports(self, files: FileStore, after: str = "", *, second: bool = False) -> Iterator[Result]:
        """The files of work orders of the parts behind `after`; what could not be read of them last."""
        work = self.work(second=second)
        for part in work.parts:
            if part > after:
                found = work.of(part)
                yield export_record(found, stored(found, files))
        yield from work.rejected

    def documents(self) -> DocumentFolder:
        """The folder of documents. Raises ConfigError without one."""
        if self.settings.documents is None:
            raise ConfigError("there is no folder of documents.", hint="Give `documents`.")
        return DocumentFolder(
            self.settings.documents.folder,
            lambda second: self.tables.results(DOCUMENT, second=second),
            self.placement,
        )

    @cached_property
    def placement(self) -> Placement:
        """Where notes and documents belong."""
        return Placement(self.directory.keys, self._part_of_work, lambda: self._invoiced)

    def _completion(self, name: str, second: bool) -> Callable[[Result], Result]:
        """What completes the records of an object; rejects stay as they are."""
        complete = self._completions(second).get(name)
        return lambda result: complete(result) if complete and isinstance(result, Record) else result

    def _completions(self, second: bool) -> Mapping[str, Callable[[Record], Record]]:
        receipts = cache(lambda: heads.receipts_of_orders(self._receipts(second)))
        floors = frozenset(map(heads.folded, self.settings.shop_floor))
        return {
            USER: lambda r: staff.user(r, floors, lambda: self._owners),
            CUSTOMER: lambda r: heads.customer(r, self._internal_names, lambda: self._used),
            LEAD: lambda r: heads.lead(r, self.directory.keys),
            QUOTE: heads.quote,
            ORDER: lambda r: heads.order(r, lambda: self.internal_customers),
            PURCHASE_ORDER: lambda r: heads.purchase_order(r, receipts(), lambda: self._customer_names),
            NOTE: self._note,
        }

    def _note(self, note: Record) -> Record:
        """A note with its place; one that belongs nowhere points to a part that is not there, so that it
        waits in the queue of references for somebody to name its part or customer."""
        found = self.placement.of(note.values)
        about = found.record or Reference(PART, found.told)
        return replace(note, values={**note.values, "about": about, "placed": found.told or None})

    @property
    def _internal_names(self) -> frozenset[str]:
        return frozenset(map(heads.folded, self.settings.internal_customers))

    @cached_property
    def internal_customers(self) -> frozenset[str]:
        """The keys of the internal customers."""
        records = (r for r in self.base(CUSTOMER) if isinstance(r, Record))
        found = (heads.customer(r, self._internal_names, frozenset) for r in records)
        return frozenset(r.key for r in found if r.values["internal"])

    @cached_property
    def _used(self) -> frozenset[str]:
        return frozenset(heads.named_customers(self.base(ORDER)))

    @cached_property
    def _owners(self) -> frozenset[str]:
        named = (self.base(name) for name in _NAME_USERS if self.directory.has(name))
        return frozenset(key for results in named for key in staff.named_users(results))

    @cached_property
    def _customer_names(self) -> frozenset[str]:
        names = (r.values.get("name") for r in self.base(CUSTOMER) if isinstance(r, Record))
        own = self.internal_customers
        mine = {
            str(r.values.get("name")) for r in self.base(CUSTOMER) if r.key in own and isinstance(r, Record)
        }
        return frozenset(heads.folded(str(name)) for name in names if name and name not in mine)

    @cached_property
    def _parts_of_work(self) -> Mapping[str, str]:
        return self.work(operations=False).part_of()

    def _part_of_work(self, key: str) -> str | None:
        """An exported list may leave out work orders that are done; the order's own lines do not."""
        return self._parts_of_work.get(key) or self._order_parts.of(key)

    @cached_property
    def _order_parts(self) -> OrderParts:
        def lines_of(order: str) -> Iterable[Result]:
            if self.by_api(ORDER) and self.by_api(ORDER_LINE):
                return self.tenant.lines_of({"id": order})
            return (r for r in self.base(ORDER_LINE) if _is_of(r, order))

        return OrderParts(lambda number: self.directory.keys(ORDER, "ordernum", number), lines_of)

    @cached_property
    def _invoiced(self) -> Mapping[str, str]:
        found = {}
        for result in self.base(INVOICE):
            customer = result.values.get("customer") if isinstance(result, Record) else None
            if isinstance(customer, Reference):
                found[result.key] = customer.key
        return found

    def _heads(self, name: str, second: bool) -> dict[str, Mapping[str, Any]]:
        wanted = ("ordernum", "quotenum", "ponum", "ordered_on", "quoted_on", "internal")
        return {
            r.key: {n: r.values.get(n) for n in wanted}
            for r in self.results(name, second=second)
            if isinstance(r, Record)
        }

    def _receipts(self, second: bool) -> dict[tuple[str, int | None], list[dict[str, Any]]]:
        found: dict[tuple[str, int | None], list[dict[str, Any]]] = {}
        for result in self.tables.results("receipt", second=second):
            if isinstance(result, Record):
                row = result.values
                day, quantity = row.get("received_on"), row.get("quantity")
                told = {
                    "receipt": row.get("receipt"),
                    "received_on": day.isoformat() if day else None,
                    "quantity": digits(quantity) if quantity is not None else None,
                }
                filled = {name: value for name, value in told.items() if value is not None}
                found.setdefault((row["ponum"], row.get("line")), []).append(filled)
        return found

    def _part_numbers(self) -> set[str]:
        """Parts that are named somewhere: by order lines that are built or from stock, in exports of BOMs and
        of purchase orders and quotes."""
        found = set(self.part_book().boms.parts)
        if self.by_api(WORK_ORDER):
            rows = self.tenant.work_orders()
            named = (r.values for r in rows if isinstance(r, Record) and r.values.get("transcode") != "NN")
            found.update(str(v["part"]) for v in named if v.get("part"))
        for name in (PURCHASE_LINE, QUOTE_LINE):
            for result in self.tables.results(name):
                part = result.values.get("part") if isinstance(result, Record) else None
                if isinstance(part, Reference):
                    found.add(part.key)
        return found

    def _with_line_ids(self, rows: Iterable[Result]) -> Iterator[Result]:
        """Rows of an export know no id; the API's list of order lines does."""
        listed = self.tenant.work_orders()
        ids = {r.key: r.values.get("line_id") for r in listed if isinstance(r, Record)}
        for row in rows:
            if isinstance(row, Record) and not row.values.get("line_id"):
                row = replace(row, values={**row.values, "line_id": ids.get(row.key)})
            yield row

    def _api_list(self, name: str) -> Iterable[Result]:
        return (result for _, result in self.tenant.listed(name))

    @staticmethod
    def _of_order(line: Result, order: str) -> Result:
        if isinstance(line, Rejected):
            return line
        return replace(line, values={**line.values, "order": Reference(ORDER, order)})


def _is_of(line: Result, order: str) -> bool:
    """Whether a line names this order."""
    named = line.values.get("order") if isinstance(line, Record) else None
    return isinstance(named, Reference) and named.key == order
