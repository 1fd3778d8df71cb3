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
    from crossdock.report import run_of

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        runs = [run_of(migration.ledger, run) for run in migration.ledger.runs.all()]
        marks = newest_marks(migration.ledger)
    if scene.json:
        answer(runs)
    else:
        keys = ("id", "kind", "state", "started_at", "seconds")
        if runs:
            rows = [["" if run[key] is None else run[key] for key in keys] for run in runs]
            table("Runs", keys, rows)
            if marks:
                table("Read at the source", ["tenant", "object", "up to", "records"], mark_rows(marks))
        else:
            say("nothing was run yet.")
            say("next: crossdock discover")
    return OK


@command(app)
def report(
    context: typer.Context,
    run_id: Annotated[str | None, typer.Option("--run", help="Which run; the newest if not given.")] = None,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Write the report and the audit log of a run, and print it.

    Example: crossdock -C acme report
    """
    from crossdock.cli.output import answer, say
    from crossdock.report import as_text

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        data, path = reported(migration, run_id)
    if scene.json:
        answer(data)
    else:
        say(as_text(data))
        say(f"report: {path}")
        say(f"audit: {data['audit']}")
    return OK


def reported(migration: "Migration", run_id: str | None) -> tuple[dict[str, Any], Path]:
    """The report of a run (None: the newest), with its audit log written; and the path of its text."""
    from crossdock.audit import write_audit
    from crossdock.report import report_of, write_report
    from crossdock.rollback.runs import find_run

    project, ledger = migration.project, migration.ledger
    found = find_run(ledger, run_id)
    data = report_of(ledger, migration.staging, found, project.queues)
    data["audit"] = str(write_audit(project.reports, ledger, found))
    return data, write_report(project.reports, data)
