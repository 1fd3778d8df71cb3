"""The proof of a rollback: what was undone is read back and compared with what was there before the run.

Every record that the run had made has to be gone, from the trash too; every one that it had written to or
taken away has to be as its before-image shows, in every field that the run wrote (the destination compares
its own forms, as some of them are made by the server); every schema change has to be gone. Records that a
later run loaded again are left out, and so are fields that people edited and that were kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crossdock.ledger import Entry, Ledger, Run
from crossdock.ledger.changes import UNDONE as GONE
from crossdock.model import (
    REMOVALS,
    Action,
    Catalog,
    Change,
    Finding,
    FindingKind,
    Observation,
    Outcome,
    Selection,
)
from crossdock.rollback.results import Proof
from crossdock.rollback.undoing import Undoer, as_changes, receipts

_KIND = FindingKind.DIFFERS_FROM_BEFORE
Place = tuple[str, str]
"""Target object and target id."""


@dataclass
class _Seen:
    """What earlier entries of the run did to each record: it made them, or it wrote these fields.

    `first`: the number of the first entry to a record, whose before-image shows it as it was.
    """

    made: set[Place] = field(default_factory=set)
    fields: dict[Place, set[str]] = field(default_factory=dict)
    first: dict[Place, int] = field(default_factory=dict)


class Prover:
    """Reads back what was undone at one destination, whose schema was `catalog` before that."""

    def __init__(
        self,
        ledger: Ledger,
        destination: Undoer,
        catalog: Catalog,
        *,
        on_progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._ledger = ledger
        self._destination = destination
        self._catalog = catalog
        self._on_progress = on_progress

    def records(self, run: Run, proof: Proof, *, only: Iterable[int] | None = None) -> None:
        """Read back the records of a run whose entries are undone; `only` those of these entries."""
        seen, wanted = _Seen(), None if only is None else set(only)
        for entries in self._ledger.backwards.undone(run):
            some = [e for e in entries if wanted is None or e.n in wanted]
            by_object: dict[str, list[Entry]] = {}
            for entry in self._to_look_at(run, some, seen):
                by_object.setdefault(entry.link.target_object, []).append(entry)
            for name, of_object in by_object.items():
                self._look(name, of_object, proof)
            self._on_progress(len(some))

    def schema(self, run: Run, proof: Proof) -> None:
        """Look up the schema changes of a run that were undone."""
        changes = self._gone_changes(run)
        entries = as_changes(changes)
        proof.read += len(changes)
        for receipt in self._destination.rollback(list(entries.values()), True) if entries else ():
            if receipt.outcome is not Outcome.UNCHANGED:
                change = entries[receipt.origin].change
                name = change.object_name if change else ""
                note = f"{receipt.origin.key} is there"
                proof.differing.append(Finding(_KIND, name, "", None, note=note))

    def _gone_changes(self, run: Run) -> list[Change]:
        lines = [
            (other.n, change, state)
            for other in self._ledger.runs.all()
            if other.n >= run.n and other.destination == run.destination
            for change, state in self._ledger.changes.schema_of(other)
        ]
        there = {change.key for _, change, state in lines if state != GONE}
        gone = {c.key: c for n, c, state in lines if n == run.n and state == GONE and c.key not in there}
        return list(reversed(gone.values()))

    def _to_look_at(self, run: Run, entries: Sequence[Entry], seen: _Seen) -> list[Entry]:
        """The first entry to each record, and of later ones the fields that no earlier one wrote."""
        standing: dict[int, list[tuple[int, tuple[str, ...]]]] = {}
        for link, of_run, fields in self._ledger.backwards.standing(e.link.n for e in entries):
            standing.setdefault(link, []).append((of_run, fields))
        wanted = []
        for entry in entries:
            place = (entry.link.target_object, entry.link.target_id)
            others = standing.get(entry.link.n, ())
            if any(of_run > run.n for of_run, _ in others) or place in seen.made:
                continue  # a later run loaded it again; or this one had made it
            kept = {name for of_run, fields in others if of_run == run.n for name in fields}
            if found := _new_of(entry, place, kept, seen):
                wanted.append(found)
        return self._as_before_the_run(wanted, seen)

    def _as_before_the_run(self, entries: Sequence[Entry], seen: _Seen) -> list[Entry]:
        """The entries with the image of the record before the first of them."""
        places = [(e.link.target_object, e.link.target_id) for e in entries]
        later = [(e, seen.first.get(p, e.n)) for e, p in zip(entries, places, strict=True)]
        firsts = self._ledger.backwards.numbered(first for e, first in later if first != e.n)
        return [replace(e, before=firsts[first].before) if first in firsts else e for e, first in later]

    def _look(self, object_name: str, entries: Sequence[Entry], proof: Proof) -> None:
        proof.read += len({e.link.target_id for e in entries})
        if self._catalog.object(object_name) is None:
            return  # gone with the object: an earlier start took its schema back
        made = [e for e in entries if e.action is Action.CREATE]
        there = self._observed(object_name, made)
        for entry in made:
            if found := there.get(entry.link.target_id):
                note = "it lies in the trash" if found.trashed else "it is there"
                proof.differing.append(_finding(entry, note))
        changed = [e for e in entries if e.action is not Action.CREATE]
        answers = receipts(self._destination, changed, dry_run=True)
        doubtful = [e for e in changed if answers[e.n].outcome is not Outcome.UNCHANGED]
        there = self._observed(object_name, doubtful)
        for entry in doubtful:
            found = there.get(entry.link.target_id)
            if found is None or dict(found.image) != dict(entry.before):
                proof.differing += self._differences(entry, found, answers[entry.n].reasons)

    def _differences(self, entry: Entry, found: Observation | None, reasons: Sequence[str]) -> list[Finding]:
        """One finding a written field that is not as before; one for the record where that cannot be told.

        Fields that are gone already, with the schema that an earlier start took back, say nothing.
        """
        if found is None:
            return [_finding(entry, "; ".join(reasons) or "it is not there")]
        schema = self._catalog.object(entry.link.target_object)
        fields = [name for name in entry.fields if schema is None or schema.field(name) is not None]
        before, image = _flat(entry.before), _flat(found.image)
        names = [n for n in before if n.split(".")[-1] in fields and before[n] != image.get(n)]
        place = (_KIND, entry.link.target_object, entry.link.target_id, entry.link.origin)
        note = "; ".join(reasons)
        by_field = [Finding(*place, n.split(".")[-1], before[n], image.get(n), note) for n in names]
        if by_field or len(fields) < len(entry.fields):
            return by_field
        return [_finding(entry, note or f"not as before: {', '.join(fields)}")]

    def _observed(self, object_name: str, entries: Sequence[Entry]) -> dict[str, Observation]:
        ids = tuple(dict.fromkeys(e.link.target_id for e in entries))
        if not ids:
            return {}
        return {o.id: o for o in self._destination.reconcile(object_name, Selection(ids=ids))}


def _new_of(entry: Entry, place: Place, kept: set[str], seen: _Seen) -> Entry | None:
    """An entry with what it did to its record that no earlier one did, None if there is nothing."""
    known = seen.fields.get(place)
    if entry.action is Action.CREATE:
        seen.made.add(place)
        return entry if known is None else None
    names = tuple(n for n in entry.fields if n not in kept and n not in (known or ()))
    seen.fields.setdefault(place, set()).update(entry.fields)
    seen.first.setdefault(place, entry.n)
    moved = known is None and (entry.was_trashed or entry.action in REMOVALS)
    if not names and not moved:
        return None
    return replace(entry, fields=names, was_trashed=entry.was_trashed and known is None)


def _flat(image: Mapping[str, object]) -> dict[str, object]:
    """An image with the fields of a part of it beside its own."""
    flat = dict(image)
    for name, value in image.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": one for inner, one in value.items()}
    return flat


def _finding(entry: Entry, note: str) -> Finding:
    return Finding(_KIND, entry.link.target_object, entry.link.target_id, entry.link.origin, note=note)
