"""A small company on its way from a fake source to a fake destination, on a real database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from core.tests.databases import SQLITE, Database
from core.tests.fake_destination import FakeDestination, reference, text

from crossdock.idmap import LedgerIdMap
from crossdock.ledger import PhaseBooks, PhaseState, Run
from crossdock.loading import (
    PhaseContext,
    Settlement,
    load_deferred,
    load_phase,
    settle_doubt,
    settle_phase,
)
from crossdock.mapping import ObjectMapping
from crossdock.model import Batch, Catalog, LoadPolicy, ObjectSchema, Outcome, Record, Rejected
from crossdock.rollback.undo import Rollback, RollbackResult
from crossdock.sending import Sender
from crossdock.transform import transform

PROJECT, TENANT = "p1", "acme"
FIRM = ObjectSchema(
    "firm",
    (text("name"), text("domain", unique=True), text("city"), reference("parent", "firm")),
)
PERSON = ObjectSchema("person", (text("name"), text("email"), reference("firm", "firm")))

_FIRM_FIELDS: Mapping[str, Any] = {
    "name": "name",
    "domain": "domain",
    "city": "city",
    "parent": {"from": "parent", "reference": "firm", "missing": "null_with_finding"},
}
_PERSON_FIELDS: Mapping[str, Any] = {
    "name": "name",
    "email": "email",
    "firm": {"from": "firm", "reference": "firm"},
}


def firm_route(**more: Any) -> ObjectMapping:
    """src.firms > firm."""
    form = {"from": "src.firms", "to": "firm", "fields": _FIRM_FIELDS, **more}
    return ObjectMapping.model_validate(form).bound(None, FIRM)


def person_route(**more: Any) -> ObjectMapping:
    """src.people > person."""
    form = {"from": "src.people", "to": "person", "fields": _PERSON_FIELDS, **more}
    return ObjectMapping.model_validate(form).bound(None, PERSON)


def firm(key: str, deleted: bool = False, **values: Any) -> Record:
    """A firm of the source; its name is its key unless given."""
    return Record("src.firms", key, {"name": f"Firm {key}", **values}, deleted)


def person(key: str, **values: Any) -> Record:
    """A person of the source."""
    return Record("src.people", key, {"name": f"Person {key}", **values})


@dataclass
class Company:
    """Staging, ledger and destination of one project; `reopen` is the next process."""

    folder: Path
    destination: FakeDestination = field(
        default_factory=lambda: FakeDestination({"firm": FIRM, "person": PERSON})
    )
    routes: Sequence[ObjectMapping] = field(default_factory=lambda: (firm_route(), person_route()))
    decisions: dict[tuple[str, str], str] = field(default_factory=dict)
    settlements: list[Settlement] = field(default_factory=list)
    database: Database | None = None  # SQLite files in the folder if not given

    def __post_init__(self) -> None:
        self._open()

    def _open(self) -> None:
        database = self.database or Database(SQLITE, self.folder)
        self.staging, self.ledger = database.staging(), database.ledger()

    def close(self) -> None:
        """Close both databases."""
        self.staging.close()
        self.ledger.close()

    def reopen(self) -> None:
        """Go on as a new process."""
        self.close()
        self._open()

    def stage(self, *records: Record, rejected: Sequence[Rejected] = ()) -> None:
        """A complete pass over every object that these records are of."""
        names = dict.fromkeys([r.object_name for r in records] + [r.object_name for r in rejected])
        for name in names:
            extraction = self.staging.begin(TENANT, name)
            own = tuple(r for r in records if r.object_name == name)
            broken = tuple(r for r in rejected if r.object_name == name)
            self.staging.put(extraction, Batch(own, "end", rejected=broken))
            self.staging.finish(extraction)

    def load(self, kind: str = "run") -> Run:
        """Load every route, then the second passes; resumes an unfinished run."""
        run = self.ledger.runs.unfinished(kind) or self.ledger.runs.start(kind, "fake-1")
        ids, sender = self.ids(), self.sender(run)
        contexts = []
        for ordinal, route in enumerate(self.routes):
            context = self.context(run, route, route.name, ordinal, ids, sender)
            settle_doubt(context)
            if context.record.state is not PhaseState.SETTLED:
                load_phase(context)
                self.settlements.append(settle_phase(context, 3))
            record = context.record
            ids.phase_finished(route, partial(self.ledger.books.outcome_of, record))
            contexts.append(context)
        for ordinal, first in enumerate(contexts, len(contexts)):
            if any(self.ledger.journal.deferred(run, first.record)):
                name = f"{first.mapping.name} (second pass)"
                context = self.context(run, first.mapping, name, ordinal, ids, sender)
                settle_doubt(context)
                load_deferred(context, first.record)
                self.settlements.append(settle_phase(context, 3))
        self.ledger.runs.end(run)
        return run

    def ids(self) -> LedgerIdMap:
        """The id map; a fallback is the id of a live record."""
        return LedgerIdMap(PROJECT, TENANT, self.ledger, self.staging, self.routes, self.find)

    def find(self, match: str, target_object: str) -> str | None:
        """A record of the destination by its id."""
        return match if match in self.destination.table(target_object) else None

    def sender(self, run: Run) -> Sender:
        """The sender of a run."""
        return Sender(self.destination, LoadPolicy(run.id, PROJECT), self.destination.batch_size)

    def context(
        self,
        run: Run,
        route: ObjectMapping,
        name: str,
        ordinal: int,
        ids: LedgerIdMap | None = None,
        sender: Sender | None = None,
    ) -> PhaseContext:
        """A phase, ready to load."""
        return PhaseContext(
            run,
            self.ledger.runs.phase(run, TENANT, name, ordinal, route.source, route.target),
            route,
            self.destination.schemas[route.target],
            ids or self.ids(),
            self.ledger,
            self.staging,
            self.destination,
            sender or self.sender(run),
            transform,
            self.decisions,
        )

    def books(self, run: Run, place: int = 0) -> PhaseBooks:
        """Both books of a phase, counted against what is staged."""
        phase = self.ledger.runs.phases(run)[place]
        name = phase.name.split(">")[0]
        staged = self.staging.count(TENANT, name) + len(self.staging.rejected(TENANT, name))
        return self.ledger.books.of_phase(phase, staged)

    def outcomes(self, run: Run, place: int = 0) -> dict[str, tuple[Outcome, str]]:
        """Key -> outcome and queue of what was not loaded."""
        phase = self.ledger.runs.phases(run)[place]
        return {line.key: (line.outcome, line.queue) for line in self.ledger.books.lines(phase)}

    def rollback(self, run: Run, *, dry_run: bool = False, force: bool = False) -> RollbackResult:
        """Roll a run back."""
        return self.rollbacks().undo(run, dry_run=dry_run, force=force)

    def rollbacks(self) -> Rollback:
        """The rollback of this ledger."""
        catalog: Catalog = self.destination.discover()
        return Rollback(self.ledger, self.destination, catalog)

    def target_id(self, key: str, object_name: str = "src.firms", target: str = "firm") -> str:
        """The target id of a source record by the ledger."""
        links = self.ledger.links.of_keys(TENANT, object_name, target, [key])
        return links[0].target_id

    def row(self, key: str) -> dict[str, Any]:
        """The firm at the destination that a source firm became."""
        return self.destination.table("firm")[self.target_id(key)].values
