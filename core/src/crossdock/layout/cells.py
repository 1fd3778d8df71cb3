"""One cell -> one canonical value. What a cell does not say clearly raises CellError."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any
from uuid import UUID

import orjson

from crossdock.fieldtypes import FieldType
from crossdock.layout.declaration import ColumnLayout, Layout
from crossdock.layout.headers import fold
from crossdock.layout.patterns import SERIAL, PatternError, from_serial, parse_date, parse_number
from crossdock.layout.sheets import BadCell, Cell, is_blank
from crossdock.values import Address, Link, Money, PersonName, Phone, Reference

_EXACT = 10**15  # a spreadsheet keeps fifteen digits of a number
_NOISE = Decimal("1e-9")
_SYMBOLS = {
    "₽": "RUB", "руб": "RUB", "руб.": "RUB", "р": "RUB", "р.": "RUB", "$": "USD", "us$": "USD", "€": "EUR",
    "£": "GBP", "¥": "JPY", "₸": "KZT", "₴": "UAH", "₹": "INR", "a$": "AUD", "c$": "CAD", "br": "BYN",
}  # fmt: skip
_DOLLARS = frozenset({"USD", "AUD", "CAD", "NZD", "SGD", "HKD"})
_CURRENCY = re.compile(r"[^\d\s.,'’()+\-−–]+\.?")
_EXTENSION = re.compile(r"\s*[,;]?\s*(?:доб\.?|ext\.?|x)\s*(\d{1,6})\s*$", re.I)
_SHOWN = 60
_LEAP_DAY = date(1900, 2, 28)  # what both libraries make of day 60, the 29 February 1900 that never was


class CellError(ValueError):
    """A cell cannot be read as its column asks. The text says why, without the value."""


class UnfoundError(CellError):
    """A cell names a record that is not there."""


Lookup = Callable[[tuple[str, ...], tuple[str, ...], str], Reference]
"""(objects, columns, text of the cell) -> the record that is meant. Raises CellError, UnfoundError."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What reading a cell needs besides the cell: the layout's habits, the zone, and who is who."""

    layout: Layout
    zone: tzinfo
    lookup: Lookup
    from_1904: bool = False


def shown(cell: Cell) -> str:
    """A cell as messages quote it."""
    text = str(cell) if isinstance(cell, BadCell | int | float) else plain_text(cell)
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def nothing(cell: Cell, layout: Layout) -> bool:
    """Whether a cell means no value: blank, or one of the words that the layout says mean nothing."""
    return is_blank(cell) or (isinstance(cell, str) and cell.strip() in layout.empty)


def read_cell(cell: Cell, column: ColumnLayout, scene: Scene) -> Any:
    """The value of one cell, None for nothing. Raises CellError."""
    if isinstance(cell, BadCell):
        raise CellError(cell.reason)
    if nothing(cell, scene.layout):
        return None
    read = _READERS.get(column.type or FieldType.TEXT, _text)
    if not column.multiple:
        return read(cell, column, scene)
    parts = cell.split(column.separator) if isinstance(cell, str) else [cell]
    found = [read(_trimmed(part), column, scene) for part in parts if not nothing(part, scene.layout)]
    return tuple(v for v in dict.fromkeys(found) if v is not None) or None


def _trimmed(cell: Cell) -> Cell:
    return cell.strip() if isinstance(cell, str) else cell


def plain_text(cell: Cell) -> str:
    """A cell as text: a whole number without decimals, a time in ISO form. Raises CellError."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return _number_text(cell)
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _number_text(number: float) -> str:
    if abs(number) >= _EXACT:
        raise CellError("is a number of more than 15 digits, of which the file does not keep all")
    return str(int(number)) if number == int(number) else str(Decimal(repr(number)))


def _text(cell: Cell, _column: ColumnLayout, _scene: Scene) -> str:
    return plain_text(cell)


def _decimal(cell: Cell, column: ColumnLayout, scene: Scene) -> Decimal:
    if isinstance(cell, bool | datetime | date | time | timedelta):
        raise CellError("is no number")
    if isinstance(cell, int | float):
        found = Decimal(int(cell)) if cell == int(cell) else Decimal(repr(cell))
    else:
        try:
            found = parse_number(str(cell), column.numbers or scene.layout.numbers)
        except PatternError as error:
            raise CellError(str(error)) from None
    return _rounded(found, column.digits)


def _rounded(number: Decimal, digits: int | None) -> Decimal:
    """Without the noise of binary numbers; more than noise is not cut off."""
    if digits is None:
        return number
    try:
        kept = number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    except InvalidOperation:
        raise CellError("is too large a number") from None
    if abs(kept - number) > _NOISE * max(Decimal(1), abs(number)):
        raise CellError(f"has more than {digits} decimals")
    return kept


def _integer(cell: Cell, column: ColumnLayout, scene: Scene) -> int:
    found = _decimal(cell, column, scene)
    whole = found.to_integral_value()
    if abs(whole - found) > (_NOISE if column.digits == 0 else 0):
        raise CellError("is no whole number")
    return int(whole)


def _boolean(cell: Cell, _column: ColumnLayout, scene: Scene) -> bool:
    if isinstance(cell, bool):
        return cell
    word = fold(plain_text(cell))
    for words, meaning in ((scene.layout.yes, True), (scene.layout.no, False)):
        if word in map(fold, words):
            return meaning
    raise CellError(f"is neither {' or '.join(scene.layout.yes)} nor {' or '.join(scene.layout.no)}")


def _moment(cell: Cell, column: ColumnLayout, scene: Scene) -> datetime:
    """The time of a cell; without a zone it is the reader's."""
    patterns = column.dates or scene.layout.dates
    try:
        if isinstance(cell, datetime):
            found = cell
        elif cell == _LEAP_DAY:
            raise CellError("is day 59 or 60 of the spreadsheet's calendar, and there is no day 60")
        elif isinstance(cell, date):
            found = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - the zone is added below
        elif isinstance(cell, int | float) and not isinstance(cell, bool):
            if SERIAL not in patterns:
                raise CellError("is a bare number; add `serial` to dates if it counts days")
            found = from_serial(cell, scene.from_1904)
        else:
            found = parse_date(plain_text(cell), patterns)
    except PatternError as error:
        raise CellError(str(error)) from None
    return found if found.tzinfo else found.replace(tzinfo=scene.zone)


