"""What the steps of a cutover do with a project, and where its checklist is filed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.cutover.checklist import (
    Cutover,
    Proof,
    Said,
    Work,
    checklist_file,
    read_cutover,
    write_cutover,
)
from crossdock.delta.run import run_delta
from crossdock.documents.filing import file_json, file_page
from crossdock.ledger import LOADING_KINDS, RunState
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import FindingKind
from crossdock.reconcile.project import Verification, verify_migration
from crossdock.reconcile.spotsheet import write_spot_sheet
from crossdock.report import report_of


@dataclass
class CutoverDesk:
    """The cutover of one project into one destination. `spot`: how many records are drawn."""

    migration: Migration
    resolved: ResolvedMapping
    spot: int = 50
    _cutover: Cutover = field(init=False)

    def __post_init__(self) -> None:
        """Raises ConfigError for a checklist that cannot be read."""
        self._cutover = read_cutover(self.state_file)

    @property
    def state_file(self) -> Path:
        """Where the checklist is kept."""
        return checklist_file(self.migration.project.state, self.migration.destination_name)

    @property
    def page(self) -> Path:
        """Where it is filed for people; a JSON file lies beside it."""
        return self.migration.project.reports / f"cutover{self._suffix}.html"

    @property
    def _suffix(self) -> str:
        name = self.migration.destination_name
        return f"-{name}" if name else ""

    def restart(self) -> None:
        """Begin a new checklist."""
        self._cutover = Cutover()

    def advance(self, said: Said) -> dict[str, Any]:
        """Go on with the checklist; gives it as plain data. Raises what deltas and comparisons raise."""
        work = Work(self._loaded, self._delta, self._reconcile)
        self._cutover.advance(work, said, self._file)
        return self._data()

    def _data(self) -> dict[str, Any]:
        sheet = self._sheet(self._cutover)
        return {
            "project": self.migration.project.id,
            "destination": self.migration.destination_catalog.identity,
            **self._cutover.as_data(),
            "sheet": str(sheet) if sheet else None,
            "page": str(self.page),
        }

    def _file(self, cutover: Cutover) -> None:
        write_cutover(self.state_file, cutover)
        data = self._data()
        file_page(self.page, "cutover.html", data)
        file_json(self.page.with_suffix(".json"), data)

    def _sheet(self, cutover: Cutover) -> Path | None:
        run = next(step.run for step in cutover.steps if step.name == "reconcile")
        path = self.migration.project.reports / f"spot-{run}.html"
        return path if run and path.exists() else None

    def _loaded(self) -> Proof:
        runs = self.migration.ledger.runs.all()
        loading = [run for run in runs if run.kind in LOADING_KINDS]
        for run in loading:
            if run.state is RunState.RUNNING:
                return Proof(
                    False, f"the {run.kind} {run.id} has not ended; run it again to finish it", run.id
                )
        whole = [run for run in loading if run.kind == "run" and run.state is RunState.DONE]
        if not whole:
            return Proof(False, "nothing is loaded: crossdock run")
        return Proof(True, "", whole[-1].id)

    def _delta(self) -> Proof:
        run = run_delta(self.migration, self.resolved)
        report = self._report(run.id)
        return Proof(report["clean"], report["verdict"], run.id)

    def _reconcile(self) -> Proof:
        seed = self._cutover.started
        found = verify_migration(self.migration, self.resolved, self.spot, seed)
        report = self._report(found.run.id)
        if found.sample is not None:
            records = found.sample.records()
            totals = found.totals.as_data()
            write_spot_sheet(self.migration.project.reports, report["run"], seed, records, totals)
        changed = _changed(found)
        if changed:
            note = (
                f"the freeze did not hold: {changed} records were changed at the source since the last delta"
            )
            return Proof(False, note, found.run.id, thawed=True)
        return Proof(found.clean, report["verdict"], found.run.id)

    def _report(self, run_id: str) -> Mapping[str, Any]:
        migration = self.migration
        run = next(run for run in migration.ledger.runs.all() if run.id == run_id)
        return report_of(migration.ledger, migration.staging, run, migration.project.queues)


def _changed(found: Verification) -> int:
    return sum(route.findings.get(FindingKind.CHANGED_AT_SOURCE, 0) for route in found.routes)
