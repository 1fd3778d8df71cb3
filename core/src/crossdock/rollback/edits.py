"""What people changed of a record since it was loaded."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

from crossdock.compare import edited_fields
from crossdock.fieldtypes import FieldType
from crossdock.ledger import Entry, EntryState, Ledger
from crossdock.model import Action, Catalog, ObjectSchema, Observation, Outcome, Selection
from crossdock.rollback.results import Edit
from crossdock.rollback.undoing import Undoer, receipts


class Edits:
    """Finds edits of people at one destination."""

    def __init__(self, ledger: Ledger, destination: Undoer, catalog: Catalog) -> None:
        self._ledger = ledger
        self._destination = destination
        self._catalog = catalog

    def of(self, object_name: str, entries: Sequence[Entry]) -> dict[int, list[Edit]]:
        """Entry number -> the edited fields, for records that hold something else than their base."""
        schema = self._catalog.object(object_name)
        based = [e for e in entries if e.link.base is not None and e.state is EntryState.DONE]
        if schema is None or not based:
            return {}
        ids = tuple(dict.fromkeys(e.link.target_id for e in based))
        observed = {o.id: o for o in self._destination.reconcile(object_name, Selection(ids=ids))}
        edited: dict[int, list[str]] = {}
        for entry in based:
            observation = observed.get(entry.link.target_id)
            if observation is None or entry.link.base is None:
                continue
            names = None if entry.action is Action.CREATE else entry.fields
            if fields := edited_fields(observation, entry.link.base, schema, names):
                edited[entry.n] = fields
        edited = self._without_merged(schema, [e for e in based if e.n in edited], edited, observed)
        emptied = self._emptied(schema, [e for e in based if e.n in edited], observed)
        by_people = {n: [f for f in fields if (n, f) not in emptied] for n, fields in edited.items()}
        by_people = {n: fields for n, fields in by_people.items() if fields}
        by_people = self._without_back_already([e for e in based if e.n in by_people], by_people)
        return {
            e.n: [_edit(e, name, observed[e.link.target_id]) for name in by_people[e.n]]
            for e in based
            if e.n in by_people
        }

    def _without_merged(
        self,
        schema: ObjectSchema,
        entries: Sequence[Entry],
        edited: Mapping[int, list[str]],
        observed: Mapping[str, Observation],
    ) -> dict[int, list[str]]:
        """The edited fields without those that hold what another source record brought.

        Several source records may have become one there: the values of each are this project's.
        """
        ids = [e.link.target_id for e in entries]
        bases = self._ledger.links.bases(schema.name, ids) if ids else {}
        found = {}
        for entry in entries:
            there = observed[entry.link.target_id]
            ours = bases.get(entry.link.target_id, ())
            found[entry.n] = [
                name
                for name in edited[entry.n]
                if not any(name in base and not edited_fields(there, base, schema, (name,)) for base in ours)
            ]
        return {n: fields for n, fields in found.items() if fields}

    def _without_back_already(
        self, entries: Sequence[Entry], edited: Mapping[int, list[str]]
    ) -> dict[int, list[str]]:
        """Without entries with nothing left to undo: a rollback was killed before it could note them."""
        changed = [e for e in entries if e.action is not Action.CREATE]
        answers = receipts(self._destination, changed, dry_run=True)
        back = {n for n, receipt in answers.items() if receipt.outcome is Outcome.UNCHANGED}
        return {n: fields for n, fields in edited.items() if n not in back}

    def _emptied(
        self, schema: ObjectSchema, entries: Sequence[Entry], observed: Mapping[str, Observation]
    ) -> set[tuple[int, str]]:
        """(entry, field) of references that are missing because what they pointed to is gone.

        A record that is undone before another one which refers to it leaves that one changed.
        """
        pointing: dict[str, dict[str, list[tuple[int, str]]]] = {}
        places: set[tuple[int, str]] = set()
        for entry in entries:
            values = observed[entry.link.target_id].values
            for name, based in (entry.link.base or {}).items():
                field = schema.field(name)
                if field is None or field.type is not FieldType.REFERENCE or not field.references:
                    continue
                held, now = ids_of(based), ids_of(values.get(name))
                if not now < held:
                    continue
                places.add((entry.n, name))
                for object_name, target_id in product(field.references, held - now):
                    pointing.setdefault(object_name, {}).setdefault(target_id, []).append((entry.n, name))
        for object_name, wanted in pointing.items():
            there = self._destination.reconcile(object_name, Selection(ids=tuple(wanted)))
            places.difference_update(place for o in there for place in wanted.get(o.id, ()))
        return places


def ids_of(value: Any) -> set[str]:
    """The target ids in a reference field: one, several, or none."""
    several = value if isinstance(value, tuple) else (value,)
    return {one for one in several if isinstance(one, str)}


def _edit(entry: Entry, name: str, observed: Observation) -> Edit:
    link = entry.link
    was = (link.base or {}).get(name)
    place = (str(link.origin), link.target_object, link.target_id)
    return Edit(*place, name, was, observed.values.get(name))
