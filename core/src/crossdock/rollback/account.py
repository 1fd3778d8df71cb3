"""What became of a rollback, as plain data for programs and as text for people."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crossdock.documents.filing import file_json, file_text
from crossdock.ledger import Run
from crossdock.model import Finding
from crossdock.rollback.results import DESTROYED, RollbackResult
from crossdock.shown import shown

_EXCERPT = 60  # characters of a value


def account_of(
    run: Run, result: RollbackResult, *, dry_run: bool, asked: str = "", to: str | None = None
) -> dict[str, Any]:
    """One run that was undone, ready for JSON; values of fields as people read them.

    `asked`: the options that said what of it, `to`: the destination if it was named; for the commands that
    go on from here.
    """
    proof = result.proof
    answer = {
        "run": run.id,
        "undone": result.undone,
        "total": result.total,
        "earlier": result.earlier,
        "objects": [
            {"object": name, "deed": deed, "count": count} for (name, deed), count in result.deeds.items()
        ],
        "kept": result.kept,
        "edits": [
            {
                "record": edit.record,
                "object": edit.object_name,
                "target_id": edit.target_id,
                "field": edit.field_name,
                "was": shown(edit.was),
                "now": shown(edit.now),
            }
            for edit in result.edits
        ],
        "failed": result.failed,
        "switched_on": result.switched_on,
        "proof": None
        if proof is None
        else {"read": result.read_before + proof.read, "differing": [_finding(f) for f in proof.differing]},
        "dry_run": dry_run,
    }
    where = f" --to {shlex.quote(to)}" if to else ""
    again = f"crossdock rollback --run {run.id}{asked}{where}"
    return answer | {"next": list(_next(again, f"crossdock run{where}", result, dry_run=dry_run))}


def as_text(answer: Mapping[str, Any]) -> str:
    """The same as lines of text."""
    return "\n".join(_lines(answer)) + "\n"


def write_account(folder: Path, answer: Mapping[str, Any]) -> Path:
    """Write `rollback-RUN.json` and `.txt`; gives the path of the text. Raises StorageError."""
    name, called = f"rollback-{answer['run']}", f"the report to {folder}"
    file_json(folder / f"{name}.json", answer, called=called)
    return file_text(folder / f"{name}.txt", as_text(answer), called=called)


def _lines(answer: Mapping[str, Any]) -> Iterator[str]:
    would = "would be " if answer["dry_run"] else ""
    yield (
        f"run {answer['run']}: {answer['undone']} of {answer['total']} {would}undone,"
        f" {len(answer['kept'])} kept, {len(answer['failed'])} failed"
    )
    if answer["earlier"]:
        yield f"  undone before: {answer['earlier']}"
    if answer["objects"]:
        done = (f"{each['count']} {each['object']} {each['deed']}" for each in answer["objects"])
        yield f"  {would}undone: {', '.join(done)}"
    if answer["switched_on"]:
        yield "  switched on again: " + ", ".join(answer["switched_on"])
    for bucket in ("kept", "failed"):
        for what, why in answer[bucket]:
            yield f"  {bucket}: {what}: {why}"
            if bucket == "kept" and why.startswith("edited"):
                yield from (_edit_line(e) for e in answer["edits"] if e["record"] == what)
    if answer["proof"]:
        differing = answer["proof"]["differing"]
        yield f"  proved: {answer['proof']['read']} records read back, {len(differing)} differ"
        yield from (_finding_line(finding) for finding in differing)
    yield from (f"next: {step}" for step in answer["next"])


def _next(again: str, load: str, result: RollbackResult, *, dry_run: bool) -> Iterator[str]:
    if dry_run:
        yield again
        return
    if result.edits:
        yield f"look at what people edited; to undo that as well: {again} --force"
    if result.in_use:
        yield f"clear away what uses the {result.in_use} kept, then {again}"
    if result.failed:
        yield f"see the reasons of the {len(result.failed)} failed, then {again}"
    if result.differing:
        yield "correct at the destination what differs from before; its report names each"
    elif any(deed == DESTROYED for _, deed in result.deeds):
        yield f"{load} loads again what was undone"


def _edit_line(edit: Mapping[str, Any]) -> str:
    return f"    {edit['field']}: {_short(edit['was'])} -> {_short(edit['now'])}"


def _short(text: str) -> str:
    return f"{text[:_EXCERPT]}..." if len(text) > _EXCERPT else text or "(nothing)"


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "object": finding.object_name,
        "target_id": finding.target_id,
        "record": str(finding.origin) if finding.origin else "",
        "field": finding.field_name,
        "before": shown(finding.expected),
        "now": shown(finding.actual),
        "note": finding.note,
    }


def _finding_line(finding: Mapping[str, Any]) -> str:
    what = finding["record"] or finding["object"]
    field = f": {finding['field']}: {_short(finding['before'])} -> {_short(finding['now'])}"
    note = f" ({finding['note']})" if finding["note"] else ""
    return f"  differs from before: {what}{field if finding['field'] else ''}{note}"
