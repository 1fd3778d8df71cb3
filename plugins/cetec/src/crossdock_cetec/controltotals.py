"""Control totals: what a customer's own reports say of an object's numbers, held against what was read.

Nothing here knows a platform. A file of totals has a line for each object and field, with any of count, sum,
min, max and decimals (the most that a value has); fields of dates have count, min and max.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from crossdock.errors import ConfigError
from crossdock.model import Record
from crossdock.values import Money

MEASURES = ("count", "sum", "min", "max", "decimals")
Measure = Decimal | date | int | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of one field; a measure that nobody gave is None. `source` names the report."""

    object_name: str
    field: str
    measures: Mapping[str, Measure]
    source: str = ""


@dataclass
class Measured:
    """What one field's values add up to. Values that are nothing do not count."""

    count: int = 0
    sum: Decimal = Decimal(0)
    min: Decimal | date | None = None
    max: Decimal | date | None = None
    decimals: int = 0

    def add(self, value: Any) -> None:
        """Count a canonical value in."""
        plain = number_of(value)
        if plain is None:
            return
        self.count += 1
        if isinstance(plain, Decimal):
            self.sum += plain
            self.decimals = max(self.decimals, decimals_of(plain))
        self.min = plain if self.min is None else min(self.min, plain)
        self.max = plain if self.max is None else max(self.max, plain)

    def of(self, measure: str) -> Measure:
        """One measure by its name."""
        found: Measure = getattr(self, measure)
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure that is not what the report says."""

    field: str
    measure: str
    expected: Measure
    found: Measure

    def __str__(self) -> str:
        return f"{self.field}: {self.measure} is {shown(self.found)}, the report says {shown(self.expected)}"


def number_of(value: Any) -> Decimal | date | None:
    """A number, the amount of money, or a day; None for anything else."""
    if isinstance(value, Money):
        return value.amount
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    return value if isinstance(value, Decimal | date) else None


def decimals_of(number: Decimal) -> int:
    """How many decimals a number has, zeros at the end left out."""
    exponent = number.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def measured(records: Iterable[Record], fields: Iterable[str]) -> dict[str, Measured]:
    """The measures of these fields over the records."""
    found = {name: Measured() for name in fields}
    for record in records:
        for name, totals in found.items():
            totals.add(record.values.get(name))
    return found


def differences(expected: Iterable[Expected], found: Mapping[str, Measured]) -> list[Difference]:
    """Everything that is not as expected."""
    return [
        Difference(each.field, measure, wanted, found[each.field].of(measure))
        for each in expected
        for measure, wanted in each.measures.items()
        if wanted is not None and not _same(wanted, found[each.field].of(measure))
    ]


def _same(wanted: Measure, found: Measure) -> bool:
    if isinstance(wanted, date) or isinstance(found, date):
        return wanted == found
    return found is not None and wanted is not None and Decimal(wanted) == Decimal(found)


def shown(value: Measure) -> str:
    """A measure as messages show it."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value if value is not None else "none")


def read_totals(path: Path) -> list[Expected]:
    """The lines of a file (csv or yaml). Raises ConfigError naming the line that is not understood."""
    try:
        rows = _yaml_rows(path) if path.suffix.lower() in (".yaml", ".yml") else _csv_rows(path)
        return [_expected(path, number, row) for number, row in rows]
    except (OSError, UnicodeDecodeError, csv.Error, YAMLError) as error:
        raise ConfigError(f"the control totals {path} cannot be read: {error}.") from error


def _csv_rows(path: Path) -> list[tuple[int, Mapping[str, Any]]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        start = file.read(1 << 16)
        file.seek(0)
        delimiter = max(",;\t", key=start.partition("\n")[0].count)
        reader = csv.DictReader(file, delimiter=delimiter)
        return [(reader.line_num, row) for row in reader if any(str(v or "").strip() for v in row.values())]


def _yaml_rows(path: Path) -> list[tuple[int, Mapping[str, Any]]]:
    found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise ConfigError(
            f"the control totals {path} are no list of lines.",
            hint="Write each as {object: order, field: total, count: 12, sum: 345.67}.",
        )
    return list(enumerate(found, start=1))


def _expected(path: Path, number: int, row: Mapping[str, Any]) -> Expected:
    named = {str(name or "").strip().casefold(): value for name, value in row.items()}
    where = f"the control totals {path}, line {number}"
    unknown = sorted(set(named) - {"object", "field", "source", *MEASURES, ""})
    if unknown:
        hint = f"There are object, field, source, {', '.join(MEASURES)}."
        raise ConfigError(f"{where}: nobody knows the column {unknown[0]!r}.", hint=hint)
    name, field = (str(named.get(word) or "").strip() for word in ("object", "field"))
    if not (name and field):
        raise ConfigError(f"{where}: it names no object, or no field.")
    measures = {m: _measure(named.get(m), f"{where}, {m}") for m in MEASURES}
    return Expected(name, field, measures, str(named.get("source") or ""))


def _measure(value: Any, where: str) -> Measure:
    """A number in plain or American form, or a day in ISO form; None if there is none."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date | int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    plain = text.replace("$", "").replace(",", "").strip()
    negative = plain.startswith("(") and plain.endswith(")")
    try:
        found = Decimal(plain.strip("()"))
    except InvalidOperation:
        raise ConfigError(f"{where}: {text!r} is neither a number nor a day like 2024-12-31.") from None
    return -found if negative else found


def fields_of(expected: Sequence[Expected]) -> tuple[str, ...]:
    """The fields that are asked about, each once."""
    return tuple(dict.fromkeys(each.field for each in expected))
