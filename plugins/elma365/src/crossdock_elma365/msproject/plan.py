"""One MS Project plan: its identity, its custom fields with their definitions, and its outline codes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from functools import cached_property
from typing import Any

from crossdock_elma365.msproject import quantities
from crossdock_elma365.msproject.fields import ASSIGNMENT, RESOURCE, TASK, CustomField, custom_field
from crossdock_elma365.msproject.quantities import TextError
from crossdock_elma365.msproject.reader import Item, RawPlan

_WORKING_DAY = 480  # minutes, the default of MS Project
_SUFFIX = re.compile(r"\.(mpp|xml|mpt)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Definition:
    """What a file says of a custom field: its alias (the customer's name for it) and its choices."""

    alias: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    declared: bool = True


@dataclass(frozen=True, slots=True)
class CustomValue:
    """One custom value of an item; `days` is the same in days, for a duration."""

    field: CustomField
    field_id: int
    value: Any
    days: Decimal | None = None


class Plan:
    """A file with what is needed to turn its items into records."""

    def __init__(self, raw: RawPlan, zone: tzinfo) -> None:
        self.raw = raw
        self.zone = zone
        properties = raw.properties
        self.file = raw.path.name
        named = (properties.get(tag, "").strip() for tag in ("GUID", "UID", "Name"))
        self.id = next(filter(None, named), raw.path.stem)
        self.name = _SUFFIX.sub("", properties.get("Title") or properties.get("Name") or raw.path.stem)
        named_so = (properties.get("Title", ""), properties.get("Name", ""), raw.path.stem)
        self.titles = {_SUFFIX.sub("", text).strip().casefold() for text in named_so} - {""}
        self.currency = properties.get("CurrencyCode", "").strip()
        self.currency_digits = _positive(properties.get("CurrencyDigits", ""), 2)
        self.minutes_per_day = _positive(properties.get("MinutesPerDay", ""), 0) or _WORKING_DAY

    def key(self, uid: str) -> str:
        """The key of an item: `<project>:<UID>`; the project's GUID, else its UID, Name or file stem."""
        return f"{self.id}:{uid}"

    @cached_property
    def definitions(self) -> dict[int, Definition]:
        """Definitions in the header, by FieldID."""
        found: dict[int, Definition] = {}
        for item in self.raw.attributes:
            field_id = _field_id(item)
            values = [v for group in item.all("ValueList") for v in group.all("Value")]
            options = {v.text("ID"): v.text("Value") for v in values}
            if field_id is not None:
                found[field_id] = Definition(item.text("Alias").strip(), options)
        for field_id in self.outline_codes:
            found.setdefault(field_id, Definition())
        return found

    @cached_property
    def outline_codes(self) -> dict[int, dict[str, str]]:
        """FieldID -> value id (and GUID) -> the whole code, parents first, joined by dots."""
        owners = {item.text("Ltuid"): _field_id(item) for item in self.raw.attributes if item.text("Ltuid")}
        found: dict[int, dict[str, str]] = {}
        for item in self.raw.outline_codes:
            field_id = _field_id(item)
            if field_id is None:
                field_id = owners.get(item.text("Guid"))
            if field_id is not None:
                found[field_id] = _paths([v for group in item.all("Values") for v in group.all("Value")])
        return found

    def custom_ids(self, owner: str) -> Iterator[int]:
        """The FieldID of every custom value of all items of a kind; one for each value."""
        for item in self.items(owner):
            for value in (*item.all("ExtendedAttribute"), *item.all("OutlineCode")):
                field_id = _field_id(value)
                if field_id is not None:
                    yield field_id

    def custom_values(self, item: Item, owner: str) -> Iterator[CustomValue]:
        """Every custom value of an item. Raises TextError."""
        for value in (*item.all("ExtendedAttribute"), *item.all("OutlineCode")):
            field_id = _field_id(value)
            if field_id is None:
                raise TextError(f"a custom value in line {value.line} has no FieldID")
            custom = custom_field(field_id, owner)
            try:
                found = self._custom_value(value, custom, field_id)
                days = self._days(value, found) if custom.kind == "Duration" else None
                yield CustomValue(custom, field_id, found, days)
            except TextError as error:
                raise TextError(f"{custom.name}: {error}") from None

    def _custom_value(self, value: Item, custom: CustomField, field_id: int) -> Any:
        text = value.text("Value")
        if not text and custom.kind == "OutlineCode":
            chosen = value.text("ValueID") or value.text("ValueGUID")
            codes = self.outline_codes.get(field_id, {})
            if chosen and chosen not in codes:
                raise TextError(f"the file has no outline code with value {chosen}")
            return codes.get(chosen)
        if not text and value.text("ValueID"):
            options = self.definition(field_id).options
            if value.text("ValueID") not in options:
                raise TextError(f"the file has no choice with id {value.text('ValueID')}")
            text = options[value.text("ValueID")]
        return self._typed(custom.kind, text)

    def _days(self, value: Item, text: str | None) -> Decimal | None:
        shown_as = quantities.whole(value.text("DurationFormat"))
        return quantities.days(quantities.duration(text or ""), self.minutes_per_day, shown_as)

    def _typed(self, kind: str, text: str) -> Any:
        match kind:
            case "Number":
                return quantities.number(text)
            case "Flag":
                return quantities.flag(text)
            case "Duration":
                return quantities.working_time(text)
            case "Cost":
                return self.cost(text)
            case "Start" | "Finish" | "Date":
                return quantities.moment(text, self.zone)
            case _:
                return text or None

    def definition(self, field_id: int) -> Definition:
        """The definition of a custom field; an empty one, marked, if the header has none."""
        return self.definitions.get(field_id, Definition(declared=False))

    def cost(self, text: str) -> Any:
        """An amount in the project's currency. Raises TextError."""
        return quantities.cost(text, self.currency_digits, self.currency)

    def items(self, owner: str) -> list[Item]:
        """The items of one kind, in file order, blank rows and placeholders left out."""
        rows = {TASK: self.raw.tasks, RESOURCE: self.raw.resources, ASSIGNMENT: self.raw.assignments}[owner]
        return [row for row in rows if not _blank(row, owner)]

    def several(self, owner: str) -> Iterator[int]:
        """The FieldID of each custom field of which some item holds more than one value."""
        for item in self.items(owner):
            seen: dict[int, Item] = {}
            for value in (*item.all("ExtendedAttribute"), *item.all("OutlineCode")):
                field_id = _field_id(value)
                if field_id is not None and seen.setdefault(field_id, value).values != value.values:
                    yield field_id

    @cached_property
    def task_names(self) -> dict[str, str]:
        """UID -> what a person calls the task: its name, else the number of its row."""
        return _names(self.items(TASK))

    @cached_property
    def resource_names(self) -> dict[str, str]:
        """UID -> what a person calls the resource."""
        return _names(self.items(RESOURCE))

    @property
    def blank_rows(self) -> int:
        """Rows that hold nothing: empty lines between tasks, and the nameless resource 0."""
        rows = ((row, owner) for owner, all_rows in self._rows().items() for row in all_rows)
        return sum(_blank(row, owner) for row, owner in rows)

    def _rows(self) -> dict[str, list[Item]]:
        return {TASK: self.raw.tasks, RESOURCE: self.raw.resources}


def _blank(row: Item, owner: str) -> bool:
    if row.text("IsNull") in ("1", "true"):
        return True
    return owner == RESOURCE and row.text("UID") == "0" and not row.text("Name")


def _names(items: list[Item]) -> dict[str, str]:
    return {i.text("UID"): i.text("Name").strip() or f"#{i.text('ID') or i.text('UID')}" for i in items}


def _field_id(item: Item) -> int | None:
    text = item.text("FieldID").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def _positive(text: str, otherwise: int) -> int:
    return int(text) if text.strip().isascii() and text.strip().isdigit() else otherwise


def _paths(values: list[Item]) -> dict[str, str]:
    """Each value by its id and its GUID, with its parents in front. A loop of parents ends the path."""
    by_id = {v.text("ValueID"): v for v in values}
    found: dict[str, str] = {}
    for value in values:
        parts, current, passed = [value.text("Value")], value, {value.text("ValueID")}
        while (parent := current.text("ParentValueID")) in by_id and parent not in passed:
            current = by_id[parent]
            passed.add(parent)
            parts.insert(0, current.text("Value"))
        path = ".".join(parts)
        found[value.text("ValueID")] = path
        found[value.text("FieldGUID")] = path
    found.pop("", None)
    return found
