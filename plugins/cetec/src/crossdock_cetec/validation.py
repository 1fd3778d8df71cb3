"""Extraction held against the customer's own totals: a difference stops the phase and is explained."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from crossdock.errors import ConfigError, RefusedError
from crossdock.model import Record, Rejected
from crossdock_cetec.controltotals import (
    Difference,
    Expected,
    Measured,
    differences,
    fields_of,
    number_of,
    read_totals,
)
from crossdock_cetec.explanations import explain

Result = Record | Rejected
Read = Callable[[str], Iterator[Result]]

_MOST = 50  # rejected rows that are named


class Validation:
    """The totals of a file (None: there are none). `read` reads an object."""

    def __init__(self, path: Path | None, read: Read) -> None:
        self._path = path
        self._read = read
        self._expected = read_totals(path) if path else []

    def require(self, object_name: str) -> None:
        """Read all of an object and compare, before any of it is given to anybody: what was given would stay,
        and a reading that goes on later would not give it again.

        Raises RefusedError naming each field that differs and the rows that could explain it, ConfigError for
        a field that the object does not have.
        """
        wanted = [each for each in self._expected if each.object_name == object_name]
        if wanted:
            Check(object_name, wanted, self._read, self._path).require()


class Check:
    """The totals of one object, and what was read of it."""

    def __init__(self, name: str, expected: Sequence[Expected], read: Read, path: Path | None) -> None:
        self._name = name
        self._expected = expected
        self._read = read
        self._path = path
        self._found = {field: Measured() for field in fields_of(expected)}

    def require(self) -> None:
        """Read and compare. Raises RefusedError, ConfigError."""
        names: set[str] = set()
        for result in self._read(self._name):
            if isinstance(result, Record):
                names.update(result.values)
                for field, totals in self._found.items():
                    totals.add(result.values.get(field))
        unknown = [field for field in self._found if names and field not in names]
        if unknown:
            raise ConfigError(
                f"the control totals {self._path} name {self._name}.{unknown[0]}, which is no field.",
                hint=f"There are {', '.join(sorted(names))}.",
            )
        found = differences(self._expected, self._found)
        if found:
            raise RefusedError(
                f"{self._name} does not add up to the control totals of {self._path and self._path.name}: "
                + "; ".join(self._told(found)),
                hint="Correct the export or the totals, then run the same command again.",
            )

    def _told(self, found: Sequence[Difference]) -> Iterator[str]:
        rows: dict[str, list[tuple[str, object]]] = {field: [] for field in self._found}
        rejected: list[Rejected] = []
        for result in self._read(self._name):
            if isinstance(result, Rejected):
                rejected.append(result)
                continue
            for field, held in rows.items():
                if (plain := number_of(result.values.get(field))) is not None:
                    held.append((result.key, plain))
        for difference in found:
            told = explain(difference, rows[difference.field], rejected[:_MOST])  # type: ignore[arg-type]
            yield f"{difference}" + (f" ({'; '.join(told)})" if told else "")
