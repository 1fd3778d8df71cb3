"""Commands that keep personal data where it belongs: purge."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, REFUSED, Scene, app, command

if TYPE_CHECKING:
    from pathlib import Path

    from crossdock.migration import Migration
    from crossdock.privacy.purging import Purging


@command(app)
def purge(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    by: Annotated[str, typer.Option(help="Who purges: kept with the date; your login if not given.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also with a run unfinished, something paused, or queues open.")
    ] = False,
) -> int:
    """Take the personal data out of a finished project; ids, outcomes and hashes of values stay as proof.

    After it nothing can be loaded or rolled back. Example: crossdock -C acme purge --dry-run
    """
    import getpass

    from crossdock.cli.app import say_error
    from crossdock.cli.output import answer, progress_for, say
    from crossdock.privacy.proof import key_file
    from crossdock.privacy.purging import Purging

    scene: Scene = context.obj
    progress, close = progress_for(scene.json)
    try:
        with Purging(scene.project(), progress) as purging:
            found = _found(purging)
            if not force and not dry_run:
                purging.require_finished()
            if not dry_run and not yes and not _confirmed(scene, found):
                say_error("nothing was purged.", "Say yes when asked, or give --yes.")
                return REFUSED
            done = None if dry_run else purging.purge(by.strip() or getpass.getuser())
            key = key_file(purging.project.state)
    finally:
        close()
    found |= {"dry_run": dry_run, "purged": done.as_data() if done else None, "key": str(key)}
    if scene.json:
        answer(found)
        return OK
    _show(found)
    if dry_run:
        say("next: crossdock purge --by NAME")
        return OK
    say(done.told() if done else "Nothing was ever run here; what lay in the folders is gone.")
    say(f"key of the hashes: {key}: archive it apart from the project, or delete it.")
    return OK


def by_hash(scene: Scene, migration: "Migration", spot: int, exports: "Path | None") -> int:
    """`reconcile` of a project that was purged."""
    from crossdock.cli.output import answer, findings_table, say, table
    from crossdock.cli.reporting import reported
    from crossdock.privacy.comparison import compare_hashes, refuse_values

    refuse_values(spot, exports is not None)
    compared = compare_hashes(migration)
    report, path = reported(migration, compared.run.id)
    report |= {
        "routes": [
            {
                "name": route.name,
                "expected": route.expected,
                "whole": route.whole,
                "findings": {kind.value: count for kind, count in route.findings.items()},
            }
            for route in compared.routes
        ],
        "links": [],
        "sums": [],
        "scope": [],
        "spot": None,
        "hashed_fields": compared.fields,
        "not_proven": compared.not_proven,
    }
    if scene.json:
        answer(report)
    else:
        rows = [[r["name"], r["expected"], r["whole"], sum(r["findings"].values())] for r in report["routes"]]
        table("Compared by hash", ["route", "expected", "whole", "findings"], rows)
        findings_table(report)
        say(f"{compared.fields} fields were held against the hash of what was read back after the load.")
        for line in compared.not_proven:
            say(f"not proven: {line}")
        say(f"report: {path}")
    return OK if compared.clean else FOUND


def for_support(scene: Scene, migration: "Migration", records: int) -> int:
    """`report --anonymise`."""
    from crossdock.cli.output import answer, say
    from crossdock.privacy.bundle import write_bundle

    path, listing = write_bundle(migration, records)
    if scene.json:
        answer({"file": str(path), "contents": listing})
        return OK
    say(listing)
    say(f"for support: {path}: look into it before you send it.")
    return OK


def _found(purging: "Purging") -> dict[str, Any]:
    """What there is to be purged, counted."""
    from dataclasses import asdict

    doomed, before = purging.doomed(), purging.done_before
    folder = purging.project.directory.resolve()
    return {
        "before": before.as_data() if before else None,
        "staged": purging.staged(),
        "ledgers": [{"destination": name, **asdict(held)} for name, held in purging.held().items()],
        "files": {
            "count": doomed.count,
            "bytes": doomed.size,
            "paths": sorted(_named(path.resolve(), folder) for path in doomed.paths),
        },
        "left_alone": purging.left_alone(),
        "open": purging.open_ends(),
    }


def _named(path: "Path", folder: "Path") -> str:
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _show(found: dict[str, Any]) -> None:
    from crossdock.cli.output import say, table

    if found["before"]:
        say(f"purged before: {found['before']['at']} by {found['before']['by']}")
    rows = [["staged records", found["staged"], "go"]]
    for held in found["ledgers"]:
        where = f" ({held['destination']})" if held["destination"] else ""
        rows += [
            [f"before-images{where}", held["images"], "become hashes"],
            [f"values as read back{where}", held["bases"], "become hashes"],
            [f"rows of files{where}", held["filed"], "become hashes"],
            [f"findings{where}", held["findings"], "lose their values"],
            [f"reasons{where}", held["reasons"], "lose what they tell of a record"],
        ]
    files = found["files"]
    rows.append([f"files, {files['bytes'] / 1e6:.1f} MB", files["count"], "go; reports are written anew"])
    table("Personal data", ["what", "count", "what becomes of it"], rows)
    for path in files["paths"]:
        say(f"  {path}")
    for name in found["left_alone"]:
        say(f"not touched, look at it yourself: {name}")
    for what in found["open"]:
        say(f"not finished (refused without --force): {what}")


def _confirmed(scene: Scene, found: dict[str, Any]) -> bool:
    """Whether a person at a terminal says so. A program has to give --yes."""
    import sys

    if scene.json or not sys.stdin.isatty():
        return False
    _show(found)
    return typer.confirm("After this nothing can be loaded or rolled back. Purge?")
