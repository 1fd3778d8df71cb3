"""Commands that move and undo: plan, provision, run, reconcile, rollback, status, report."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command

if TYPE_CHECKING:
    from crossdock.migration import Migration


@command(app)
def plan(context: typer.Context) -> int:
    """Show the phases in order, how many requests they need, and how long that takes at the rate limit.

    Example: crossdock -C acme plan
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.planning import plan_of

    scene: Scene = context.obj
    with scene.migration() as migration:
        planned = plan_of(migration, migration.resolved())
    if scene.json:
        answer(planned)
        return OK
    rows = [
        [p["name"], *((p["records"], p["requests"]) if p["counted"] else "??"), ", ".join(p["deferred"])]
        for p in planned["phases"]
    ]
    table("Phases in order", ["phase", "records", "requests", "second pass"], rows)
    say(planned["estimate"])
    if unknown := [p["name"] for p in planned["phases"] if not p["counted"]]:
        say(f"not in it: {', '.join(unknown)}; the source counts them only when they are read.")
    say("next: crossdock run")
    return OK


@command(app)
def provision(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made.")] = False,
) -> int:
    """Make the objects, fields and options that the mapping wants and the destination lacks.

    Example: crossdock -C acme provision --dry-run
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.run import MigrationRun, explained, provisioned_objects

    scene: Scene = context.obj
    with scene.migration() as migration:
        if dry_run:
            resolved = migration.resolved()
            planned = migration.destination.provision(provisioned_objects(resolved), True)
            changes = explained(planned, resolved)
        else:
            work = MigrationRun(migration, migration.confirmed())
            changes = work.provision(work.start("run"))
    if scene.json:
        keys = ("kind", "key", "label", "reason")
        answer([{key: getattr(change, key) for key in keys} for change in changes])
        return OK
    table(
        "To be made" if dry_run else "Made",
        ["what", "label", "why"],
        [[c.key, c.label, c.reason] for c in changes],
    )
    say("next: crossdock run" if not dry_run else "next: crossdock provision")
    return OK


@command(app)
def run(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Extract, provision, load in dependency order, read everything back. Start it again to resume.

    Example: crossdock -C acme run
    """
    from crossdock.cli.output import answer, findings_table, phase_table, say
    from crossdock.run import run_migration

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        finished = run_migration(migration, migration.confirmed())
        report, path = _reported(migration, finished.id)
    if scene.json:
        answer(report)
    else:
        phase_table(report)
        findings_table(report)
        say(report["verdict"])
        say(f"elapsed: {report['run']['seconds']} s")
        say(f"report: {path}")
        for step in report["next"]:
            say(f"next: {step}")
    return OK if report["verdict"].startswith("Everything") else FOUND


@command(app)
def reconcile(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Compare every field of every record with a second read of the source. Reads only.

    Example: crossdock -C acme reconcile
    """
    from crossdock.cli.output import answer, findings_table, say, table
    from crossdock.verification import verify_migration

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        verification = verify_migration(migration, migration.confirmed())
        report, path = _reported(migration, verification.run.id)
    report["routes"] = [
        {
            "name": r.name,
            "expected": r.expected,
            "whole": r.whole,
            "findings": {kind.value: count for kind, count in r.findings.items()},
        }
        for r in verification.routes
    ]
    if scene.json:
        answer(report)
    else:
        rows = [[r.name, r.expected, r.whole, sum(r.findings.values())] for r in verification.routes]
        table("Reconciled", ["route", "expected", "whole", "findings"], rows)
        findings_table(report)
        say(report["verdict"])
        say(f"report: {path}")
        for step in report["next"]:
            say(f"next: {step}")
    return OK if verification.clean else FOUND


@command(app)
def rollback(
    context: typer.Context,
    run_id: Annotated[
        str | None, typer.Option("--run", help="The run to undo; the newest if not given.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be undone.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also undo records that were edited since.")] = False,
    with_later: Annotated[
        bool, typer.Option("--with-later", help="Undo later runs first, newest first.")
    ] = False,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Undo a run: created records are destroyed, updated ones restored, provisioned schema removed.

    Example: crossdock -C acme rollback --dry-run
    """
    from crossdock.cli.output import answer, say
    from crossdock.undoing import undo_runs

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        if force and not dry_run:
            migration.confirmed()
        results = undo_runs(migration, run_id, dry_run=dry_run, force=force, with_later=with_later)
    if scene.json:
        answer(
            [
                {"run": run.id, "undone": r.undone, "kept": r.kept, "failed": r.failed, "dry_run": dry_run}
                for run, r in results
            ]
        )
    for run, result in results if not scene.json else ():
        say(
            f"run {run.id}: {result.undone} {'would be ' if dry_run else ''}undone,"
            f" {len(result.kept)} kept, {len(result.failed)} failed"
        )
        if result.objects:
            say("  undone: " + ", ".join(f"{count} {name}" for name, count in result.objects.items()))
        for bucket, rows in (("kept", result.kept), ("failed", result.failed)):
            for what, why in rows:
                say(f"  {bucket}: {what}: {why}")
        if dry_run:
            say(f"next: crossdock rollback --run {run.id}")
    return OK if all(result.complete for _, result in results) else FOUND


@command(app)
def status(context: typer.Context) -> int:
    """List the runs of this project and where they stand.

    Example: crossdock -C acme status
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.report import run_of

    scene: Scene = context.obj
    with scene.migration() as migration:
        runs = [run_of(run) for run in migration.ledger.runs.all()]
    if scene.json:
        answer(runs)
    else:
        keys = ("id", "kind", "state", "started_at", "seconds")
        if runs:
            rows = [["" if run[key] is None else run[key] for key in keys] for run in runs]
            table("Runs", keys, rows)
        else:
            say("nothing was run yet.")
            say("next: crossdock discover")
    return OK


@command(app)
def report(
    context: typer.Context,
    run_id: Annotated[str | None, typer.Option("--run", help="Which run; the newest if not given.")] = None,
) -> int:
    """Write the report and the audit log of a run, and print it.

    Example: crossdock -C acme report
    """
    from crossdock.cli.output import answer, say
    from crossdock.report import as_text

    scene: Scene = context.obj
    with scene.migration() as migration:
        data, path = _reported(migration, run_id)
    if scene.json:
        answer(data)
    else:
        say(as_text(data))
        say(f"report: {path}")
        say(f"audit: {data['audit']}")
    return OK


def _reported(migration: "Migration", run_id: str | None) -> tuple[dict[str, Any], Any]:
    from crossdock.audit import write_audit
    from crossdock.report import report_of, write_report
    from crossdock.undoing import find_run

    project, ledger = migration.project, migration.ledger
    found = find_run(ledger, run_id)
    data = report_of(ledger, migration.staging, found, project.queues)
    data["audit"] = str(write_audit(project.reports, ledger, found))
    return data, write_report(project.reports, data)
