"""The second reading of an API row, for reconcile: written apart from `codecs` and `decoding`.

It shares with them which key is which field, and nothing of how a value is read, so that a fault in one of
the two shows up as a difference. It does not judge shapes: what it cannot read makes the row unreadable.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema
from crossdock.values import Address, Link, Money, PersonName, Phone
from crossdock_cetec.decoding import Link as Lookup
from crossdock_cetec.fields import Object

Json = Mapping[str, Any]

_NUMBERS = re.compile(r"\d+")


class SecondReader:
    """Reads rows of one tenant again. `currency` and `zone`: of values that name none."""

    def __init__(self, currency: str, zone: tzinfo | None) -> None:
        self._currency = currency
        self._zone = zone

    def values(
        self, described: Object, row: Json, own: Mapping[str, FieldSchema], link: Lookup
    ) -> dict[str, Any] | None:
        """The values of a row, None for one that cannot be read."""
        try:
            found = {f.name: self._of(f.type, self._raw(row, f.keys)) for f in described.fields}
            for f in described.fields:
                if f.type is T.REFERENCE and f.keys:
                    found[f.name] = link(f, row)
                elif f.type is T.ADDRESS and f.keys:
                    found[f.name] = self._address(f.keys[0], row)
                elif f.type is T.PERSON_NAME:
                    found[f.name] = self._name(row)
            return found | {n: self._of(s.type, self._raw(row, (n,))) for n, s in own.items()}
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return None

    @staticmethod
    def _raw(row: Json, keys: tuple[str, ...]) -> Any:
        for key in keys:
            value = row.get(key)
            if value not in (None, "", [], {}) and str(value).strip():
                return value
        return None

    def _of(self, kind: T, value: Any) -> Any:
        if value is None or kind in (T.REFERENCE, T.ADDRESS, T.PERSON_NAME):
            return None
        if kind in (T.DATE, T.DATETIME):
            return self._moment(str(value), kind)
        if kind is T.JSON:
            return _plain(value)
        if kind is T.BOOLEAN:
            return {"1": True, "t": True, "y": True, "0": False, "f": False, "n": False}[
                str(value).strip()[0].lower()
            ]
        if kind in (T.INTEGER, T.DECIMAL, T.MONEY):
            number = Decimal(str(value).strip())
            return {T.INTEGER: int(number), T.DECIMAL: number}.get(kind, Money(number, self._currency))
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if kind in (T.TEXT, T.HTML):
            return text
        text = text.strip()
        return {T.PHONE: Phone(text), T.LINK: Link(text)}.get(kind, text)

    def _moment(self, text: str, kind: T) -> date | datetime | None:
        parts = [int(part) for part in _NUMBERS.findall(text)]
        if not any(parts[:3]):
            return None
        if kind is T.DATE:
            return date(*parts[:3])
        if re.search(r"(?:Z|[+-]\d\d:?\d\d)\s*$", text):
            return datetime.fromisoformat(text.strip())
        micro = int(f"{text.partition('.')[2] or 0:0<6}"[:6])
        if self._zone is None:
            raise ValueError("nobody said of which zone the time is")
        year, month, day, hour, minute, second = [*parts[:6], 0, 0, 0][:6]
        return datetime(year, month, day, hour, minute, second, micro, tzinfo=self._zone)

    def _address(self, prefix: str, row: Json) -> Address | None:
        parts = {k.removeprefix(f"{prefix}_"): str(v).strip() for k, v in row.items() if v is not None}
        streets = [parts.get(f"address_{n}", "") for n in (1, 2, 3, 4, 5)]
        country = parts.get("country", "")
        if not country and parts.get("country_id"):
            country = "United States" if parts["country_id"] == "233" else f"country {parts['country_id']}"
        city, state, postcode = (parts.get(f"address_{name}", "") for name in ("city", "state", "zip"))
        if streets[0] or city or postcode or country:
            rest = ", ".join(s for s in streets[1:] if s)
            return Address(streets[0], rest, city, state, postcode, country)
        word = prefix[: prefix.index("_")]
        for each in row.get("addresses") or []:
            if word in f"{each.get('type') or each.get('kind') or ''}".lower():
                return self._listed(each)
        return None

    @staticmethod
    def _listed(each: Json) -> Address | None:
        def of(*names: str) -> str:
            return next((str(each[n]).strip() for n in names if each.get(n) not in (None, "")), "")

        found = Address(
            of("address_1", "address1", "street"),
            of("address_2", "address2"),
            of("city", "address_city"),
            of("state", "address_state"),
            of("zip", "address_zip"),
            of("country"),
        )
        return found if found != Address() else None

    @staticmethod
    def _name(row: Json) -> PersonName | None:
        def of(*names: str) -> str:
            return next((str(row[n]).strip() for n in names if row.get(n)), "")

        given, family = of("first_name", "firstname"), of("last_name", "lastname")
        if not given and not family:
            words = of("name").split(" ")
            given, family = " ".join(words[:-1]).strip(), words[-1]
        return PersonName(given, family) if given or family else None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value}"
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value
