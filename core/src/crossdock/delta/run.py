"""A delta: what was created, changed or deleted at the source since the last finished run.

It goes the way of a run, with three differences: an object is read from its mark on, a phase looks at what
was read and at what waits from before, and records that were deleted at the source come last: first those of
them that hold each other let go, then they are taken away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from crossdock.delta.deletions import policy_of, require_possible
from crossdock.delta.marks import KIND, previous, require_loaded, since
from crossdock.fieldpaths import paths_of
from crossdock.ledger import READING_KINDS, PhaseState, Run
from crossdock.loading import (
    PhaseContext,
    Reading,
    bonds,
    deleted_keys,
    held_fields,
    of_delta,
    release,
    settle_release_doubt,
    unresolved_keys,
    waiting_keys,
)
from crossdock.log import bound
from crossdock.mapping import ITEM, ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Action, Outcome
from crossdock.run import LATER, MigrationRun, PhaseReport
from crossdock.serial import content_hash

RELEASE = " (let go)"  # added to the name of a phase
_AT_ONCE = 200


class DeltaRun(MigrationRun):
    """One delta. The mapping has to be confirmed before this is used."""

    def start(self, kind: str = KIND) -> Run:
        """The unfinished delta, to be resumed, or a new one.

        Raises ConfigError if nothing was loaded before, or if the destination cannot do what is decided
        about deleted records.
        """
        require_loaded(self._migration.ledger)
        require_possible(self._resolved.objects, self._resolved, self._migration.destination_catalog)
        return super().start(kind)

    def _since(self, run: Run, tenant: str, object_name: str) -> datetime | None:
        migration = self._migration
        mark = migration.ledger.marks.latest(before=run).get((tenant, object_name))
        hours = migration.project.options.delta_overlap_hours
        return since(mark, migration.source_catalogs[tenant], object_name, hours)

    def _context(
        self, run: Run, mapping: ObjectMapping, tenant: str, name: str, ordinal: int
    ) -> PhaseContext:
        context = super()._context(run, mapping, tenant, name, ordinal)
        return replace(context, reading=self._reading(context)) if name == mapping.name else context

    def _reading(self, context: PhaseContext) -> Reading:
        """What the phase looks at. It is settled before the first record is, as the book counts by it."""
        marks, source = context.ledger.marks, context.mapping.source
        if context.record.state is PhaseState.LOADING and not context.record.position:
            marks.set_waiting(context.record, self._waiting(context))
        seen = marks.of_run(context.run)[(context.tenant, source)]
        return of_delta(context.staging, context.tenant, source, seen.pass_no, marks.waiting(context.record))

    def _waiting(self, context: PhaseContext) -> set[str]:
        """Records that did not change, and are tried again all the same."""
        name, before = context.mapping.name, previous(context.ledger, context.run)
        keys = set(resolvable(context, unresolved_keys(context.ledger, context.mapping, context.tenant)))
        keys |= set(_called_otherwise(context))
        keys |= context.ledger.links.forgotten(context.tenant, context.mapping.source, context.mapping.target)
        if before is not None:
            keys |= waiting_keys(context.ledger, before, context.tenant, (name, name + LATER))
        return keys

    def _finished(self, context: PhaseContext) -> None:
        tell_endings(context, READING_KINDS)

    def _load(self, run: Run) -> list[PhaseReport]:
        reports = super()._load(run)
        deferred = {phase.mapping.name: phase.deferred for phase in self._phases}
        destroyed = [(n, c) for n, c in enumerate(self.contexts) if self._destroys(c)]
        for at, (n, first) in enumerate(destroyed):
            later = [context for _, context in destroyed[at + 1 :]]
            if fields := held_fields(first, deferred[first.mapping.name], later):
                reports += self._release(run, first, fields, later, 2 * len(self.contexts) + n)
        return reports

    def _destroys(self, context: PhaseContext) -> bool:
        """Whether what was deleted at the source is destroyed there."""
        makes = context.mapping.create and not context.schema.match_only and self._selection is None
        return makes and policy_of(self._resolved, context.mapping).action is Action.DESTROY

    def _release(
        self,
        run: Run,
        first: PhaseContext,
        fields: Sequence[str],
        later: Sequence[PhaseContext],
        ordinal: int,
    ) -> list[PhaseReport]:
        """The phase in which records that go let go of those that go before them, if there are any."""
        ledger, name = self._migration.ledger, first.mapping.name + RELEASE
        begun = any((p.tenant, p.name) == (first.tenant, name) for p in ledger.runs.phases(run))
        keys, gone = bonds(first, fields, later)
        if not begun and not keys:
            return []
        context = self._context(run, first.mapping, first.tenant, name, ordinal)
        if context.record.state is PhaseState.LOADING and not context.record.position:
            ledger.marks.set_waiting(context.record, keys)
        waiting = ledger.marks.waiting(context.record)
        with bound(run=run.id, tenant=first.tenant, object=name):
            self._gate(
                context,
                lambda c: release(c, waiting, fields, gone),
                doubt=lambda c: settle_release_doubt(c, gone),
            )
        return [self._report(context, len(waiting))]

    def _gone(self, first: PhaseContext) -> list[str]:
        routes = self._routes_beside(first.mapping)
        told = next((route for route in routes if route.create), None)  # one of them speaks for all
        deleted = deleted_keys(first, routes) if first.mapping is told else ()
        return [*deleted, *super()._gone(first)]


def run_delta(migration: Migration, resolved: ResolvedMapping) -> Run:
    """A delta of a confirmed mapping, or the rest of one that was stopped. Gives the ended run.

    Raises ConfigError without a finished run, and what `run_migration` raises.
    """
    work = DeltaRun(migration, resolved)
    run = work.through(KIND)
    work.finish(run)
    return run


def tell_endings(context: PhaseContext, kinds: Sequence[str]) -> None:
    """Tell the id map that a phase is over; why a record is missing may be known from an earlier run."""
    ledger, name = context.ledger, (context.tenant, context.mapping.name)
    runs = [run for run in ledger.runs.all() if run.kind in kinds]
    phases = [p for run in runs for p in ledger.runs.phases(run) if (p.tenant, p.name) == name]

    def outcome_of(key: str) -> Outcome | None:
        return ledger.books.last_outcome(phases, key)

    context.ids.phase_finished(context.mapping, outcome_of)


def resolvable(context: PhaseContext, keys: set[str]) -> Iterator[str]:
    """Those of the keys whose records would be written otherwise by now."""
    for some in _parts(sorted(keys)):
        staged = context.staging.get(context.tenant, context.mapping.source, some)
        targets, _, _ = context.transformed(list(staged.values()))
        links = context.ledger.links.of_keys(
            context.tenant, context.mapping.source, context.schema.name, some
        )
        hashes = {(link.origin.key, link.origin.part): link.hash for link in links}
        coming = {key for key, found in staged.items() if context.ids.awaits(found.record)}
        for target in targets:
            changed = hashes.get((target.origin.key, target.origin.part)) != content_hash(target.values)
            if changed or (target.deferred and target.origin.key in coming):
                yield target.origin.key


def _called_otherwise(context: PhaseContext) -> Iterator[str]:
    """Keys of records with a link (`for_each`) that is called by the other record, and that one changed."""
    mapping, source = context.mapping, context.mapping.source
    paths = [path for entry in mapping.fields.values() for path in paths_of(entry)]
    if not mapping.for_each or not any(path.startswith(f"{ITEM}.") for path in paths):
        return
    for links in context.ledger.links.scan(context.tenant, source, context.schema.name, size=_AT_ONCE):
        hashes = {(link.origin.key, link.origin.part): link.hash for link in links}
        staged = context.staging.get(context.tenant, source, dict.fromkeys(key for key, _ in hashes))
        targets, _, _ = context.transformed(list(staged.values()))
        for target in targets:
            place = (target.origin.key, target.origin.part)
            if place in hashes and hashes[place] != content_hash(target.values):
                yield target.origin.key


def _parts(keys: Sequence[str]) -> Iterator[list[str]]:
    remaining = iter(keys)
    while part := list(islice(remaining, _AT_ONCE)):
        yield part
