"""Commands on the versions of the mapping: versions, restore; and what `map diff A B` says."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, command
from crossdock.cli.mapping import mapping_app

if TYPE_CHECKING:
    from crossdock.mapversions import MapVersion


@command(mapping_app)
def versions(context: typer.Context) -> int:
    """List the versions of mapping.yaml that were kept: who made each, when and why.

    Example: crossdock -C acme map versions
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.mapversions import is_kept, versions_of

    scene: Scene = context.obj
    project = scene.project()
    kept, current = versions_of(project), is_kept(project)
    if scene.json:
        answer({"versions": [asdict(version) for version in kept], "current": current})
        return OK
    if kept:
        rows = [[v.number, v.at, v.by, v.why.value, v.note] for v in kept]
        table("Versions of the mapping", ["version", "at", "by", "why", "what"], rows)
    else:
        say("no version was kept yet: crossdock map propose makes the first.")
    if kept and not current:
        say(f"mapping.yaml was edited since version {kept[-1].number}: crossdock map diff {kept[-1].number}")
    return OK


@command(mapping_app)
def restore(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="The version, as `map versions` counts.")],
    by: Annotated[str, typer.Option(help="Who does it; the user of this machine if not given.")] = "",
) -> int:
    """Make mapping.yaml what it was in a version. What it is now is kept as a version; confirm it again.

    Example: crossdock -C acme map restore 3
    """
    from crossdock.cli.output import answer, say
    from crossdock.mapversions import restore as restored

    scene: Scene = context.obj
    with scene.migration() as migration:
        migration.hold()  # a run goes by this file
        project = migration.project
        version = restored(project, number, by)
    if scene.json:
        answer({"restored": asdict(version), "file": str(project.mapping)})
    else:
        say(f"mapping.yaml is as in version {number} of {version.at}, {version.why.value} by {version.by}.")
        say("next: crossdock map check, then crossdock map confirm --by NAME")
    return OK


def told_between(scene: Scene, older: int, newer: int | None) -> int:
    """Say what changed from one version of the mapping to another; `newer` None: to what it is now."""
    from crossdock.cli.output import answer, say
    from crossdock.mappingfile.difference import changes
    from crossdock.mapversions import mapping_of, version_of

    project = scene.project()
    ends = [None if number is None else version_of(project, number) for number in (older, newer)]
    found = changes(mapping_of(project, older), mapping_of(project, newer))
    if scene.json:
        answer({"from": _plain(ends[0]), "to": _plain(ends[1]), "changes": [asdict(each) for each in found]})
    else:
        say(f"from {_named(ends[0])} to {_named(ends[1])}: {_count(len(found))}")
        for change in found:
            say(f"  {change.text}")
    return FOUND if found else OK


def _count(differences: int) -> str:
    return "1 difference" if differences == 1 else f"{differences or 'no'} differences"


def _plain(version: "MapVersion | None") -> dict[str, Any] | None:
    return None if version is None else asdict(version)


def _named(version: "MapVersion | None") -> str:
    if version is None:
        return "what mapping.yaml is now"
    return f"version {version.number} ({version.why.value} by {version.by or 'nobody known'}, {version.at})"
