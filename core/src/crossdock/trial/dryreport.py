"""What a dry run found, for people (text) and programs (JSON)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from crossdock.automations.decisions import undecided_names
from crossdock.errors import StorageError
from crossdock.ledger import Run
from crossdock.mappingfile.confirmation import changed_parts, read
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.report import phase_lines, report_of
from crossdock.trial.dryrun import DryMigration

_KINDS = ("converted", "normalised", "rejected", "updated")
_LEFT = ("held", "rejected", "failed")


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
    return answer | {"verdict": _verdict(answer), "next": _next(answer)}


def write_dry_report(folder: Path, answer: Mapping[str, Any]) -> Path:
    """Write `dry-run-ID.json` and `.txt`; gives the path of the text. Raises StorageError."""
    path = folder / f"dry-run-{answer['id']}.txt"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".json").write_bytes(orjson.dumps(answer, option=orjson.OPT_INDENT_2))
        path.write_text(as_text(answer), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot write the report to {folder}: {error.strerror}.") from error
    return path


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


def _verdict(answer: Mapping[str, Any]) -> str:
    source = answer["totals"]["source"]
    left = {name: source.get(name, 0) for name in _LEFT if source.get(name, 0)}
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
