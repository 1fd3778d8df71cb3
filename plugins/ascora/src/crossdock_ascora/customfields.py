"""Custom fields: which there are, of which type, and what is written in them.

The API gives name and text alone, an export a column of text. So the type is declared by a person, or given
away by a Word template, or profiled: every value that was seen fits it. What is not declared says so.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, Option, Provenance
from crossdock.values import Money
from crossdock_ascora.decoding import ShapeError

TYPES: Mapping[str, T] = {
    "text box": T.TEXT,
    "text area": T.TEXT,
    "checkbox": T.BOOLEAN,
    "radio button list": T.SELECT,
    "dropdown list": T.SELECT,
    "date": T.DATE,
    "date time": T.DATETIME,
    "time": T.TEXT,
    "money": T.MONEY,
    "percentage": T.DECIMAL,
    "number": T.DECIMAL,
    "whole number": T.INTEGER,
}
"""Ascora's own types (documented) -> canonical ones. A heading holds no data and is no field."""

_YES = frozenset({"yes", "true", "y", "checked", "☒", "☑", "✓"})
_NO = frozenset({"no", "false", "n", "unchecked", "☐"})
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp][Mm])?")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d{1,9})?")
_MONEY = re.compile(r"(-?)\$\s?(-?)(\d{1,3}(?:,\d{3})+|\d{1,15})(\.\d{1,4})?")
_NOON = 12


@dataclass(frozen=True, slots=True)
class CustomField:
    """One custom field of one object. `name`: exactly as in Ascora; `evidence`: how its type is known.

    `ready`: its values come canonical, as a layout declares their type.
    """

    name: str
    field_name: str
    type: T = T.TEXT
    options: tuple[str, ...] = ()
    multiple: bool = False
    provenance: Provenance = Provenance.ASSUMED
    evidence: str = ""
    ready: bool = False

    def schema(self, currency: str) -> FieldSchema:
        """The field as the catalog shows it."""
        return FieldSchema(
            self.field_name,
            self.type,
            self.name,
            multiple=self.multiple,
            custom=True,
            options=tuple(Option(option, option) for option in self.options),
            provenance=self.provenance,
            settings={"currency": currency} if self.type is T.MONEY else {},
        )


def field_names(names: Iterable[str], taken: Collection[str] = ()) -> dict[str, str]:
    """Custom field -> the name of its field here: letters, digits and `_`, each once, none taken."""
    given: dict[str, str] = {}
    for name in names:
        wanted = "_".join(re.findall(r"\w+", name)) or "field"
        number = 1
        while (final := wanted if number == 1 else f"{wanted}_{number}") in {*given.values(), *taken}:
            number += 1
        given[name] = final
    return given


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a custom value needs: the tenant's zone and currency."""

    zone: tzinfo
    currency: str

    def value(self, written: Any, own: CustomField) -> Any:
        """The canonical value of what is written in a custom field. Raises ShapeError."""
        if written is None or (isinstance(written, str) and not written.strip()):
            return None
        if own.ready:
            return written
        if own.multiple:
            parts = [part.strip() for part in re.split(r"[;\n]", f"{written}") if part.strip()]
            return tuple(dict.fromkeys(self._one(part, own) for part in parts))
        return self._one(written, own)

    def _one(self, written: Any, own: CustomField) -> Any:
        match own.type:
            case T.BOOLEAN:
                return yes_or_no(written)
            case T.INTEGER | T.DECIMAL:
                return as_number(written, whole=own.type is T.INTEGER)
            case T.MONEY:
                return written if isinstance(written, Money) else Money(as_money(written), self.currency)
            case T.DATE:
                return as_day(written)
            case T.DATETIME:
                found = as_time(written)
                return found if found.tzinfo else found.replace(tzinfo=self.zone)
            case T.SELECT:
                return _option(written, own)
        return f"{written}"


def yes_or_no(written: Any) -> bool:
    """A check-box. Raises ShapeError."""
    if isinstance(written, bool):
        return written
    word = f"{written}".strip().lower()
    if word not in _YES | _NO:
        raise ShapeError("yes or no", written)
    return word in _YES