def _date(cell: Cell, column: ColumnLayout, scene: Scene) -> date:
    found = _moment(cell, column, scene)
    if found.timetz().replace(tzinfo=None) != time(0):
        raise CellError("has a time of day; its column takes dates (type: datetime takes both)")
    return found.date()


_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400}


def _duration(cell: Cell, column: ColumnLayout, scene: Scene) -> timedelta:
    if isinstance(cell, timedelta):
        return cell
    if isinstance(cell, time):
        return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second)
    clock = re.fullmatch(r"\s*(\d+):([0-5]\d)(?::([0-5]\d))?\s*", cell) if isinstance(cell, str) else None
    if clock:
        return timedelta(hours=int(clock[1]), minutes=int(clock[2]), seconds=int(clock[3] or 0))
    if column.unit is None:
        raise CellError("is no duration like 1:30; add `unit` for a number")
    seconds = _decimal(cell, column, scene) * _SECONDS[column.unit]
    try:
        return timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        raise CellError("is too long a duration") from None


def _money(cell: Cell, column: ColumnLayout, scene: Scene) -> Money:
    default = column.currency or scene.layout.currency
    if not isinstance(cell, str):
        return Money(_decimal(cell, column, scene), default)
    text = cell.strip()
    word = _CURRENCY.search(text)
    if word is None:
        return Money(_decimal(text, column, scene), default)
    amount = (text[: word.start()] + text[word.end() :]).strip()
    return Money(_decimal(amount, column, scene), currency(word[0], default))


def currency(word: str, default: str) -> str:
    """The ISO code of a currency's sign or name. Raises CellError."""
    plain = word.strip().casefold()
    code = _SYMBOLS.get(plain) or (word.strip().upper() if re.fullmatch(r"[A-Za-z]{3}", word.strip()) else "")
    if not code:
        raise CellError(f"has the currency {word!r}, which nobody knows; write its three letters")
    return default if plain == "$" and default in _DOLLARS else code


def _select(cell: Cell, column: ColumnLayout, _scene: Scene) -> str:
    text = plain_text(cell)
    if not column.options:
        return text
    words = {fold(word): code for code, names in column.options.items() for word in (code, *names)}
    found = words.get(fold(text))
    if found is None:
        near = get_close_matches(fold(text), words, n=1)
        hint = f" (near: {near[0]!r})" if near else ""
        raise CellError(f"is none of the options{hint}")
    return found


def _person_name(cell: Cell, _column: ColumnLayout, scene: Scene) -> PersonName:
    order, words = scene.layout.name_order, plain_text(cell).split()
    parts = dict(zip(order[:-1], words, strict=False))
    parts[order[-1]] = " ".join(words[len(order) - 1 :])
    return PersonName(**{name: word for name, word in parts.items() if word})


def _phone(cell: Cell, _column: ColumnLayout, _scene: Scene) -> Phone:
    text = plain_text(cell).strip()
    extension = _EXTENSION.search(text)
    return Phone(text[: extension.start()], extension[1]) if extension else Phone(text)


def _reference(cell: Cell, column: ColumnLayout, scene: Scene) -> Reference:
    text = plain_text(cell)
    if not column.by:
        if len(column.to) != 1:
            raise CellError("points to one of several objects; say `by`, or one object in `to`")
        return Reference(column.to[0], text)
    try:
        return scene.lookup(column.to, column.by, text)
    except UnfoundError:
        if column.unfound == "refuse":
            raise
        return Reference(column.to[0], text)


def _uuid(cell: Cell, _column: ColumnLayout, _scene: Scene) -> str:
    try:
        return str(UUID(plain_text(cell).strip()))
    except ValueError:
        raise CellError("is no UUID") from None


def _json(cell: Cell, _column: ColumnLayout, _scene: Scene) -> Any:
    try:
        return orjson.loads(plain_text(cell))
    except orjson.JSONDecodeError:
        raise CellError("is no JSON") from None


def _email(cell: Cell, _column: ColumnLayout, _scene: Scene) -> str:
    return plain_text(cell).strip()


_READERS: Mapping[FieldType, Callable[[Any, ColumnLayout, Scene], Any]] = {
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _date,
    FieldType.DATETIME: _moment,
    FieldType.DURATION: _duration,
    FieldType.MONEY: _money,
    FieldType.EMAIL: _email,
    FieldType.PHONE: _phone,
    FieldType.LINK: lambda cell, _column, _scene: Link(plain_text(cell).strip()),
    FieldType.ADDRESS: lambda cell, _column, _scene: Address(street1=plain_text(cell)),
    FieldType.PERSON_NAME: _person_name,
    FieldType.SELECT: _select,
    FieldType.REFERENCE: _reference,
    FieldType.UUID: _uuid,
    FieldType.JSON: _json,
}
