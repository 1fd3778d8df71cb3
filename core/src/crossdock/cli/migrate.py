"""Commands that move: plan, provision, run."""

from pathlib import Path
from typing import Annotated

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command


@command(app)
def plan(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Show the phases in order, how many requests they need, and how long that takes at the rate limit.

    Example: crossdock -C acme plan
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.scoping.planning import plan_of

    scene: Scene = context.obj
    with scene.migration(to) as migration:
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
    for reading in planned["sources"]:
        limit = reading["calls_per_minute"]
        pace = f", {reading['minutes_at_limit']} min at {limit:g} a minute" if limit else ""
        cost = f"at least {reading['requests']} requests{pace}, and {reading['again']} more to compare"
        say(f"reading {reading['tenant']}: {cost}.")
    if unknown := [p["name"] for p in planned["phases"] if not p["counted"]]:
        say(f"not in it: {', '.join(unknown)}; the source counts them only when they are read.")
    if empty := planned["empty_fields"]:
        more = f" and {len(empty) - 8} more" if len(empty) > 8 else ""
        say(f"moved, but empty in every record: {', '.join(empty[:8])}{more}; see crossdock map usage.")
    say("next: crossdock run")
    return OK


@command(app)
def provision(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be made.")] = False,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Make the objects, fields and options that the mapping wants and the destination lacks.

    Example: crossdock -C acme provision --dry-run
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.provisioning import explained, provisioned_objects
    from crossdock.run import MigrationRun

    scene: Scene = context.obj
    with scene.migration(to) as migration:
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
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="With --to-files: where the files go; `import-files` in the project if not given."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do all of it but the writes, and say what would come of it.")
    ] = False,
    size: Annotated[
        int | None,
        typer.Option(
            "--sample", min=1, help="Only so many records and what they refer to; gives a difference to sign."
        ),
    ] = None,
    delta: Annotated[
        bool, typer.Option("--delta", help="Only what was created, changed or deleted since the last run.")
    ] = False,
    retry: Annotated[
        bool,
        typer.Option(
            "--retry-failed",
            help="Only what the newest run rejected, failed or held (if that was decided since), and what"
            " waited for it.",
        ),
    ] = False,
    objects: Annotated[
        list[str] | None,
        typer.Option("--object", help="With --retry-failed: only this object, of the source or there."),
    ] = None,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
    to_files: Annotated[
        bool,
        typer.Option(
            "--to-files",
            help="Do not load: write CSV files for the destination's own importer, and a checklist for it.",
        ),
    ] = False,
) -> int:
    """Extract, provision, load in dependency order, read everything back. Start it again to resume.

    Example: crossdock -C acme run; after corrections: crossdock -C acme run --retry-failed --object contacts;
    until the cutover: crossdock -C acme run --delta; where the API is closed:
    crossdock -C acme run --to-files acme-files
    """
    from crossdock.cli.filing import to_files as file_out
    from crossdock.cli.output import answer, findings_table, phase_table, say
    from crossdock.cli.reporting import reported
    from crossdock.cli.trying import sample, try_out
    from crossdock.delta.retry import retry_failed
    from crossdock.delta.run import run_delta
    from crossdock.errors import ConfigError
    from crossdock.run import run_migration
    from crossdock.trial.signoff import require_signed

    scene: Scene = context.obj
    if dry_run and size is not None:
        raise ConfigError("--dry-run tries all records, --sample loads some of them.", hint="Give one.")
    if delta and (dry_run or size is not None):
        raise ConfigError("--delta takes neither --dry-run nor --sample.", hint="Give one of the three.")
    if to_files and (dry_run or delta or size is not None):
        raise ConfigError("--to-files takes none of --dry-run, --sample, --delta.", hint="Give it alone.")
    if retry and (dry_run or delta or to_files or size is not None):
        raise ConfigError(
            "--retry-failed takes none of --dry-run, --sample, --delta, --to-files.", hint="Give it alone."
        )
    if objects and not retry:
        raise ConfigError("--object goes with --retry-failed: a run takes all objects of the mapping.")
    if folder is not None and not to_files:
        raise ConfigError(f"{folder}: run takes a folder with --to-files only.")
    with scene.migration(to) as migration:
        if to_files:
            return file_out(scene, migration, folder)
        if dry_run:
            return try_out(scene, migration)
        if size is not None:
            return sample(scene, migration, size)
        resolved = migration.confirmed()
        require_signed(migration, resolved)
        if retry:
            finished = retry_failed(migration, resolved, objects or ())
        else:
            finished = (run_delta if delta else run_migration)(migration, resolved)
        report, path = reported(migration, finished.id)
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
    return OK if report["clean"] else FOUND
