"""Commands that prove: reconcile, cutover."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command

if TYPE_CHECKING:
    from crossdock.reconcile.project import Verification


@command(app)
def reconcile(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
    spot: Annotated[
        int,
        typer.Option(min=0, help="Also draw this many records over all objects, side by side."),
    ] = 0,
    seed: Annotated[str, typer.Option(help="Draws the sample: the same seed, the same records.")] = "",
    exports: Annotated[
        Path | None,
        typer.Option(
            "--from-files",
            metavar="FOLDER",
            help="Compare exports of the destination in this folder with what `run --to-files` wrote.",
        ),
    ] = None,
) -> int:
    """Compare every field of every record with a second read of the source. Reads only.

    Example: crossdock -C acme reconcile --spot 50; after an import by hand: crossdock -C acme reconcile
    --from-files exports
    """
    from crossdock.cli.filing import from_files
    from crossdock.cli.output import answer, say
    from crossdock.cli.privacy import by_hash
    from crossdock.cli.reporting import paged, reported
    from crossdock.errors import ConfigError
    from crossdock.reconcile.project import compared, verify_migration
    from crossdock.report import write_report
    from crossdock.scoping.comparison import scope_compared

    scene: Scene = context.obj
    if exports is not None and spot:
        raise ConfigError("--from-files takes no --spot.", hint="Give one of the two.")
    with scene.migration(to) as migration:
        if migration.ledger.purges.newest() is not None:
            return by_hash(scene, migration, spot, exports)
        if exports is not None:
            return from_files(scene, migration, exports)
        verification = verify_migration(migration, migration.confirmed(), spot, seed)
        report, _ = reported(migration, verification.run.id)
        report |= compared(verification)
        report["scope"] = scope_compared(migration, verification.run)
        report["spot"] = _spot_sheet(migration.project.reports, report, verification, seed)
        path = write_report(migration.project.reports, report)
        pages = paged(migration.project.reports, report)
    if scene.json:
        answer(report)
    else:
        _show(report)
        for each in (path, *pages):
            say(f"report: {each}")
        if report["spot"]:
            say(f"side by side: {report['spot']['sheet']}")
        for step in report["next"]:
            say(f"next: {step}")
    return OK if verification.clean else FOUND


@command(app)
def cutover(
    context: typer.Context,
    frozen_by: Annotated[str, typer.Option(help="Who made sure that the source is frozen.")] = "",
    accept: Annotated[str, typer.Option(help="Who knows and accepts what was not loaded or differs.")] = "",
    checked_by: Annotated[str, typer.Option(help="Who compared the drawn records at both platforms.")] = "",
    spot: Annotated[int, typer.Option(min=1, help="How many records are drawn to be compared by eye.")] = 50,
    restart: Annotated[bool, typer.Option("--restart", help="Begin a new checklist.")] = False,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Walk through the cutover: freeze, last delta, full comparison, spot check. Call it until it is done.

    Example: crossdock -C acme cutover --frozen-by "Anna Petrova"
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.cutover.checklist import Said
    from crossdock.cutover.steps import CutoverDesk

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        migration.hold()
        desk = CutoverDesk(migration, migration.confirmed(), spot)
        if restart:
            desk.restart()
        found = desk.advance(Said(frozen_by, accept, checked_by))
    if scene.json:
        answer(found)
        return OK if found["done"] else FOUND
    rows = [[s["title"], s["state"], s["by"], s["note"]] for s in found["steps"]]
    table("Cutover", ["step", "state", "by", "note"], rows)
    say(f"filed: {found['page']}")
    if found["sheet"]:
        say(f"side by side: {found['sheet']}")
    if found["done"]:
        say("Done: people may work at the destination.")
        return OK
    say(f"next: {found['next']}")
    return FOUND


def _show(report: Mapping[str, Any]) -> None:
    from crossdock.cli.output import findings_table, say, table
    from crossdock.reconcile.spotsheet import LINK_COLUMNS, LINK_KEYS

    rows = [[r["name"], r["expected"], r["whole"], sum(r["findings"].values())] for r in report["routes"]]
    table("Reconciled", ["route", "expected", "whole", "findings"], rows)
    if report["links"]:
        rows = [[x[key] for key in LINK_KEYS] for x in report["links"]]
        table("Owners and links, every record", list(LINK_COLUMNS), rows)
    if report["sums"]:
        rows = [[x["object"], x["field"], x["currency"], x["expected"], x["there"]] for x in report["sums"]]
        table("Sums over every record", ["object", "number", "currency", "source", "destination"], rows)
    keys = ("label", "scope", "extracted", "loaded", "there")
    rows = [["?" if x[key] is None else x[key] for key in keys] for x in report["scope"]]
    table("Scope and outcome", ["object", "scope said", "extracted", "loaded", "there now"], rows)
    findings_table(report)
    if report["spot"]:
        rows = [[r["name"] or r["source_id"], r["object"], r["verdict"]] for r in report["spot"]["records"]]
        table("Drawn records", ["record", "object", "verdict"], rows)
    say(report["verdict"])


def _spot_sheet(
    folder: Path, report: Mapping[str, Any], verification: "Verification", seed: str
) -> dict[str, Any] | None:
    if verification.sample is None:
        return None
    from crossdock.reconcile.spotsheet import write_spot_sheet

    records = verification.sample.records()
    sheet = write_spot_sheet(folder, report["run"], seed, records, verification.totals.as_data())
    return {"seed": seed, "sheet": str(sheet), "records": records}
