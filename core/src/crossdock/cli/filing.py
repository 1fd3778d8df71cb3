"""`run --to-files` and `reconcile --from-files`: where the destination's API is closed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.cli.app import FOUND, OK, Scene

if TYPE_CHECKING:
    from crossdock.migration import Migration

DEFAULT = "import-files"


def to_files(scene: Scene, migration: "Migration", folder: Path | None) -> int:
    """`run --to-files [FOLDER]`."""
    from crossdock.cli.output import answer, say
    from crossdock.cli.reporting import reported
    from crossdock.tofiles.filing import catalog_or_kept
    from crossdock.tofiles.writing import format_of, is_clean, write_files
    from crossdock.trial.signoff import require_signed

    closed = catalog_or_kept(migration)
    format_of(migration)
    resolved = migration.confirmed()
    require_signed(migration, resolved)
    place = folder if folder is not None else scene.directory / DEFAULT
    written = write_files(migration, resolved, place, closed)
    report, path = reported(migration, written.run.id)
    checklist = written.checklist
    if scene.json:
        answer(report | {"folder": str(place), "checklist": checklist, "page": str(written.page)})
    else:
        if closed:
            say(f"The destination was not asked: {closed}")
        _show(report, checklist)
        say(report["verdict"])
        say(f"files: {place}")
        say(f"checklist: {written.page}")
        say(f"report: {path}")
        for step in report["next"]:
            say(f"next: {step}")
    return OK if is_clean(written, report) else FOUND


def from_files(scene: Scene, migration: "Migration", folder: Path) -> int:
    """`reconcile --from-files FOLDER`."""
    from crossdock.cli.output import answer, findings_table, say, table
    from crossdock.cli.reporting import reported
    from crossdock.tofiles.filing import catalog_or_kept
    from crossdock.tofiles.proof import prove

    catalog_or_kept(migration)
    proof = prove(migration, folder)
    report, path = reported(migration, proof.run.id)
    report |= {
        "proves": proof.of.id,
        "objects": [x.as_data() for x in proof.objects],
        "strange": proof.strange,
    }
    if scene.json:
        answer(report)
    else:
        rows = [[x.name, x.filed, x.rows, x.whole, sum(x.findings.values())] for x in proof.objects]
        table("Exports", ["object", "written", "rows exported", "whole", "findings"], rows)
        findings_table(report)
        for line in proof.not_proven:
            say(f"not proven: {line}")
        for name in proof.strange:
            say(f"not used: {name} is named after no object that was written")
        say(report["verdict"])
        say(f"report: {path}")
        for step in report["next"]:
            say(f"next: {step}")
    return OK if proof.clean else FOUND


def _show(report: dict[str, Any], checklist: dict[str, Any]) -> None:
    from crossdock.cli.output import say, table
    from crossdock.tofiles.checklist import left_line

    ends = ("filed", "unchanged", "merged", "rejected", "failed", "held", "skipped")
    rows = [
        [phase["name"], phase["extracted"], *(phase["source"].get(name, 0) for name in ends)]
        for phase in report["phases"]
    ]
    table("Phases", ["phase", "extracted", *ends], rows)
    files = [[x["n"], x["file"], x["rows"], x["label"]] for x in checklist["files"]]
    table("Files, in the order of the import", ["no.", "file", "rows", "what"], files)
    if checklist["make_first"]:
        say(f"to be made by hand first: {len(checklist['make_first'])}, see the checklist")
    for each in checklist["left_out"]:
        say(f"not in the files: {left_line(each)}")
