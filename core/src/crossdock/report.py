"""What happened, for people (text) and programs (JSON), from the ledger alone.

The first lines answer the first question: did everything arrive, and what is to be done?
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.automations.pausing import STILL_OFF, automations_of
from crossdock.delta.progress import mark_rows, marks_of
from crossdock.documents.filing import file_json, file_text
from crossdock.ledger import NOT_LOADED, Ledger, PhaseRecord, Run, RunState
from crossdock.model import Finding, Outcome
from crossdock.normalisations import GAVE_WAY
from crossdock.queues import MEANINGS, REFERENCES, TAKEN, QueueLine, look, told
from crossdock.rolledback import rolled_back, summary_lines
from crossdock.staging import Staging
from crossdock.traffic import pace_of, requests_of
from crossdock.verdict import HARMLESS, still_off, told_phases, verdict_of

SHOWN = 200
_EXCERPT = 60  # characters of a value
_COMPARING = ("reconcile", "exports")


def report_of(ledger: Ledger, staging: Staging, run: Run, queues: Path) -> dict[str, Any]:
    """The report of one run as plain data, ready for JSON."""
    phases = [_phase(ledger, staging, phase) for phase in ledger.runs.phases(run)]
    findings = [
        {"object": name, "kind": kind.value, "count": count}
        for (name, kind), count in ledger.findings.count(run).items()
    ]
    found = look(queues)
    lines = found.every()
    held = {
        (line.queue, phase.tenant, phase.source_object, line.key)
        for phase in ledger.runs.phases(run)
        for line in ledger.books.lines(phase, Outcome.HELD)
    }
    decided = [x for x in lines if x.decision and (x.queue, x.tenant, x.object_name, x.key) in held]
    answer = {
        "run": run_of(ledger, run),
        "phases": phases,
        "totals": _totals(phases),
        "findings": findings,
        "first_findings": [_finding(f) for f in ledger.findings.of_run(run, SHOWN)],
        "changes": [
            {"key": c.key, "label": c.label, "reason": c.reason, "state": state}
            for c, state in ledger.changes.schema_of(run)
        ],
        "automations": automations_of(ledger, run),
        "requests": requests_of(ledger, run),
        "pace": pace_of(ledger, run),
        "normalised": [
            {"object": name, "field": field, "rule": note, "count": count}
            for (name, field, note), count in ledger.findings.normalised(run).items()
        ],
        "queues": Counter(line.queue for line in lines if not line.decision),
        "decided": Counter(line.queue for line in decided),
        **_of_files(ledger, run),
    }
    if (undone := rolled_back(ledger, run)) is not None:
        answer["rolled_back"] = undone
    clean, verdict = verdict_of(answer)
    steps = [*told(queues, found), *_strays(staging, lines), *_next(answer)]
    if (purged := ledger.purges.newest()) is not None:  # nothing can be done any more
        steps, answer = [], answer | {"purged": purged.told()}
    return answer | {"clean": clean, "verdict": verdict, "next": steps}


def _of_files(ledger: Ledger, run: Run) -> dict[str, Any]:
    """What is said of a run that ended in files, or that compared exports, and of no other."""
    if run.kind == "files":
        return {"left": ledger.runs.option(run, "left") or {}}
    if run.kind == "exports":
        return {"not_proven": ledger.runs.option(run, "not_proven") or []}
    return {}


def run_of(ledger: Ledger, run: Run) -> dict[str, Any]:
    """A run as plain data, with how far it read the source; times in ISO 8601, UTC."""
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state.value,
        "destination": run.destination,
        "started_at": _time(run.started_at),
        "finished_at": _time(run.finished_at),
        "seconds": round(run.seconds, 1),
        "marks": marks_of(ledger, run),
    }


def filed_besides(folder: Path, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What the comparison of this run wrote about both sides, which the ledger does not know; empty if it
    wrote nothing, or if that cannot be read any more."""
    run = answer["run"]
    if run["kind"] not in _COMPARING:
        return {}
    try:
        filed = json.loads((folder / f"{run['kind']}-{run['id']}.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return dict(filed) if isinstance(filed, dict) and filed.get("run", {}).get("id") == run["id"] else {}


def write_report(folder: Path, answer: Mapping[str, Any]) -> Path:
    """Write `NAME.json` and `NAME.txt`; gives the path of the text. Raises StorageError."""
    name = f"{answer['run']['kind']}-{answer['run']['id']}"
    called = f"the report to {folder}"
    file_json(folder / f"{name}.json", answer, called=called)
    return file_text(folder / f"{name}.txt", as_text(answer), called=called)


def as_text(answer: Mapping[str, Any]) -> str:
    """The report as text; its table is 110 characters wide."""
    run = answer["run"]
    lines = [
        f"crossdock {run['kind']} {run['id']}: {run['state']}",
        f"destination {run['destination']}, started {run['started_at']}, {run['seconds']} s",
        "",
        answer["verdict"],
        *([answer["purged"]] if answer.get("purged") else []),
        *(f"  next: {step}" for step in answer["next"]),
        "",
    ]
    lines += phase_lines(told_phases(answer))
    if answer["queues"]:
        lines += ["What a decision may be"]
        lines += [f"  queues/{name}.csv: {MEANINGS[name]}" for name in answer["queues"]] + [""]
    if answer["findings"]:
        lines += ["Findings", *(f"  {f['object']}: {f['count']} {f['kind']}" for f in answer["findings"]), ""]
        lines += [_finding_line(f) for f in answer["first_findings"] if f["kind"] not in HARMLESS]
        lines += [_given_way_line(f) for f in answer["first_findings"] if f["note"] == GAVE_WAY]
    normalised = [x for x in answer["normalised"] if x["rule"] != GAVE_WAY]
    if normalised:
        lines += ["Normalised: written in another form, by a declared rule; nothing to do"]
        lines += [f"  {x['object']}.{x['field']}: {x['count']} {x['rule']}" for x in normalised]
    if answer.get("not_proven"):
        lines += ["Not proven", *(f"  {line}" for line in answer["not_proven"]), ""]
    if run["marks"]:
        lines += ["", "Read at the source up to (the next delta goes on from there)"]
        rows = mark_rows(run["marks"])
        lines += [f"  {name}: {until} ({read} records)" for _, name, until, read in rows]
    if answer["changes"]:
        lines += ["", "Provisioned", *(_change_line(c) for c in answer["changes"])]
    if answer.get("rolled_back"):
        lines += summary_lines(answer["rolled_back"])
    if answer["automations"]:
        lines += ["", "Automations of the destination", *map(_automation_line, answer["automations"])]
    if answer["requests"]:
        lines += ["", "Requests", *map(_requests_line, answer["requests"])]
    return "\n".join(lines) + "\n"


def _phase(ledger: Ledger, staging: Staging, phase: PhaseRecord) -> dict[str, Any]:
    source_object = phase.source_object
    extracted = staging.count(phase.tenant, source_object) + len(
        staging.rejected(phase.tenant, source_object)
    )
    books = ledger.books.of_phase(phase, extracted)
    lines = [line for outcome in NOT_LOADED for line in ledger.books.lines(phase, outcome, SHOWN)]
    return {
        "name": phase.name,
        "tenant": phase.tenant,
        "state": phase.state.value,
        "extracted": sum(books.source.values()),
        "source": {outcome.value: count for outcome, count in sorted(books.source.items())},
        "destination": {outcome.value: count for outcome, count in sorted(books.destination.items())},
        "in_doubt": books.in_doubt,
        "seconds": round(phase.seconds, 1),
        "not_loaded": [
            {"key": x.key, "outcome": x.outcome.value, "reasons": list(x.reasons), "queue": x.queue}
            for x in lines
        ],
    }


def _totals(phases: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    totals: dict[str, dict[str, int]] = {"source": {}, "destination": {}}
    for phase in phases:
        for book, counts in totals.items():
            for outcome, count in phase[book].items():
                counts[outcome] = counts.get(outcome, 0) + count
    return totals


def _strays(staging: Staging, lines: Sequence[QueueLine]) -> list[str]:
    """Decisions that nothing can follow: nothing of that name was ever read for a tenant of that name."""
    by_object: dict[tuple[str, str], list[QueueLine]] = {}
    for line in (x for x in lines if x.decision):
        by_object.setdefault((line.tenant, line.object_name), []).append(line)
    steps = []
    for (tenant, name), decided in by_object.items():
        if staging.extraction(tenant, name) is None:
            for queue, count in Counter(x.queue for x in decided).items():
                steps.append(
                    f"correct tenant or object in queues/{queue}.csv: nothing was read of {name!r} of tenant"
                    f" {tenant!r}, and {count} decided there change nothing"
                )
            continue
        known = staging.get(tenant, name, {x.key for x in decided})
        steps += [
            f"correct the key in queues/{x.queue}.csv line {x.line}: no {name!r} {x.key!r} of tenant"
            f" {tenant!r} was ever read, and what is decided there changes nothing"
            for x in decided
            if x.key not in known
        ]
    return steps


def _next(answer: Mapping[str, Any]) -> list[str]:
    steps = []
    paused = [a for a in answer["automations"] if a["state"] in ("paused", STILL_OFF)]
    if answer["run"]["state"] == "running":
        steps.append("run the same command again: it goes on where it stopped")
    if paused:
        steps.append(
            f"{still_off(paused)}: crossdock run at its end, or crossdock rollback, switches them on"
        )
    waiting = {q: f"queues/{q}.csv ({count})" for q, count in answer["queues"].items()}
    if names := ", ".join(name for queue, name in waiting.items() if queue != REFERENCES):
        steps.append(f"fill in the decision column of {names}, then crossdock run")
    if REFERENCES in waiting:
        steps.append(f"load what {waiting[REFERENCES]} refers to, or change the mapping, then crossdock run")
    if names := ", ".join(f"queues/{queue}.csv ({count})" for queue, count in answer["decided"].items()):
        steps.append(f"crossdock run follows the decisions in {names}; if it did already, see their reasons")
    source = answer["totals"]["source"]
    taken = sum(_is_taken(x) for phase in answer["phases"] for x in phase["not_loaded"])
    if taken:
        steps.append(
            f"{taken} rejected are duplicates of a value that is unique there: decide merge or skip for them"
            " in queues/duplicates.csv, then crossdock run"
        )
    if count := source.get("rejected", 0) + source.get("failed", 0) - taken:
        steps.append(
            f"correct {count} rejected or failed at the source or in mapping.yaml, then crossdock run"
        )
    if answer["run"]["kind"] == "files" and answer["run"]["state"] == RunState.DONE:
        steps.append(
            "import the files as the checklist says, export, crossdock reconcile --from-files FOLDER"
        )
    elif answer["run"]["kind"] == "exports" and answer["not_proven"]:
        steps.append("export again what is not proven, and reconcile --from-files once more")
    elif (
        answer["run"]["kind"] not in _COMPARING
        and answer["run"]["state"] == RunState.DONE
        and answer["phases"]
    ):
        steps.append("crossdock reconcile")
    return steps


def _is_taken(line: Mapping[str, Any]) -> bool:
    return any(reason.endswith(TAKEN) for reason in line["reasons"])


def phase_lines(phases: Sequence[Mapping[str, Any]]) -> list[str]:
    """The phases as a table, and what each of them did not load."""
    table = [*_phase_table(phases), ""] if phases else []
    return [*table, *(line for phase in phases for line in _not_loaded(phase))]


def _phase_table(phases: Sequence[Mapping[str, Any]]) -> list[str]:
    there, here = ("created", "updated", "unchanged"), ("rejected", "failed", "held", "skipped")
    widths = [max(len(name), 6) for name in (*there, *here)]

    def row(name: str, extracted: Any, counts: Sequence[Any]) -> str:
        cells = " ".join(f"{count:>{width}}" for count, width in zip(counts, widths, strict=True))
        return f"{name[:43]:43} {extracted:>9} {cells}"

    head = row("phase", "extracted", (*there, *here))
    rows = [head, "-" * len(head)]
    for phase in phases:
        counts = [phase["destination"].get(name, 0) for name in there]
        counts += [phase["source"].get(name, 0) for name in here]
        rows.append(row(phase["name"], phase["extracted"], counts))
    return rows


def _not_loaded(phase: Mapping[str, Any]) -> list[str]:
    if not phase["not_loaded"]:
        return []
    lines = [f"{phase['name']}: not loaded"]
    lines += [f"  {x['key']}: {x['outcome']}: {'; '.join(x['reasons'])}" for x in phase["not_loaded"]]
    return [*lines, ""]


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "object": finding.object_name,
        "target_id": finding.target_id,
        "origin": str(finding.origin) if finding.origin else "",
        "field": finding.field_name,
        "expected": finding.expected,
        "actual": finding.actual,
        "note": finding.note,
    }


def _finding_line(finding: Mapping[str, Any]) -> str:
    where = f"{finding['object']} {finding['target_id'] or finding['origin']}"
    text = f"  {where}: {finding['kind']}"
    if finding["field"]:
        text += f": {finding['field']}: {' -> '.join(_excerpts(finding))}"
    return text + (f" ({finding['note']})" if finding["note"] else "")


def _given_way_line(finding: Mapping[str, Any]) -> str:
    lost, kept = _excerpts(finding)
    where = f"{finding['object']} {finding['target_id']}"
    return f"  {finding['origin']}: merged into {where}: {finding['field']}: {lost} gave way to {kept}"


def _excerpts(finding: Mapping[str, Any]) -> tuple[str, str]:
    """Both values, long ones from shortly before where they begin to differ."""
    expected, actual = str(finding["expected"]), str(finding["actual"])
    start = 0
    if max(len(expected), len(actual)) > _EXCERPT:
        pairs = enumerate(zip(expected, actual, strict=False))
        start = max(0, next((i for i, (a, b) in pairs if a != b), 0) - _EXCERPT // 3)
    lead = "..." if start else ""
    return f"{lead}{expected[start : start + _EXCERPT]}", f"{lead}{actual[start : start + _EXCERPT]}"


def _automation_line(automation: Mapping[str, Any]) -> str:
    note = f" ({automation['note']})" if automation["note"] else ""
    return f"  {automation['kind']} {automation['name']}: {automation['state']}{note}"


def _change_line(change: Mapping[str, Any]) -> str:
    return f"  {change['key']}" + (f": {change['reason']}" if change["reason"] else "")


def _requests_line(requests: Mapping[str, Any]) -> str:
    waited = f"{requests['waited_seconds']} s waited for the rate limit, {requests['refused']} refused"
    return f"  {requests['scope']}: {requests['sent']} sent, {waited}"


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
