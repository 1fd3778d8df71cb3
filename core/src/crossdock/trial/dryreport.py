"""What a dry run found, for people (text) and programs (JSON)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crossdock.automations.decisions import undecided_names
from crossdock.documents.filing import file_json, file_text
from crossdock.ledger import NOT_LOADED, Run
from crossdock.mappingfile.confirmation import changed_parts, read
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.report import phase_lines, report_of
from crossdock.trial.dryrun import DryMigration

_KINDS = ("converted", "normalised", "rejected", "updated")


def dry_report(
    migration: DryMigration, real: Migration, resolved: ResolvedMapping, run: Run
) -> dict[str, Any]:
    """The outcomes that a run would have, and what would become of each field."""
    found = report_of(migration.ledger, migration.staging, run, migration.queues)
    names = ("phases", "totals", "findings", "changes", "normalised", "queues", "decided")
    confirmation = read(real.confirmation_file)
    changed = () if confirmation is None else changed_parts(confirmation, real.confirmation_parts(resolved))
    answer: dict[str, Any] = {
        "dry_run": True,
        "id": run.id,
        "destination": run.destination,
        "started_at": found["run"]["started_at"],
        "confirmed": confirmation is not None and not changed,
        "undecided": undecided_names(real.destination_catalog, resolved.automations),
        **{name: found[name] for name in names},
        "fields": migration.log.as_data(resolved.objects),
    }
    left = _left(answer)
    return answer | {"clean": not left, "verdict": _verdict(left), "next": _next(answer)}


def write_dry_report(folder: Path, answer: Mapping[str, Any]) -> Path:
    """Write `dry-run-ID.json` and `.txt`; gives the path of the text. Raises StorageError."""
    path, called = folder / f"dry-run-{answer['id']}.txt", f"the report to {folder}"
    file_json(path.with_suffix(".json"), answer, called=called)
    return file_text(path, as_text(answer), called=called)


def as_text(answer: Mapping[str, Any]) -> str:
    """The report as text."""
    lines = [
        f"crossdock dry run {answer['id']}: nothing was written",
        f"destination {answer['destination']}, started {answer['started_at']}",
        "",
        answer["verdict"],
        *(f"  next: {step}" for step in answer["next"]),
        "",
        *phase_lines(answer["phases"]),
    ]
    if answer["queues"]:
        waiting = (f"  {queue}: {count}" for queue, count in answer["queues"].items())
        lines += ["Would wait for a person", *waiting, ""]
    if answer["changes"]:
        lines += ["Would be provisioned", *(f"  {change['key']}" for change in answer["changes"]), ""]
    lines += ["Fields"]
    for field in answer["fields"]:
        lines += _field_lines(field)
    return "\n".join(lines) + "\n"


def _field_lines(field: Mapping[str, Any]) -> list[str]:
    name = field["field"] or "(the record as a whole)"
    counts = [f"{field['filled']} filled", f"{field['empty']} empty"]
    counts += [f"{field[kind]} {kind}" for kind in _KINDS if field[kind]]
    lines = [f"  {field['source']} > {field['target']}.{name}: {', '.join(counts)}"]
    for kind, rules in field["rules"].items():
        lines += [f"    {kind}: {count} {rule}" for rule, count in rules.items() if rule]
    for kind, examples in field["examples"].items():
        lines += [
            f"    for instance {kind}: {x['key']}: {x['source']!r} -> {x['target']!r}" for x in examples
        ]
    return lines


def _left(answer: Mapping[str, Any]) -> dict[str, int]:
    """How many records would not be loaded, by outcome."""
    source = answer["totals"]["source"]
    return {o.value: source[o.value] for o in NOT_LOADED if source.get(o.value)}


def _verdict(left: Mapping[str, int]) -> str:
    if not left:
        return "Everything would arrive. Nothing was written."
    words = ", ".join(f"{count} {name}" for name, count in left.items())
    return f"{sum(left.values())} records would not be loaded ({words}). Nothing was written."


def _next(answer: Mapping[str, Any]) -> list[str]:
    steps = []
    source = answer["totals"]["source"]
    if count := source.get("rejected", 0) + source.get("failed", 0):
        steps.append(f"correct {count} records at the source or in mapping.yaml, then try again")
    if not answer["confirmed"]:
        steps.append("the mapping is not confirmed: crossdock map confirm --by NAME")
    if names := ", ".join(answer["undecided"]):
        steps.append(f"decide about {names} under `automations:` in mapping.yaml")
    return [*steps, "crossdock run --sample 200, or crossdock run"]
