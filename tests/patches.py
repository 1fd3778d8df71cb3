"""Small faults put into a command: what would reconcile find if the product were broken like this?

`launcher` runs this file in the process of the command, before the command, and applies one of PATCHES.
"""

import dataclasses
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

PATCHES: dict[str, Callable[[], None]] = {}
Change = Callable[[Any], Any]


def _encoder(kind: str, change: Change, plugin: str = "crossdock_twenty") -> Callable[[], None]:
    """Change what the destination's encoder of a wire type gives."""

    def apply() -> None:
        encoders = import_module(f"{plugin}.fieldtypes")._ENCODERS
        original = encoders[kind]
        encoders[kind] = lambda context, value: change(original(context, value))

    return apply


def _cell(kind: str, change: Change) -> Callable[[], None]:
    """The same for a destination that takes every value as a text."""
    return _encoder(kind, lambda cell: change(cell) if cell else cell, "crossdock_odoo")


def _decoder(wanted: type, change: Change) -> Callable[[], None]:
    """Change what the source's first decoder gives for canonical values of one type."""

    def apply() -> None:
        import crossdock_elma365.source as source_module
        from crossdock.model import Record

        source: Any = source_module
        original = source.decode_item

        def decode_item(*arguments: Any) -> Any:
            record = original(*arguments)
            if not isinstance(record, Record):
                return record
            values = {n: change(v) if type(v) is wanted else v for n, v in record.values.items()}
            return dataclasses.replace(record, values=values)

        source.decode_item = decode_item

    return apply


def _day_and_month(text: str) -> str:
    year, month, day = text.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else text


def _swapped(value: date) -> date:
    return value.replace(month=value.day, day=value.month) if value.day <= 12 else value


def _neighbours() -> Change:
    """Each gets the value of the one before."""
    before: list[Any] = []

    def change(value: Any) -> Any:
        before.append(value)
        return before[-2] if len(before) > 1 else value

    return change


def _only_addresses(change: Change) -> Change:
    def of_list(value: tuple[Any, ...]) -> tuple[Any, ...]:
        addresses = [v for v in value if isinstance(v, str) and "@" in v]
        return (change(value[0]), *value[1:]) if addresses else value

    return of_list


def _only_address(change: Change) -> Change:
    return lambda value: change(value) if "@" in value and "\n" not in value else value


def _wrong_money(value: dict[str, Any]) -> dict[str, Any]:
    return value | {"amountMicros": value["amountMicros"] // 1000}


PATCHES |= {
    "twenty encoder: a digit": _encoder("NUMBER", lambda value: value + 1),
    "twenty encoder: day and month": _encoder("DATE", _day_and_month),
    "twenty encoder: cut at 255": _encoder(
        "RICH_TEXT", lambda value: value | {"markdown": value["markdown"][:255]}
    ),
    "twenty encoder: micros": _encoder("CURRENCY", _wrong_money),
    "twenty encoder: currency": _encoder("CURRENCY", lambda value: value | {"currencyCode": "EUR"}),
    "twenty encoder: a neighbour's e-mail": _encoder("EMAILS", _neighbours()),
    "odoo encoder: a digit": _cell("float", lambda cell: str(Decimal(cell) + 1)),
    "odoo encoder: day and month": _cell("date", _day_and_month),
    "odoo encoder: cut at 255": _cell("text", lambda cell: cell[:255]),
    "odoo encoder: micros": _cell("monetary", lambda cell: str(Decimal(cell) / 1000)),
    "odoo encoder: a neighbour's e-mail": _cell("char", _only_address(_neighbours())),
    "decoder: a digit": _decoder(Decimal, lambda value: value + 1),
    "decoder: day and month": _decoder(date, _swapped),
    "decoder: cut at 255": _decoder(str, lambda value: value[:255]),
    "decoder: an hour": _decoder(datetime, lambda value: value.replace(hour=(value.hour + 1) % 24)),
}


def _decoder_money(change: Change) -> Callable[[], None]:
    def apply() -> None:
        from crossdock.values import Money

        _decoder(Money, change)()

    return apply


PATCHES |= {
    "decoder: micros": _decoder_money(lambda v: dataclasses.replace(v, amount=v.amount / 10)),
    "decoder: currency": _decoder_money(lambda v: dataclasses.replace(v, currency="EUR")),
    "decoder: a neighbour's e-mail": _decoder(tuple, _only_addresses(_neighbours())),
}


def _other_version() -> None:
    """The plugin of the destination is of another version."""
    import crossdock.migration as migration_module

    migration: Any = migration_module
    original = migration.list_plugins

    def list_plugins(*arguments: Any) -> Any:
        found = original(*arguments)
        return [dataclasses.replace(p, version="99.0") if p.role == "destination" else p for p in found]

    migration.list_plugins = list_plugins


PATCHES["another plugin version"] = _other_version


def _no_waiting() -> None:
    """Requests are repeated at once."""
    from crossdock.retry import Backoff

    Backoff.__call__ = lambda *_: 0.0  # type: ignore[method-assign]


PATCHES["no waiting"] = _no_waiting
