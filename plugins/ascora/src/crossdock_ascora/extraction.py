"""Raw records -> the records of one object, in batches; the same for both readings."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from crossdock.model import Batch, Observation, Record, Rejected
from crossdock_ascora.decoding import ShapeError
from crossdock_ascora.objects import KINDS, Kind, Unfit
from crossdock_ascora.office import Office
from crossdock_ascora.rows import RawRow, fold

_BATCH = 200


class Extraction:
    """Makes the records of one reading."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def results(self, name: str) -> Iterator[Record | Rejected]:
        """Every record of an object, and a reject for each that cannot be one."""
        kind = KINDS[name]
        for row in self._office.raw.rows(kind.raw) if self._office.raw.has(kind.raw) else ():
            if isinstance(row, Rejected):
                if kind.rejects:
                    yield Rejected(name, row.key, row.reasons)
                continue
            result = self._result(kind, row)
            if result is not None:
                yield result
        if name == "users":
            for key, title in self._office.users.named.items():
                yield Record(name, key, {"name": title})

    def count(self, name: str) -> int:
        """How many records an object has."""
        return sum(1 for result in self.results(name) if isinstance(result, Record))

    def batches(self, name: str, cursor: str | None) -> Iterator[Batch]:
        """All records. The cursor is JSON: {"from": how many came before, "after": the last key, "of": which
        files}. Raises CursorLostError if the files were replaced since."""
        given, tables = orjson.loads(cursor) if cursor else {}, self._office.raw.tables
        by_key = not self._office.raw.from_table(KINDS[name].raw) and name != "users"
        if not by_key:
            tables.require_same(given)
        start = _Position(given, by_key)
        held: list[Record | Rejected] = []
        number = 0
        for number, result in enumerate(self.results(name), start=1):
            if start.before(number, result.key):
                held.append(result)
            if len(held) == _BATCH:
                yield _batch(held, number, tables.files)
                held = []
        if held:
            yield _batch(held, number, tables.files)

    def observations(self, name: str, keys: set[str] | None) -> Iterator[Observation]:
        """The records as observations; those that cannot be records are left out."""
        for result in self.results(name):
            if isinstance(result, Record) and (keys is None or result.key in keys):
                yield Observation(name, result.key, result.values)

    def _result(self, kind: Kind, row: RawRow) -> Record | Rejected | None:
        reasons: list[str] = []
        values: Mapping[str, Any] | None = {}
        try:
            values = kind.make(row, self._office)
        except Unfit as error:
            reasons += error.reasons
        if values is None:
            return None
        custom = self._custom(kind, row, reasons) if kind.custom else {}
        if reasons:
            return Rejected(kind.name, row.key, tuple(reasons))
        return Record(kind.name, row.key, {**values, **custom})

    def _custom(self, kind: Kind, row: RawRow, reasons: list[str]) -> dict[str, Any]:
        office, found = self._office, {}
        written: Mapping[str, Any] = row.custom
        if kind.raw == "jobs":
            answers = office.custom.answers
            written = {
                **answers.get(fold(row.key), {}),
                **answers.get(fold(row.text("number")), {}),
                **written,
            }
        for name, own in office.custom.of(kind.raw).items():
            try:
                found[own.field_name] = office.reading.value(written.get(name), own)
            except ShapeError as error:
                reasons.append(f"custom field {name!r}: {error}")
        unknown = [name for name in written if name not in office.custom.of(kind.raw)]
        reasons += [f"custom field {name!r}: not known; run discover again" for name in unknown]
        return found


class _Position:
    """Where to go on. The API's records come in the order of their keys, those of a table in its own."""

    def __init__(self, given: Mapping[str, Any], by_key: bool) -> None:
        self._from, self._after = int(given.get("from", 0)), str(given.get("after", ""))
        self._by_key = by_key and bool(given)

    def before(self, number: int, key: str) -> bool:
        """Whether this position lies before that record."""
        return key > self._after if self._by_key else number > self._from


def _batch(held: Sequence[Record | Rejected], number: int, files: Mapping[str, str]) -> Batch:
    return Batch(
        records=tuple(r for r in held if isinstance(r, Record)),
        cursor=orjson.dumps({"from": number, "after": held[-1].key, **files}).decode(),
        rejected=tuple(r for r in held if isinstance(r, Rejected)),
    )
