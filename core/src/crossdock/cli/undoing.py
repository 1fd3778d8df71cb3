"""The command that undoes: rollback."""

import shlex
from typing import Annotated

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command


@command(app)
def rollback(
    context: typer.Context,
    run_id: Annotated[
        str | None, typer.Option("--run", help="The run to undo; the newest if not given.")
    ] = None,
    objects: Annotated[
        list[str] | None,
        typer.Option(
            "--object", help="Only the records of this object, of the source or of the destination."
        ),
    ] = None,
    records: Annotated[
        list[str] | None,
        typer.Option("--record", help="Only this record, as OBJECT/KEY of the source or TENANT/OBJECT/KEY."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be undone, kept and refused.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Also undo records that were edited since.")] = False,
    with_later: Annotated[
        bool,
        typer.Option(
            "--with-later",
            help="Undo first what built upon it: later runs, and records that refer to the ones named.",
        ),
    ] = False,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Undo a run, or some of it: created records are destroyed, updated ones restored, schema removed.

    What people edited since, and what something else uses, is kept and named. Whatever was undone is read
    back and compared with what was there before. It can be stopped, and goes on with the same command. What
    is undone is forgotten: the next run loads it again, so leave it out in mapping.yaml or at the source if
    it shall stay away.

    Example: crossdock -C acme rollback --dry-run; one record and what refers to it:
    crossdock -C acme rollback --record companies/1042 --with-later
    """
    from crossdock.cli.output import answer, say
    from crossdock.rollback.account import account_of, as_text, write_account
    from crossdock.rollback.runs import told, undo_runs

    scene: Scene = context.obj
    options = [("object", objects or ()), ("record", records or ())]
    asked = "".join(f" --{name} {shlex.quote(one)}" for name, several in options for one in several)
    asked += " --with-later" if with_later else ""
    with scene.migration(to) as migration:
        if force and not dry_run:
            migration.confirmed()
        results = undo_runs(
            migration,
            run_id,
            dry_run=dry_run,
            force=force,
            with_later=with_later,
            objects=objects or (),
            records=records or (),
        )
        answers = [account_of(run, done, dry_run=dry_run, asked=asked, to=to) for run, done in results]
        folder = migration.project.reports
        paths = [] if dry_run else [write_account(folder, each) for each in answers]
        if scene.json:
            answer(answers)
        else:
            for each in answers:
                say(as_text(each).rstrip("\n"))
            for path in paths:
                say(f"report: {path}")
        if not dry_run:
            told(migration)  # while this is still the process that writes here
    return OK if all(result.complete for _, result in results) else FOUND
