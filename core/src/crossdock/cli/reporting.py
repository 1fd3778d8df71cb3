"""Commands that say how things stand: status, report."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import OK, Scene, app, command

if TYPE_CHECKING:
    from crossdock.migration import Migration


@command(app)
def status(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """List the runs of this project and where they stand.

    Example: crossdock -C acme status
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.delta.progress import mark_rows, newest_marks
    from crossdock.nextsteps import next_steps
    from crossdock.report import run_of

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        runs = [run_of(migration.ledger, run) for run in migration.ledger.runs.all()]
        marks = newest_marks(migration.ledger)
        purged = migration.ledger.purges.newest()
        steps = next_steps(migration)
    if scene.json:
        answer(runs)
    else:
        keys = ("id", "kind", "state", "started_at", "seconds")
        if runs:
            rows = [["" if run[key] is None else run[key] for key in keys] for run in runs]
            table("Runs", keys, rows)
            if purged:
                say(purged.told())
            if marks:
                table("Read at the source", ["tenant", "object", "up to", "records"], mark_rows(marks))
        else:
            say("nothing was run yet.")
        for step in steps:
            say(f"next: {step}")
    return OK


@command(app)
def report(
    context: typer.Context,
    run_id: Annotated[str | None, typer.Option("--run", help="Which run; the newest if not given.")] = None,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
    anonymise: Annotated[
        bool,
        typer.Option(
            "--anonymise",
            help="Write a file for support: reports, log and some records, stand-ins for all values.",
        ),
    ] = False,
    records: Annotated[
        int, typer.Option(min=0, help="With --anonymise: how many staged records are in it.")
    ] = 50,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="Write the audit log as Parquet too (extra `parquet`).")
    ] = False,
) -> int:
    """Write the report and the audit log of a run, and print it.

    Example: crossdock -C acme report --parquet; to ask for help: crossdock -C acme report --anonymise
    """
    from crossdock.cli.output import answer, say
    from crossdock.cli.privacy import for_support
    from crossdock.report import as_text

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        if anonymise:
            return for_support(scene, migration, records)
        data, path = reported(migration, run_id, parquet=parquet)
        pages = paged(migration.project.reports, data)
    if scene.json:
        answer(data)
    else:
        say(as_text(data))
        for each in (path, *pages):
            say(f"report: {each}")
        say(f"audit: {data['audit']}")
        if "audit_parquet" in data:
            say(f"audit: {data['audit_parquet']}")
    return OK


def paged(folder: Path, report: dict[str, Any]) -> list[Path]:
    """Write a report as a page and as a PDF, if the extra for it is there; gives their paths."""
    from crossdock.documents.filing import pages_possible
    from crossdock.reportpage import write_report_page

    return write_report_page(folder, report, pdf=True) if pages_possible() else []


def reported(
    migration: "Migration", run_id: str | None, *, parquet: bool = False
) -> tuple[dict[str, Any], Path]:
    """The report of a run (None: the newest), with its audit log written, with `parquet` as Parquet too; and
    the path of its text."""
    from crossdock.audit import write_audit
    from crossdock.report import filed_besides, report_of, write_report
    from crossdock.rollback.runs import find_run

    project, ledger = migration.project, migration.ledger
    found = find_run(ledger, run_id)
    data = report_of(ledger, migration.staging, found, project.queues)
    data = filed_besides(project.reports, data) | data
    data["audit"] = str(write_audit(project.reports, ledger, found))
    if parquet:
        from crossdock.auditparquet import write_audit_parquet

        data["audit_parquet"] = str(write_audit_parquet(project.reports, ledger, found))
    return data, write_report(project.reports, data)
