"""The handoff: what people take over. What could not move, what was left out, what still waits, who agreed.

Everything is read: the sources' and the destination's catalogs, the mapping, staging and the ledger.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from crossdock.artifacts import artifact_reports, lacking, report_data
from crossdock.handoff.leftovers import left_out, not_loaded
from crossdock.ledger import LOADING_KINDS, Run, RunState
from crossdock.mappingfile.confirmation import read
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Catalog, FindingKind
from crossdock.queues import MEANINGS, read_queues
from crossdock.referenceplan import NOBODY
from crossdock.trial.signoff import read_sign_offs

_REPORTS: Final = ("scope.json", "*-*.txt", "*.html", "*.pdf", "*.csv")


def handoff_of(
    migration: Migration, resolved: ResolvedMapping, cutover: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The handoff as plain data; `cutover` are the steps of its checklist, as data.

    What nobody could examine is said so, never counted as none.
    """
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
        "equivalents": dict(there.equivalents),
        "left_out": left_out(migration, resolved),
        "not_loaded": not_loaded(migration.ledger, runs),
        "findings": list(_findings(migration, runs)),
        "unresolved": list(_unresolved(migration, runs)),
        "normalised": [row for row in _normalised(migration, runs) if _ending(row["rule"]) is None],
        "queues": list(_queues(migration)),
        "automations": [report_data(report) for report in there.artifacts],
        "confirmed": _confirmed(migration),
        "signed": [*_signed(migration), *_cut_over(migration, runs, cutover), *_purged(migration)],
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


def _findings(migration: Migration, runs: list[Run]) -> Iterator[dict[str, Any]]:
    """What the newest comparison found and nobody has put right, counted; its report names each."""
    for run in _kept(runs, ("reconcile",))[-1:]:
        for (name, kind), count in migration.ledger.findings.count(run).items():
            if kind is not FindingKind.NORMALISED:
                yield {"object": name, "kind": kind.value, "count": count, "run": run.id}


def _unresolved(migration: Migration, runs: list[Run]) -> Iterator[dict[str, Any]]:
    """Links of the source that lead to nobody there, by field: left empty, or another stands in."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for row in _normalised(migration, runs):
        if (ending := _ending(row["rule"])) is not None:
            counts[row["object"], row["field"], NOBODY[ending]] += row["count"]
    for (name, field, what), count in counts.items():
        yield {"object": name, "field": field, "what": what, "count": count}


def _ending(rule: str) -> str | None:
    """A load notes each such link in its own words, a comparison in the same words for all."""
    return next((end for end, words in NOBODY.items() if rule == words or rule.endswith(end)), None)


def _signed(migration: Migration) -> Iterator[dict[str, Any]]:
    for s in read_sign_offs(migration):
        yield {"what": s.kind, "by": s.by, "at": s.at, "run": s.run, "findings": s.findings}


def _purged(migration: Migration) -> Iterator[dict[str, Any]]:
    if (done := migration.ledger.purges.newest()) is not None:
        yield {"what": "purge", "by": done.by, "at": done.when, "run": "", "findings": 0}


def _cut_over(
    migration: Migration, runs: list[Run], steps: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """What people said during the cutover; with a step that they accepted goes what its run had found."""
    found = {run.id: run for run in runs}
    for step in steps:
        if step["by"]:
            counts = migration.ledger.findings.count(found[step["run"]]) if step["run"] in found else {}
            accepted = sum(n for (_, kind), n in counts.items() if kind is not FindingKind.NORMALISED)
            yield {
                "what": f"cutover: {step['title']}",
                "by": step["by"],
                "at": step["at"],
                "run": step["run"],
                "findings": accepted,
            }


def _kept(runs: list[Run], kinds: Collection[str]) -> list[Run]:
    return [run for run in runs if run.state is not RunState.ROLLED_BACK and run.kind in kinds]


def _normalised(migration: Migration, runs: list[Run]) -> Iterator[dict[str, Any]]:
    """Of the newest reconciliation, else of the newest load: what a platform keeps in another form."""
    for run in (_kept(runs, ("reconcile",)) or _kept(runs, LOADING_KINDS))[-1:]:
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
    own = {"handoff.html", "handoff.json", "handoff.pdf"}
    found = {path for pattern in _REPORTS for path in folder.glob(pattern)}
    found.update(path for path in (folder / "handoff").rglob("*") if path.is_file())
    for path in sorted(found):
        if path.name not in own:
            yield path.relative_to(folder).as_posix()
