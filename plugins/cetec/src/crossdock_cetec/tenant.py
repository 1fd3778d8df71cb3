"""What the API gives of one tenant: lists, orders with their lines, parts, and work orders.

Lists come whole, so a list is read by one request and gone through in the order of its keys: a reading that
was stopped goes on behind the key it ended with, whatever was added or removed meanwhile. An order's lines
and a part cost a request each.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crossdock.model import FieldSchema, Record, Rejected
from crossdock_cetec import windows
from crossdock_cetec.client import AnswerError, CetecClient, Json, Read
from crossdock_cetec.codecs import Habits, is_nothing, to_json
from crossdock_cetec.customfields import CustomFields
from crossdock_cetec.decoding import Link, decode_row, first, key_of
from crossdock_cetec.fields import Object
from crossdock_cetec.objects import CONTACT, CUSTOMER, INVOICE, OBJECTS, ORDER, ORDER_LINE, PART, WORK_ORDER
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.supporttables import support_object
from crossdock_cetec.verification import SecondReader

LISTS: Mapping[str, Read] = {
    CUSTOMER: Read.CUSTOMERS,
    CONTACT: Read.CONTACTS,
    ORDER: Read.ORDERS,
    INVOICE: Read.INVOICES,
}
NO_KEY = "\U0010ffff"
"""Stands for the key of a row that has none; it sorts behind all others."""
_LINE_KEYS = ("ordline_id", "id", "order_line_id")
_AHEAD = timedelta(days=730)  # promises are made for later than today

# Names that vendor code gives to these columns; asking for others could be refused.
_COLUMNS = (
    "id,name,external_key,custnum,credit_code,credit_limit,terms_code,taxtype,fob,shipvia,business_type_id,"
    "acctemail,acctphone,acctfax,purchemail,purchphone,purchfax,bill_to_name,bill_to_address_1,"
    "bill_to_address_2,bill_to_address_city,bill_to_address_state,bill_to_address_zip,bill_to_country,"
    "ship_to_name,ship_to_address_1,ship_to_address_2,ship_to_address_city,ship_to_address_state,"
    "ship_to_address_zip,ship_to_country"
)

Result = Record | Rejected


class Tenant:
    """Reads rows of one tenant and makes records of them. `link` finds what a row refers to."""

    def __init__(self, client: CetecClient, settings: CetecSettings, link: Link) -> None:
        self.client = client
        self._settings = settings
        self._link = link
        self._habits = Habits(settings.currency, settings.zone)
        self._second = SecondReader(settings.currency, settings.zone)
        self._own: dict[str, dict[str, FieldSchema]] = {}

    def rows(self, name: str) -> list[Json]:
        """The rows of a list, by key."""
        query: dict[str, str] = {}
        if name == CUSTOMER and self._settings.customer_columns:
            query["columns"] = ",".join((_COLUMNS, *self._settings.customer_columns))
        rows = self.client.rows(LISTS[name], **query)
        if name == CUSTOMER:
            self._require_columns(rows)
        return sorted(rows, key=lambda row: place(key_of(OBJECTS[name], row)))

    def own_fields(self, name: str, rows: list[Json] | None = None) -> Mapping[str, FieldSchema]:
        """The tenant's own columns of a list, by what its rows hold when it is first looked at."""
        if name not in self._own:
            fields = CustomFields(OBJECTS[name], self._settings.custom_fields)
            self._own[name] = fields.of(self.rows(name) if rows is None else rows)
        return self._own[name]

    def listed(self, name: str, after: str = "", *, second: bool = False) -> Iterator[tuple[str, Result]]:
        """(key of the row, record) of every row behind `after`.

        One with a column that was not there at first is rejected.
        """
        rows, described, seen = self.rows(name), OBJECTS[name], set[str]()
        own, custom = self.own_fields(name, rows), CustomFields(described, {})
        for number, row in enumerate(rows, start=1):
            key = at = key_of(described, row)
            if after and place(key) <= place(after):
                continue
            late = [c for c, v in row.items() if not is_nothing(v) and custom.is_own(c) and c not in own]
            reasons = [f"column {c!r} is new; run discover again" for c in late]
            if not key:
                reasons.append(f"field {described.key!r}: missing")
            elif key in seen:
                key, reasons = f"{key} (again)", [f"the key {key} is that of another row too"]
            seen.add(at)
            if reasons:
                yield at or NO_KEY, Rejected(name, key or f"?{number}", tuple(reasons))
            else:
                yield at, self._made(described, row, key, own, second)

    def lines_of(self, order: Json, *, second: bool = False) -> Iterator[Result]:
        """The lines of one order (a request): a record each."""
        order_key = key_of(OBJECTS[ORDER], order)
        rows = self.client.one(Read.ORDER, order_key).get("lines")
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise AnswerError(f"Cetec gave order {order_key} without its lines.", status=200)
        for number, row in enumerate(rows, start=1):
            yield self._line(order, row, f"{order_key}#{number}", second)

    def parts(self, numbers: Iterable[str], *, second: bool = False) -> Iterator[Result]:
        """The parts of these numbers (a request each); one that Cetec does not give is rejected."""
        described, custom = OBJECTS[PART], CustomFields(OBJECTS[PART], {})
        for number in numbers:
            try:
                row = {**self.client.one(Read.PART, number), "prcpart": number}
            except AnswerError as error:
                yield Rejected(PART, number, (error.message,))
                continue
            made = self._made(described, row, number, {}, second)
            yield _beside(made, {n: to_json(v) for n, v in row.items() if custom.is_own(n) and n != "id"})

    def work_orders(self, *, second: bool = False) -> Iterator[Result]:
        """The order lines of the window list: where each one stands. One without a date is in no window."""
        listed = self.client.rows(Read.LOCATIONS, rows="1000")
        places = {str(row.get("id")): row.get("description") for row in listed}
        today = (self.client.answered_at or datetime.now(UTC)).date()
        first_day = date.fromisoformat(self._settings.history_from)
        for row in windows.lines(self._window, first_day, today + _AHEAD):
            at = row.get("work_location")
            named = {**row, "work_location": places.get(str(at), at)}
            key = f"{row.get('ordernum')}/{row.get('lineitem')}"
            yield self._made(support_object(WORK_ORDER), named, key, {}, second)

    def location_maps(self, line_id: str) -> list[Json]:
        """The locations of a work order, each with its operations (a request)."""
        return self.client.rows(Read.LOCATION_MAPS, line_id, include_children="true")

    def _window(self, start: date, end: date, codes: str) -> list[Json]:
        return self.client.rows(
            Read.ORDER_LINES,
            from_date=start.isoformat(),
            to_date=end.isoformat(),
            transcode=codes,
            intercompany="true",
            format="json",
        )

    def _line(self, order: Json, row: Json, fallback: str, second: bool) -> Result:
        described = OBJECTS[ORDER_LINE]
        custom = CustomFields(described, {})
        key = str(first(row, _LINE_KEYS) or fallback)
        made = self._made(described, {"ordernum": order.get("ordernum"), **row}, key, {}, second)
        known = (*_LINE_KEYS, "order_id")
        return _beside(made, {n: to_json(v) for n, v in row.items() if custom.is_own(n) and n not in known})

    def _made(
        self, described: Object, row: Json, key: str, own: Mapping[str, FieldSchema], second: bool
    ) -> Result:
        if not second:
            return decode_row(described, row, key, own, self._habits, self._link)
        values = self._second.values(described, row, own, self._link)
        if values is None:
            return Rejected(described.name, key, ("it cannot be read",))
        return Record(described.name, key, values)

    def _require_columns(self, rows: list[Json]) -> None:
        """A column that was asked for by name and never came would be taken for an empty one."""
        lost = [c for c in self._settings.customer_columns if rows and not any(c in row for row in rows)]
        if lost:
            raise AnswerError(
                f"Cetec gave no column {', '.join(lost)} of customers.",
                status=200,
                hint="Correct customer_columns.",
            )


def place(key: str) -> tuple[int, int, str]:
    """What keys are sorted by: numbers by value before everything else, rows without a key last."""
    return (0, int(key), key) if key.isdecimal() else (1, 0, key or NO_KEY)


def _beside(result: Result, rest: Mapping[str, Any]) -> Result:
    """The record with what a row holds and nobody described."""
    if isinstance(result, Rejected):
        return result
    held = {name: value for name, value in rest.items() if not is_nothing(value)}
    return Record(result.object_name, result.key, {**result.values, "extra": held or None})
