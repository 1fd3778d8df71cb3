"""Before-images whose references lead to records that were destroyed and made again since.

Such a record has another database id now, and the same target id. An image holds the former; the ledger holds
the latter beside it, for the fields that were written.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from crossdock.model import FieldSchema, LedgerEntry, ObjectSchema
from crossdock_odoo.identity import Identity
from crossdock_odoo.objects import INDIRECT
from crossdock_odoo.reading import Reader

_PLAIN = ("many2one", "many2many")


class _Reference(NamedTuple):
    """A reference of an entry: its field, the database ids before the run, and the target ids of these."""

    field: FieldSchema
    ids: tuple[int, ...]
    targets: tuple[str, ...]


class Successors:
    """Finds what took the place of records of one database."""

    def __init__(self, identity: Identity, reader: Reader) -> None:
        self._identity, self._reader = identity, reader

    def followed(
        self,
        schema: ObjectSchema,
        entries: Sequence[LedgerEntry],
        promised: Collection[tuple[str, str]] = (),
    ) -> list[LedgerEntry]:
        """The entries with before-images that name the records as they are there now.

        A reference is left as it is if not all that it led to is known: people may have had a part in it.
        `promised`: model and target id of what a dry run would have made again; a reference to that is left
        out of the image, as nobody knows its database id yet.
        """
        references = {n: list(_references(schema, entry)) for n, entry in enumerate(entries)}
        there = self._existing(r for found in references.values() for r in found)
        followed = list(entries)
        for n, found in references.items():
            before = dict(entries[n].before)
            for reference in found:
                held = there[reference.field.settings["relation"]]
                if held >= set(reference.ids):
                    continue
                if _all_promised(reference, promised):
                    del before[reference.field.settings["column"]]
                else:
                    before |= self._now(reference, held)
            followed[n] = replace(entries[n], before=before)
        return followed

    def _existing(self, references: Iterable[_Reference]) -> Mapping[str, set[int]]:
        wanted: dict[str, set[int]] = defaultdict(set)
        for reference in references:
            wanted[reference.field.settings["relation"]].update(reference.ids)
        return {model: self._reader.existing(model, ids) for model, ids in wanted.items()}

    def _now(self, reference: _Reference, there: set[int]) -> dict[str, Any]:
        """The column with the database ids of today; {} if these do not account for all of the former."""
        relation, column = reference.field.settings["relation"], reference.field.settings["column"]
        known = self._identity.ids_of(relation, reference.targets)
        ids = self._reader.existing(relation, known.values())
        left = there & set(reference.ids)
        if len(ids) != len(reference.ids) or not left <= ids:
            return {}
        return {column: sorted(ids) if reference.field.multiple else min(ids)}


def _all_promised(reference: _Reference, promised: Collection[tuple[str, str]]) -> bool:
    relation = reference.field.settings["relation"]
    return all((relation, target) in promised for target in reference.targets)


def _references(schema: ObjectSchema, entry: LedgerEntry) -> Iterator[_Reference]:
    """The references that the run wrote over, as far as the ledger knows what they led to."""
    for name in entry.fields:
        field, based = schema.field(name), entry.base.get(name)
        kind = field.settings["odoo_type"] if field is not None else ""
        if field is None or kind not in _PLAIN or kind in INDIRECT or not based:
            continue
        held = entry.before.get(field.settings["column"])
        ids = tuple(held) if isinstance(held, list | tuple) else (held,) if held else ()
        if ids:
            yield _Reference(field, ids, based if isinstance(based, tuple) else (based,))
