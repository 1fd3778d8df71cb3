"""Writes before-images back, and what the server stamps or derives while that happens.

Writing a stage, an end or a company makes the server write dates, probabilities and addresses of its own
(measured on 18.0): what such a write moved is written back in a second one, and what it passed on to contacts
below a company is given back to them.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from crossdock.model import ObjectSchema
from crossdock_odoo.accounts import untold
from crossdock_odoo.answers import GoneError, RefusalError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.families import Family
from crossdock_odoo.identity import chunks
from crossdock_odoo.objects import KEPT_THOUGH_READ_ONLY
from crossdock_odoo.partners import OWN, PARTNER
from crossdock_odoo.reading import PAGE, Reader

_REFERENCES = frozenset({"many2one", "many2many", "many2one_reference"})


class Wanted(NamedTuple):
    """What to write into a record, and how it looked before the run."""

    values: Mapping[str, Any]
    before: Mapping[str, Any]


class Restorer:
    """Restores records of one database."""

    def __init__(self, client: OdooClient, reader: Reader) -> None:
        self._client, self._reader = client, reader

    def write(
        self, schema: ObjectSchema, record_id: int, values: Mapping[str, Any], before: Mapping[str, Any]
    ) -> None:
        """Write into one record. Raises RefusalError, GoneError."""
        refused = self.write_all(schema, {record_id: Wanted(values, before)})
        for error in refused.values():
            raise error

    def write_all(self, schema: ObjectSchema, wanted: Mapping[int, Wanted]) -> dict[int, RefusalError]:
        """Write into each record what is wanted; those that Odoo refused (or lost), and its errors."""
        refused: dict[int, RefusalError] = {}
        for part in chunks(list(wanted), PAGE):
            columns = self._columns(schema, (wanted[i].before for i in part))
            prior = self._rows(schema, part, columns)
            family = Family(self._reader, part) if schema.name == PARTNER else None
            for record_id in part:
                self._write(schema, record_id, wanted[record_id].values, refused)
            after = self._rows(schema, [i for i in part if i not in refused], columns)
            for record_id, row in after.items():
                again = _moved(wanted[record_id], prior.get(record_id, {}), row)
                if again:
                    self._write(schema, record_id, again, refused)
            if family is not None:
                refused |= _given_back(family, {i: wanted[i] for i in part if i not in refused})
        return refused

    def without_lost(self, schema: ObjectSchema, wanted: dict[int, Wanted]) -> dict[int, str]:
        """Leave out of what is wanted the references to records that are gone; by record what those are.

        Such a reference would make the server refuse the whole write.
        """
        metadata = self._reader.schemas.metadata(schema.name)
        targets: dict[str, set[int]] = defaultdict(set)
        for each in wanted.values():
            for column in each.values:
                targets[_relation(metadata, column)].update(_ids(each.before.get(column)))
        targets.pop("", None)
        there = {model: self._reader.existing(model, ids) for model, ids in targets.items() if ids}
        lost: dict[int, str] = {}
        for record_id, each in wanted.items():
            gone = {
                column: missing
                for column in each.values
                if (relation := _relation(metadata, column))
                and (missing := set(_ids(each.before.get(column))) - there.get(relation, set()))
            }
            if gone:
                lost[record_id] = ", ".join(
                    f"{_relation(metadata, c)} {i}" for c, ids in gone.items() for i in sorted(ids)
                )
                wanted[record_id] = _without(each, gone)
        return lost

    def correct(self, schema: ObjectSchema, record_id: int, before: Mapping[str, Any]) -> None:
        """Write into a record that was just made what the server made different. References stay."""
        metadata = self._reader.schemas.metadata(schema.name)
        columns = [c for c in self._columns(schema, [before]) if metadata[c]["type"] not in _REFERENCES]
        row = self._rows(schema, [record_id], columns).get(record_id, {})
        values = {c: before[c] for c in columns if c in row and row[c] != before[c]}
        if values:
            self._client.write(schema.name, [record_id], values, safe=True)

    def stamps(self, schema: ObjectSchema, before: Mapping[str, Any], held: Mapping[str, Any]) -> Row:
        """Dates that the server stamped since, with what they were."""
        names = KEPT_THOUGH_READ_ONLY.get(schema.name, frozenset())
        return {name: before[name] for name in names if name in before and held.get(name) != before[name]}

    def _write(
        self,
        schema: ObjectSchema,
        record_id: int,
        values: Mapping[str, Any],
        refused: dict[int, RefusalError],
    ) -> None:
        values = untold(schema.name, values)
        if not values:
            return
        try:
            self._client.write(schema.name, [record_id], values, safe=True)
        except (GoneError, RefusalError) as error:
            refused[record_id] = error

    def _columns(self, schema: ObjectSchema, images: Iterable[Mapping[str, Any]]) -> list[str]:
        """The columns of before-images, but for contents of files."""
        metadata = self._reader.schemas.metadata(schema.name)
        names = dict.fromkeys(name for image in images for name in image)
        return [name for name in names if name in metadata and metadata[name]["type"] != "binary"]

    def _rows(self, schema: ObjectSchema, ids: Iterable[int], columns: Iterable[str]) -> dict[int, Row]:
        return {row["id"]: row for row in self._client.read(schema.name, list(ids), list(columns))}


def _given_back(family: Family, written: Mapping[int, Wanted]) -> dict[int, RefusalError]:
    """Give contacts below those that were written their own again; what that failed for, and why."""
    for record_id, (values, before) in written.items():
        if "parent_id" in values:
            family.leave(record_id)
        own = {cell: str(before[c] or "") for c, cell in OWN.items() if c in values and c in before}
        family.expect(record_id, own)
    return {i: RefusalError(reason) for i, reason in family.give_back().items() if i in written}


def same(held: Any, wanted: Any) -> bool:
    """Whether a column holds a value; several references have no order."""
    if isinstance(held, list) and isinstance(wanted, list):
        return sorted(held) == sorted(wanted)
    return bool(held == wanted)


def command(value: Any) -> Any:
    """A value of a column as a write takes it."""
    return [[6, 0, value]] if isinstance(value, list) else value


def _relation(metadata: Mapping[str, Row], column: str) -> str:
    """The model that a column refers to, "" for one that holds no reference."""
    raw = metadata.get(column, {})
    return str(raw["relation"]) if raw.get("type") in ("many2one", "many2many") else ""


def _ids(held: Any) -> list[int]:
    return held if isinstance(held, list) else [held] if held else []


def _without(wanted: Wanted, gone: Mapping[str, set[int]]) -> Wanted:
    """The same without these references; a single one is left as it is."""
    values, before = dict(wanted.values), dict(wanted.before)
    for column, ids in gone.items():
        held = before.pop(column)
        del values[column]
        if isinstance(held, list):
            before[column] = [i for i in held if i not in ids]
            values[column] = command(before[column])
    return Wanted(values, before)


def _moved(wanted: Wanted, prior: Row, after: Row) -> Row:
    """What a write moved beside what it was asked to, or did not bring back."""
    return {
        name: command(value)
        for name, value in wanted.before.items()
        if name in after
        and not same(after[name], value)
        and (name in wanted.values or not same(after[name], prior.get(name)))
    }
