"""The handoff: what people take over. What could not move, what was left out, what still waits, who agreed.

Everything is read: the sources' and the destination's catalogs, the mapping, staging and the ledger.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from crossdock.artifacts import artifact_reports, lacking, report_data
from crossdock.handoff.leftovers import left_out, not_loaded
from crossdock.ledger import Run, RunState
from crossdock.mappingfile.confirmation import read
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Catalog
from crossdock.queues import MEANINGS, read_queues
from crossdock.trial.signoff import read_sign_offs

LOADING: Final = ("run", "sample", "delta")
_REPORTS: Final = ("scope.html", "scope.json", "*-*.txt", "audit-*.csv", "*.html", "*.csv")


def handoff_of(migration: Migration, resolved: ResolvedMapping) -> dict[str, Any]:
    """The handoff as plain data. What nobody could examine is said so, never counted as none."""
    catalogs, there = migration.source_catalogs, migration.destination_catalog
    runs, folder = migration.ledger.runs.all(), migration.project.reports
    return {
        "project": migration.project.id,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "sources": [{"tenant": t, **_side(c)} for t, c in catalogs.items()],
        "destination": _side(there),
        "artifacts": [
            {"tenant": t, "kinds": [report_data(r, folder) for r in artifact_reports(c)]}
            for t, c in catalogs.items()
        ],
        "lacking": lacking(there, catalogs.values()),
        "left_out": left_out(migration, resolved),
        "not_loaded": not_loaded(migration.ledger, runs),
        "normalised": list(_normalised(migration, runs)),
        "queues": list(_queues(migration)),
        "automations": [report_data(report) for report in there.artifacts],
        "confirmed": _confirmed(migration),
        "signed": [
            {"what": s.kind, "by": s.by, "at": s.at, "run": s.run, "findings": s.findings}
            for s in read_sign_offs(migration)
        ],
        "runs": [_run(run) for run in runs],
        "reports": list(_reports(migration)),
    }


def _side(catalog: Catalog) -> dict[str, Any]:
    return {
        "platform": catalog.platform,
        "identity": catalog.identity,
        "version": catalog.version,
        "notes": list(catalog.notes),
    }


def _normalised(migration: Migration, runs: list[Run]) -> Iterator[dict[str, Any]]:
    """Of the newest reconciliation, else of the newest load: what a platform keeps in another form."""
    done = [run for run in runs if run.state is not RunState.ROLLED_BACK]
    checks = [run for run in done if run.kind == "reconcile"]
    loads = [run for run in done if run.kind in LOADING]
    for run in (checks or loads)[-1:]:
        for (name, field, rule), count in migration.ledger.findings.normalised(run).items():
            yield {"object": name, "field": field, "rule": rule, "count": count}


def _queues(migration: Migration) -> Iterator[dict[str, Any]]:
    lines = read_queues(migration.project.queues)
    for queue in dict.fromkeys(line.queue for line in lines):
        own = [line for line in lines if line.queue == queue]
        decided = sum(bool(line.decision) for line in own)
        yield {
            "queue": queue,
            "file": f"queues/{queue}.csv",
            "waiting": len(own) - decided,
            "decided": decided,
            "meaning": MEANINGS.get(queue, ""),
        }


def _confirmed(migration: Migration) -> Mapping[str, str] | None:
    confirmation = read(migration.confirmation_file)
    return None if confirmation is None else {"by": confirmation.by, "at": confirmation.at}


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state.value,
        "started_at": datetime.fromtimestamp(run.started_at, UTC).isoformat(timespec="seconds"),
    }


def _reports(migration: Migration) -> Iterator[str]:
    """Files in the folder of reports, as paths below it."""
    folder = migration.project.reports
    own = {"handoff.html", "handoff.json"}
    found = {path for pattern in _REPORTS for path in folder.glob(pattern)}
    found.update(path for path in (folder / "handoff").rglob("*") if path.is_file())
    for path in sorted(found):
        if path.name not in own:
            yield path.relative_to(folder).as_posix()
