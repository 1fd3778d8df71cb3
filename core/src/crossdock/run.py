"""The stages in their order: extract, provision, load phase by phase, settle, reconcile, roll back.

The only module that knows the order. Every step is resumable: it asks the ledger and staging how
far it has come, so a run that was killed is started again with the same command.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from crossdock.errors import BookOpenError, ContractError, RefusedError
from crossdock.idmap import LedgerIdMap
from crossdock.ledger import PhaseBooks, PhaseRecord, PhaseState, Run, RunState
from crossdock.loading import (
    PhaseContext,
    Settlement,
    load_deferred,
    load_phase,
    settle_doubt,
    settle_phase,
)
from crossdock.log import bound, get_logger
from crossdock.mapping import ObjectMapping
from crossdock.migration import Migration
from crossdock.model import Change, ChangeKind, LoadPolicy, ObjectSchema, Outcome
from crossdock.names import shown_name
from crossdock.order import Phase
from crossdock.queues import QueueLine, decisions_of, read_queues, write_queues
from crossdock.resolution import ResolvedMapping
from crossdock.sending import Sender

_log = get_logger(__name__)
LATER = " (second pass)"  # added to the name of a phase


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
        self._queue_lines = read_queues(migration.project.queues)

    def extract(self, run: Run) -> None:
        """Read every mapped object of every tenant into staging; goes on where it was stopped."""
        for tenant, catalog in self._migration.source_catalogs.items():
            for object_name in dict.fromkeys(phase.mapping.source for phase in self._phases):
                known = self._migration.staging.extraction(tenant, object_name)
                done = known is not None and known.complete and known.started_at >= run.started_at
                if not done and catalog.object(object_name) is not None:
                    with bound(run=run.id, tenant=tenant, object=object_name):
                        self._extract(run, tenant, object_name)

    def _extract(self, run: Run, tenant: str, object_name: str) -> None:
        migration, staging = self._migration, self._migration.staging
        extraction = staging.begin(tenant, object_name, not_before=run.started_at)
        source = migration.sources[tenant]
        batches = source.extract(object_name, extraction.cursor, files=migration.files)
        with closing(batches):
            for batch in batches:
                staging.put(extraction, batch)
                migration.progress(f"extract {object_name}", len(batch.records), batch.total)
        staging.finish(extraction)
        now = staging.extraction(tenant, object_name)
        if now is not None and now.total is not None and now.seen < now.total:
            raise ContractError(
                f"{object_name}: the source said {now.total} records and gave {now.seen}.",
                hint="Run the same command again; if it says the same, records were deleted meanwhile.",
            )

    def start(self, kind: str = "run") -> Run:
        """The unfinished run of that kind, to be resumed, or a new one."""
        ledger = self._migration.ledger
        return ledger.runs.unfinished(kind) or ledger.runs.start(
            kind, self._migration.destination_catalog.identity
        )

    def provision(self, run: Run) -> list[Change]:
        """Make what the mapping wants and the destination lacks; planned in the ledger first."""
        ledger, destination = self._migration.ledger, self._migration.destination
        wanted = provisioned_objects(self._resolved)
        planned = explained(destination.provision(wanted, True), self._resolved)
        ledger.changes.plan(run, planned)
        for change in destination.provision(wanted, False):
            ledger.changes.made(run, change)
            self._migration.progress("provision", 1, len(planned))
        if planned:
            self._migration.refresh_destination()
        return [change for change, _ in ledger.changes.of_run(run)]

    def load(self, run: Run) -> list[PhaseReport]:
        """Load all phases, then what they left for the second pass. Raises RefusedError at a failed gate."""
        contexts = []
        for ordinal, (phase, tenant) in enumerate(self._in_order()):
            context = self._context(run, phase.mapping, tenant, phase.mapping.name, ordinal)
            with bound(run=run.id, tenant=tenant, object=phase.mapping.name):
                self._gate(context, load_phase)
            contexts.append((phase, context))
            self._finished(context)
        reports = [self._report(context, self._extracted(context)) for _, context in contexts]
        for ordinal, (phase, first) in enumerate(contexts, start=len(contexts)):
            if phase.deferred and (report := self._second_pass(run, first, ordinal)):
                reports.append(report)
        return reports

    def _second_pass(self, run: Run, first: PhaseContext, ordinal: int) -> PhaseReport | None:
        waiting = sum(len(e) for e in self._migration.ledger.journal.deferred(run, first.record))
        if not waiting:
            return None
        name = first.mapping.name + LATER
        context = self._context(run, first.mapping, first.tenant, name, ordinal)
        with bound(run=run.id, tenant=first.tenant, object=name):
            self._gate(context, lambda c: load_deferred(c, first.record))
        return self._report(context, waiting)

    def _in_order(self) -> Iterator[tuple[Phase, str]]:
        for phase in self._phases:
            for tenant, catalog in self._migration.source_catalogs.items():
                if catalog.object(phase.mapping.source) is not None:
                    yield phase, tenant

    def _gate(self, context: PhaseContext, load: Callable[[PhaseContext], None]) -> None:
        settle_doubt(context)
        if context.record.state is PhaseState.SETTLED:
            return
        _log.info("phase begins", after=context.record.position)
        load(context)
        page = max(1, self._migration.destination_catalog.limits.page_size)
        allowance = self._migration.project.options.gate_allowance
        settlement = settle_phase(context, page, allowance)
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
            lambda more: migration.progress(name, more, None),
        )

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
            )
        return self._ids[tenant]

    def _finished(self, context: PhaseContext) -> None:
        lines = self._migration.ledger.books
        context.ids.phase_finished(context.mapping, lambda key: lines.outcome_of(context.record, key))

    def _extracted(self, context: PhaseContext) -> int:
        staging, name = self._migration.staging, context.mapping.source
        return staging.count(context.tenant, name) + len(staging.rejected(context.tenant, name))

    def _report(self, context: PhaseContext, extracted: int) -> PhaseReport:
        record = self._fresh(context)
        books = self._migration.ledger.books.of_phase(record, extracted)
        if books.open_by:
            raise BookOpenError(
                f"phase {record.name}: the books are open by {books.open_by}:"
                f" {extracted} records, {sum(books.source.values())} outcomes, {books.in_doubt} in doubt.",
                hint="Run the same command again.",
            )
        seconds = (record.finished_at or record.started_at) - record.started_at
        return PhaseReport(record.name, record.tenant, books, self._settlements.get(record.n), seconds)

    def _fresh(self, context: PhaseContext) -> PhaseRecord:
        now = {phase.n: phase for phase in self._migration.ledger.runs.phases(context.run)}
        return now[context.record.n]

    def _held(self, phase: PhaseRecord) -> list[QueueLine]:
        """What a phase holds for a person, each with the name that the person knows it by."""
        lines = self._migration.ledger.books.lines(phase, Outcome.HELD)
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
        """Write the queues and end the run."""
        ledger = self._migration.ledger
        lines = [line for phase in ledger.runs.phases(run) for line in self._held(phase)]
        counts = write_queues(self._migration.project.queues, lines)
        ledger.runs.end(run, RunState.DONE)
        return counts


def provisioned_objects(resolved: ResolvedMapping) -> tuple[ObjectSchema, ...]:
    """What provision is asked for: the wanted objects and fields, and every other object that is loaded
    into, so that the destination can add the field that its identity is kept in."""
    wanted = {schema.name: schema for schema in resolved.wanted}
    for route in resolved.objects:
        schema = route.target_schema
        if schema is not None and route.create and not schema.match_only and schema.name not in wanted:
            wanted[schema.name] = ObjectSchema(
                schema.name,
                (),
                schema.label,
                schema.label_plural,
                custom=schema.custom,
                settings=schema.settings,
            )
    return tuple(wanted.values())


def explained(changes: Iterable[Change], resolved: ResolvedMapping) -> list[Change]:
    """Changes with the reason why something is called otherwise than at the source."""
    result = []
    for change in changes:
        place = (
            change.object_name if change.kind is ChangeKind.OBJECT else f"{change.object_name}.{change.name}"
        )
        reasons = filter(None, (change.reason, resolved.renamed.get(place, "")))
        result.append(replace(change, reason="; ".join(reasons)))
    return result


def run_migration(migration: Migration, resolved: ResolvedMapping) -> Run:
    """A whole run of a confirmed mapping, or the rest of one that was stopped. Gives the ended run.

    Raises RefusedError at a failed gate, BookOpenError, StoppedError and what platforms raise.
    """
    work = MigrationRun(migration, resolved)
    run = work.start()
    work.extract(run)
    work.provision(run)
    work.load(run)
    work.finish(run)
    return run
