"""What `run` does before the whole is loaded: the dry run and the sample; and who signs: signoff."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command

if TYPE_CHECKING:
    from crossdock.migration import Migration


def try_out(scene: Scene, migration: "Migration") -> int:
    """`run --dry-run`."""
    from crossdock.cli.output import answer, phase_table, say, table
    from crossdock.mappingfile.check import check, require_fit
    from crossdock.trial.dryreport import write_dry_report
    from crossdock.trial.runs import try_migration

    resolved = migration.resolved()
    require_fit(check(resolved, list(migration.source_catalogs.values()), migration.destination_catalog))
    report = try_migration(migration, resolved)
    path = write_dry_report(migration.project.reports, report)
    if scene.json:
        answer(report | {"report": str(path)})
    else:
        say("A dry run needs no confirmation: nothing is written to the destination.")
        if not report["confirmed"]:
            say("The mapping is not confirmed as it is now; `crossdock run` would refuse.")
        phase_table(report)
        columns = ("filled", "empty", "converted", "normalised", "rejected", "updated")
        rows = [
            [f["source"], f"{f['target']}.{f['field'] or '(record)'}", *(f[name] for name in columns)]
            for f in report["fields"]
        ]
        table("Fields", ["from", "field", *columns], rows)
        say(report["verdict"])
        say(f"report: {path}")
        for step in report["next"]:
            say(f"next: {step}")
    return OK if report["clean"] else FOUND


def sample(scene: Scene, migration: "Migration", size: int) -> int:
    """`run --sample SIZE`."""
    from crossdock.cli.output import answer, findings_table, phase_table, say
    from crossdock.cli.reporting import reported
    from crossdock.trial.runs import run_sample
    from crossdock.trial.samplediff import VERDICTS
    from crossdock.trial.signoff import require_signed

    resolved = migration.confirmed()
    require_signed(migration, resolved, sample=True)
    finished, diff = run_sample(migration, resolved, size)
    report, path = reported(migration, finished.id)
    where = f" --to {migration.destination_name}" if migration.destination_name else ""
    page = diff["files"]["html"] or diff["files"]["csv"]
    report["next"] = [
        f"read {page}",
        f"crossdock signoff --by NAME{where}",
        f"crossdock run{where}",
    ]
    if scene.json:
        answer(report | {"sample": diff})
    else:
        phase_table(report)
        findings_table(report)
        say(f"sample: {diff['chosen']} records of the source, with all that they refer to")
        shown = (f"{diff[verdict.replace(' ', '_')]} {verdict}" for verdict in VERDICTS)
        say(f"fields: {', '.join(shown)}")
        say(report["verdict"])
        say(f"difference: {page}")
        say(f"report: {path}")
        for step in report["next"]:
            say(f"next: {step}")
    clean = report["clean"] and not diff["differs"]
    return OK if clean else FOUND


@command(app)
def signoff(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Who signs: a name that is filed with the signature.")],
    run_id: Annotated[
        str | None, typer.Option("--of", help="Which run; the newest sample or rehearsal if not given.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Sign the rehearsal at this destination.")] = None,
    accept_findings: Annotated[
        bool, typer.Option("--accept-findings", help="Also sign what the reconciliation found.")
    ] = False,
) -> int:
    """Sign the difference of a sample run, or a rehearsal that was reconciled.

    Example: crossdock -C acme signoff --by "Anna Petrova"
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from crossdock.cli.output import answer, say
    from crossdock.trial.signoff import sign_off

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        now = datetime.now(UTC).replace(microsecond=0)
        signed = sign_off(migration, migration.confirmed(), by, now, run_id, accept=accept_findings)
    data: dict[str, Any] = asdict(signed)
    if scene.json:
        answer(data)
    else:
        where = f" at {signed.destination}" if signed.destination else ""
        say(f"{signed.kind} {signed.run}{where}: signed by {signed.by} at {signed.at}.")
        say(f"digest: {signed.digest}; findings signed too: {signed.findings}")
        say("next: crossdock run")
    return OK
