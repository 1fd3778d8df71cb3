"""Trying again: the records that the newest run could not load, and those that waited for them.

It goes the way of a run, but looks at no other record: at those that failed or were rejected, at held ones
that a person decided since, at those held because of what they refer to, and at loaded ones of which a
reference had nowhere to lead. Failed and rejected ones are read at the source again, as they may have been
corrected there; of their objects alone is anything read. The rest comes from staging.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from crossdock.delta.run import resolvable, tell_endings
from crossdock.errors import ConfigError
from crossdock.ledger import NOT_LOADED, READING_KINDS, SETTLING_KINDS, BookLine, PhaseState, Run, RunState
from crossdock.loading import PhaseContext, of_retry, unresolved_keys
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Batch, Outcome, Record, Selection
from crossdock.queues import REFERENCES, QueueLine
from crossdock.run import LATER, MigrationRun, PhaseReport
from crossdock.serial import content_hash
from crossdock.values import StoredFile

KIND = "retry"
_AT_ONCE = 200


class RetryRun(MigrationRun):
    """One retry of a confirmed mapping: of these objects (as at the source, there, or as routes), or all."""

    def __init__(self, migration: Migration, resolved: ResolvedMapping, objects: Sequence[str] = ()) -> None:
        super().__init__(migration, resolved)
        self._objects = frozenset(objects)
        known = {name for route in resolved.objects for name in _names(route)}
        if unknown := sorted(self._objects - known):
            raise ConfigError(
                f"the mapping has no object {', '.join(unknown)}.",
                hint=f"It has: {', '.join(dict.fromkeys(r.source for r in resolved.objects))}.",
            )
        self._decided = {
            (line.queue, line.tenant, line.object_name, line.key)
            for line in self._queue_lines
            if line.decision
        }

    def start(self, kind: str = KIND) -> Run:
        """The unfinished retry, to be resumed, or a new one. Raises ConfigError unless the newest run ended,
        and what a run raises."""
        runs = [run for run in self._migration.ledger.runs.all() if run.kind in READING_KINDS]
        if runs and runs[-1].state is RunState.RUNNING:
            command = "crossdock run" + (" --delta" if runs[-1].kind == "delta" else "")
            raise ConfigError(f"run {runs[-1].id} has not ended.", hint=f"End it first: {command}")
        if not self._before(None):
            raise ConfigError(
                "nothing was loaded that could be tried again.", hint="Run `crossdock run` first."
            )
        return super().start(kind)

    def extract(self, run: Run) -> None:
        """Read again at the source what failed or was rejected, and keep in staging what is otherwise now."""
        bad = (Outcome.REJECTED, Outcome.FAILED)
        for phase, tenant in self._in_order():
            source, staging = phase.mapping.source, self._migration.staging
            if self._is_asked(phase.mapping):
                found = self._open_lines(run, tenant, phase.mapping)
                keys = [line.key for line in found if line.outcome in bad]
                keys += [item.key for item in staging.rejected(tenant, source)]
                for start in range(0, len(keys), _AT_ONCE):
                    self._read_again(tenant, source, list(dict.fromkeys(keys[start : start + _AT_ONCE])))

    def _read_again(self, tenant: str, source: str, keys: Sequence[str]) -> None:
        staging = self._migration.staging
        extraction, known = staging.extraction(tenant, source), staging.get(tenant, source, keys)
        if extraction is None:
            return
        changed = []
        with closing(self._migration.sources[tenant].reconcile(source, Selection(ids=tuple(keys)))) as seen:
            for one in seen:
                old = known.get(one.id)
                if _has_files(one.values) or (old and _has_files(old.record.values)):
                    continue  # contents are fetched by extract alone
                if old is None or one.trashed or old.hash != content_hash(one.values):
                    changed.append(Record(source, one.id, one.values, one.trashed, one.updated_at))
        if changed:
            staging.put(extraction, Batch(tuple(changed), extraction.cursor or "", extraction.total))

    def _context(
        self, run: Run, mapping: ObjectMapping, tenant: str, name: str, ordinal: int
    ) -> PhaseContext:
        context = super()._context(run, mapping, tenant, name, ordinal)
        if name != mapping.name:
            return context
        marks = context.ledger.marks
        if context.record.state is PhaseState.LOADING and not context.record.position:
            marks.set_waiting(context.record, self._to_try(context))
        asked, keys = self._is_asked(mapping), marks.waiting(context.record)
        reading = of_retry(context.staging, tenant, mapping.source, keys, unreadable=asked)
        return replace(context, reading=reading)

    def _to_try(self, context: PhaseContext) -> set[str]:
        if not self._is_asked(context.mapping):
            return set()
        lines = self._open_lines(context.run, context.tenant, context.mapping)
        keys = {line.key for line in lines if self._is_to_be_tried(line, context.tenant, context.mapping)}
        unresolved = unresolved_keys(context.ledger, context.mapping, context.tenant)
        return keys | set(resolvable(context, unresolved))

    def _is_to_be_tried(self, line: BookLine, tenant: str, mapping: ObjectMapping) -> bool:
        waits = line.outcome is Outcome.HELD and line.queue != REFERENCES
        return not waits or (line.queue, tenant, mapping.source, line.key) in self._decided

    def _is_asked(self, mapping: ObjectMapping) -> bool:
        return not self._objects or not self._objects.isdisjoint(_names(mapping))

    def _before(self, run: Run | None) -> list[Run]:
        """The newest finished run or delta, and the retries after it."""
        runs = [r for r in self._migration.ledger.runs.all() if r.state is RunState.DONE]
        runs = [r for r in runs if run is None or r.n < run.n]
        newest = max((r.n for r in runs if r.kind in READING_KINDS), default=None)
        return [
            r for r in runs if newest is not None and (r.n == newest or (r.n > newest and r.kind == KIND))
        ]

    def _open_lines(self, run: Run, tenant: str, mapping: ObjectMapping) -> list[BookLine]:
        """What of a route is still not loaded, each record by the newest run that met it."""
        ledger = self._migration.ledger
        names = (mapping.name, mapping.name + LATER)
        phases = [p for r in self._before(run) for p in ledger.runs.phases(r)]
        mine = [p for p in phases if p.tenant == tenant and p.name in names]
        return [line for line in ledger.books.newest_lines(mine) if line.outcome in NOT_LOADED]

    def _finished(self, context: PhaseContext) -> None:
        tell_endings(context, SETTLING_KINDS)

    def _deletions(self, run: Run, first: PhaseContext, ordinal: int) -> list[PhaseReport]:  # noqa: ARG002 as in a run
        """A retry looks at no record that was deleted."""
        return []

    def _held_lines(self, run: Run) -> list[QueueLine]:
        """What it holds, and what waited before and was not tried."""
        phases = {(p.tenant, p.name): p for p in self._migration.ledger.runs.phases(run)}
        lines = super()._held_lines(run)
        for phase, tenant in self._in_order():
            record = phases[(tenant, phase.mapping.name)]
            tried = set(self._migration.ledger.marks.waiting(record))
            waiting = self._open_lines(run, tenant, phase.mapping)
            held = [x for x in waiting if x.outcome is Outcome.HELD and x.key not in tried]
            lines += self._held(record, held)
        return lines


def _names(mapping: ObjectMapping) -> tuple[str, ...]:
    return mapping.source, mapping.target, mapping.name, f"{mapping.source}>{mapping.target}"


def _has_files(values: object) -> bool:
    """Whether a value is a file, or holds one."""
    if isinstance(values, StoredFile):
        return True
    if isinstance(values, Mapping):
        return any(map(_has_files, values.values()))
    return isinstance(values, tuple | list) and any(map(_has_files, values))


def retry_failed(migration: Migration, resolved: ResolvedMapping, objects: Iterable[str] = ()) -> Run:
    """A retry of a confirmed mapping, or the rest of one that was stopped. Gives the ended run.

    Raises ConfigError without a finished run, and what `run_migration` raises.
    """
    work = RetryRun(migration, resolved, tuple(objects))
    run = work.through(KIND)
    work.finish(run)
    return run