def as_number(written: Any, *, whole: bool = False) -> Decimal | int:
    """A number, also a percentage. Raises ShapeError."""
    text = f"{written}".strip().removesuffix("%").strip()
    if isinstance(written, bool) or not _NUMBER.fullmatch(text):
        raise ShapeError("a number", written)
    found = Decimal(text.replace(",", ""))
    if whole and found != found.to_integral_value():
        raise ShapeError("a whole number", written)
    return int(found) if whole else found


def as_money(written: Any) -> Decimal:
    """An amount, with or without a dollar sign. Raises ShapeError."""
    text = f"{written}".strip()
    found = _MONEY.fullmatch(text)
    if found:
        sign = "-" if found[1] or found[2] else ""
        return Decimal(f"{sign}{found[3].replace(',', '')}{found[4] or ''}")
    return Decimal(as_number(text))


def as_day(written: Any) -> date:
    """DD/MM/YYYY (Ascora's own form, documented) or ISO. Raises ShapeError."""
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    found = as_time(written)
    if found.time() != time(0):
        raise ShapeError("a date without a time", written)
    return found.date()


def as_time(written: Any) -> datetime:
    """DD/MM/YYYY with or without HH:MM [AM], or ISO; without a zone if it has none. Raises ShapeError."""
    if isinstance(written, datetime):
        return written
    text = f"{written}".strip()
    day, _, clock = text.partition(" ")
    found = _DAY.fullmatch(day)
    try:
        if found is None:
            return datetime.fromisoformat(text)
        hour, minute, second = _hour(clock) if clock.strip() else (0, 0, 0)
        return datetime(int(found[3]), int(found[2]), int(found[1]), hour, minute, second)  # noqa: DTZ001
    except ValueError:
        raise ShapeError("a date like 31/12/2024", written) from None


def _hour(clock: str) -> tuple[int, int, int]:
    found = _CLOCK.fullmatch(clock.strip())
    if found is None:
        raise ValueError("no time of day")
    hour = int(found[1])
    if found[4]:
        hour = hour % _NOON + (_NOON if found[4][0] in "pP" else 0)
    return hour, int(found[2]), int(found[3] or 0)


def _option(written: Any, own: CustomField) -> str:
    text = f"{written}".strip()
    folded = {option.strip().casefold(): option for option in own.options}
    if text.casefold() not in folded:
        raise ShapeError(f"one of {', '.join(own.options)}", written)
    return folded[text.casefold()]


@dataclass
class Profile:
    """What the values of one custom field have in common so far."""

    values: int = 0
    _open: dict[T, Any] = field(default_factory=lambda: dict(_TRIALS))

    def add(self, written: Any) -> None:
        """Look at one more value."""
        if isinstance(written, str) and not written.strip():
            return
        self.values += 1
        for kind, trial in list(self._open.items()):
            try:
                trial(written)
            except ShapeError:
                del self._open[kind]

    @property
    def type(self) -> T:
        """The narrowest type that every value fits; text if nothing was written."""
        return next(iter(self._open), T.TEXT) if self.values else T.TEXT


def _plain_money(written: Any) -> Decimal:
    """Only what is written with its sign gives itself away as an amount."""
    if not isinstance(written, Money) and "$" not in f"{written}":
        raise ShapeError("an amount with its sign", written)
    return as_money(written) if not isinstance(written, Money) else written.amount


def _integer(written: Any) -> int:
    found = as_number(written, whole=True)
    if "%" in f"{written}" or "." in f"{written}":
        raise ShapeError("a whole number", written)
    return int(found)


# The narrowest first.
_TRIALS: Mapping[T, Any] = {
    T.BOOLEAN: yes_or_no,
    T.INTEGER: _integer,
    T.DECIMAL: as_number,
    T.MONEY: _plain_money,
    T.DATE: as_day,
    T.DATETIME: as_time,
}


def profiles(rows: Iterable[Mapping[str, Any]]) -> dict[str, Profile]:
    """A profile of each custom field of these rows, in the order in which they are met."""
    found: dict[str, Profile] = {}
    for row in rows:
        for name, written in row.items():
            found.setdefault(name, Profile()).add(written)
    return found


def evidence_of(profile: Profile | None) -> Iterator[str]:
    """Why a profiled type is taken, in words."""
    if profile is not None and profile.values:
        yield f"all {profile.values} values fit {profile.type}"
