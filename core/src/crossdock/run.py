"""The stages of a run in their order: extract, provision, load phase by phase, settle, finish.

`MigrationRun.through` is the order; samples, dry runs and deltas go it too. Every step is
resumable: it asks the ledger and staging how far it has come, so a run that was killed is started again
with the same command.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from crossdock.automations.decisions import require_decisions
from crossdock.automations.pausing import pause, paused_runs, saying_what_is_off, switch_on
from crossdock.delta.deletions import policy_of, require_possible
from crossdock.errors import BookOpenError, ContractError, RefusedError
from crossdock.extracting import Extracting
from crossdock.idmap import LedgerIdMap
from crossdock.ledger import (
    SECOND_PHASE,
    SETTLING_KINDS,
    BookLine,
    PhaseBooks,
    PhaseRecord,
    PhaseState,
    Run,
    RunState,
)
from crossdock.loading import (
    Part,
    PhaseContext,
    Settlement,
    SharedKeys,
    find_groups,
    load_deferred,
    load_phase,
    loaded_in,
    remove_deleted,
    settle_doubt,
    settle_phase,
    settle_removal,
    settle_removal_doubt,
    vanished_keys,
    waiting_lines,
)
from crossdock.log import bound, get_logger
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Change, LoadPolicy, Outcome
from crossdock.names import shown_name
from crossdock.order import Phase
from crossdock.people.missing import People
from crossdock.provisioning import explained, provisioned_objects
from crossdock.queues import (
    DUPLICATES,
    QueueLine,
    decisions_of,
    look,
    update_queue,
    write_queues,
)
from crossdock.sending import Sender
from crossdock.traffic import Traffic
from crossdock.trial.sampling import Selection, choose, count

_log = get_logger(__name__)
LATER = SECOND_PHASE  # added to the name of a phase
DELETIONS = " (deletions)"


@dataclass
class PhaseReport:
    """How one phase of one tenant ended."""

    name: str
    tenant: str
    books: PhaseBooks
    settlement: Settlement | None
    seconds: float


class MigrationRun:
    """One run of a migration. The mapping has to be confirmed before this is used."""

    def __init__(self, migration: Migration, resolved: ResolvedMapping) -> None:
        self._migration = migration
        self._resolved = resolved
        self._phases: Sequence[Phase] = migration.phases(resolved)
        self._ids: dict[str, LedgerIdMap] = {}
        self._settlements: dict[int, Settlement] = {}
        self._sender: Sender | None = None
        self._traffic: Traffic | None = None
        self._selection: Selection | None = None
        self._shared: SharedKeys | None = None
        self.contexts: list[PhaseContext] = []
        found = look(migration.queues)
        self._queue_lines = found.every()
        for fault in found.faults:
            _log.warning("a line of a queue is not followed", file=fault.file, line=fault.line)

    def through(self, kind: str = "run", size: int | None = None) -> Run:
        """All stages but the end (`finish`), for a sample of that size if given. Gives the run.

        Raises RefusedError at a failed gate, BookOpenError, StoppedError and what platforms raise.
        """
        run = self.start(kind)
        self.extract(run)
        if size is not None:
            self.select(run, size)
        self.provision(run)
        self.load(run)
        return run

    def extract(self, run: Run) -> None:
        """Read every mapped object of every tenant into staging; goes on where it was stopped."""
        objects = dict.fromkeys(phase.mapping.source for phase in self._phases)
        Extracting(self._migration, run, partial(self._since, run)).read(objects)

    def _since(self, _run: Run, _tenant: str, _object_name: str) -> datetime | None:
        """From when on an object is read: a run reads all of it."""
        return None

    def start(self, kind: str = "run") -> Run:
        """The unfinished run of that kind, to be resumed, or a new one.

        Raises RefusedError while an active automation of the destination is undecided, a run of another kind
        has not ended, or another process writes here, ConfigError if the destination cannot do what
        is decided about links that were deleted.
        """
        self._migration.hold()
        ledger, several = self._migration.ledger, [r for r in self._resolved.objects if r.for_each]
        ledger.purges.require_none()
        ledger.runs.require_ended(besides=kind)
        require_possible(several, self._resolved, self._migration.destination_catalog)
        require_decisions(self._migration.destination_catalog, self._resolved.automations)
        parts = self._migration.confirmation_parts(self._resolved)
        run = ledger.runs.unfinished(kind) or ledger.runs.start(
            kind, self._migration.destination_catalog.identity, {"confirmed": parts}
        )
        self._traffic = Traffic(ledger, run)
        self._migration.on_close(self._traffic.keep)
        return run

    def select(self, run: Run, size: int) -> None:
        """Limit the run to a sample of that size; one that is resumed keeps the sample it has."""
        runs = self._migration.ledger.runs
        if runs.option(run, "selection") is None:
            runs.set_option(run, "selection", choose(self._migration, self._resolved, size))
        self._selection = runs.option(run, "selection")

    @property
    def chosen(self) -> int:
        """How many source records the run is limited to; 0 if it is not."""
        return count(self._selection or {})

    def provision(self, run: Run) -> list[Change]:
        """Make what the mapping wants and the destination lacks; planned in the ledger first."""
        ledger, destination = self._migration.ledger, self._migration.destination
        wanted = provisioned_objects(self._resolved)
        planned = explained(destination.provision(wanted, True), self._resolved)
        ledger.changes.arrived(run, {change.key for change in planned})
        ledger.changes.plan(run, planned)
        for change in destination.provision(wanted, False):
            ledger.changes.made(run, change)
            self._migration.progress("provision", 1, len(planned))
        if planned:
            self._migration.refresh_destination()
            self._resolved = self._migration.provisioned(self._resolved)
            self._phases = self._migration.phases(self._resolved)
        return [change for change, _ in ledger.changes.schema_of(run)]

    def pause(self, run: Run) -> None:
        """Switch off the automations that were decided so, as the destination has them now.

        Only before the first record is written, so that they are off for as short as can be. Raises
        RefusedError for one that appeared since, ConfigError for one that cannot be paused.
        """
        migration = self._migration
        migration.refresh_destination()
        catalog, decisions = migration.destination_catalog, self._resolved.automations
        pause(migration.ledger, run, migration.destination, catalog, decisions)

    def load(self, run: Run) -> list[PhaseReport]:
        """Load all phases, what they left for the second pass, and deal with what was deleted, last route
        first. Raises RefusedError at a failed gate."""
        self._shared = self.meet_duplicates()
        self.meet_people()
        with saying_what_is_off(self._migration.ledger, run):
            self.pause(run)
            reports = self._load(run)
            for ordinal, context in enumerate(reversed(self.contexts), start=3 * len(self.contexts)):
                if context.mapping.create and not context.schema.match_only and self._selection is None:
                    reports += self._deletions(run, context, ordinal)
            return reports

    def _load(self, run: Run) -> list[PhaseReport]:
        contexts = []
        for ordinal, (phase, tenant) in enumerate(self._in_order()):
            context = self._context(run, phase.mapping, tenant, phase.mapping.name, ordinal)
            with bound(run=run.id, tenant=tenant, object=phase.mapping.name):
                self._gate(context, load_phase)
            contexts.append((phase, context))
            self._finished(context)
        self.contexts = [context for _, context in contexts]
        reports = [self._report(context, self._extracted(context)) for _, context in contexts]
        for ordinal, (phase, first) in enumerate(contexts, start=len(contexts)):
            if phase.deferred and (report := self._second_pass(run, first, ordinal)):
                reports.append(report)
        return reports

    def meet_people(self) -> None:
        """List the people who have no account there. Raises RefusedError if they are to be waited for."""
        ids = {tenant: self.ids(tenant) for tenant in self._migration.source_catalogs}
        People(self._migration, self._resolved, ids).meet()

    def meet_duplicates(self) -> SharedKeys:
        """Source records of all tenants that share a match key; those undecided go into their queue."""
        migration, parts = self._migration, []
        for phase, tenant in self._in_order():
            schema = migration.destination_catalog.object(phase.mapping.target)
            if schema is not None:
                parts.append(Part(phase.mapping, schema, self.ids(tenant)))
        decided = {
            (line.tenant, line.object_name, line.key): line.decision
            for line in self._queue_lines
            if line.queue == DUPLICATES
        }
        groups = find_groups(parts, migration.staging, migration.transform)
        shared = SharedKeys(groups, decided, loaded_in(migration.ledger))
        update_queue(migration.queues, DUPLICATES, waiting_lines(shared))
        return shared

    def _second_pass(self, run: Run, first: PhaseContext, ordinal: int) -> PhaseReport | None:
        waiting = sum(len(e) for e in self._migration.ledger.journal.deferred(run, first.record))
        if not waiting:
            return None
        name = first.mapping.name + LATER
        context = self._context(run, first.mapping, first.tenant, name, ordinal)
        with bound(run=run.id, tenant=first.tenant, object=name):
            self._gate(context, lambda c: load_deferred(c, first.record))
        return self._report(context, waiting)

    def _deletions(self, run: Run, first: PhaseContext, ordinal: int) -> list[PhaseReport]:
        """The phase of a route that deals with what was deleted at the source, if there is anything."""
        ledger, name = self._migration.ledger, first.mapping.name + DELETIONS
        begun = any((p.tenant, p.name) == (first.tenant, name) for p in ledger.runs.phases(run))
        keys = [] if begun else self._gone(first)
        if not begun and not keys:
            return []
        context = self._context(run, first.mapping, first.tenant, name, ordinal)
        if context.record.state is PhaseState.LOADING and not context.record.position:
            ledger.marks.set_waiting(context.record, keys or self._gone(first))
        waiting = ledger.marks.waiting(context.record)
        action = policy_of(self._resolved, first.mapping).action
        routes = self._routes_beside(first.mapping)
        with bound(run=run.id, tenant=first.tenant, object=name):
            self._gate(
                context,
                lambda c: remove_deleted(c, waiting, action, routes),
                doubt=settle_removal_doubt,
                settle=settle_removal,
            )
        return [self._report(context, len(waiting))]

    def _gone(self, first: PhaseContext) -> list[str]:
        """Keys of records of which something is there that is gone at the source: a run looks at links."""
        routes = self._routes_beside(first.mapping)
        told = next((route for route in routes if route.for_each), None)  # one of them speaks for all
        return vanished_keys(first, routes) if first.mapping is told else []

    def _routes_beside(self, mapping: ObjectMapping) -> list[ObjectMapping]:
        """All routes of the same pair of objects: what one does not give another may."""
        pair = (mapping.source, mapping.target)
        return [r for r in self._resolved.objects if (r.source, r.target) == pair]

    def _in_order(self) -> Iterator[tuple[Phase, str]]:
        for phase in self._phases:
            for tenant, catalog in self._migration.source_catalogs.items():
                if catalog.object(phase.mapping.source) is not None:
                    yield phase, tenant

    def _gate(
        self,
        context: PhaseContext,
        load: Callable[[PhaseContext], None],
        doubt: Callable[[PhaseContext], object] = settle_doubt,
        settle: Callable[[PhaseContext, int, float], Settlement] = settle_phase,
    ) -> None:
        doubt(context)
        if context.record.state is PhaseState.SETTLED:
            return
        _log.info("phase begins", after=context.record.position)
        load(context)
        page = max(1, self._migration.destination_catalog.limits.page_size)
        allowance = self._migration.project.options.gate_allowance
        settlement = settle(context, page, allowance)
        self._settlements[context.record.n] = settlement
        _log.info("phase read back", checked=settlement.checked, failing=settlement.failing)
        if not settlement.passes(allowance):
            raise RefusedError(
                f"phase {context.record.name}: {settlement.failing} of {settlement.checked} records differ"
                " from what was sent, and the next phases wait.",
                hint="See `crossdock report`; then `crossdock rollback`, or raise options.gate_allowance.",
            )

    def _context(
        self, run: Run, mapping: ObjectMapping, tenant: str, name: str, ordinal: int
    ) -> PhaseContext:
        migration = self._migration
        schema = migration.destination_catalog.object(mapping.target)
        if schema is None:
            raise ContractError(f"{mapping.target} is not at the destination, though it was provisioned.")
        total = migration.staging.count(tenant, mapping.source) if name == mapping.name else None
        return PhaseContext(
            run,
            migration.ledger.runs.phase(run, tenant, name, ordinal, mapping.source, mapping.target),
            mapping,
            schema,
            self.ids(tenant),
            migration.ledger,
            migration.staging,
            migration.destination,
            self._sender_of(run),
            migration.transform,
            decisions_of(self._queue_lines, tenant, mapping.source),
            lambda more: migration.progress(name, more, total),
            selection=self._chosen(tenant, mapping.source),
            shared=self._shared,
        )

    def _chosen(self, tenant: str, source_object: str) -> frozenset[str] | None:
        if self._selection is None:
            return None
        return frozenset(self._selection.get(tenant, {}).get(source_object, ()))

    def _sender_of(self, run: Run) -> Sender:
        if self._sender is None:
            policy = LoadPolicy(run.id, self._migration.project.id)
            limits = self._migration.destination_catalog.limits
            self._sender = Sender(self._migration.destination, policy, limits.batch_size)
        return self._sender

    def ids(self, tenant: str) -> LedgerIdMap:
        """The id map of a tenant."""
        if tenant not in self._ids:
            migration, resolved = self._migration, self._resolved
            self._ids[tenant] = LedgerIdMap(
                migration.project.id,
                tenant,
                migration.ledger,
                migration.staging,
                resolved.objects,
                lambda match, target: migration.find_target(resolved, match, target),
                [config.tenant for config in migration.project.sources],
            )
        return self._ids[tenant]

    def _finished(self, context: PhaseContext) -> None:
        lines = self._migration.ledger.books
        context.ids.phase_finished(context.mapping, lambda key: lines.outcome_of(context.record, key))

    def _extracted(self, context: PhaseContext) -> int:
        if context.selection is not None:
            return len(context.selection)
        return context.reading.count(self._migration.staging, context.tenant, context.mapping.source)

    def _report(self, context: PhaseContext, extracted: int) -> PhaseReport:
        record = self._fresh(context)
        books = self._migration.ledger.books.of_phase(record, extracted)
        if books.open_by:
            raise BookOpenError(
                f"phase {record.name}: the books are open by {books.open_by}:"
                f" {extracted} records, {sum(books.source.values())} outcomes, {books.in_doubt} in doubt.",
                hint="Run the same command again.",
            )
        return PhaseReport(record.name, record.tenant, books, self._settlements.get(record.n), record.seconds)

    def _fresh(self, context: PhaseContext) -> PhaseRecord:
        now = {phase.n: phase for phase in self._migration.ledger.runs.phases(context.run)}
        return now[context.record.n]

    def _held_lines(self, run: Run) -> list[QueueLine]:
        """What waits for a person at the end of the run."""
        books = self._migration.ledger.books
        phases = self._migration.ledger.runs.phases(run)
        return [line for p in phases for line in self._held(p, books.lines(p, Outcome.HELD))]

    def _held(self, phase: PhaseRecord, lines: Sequence[BookLine]) -> list[QueueLine]:
        """Held records of a phase's route, each with the name that a person knows it by."""
        staged = self._migration.staging.get(phase.tenant, phase.source_object, [x.key for x in lines])
        names = {key: shown_name(found.record.values) for key, found in staged.items()}
        return [
            QueueLine(
                line.queue,
                phase.tenant,
                phase.source_object,
                line.key,
                ": ".join(filter(None, (names.get(line.key), "; ".join(line.reasons)))),
            )
            for line in lines
        ]

    def finish(self, run: Run) -> dict[str, int]:
        """Write the queues, switch on again what is paused, by runs before this one too, and end the run."""
        ledger = self._migration.ledger
        lines = self._held_lines(run)
        went = {(p.tenant, p.source_object) for p in ledger.runs.phases(run) if run.kind in SETTLING_KINDS}
        counts = write_queues(self._migration.queues, lines, went)
        with saying_what_is_off(ledger, run):
            switch_on(ledger, self._migration.destination, paused_runs(ledger, run.destination))
        ledger.runs.end(run, RunState.DONE)
        if self._traffic is not None:
            self._traffic.keep()
        return counts


def run_migration(migration: Migration, resolved: ResolvedMapping) -> Run:
    """A whole run of a confirmed mapping, or the rest of one that was stopped. Gives the ended run.

    Raises RefusedError at a failed gate, BookOpenError, StoppedError and what platforms raise.
    """
    work = MigrationRun(migration, resolved)
    run = work.through()
    work.finish(run)
    return run
