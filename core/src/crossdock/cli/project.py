"""Commands on the project and its platforms: plugins, init, discover."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command

if TYPE_CHECKING:
    from crossdock.entrypoints import Role


@command(app)
def plugins(
    context: typer.Context,
    check: Annotated[
        bool, typer.Option("--check", help="Import each plugin; list hooks and problems.")
    ] = False,
) -> int:
    """List what is installed: role, name and version. Nothing is imported for it.

    Example: crossdock plugins --check
    """
    from crossdock.cli.output import answer, table

    scene: Scene = context.obj
    if not check:
        from crossdock.entrypoints import list_plugins

        infos = list_plugins()
        if scene.json:
            answer(
                [
                    {"role": i.role, "name": i.name, "distribution": i.distribution, "version": i.version}
                    for i in infos
                ]
            )
        else:
            table(
                "",
                ["role", "name", "distribution", "version"],
                [[i.role, i.name, i.distribution, i.version] for i in infos],
            )
        return OK
    from crossdock.plugins import check_plugins

    reports = check_plugins()
    if scene.json:
        answer(
            [
                {"role": r.info.role, "name": r.info.name}
                | {"hooks": r.hooks, "problems": r.problems, "lacking": r.lacking}
                for r in reports
            ]
        )
    else:
        rows = [
            [r.info.role, r.info.name, ", ".join(r.hooks), "; ".join(r.problems) or r.lacking or "sound"]
            for r in reports
        ]
        table("", ["role", "name", "hooks", "check"], rows)
    return FOUND if any(r.problems for r in reports) else OK


@command(app)
def init(
    context: typer.Context,
    directory: Annotated[Path, typer.Argument(help="The folder to make.")],
    source: Annotated[str, typer.Option(help="The platform to leave.")],
    destination: Annotated[str, typer.Option(help="The platform to move to.")],
) -> int:
    """Make a project folder with a commented project file.

    Example: crossdock init acme --source PLATFORM --destination PLATFORM
    """
    import shlex

    from crossdock.cli.output import answer, say
    from crossdock.config import FILE_NAME, init_project
    from crossdock.entrypoints import Role

    scene: Scene = context.obj
    names = (_secret_name(Role.SOURCE, source), _secret_name(Role.DESTINATION, destination))
    project = init_project(scene.directory / directory, source, destination, secret_names=names)
    if scene.json:
        answer({"project": project.id, "directory": str(project.directory)})
    else:
        say(f"project: {project.directory}")
        say(f"next: write addresses, and where the keys are, into {project.directory / FILE_NAME},")
        say(f"      then crossdock -C {shlex.quote(str(project.directory))} discover")
    return OK


def _secret_name(role: "Role", platform: str) -> str:
    """What the platform calls its secret. Raises PluginError if no such plugin is installed."""
    from crossdock.checks import settings_type_of
    from crossdock.entrypoints import load_plugin
    from crossdock.secrets import secret_fields

    return next(iter(secret_fields(settings_type_of(load_plugin(role, platform), platform))), "token")


@command(app)
def discover(
    context: typer.Context,
    quick: Annotated[
        bool, typer.Option("--quick", help="Read no records: no duplicates, fill rates, files or people.")
    ] = False,
    records: Annotated[
        int, typer.Option(min=0, help="Read at most so many records of each object; 0 for all.")
    ] = 100_000,
) -> int:
    """Show what both platforms hold; write the scope document: figures, risks, plan, estimate. Reads only.

    Example: crossdock -C acme discover
    """
    from crossdock.cli.output import answer, say
    from crossdock.documents.filing import pages_possible, without_secrets
    from crossdock.scoping.page import write_scope_page
    from crossdock.scoping.scope import scope_of, write_scope

    scene: Scene = context.obj
    with scene.migration() as migration:
        scope = without_secrets(scope_of(migration, None if quick else records))
        migration.keep_catalog()
        paths = [write_scope(migration.project.reports, scope)]
        if pages_possible():
            paths += write_scope_page(migration.project.reports, scope)
    if scene.json:
        answer(scope)
        return OK
    _show_scope(scope)
    for path in paths:
        say(f"scope: {path}")
    if len(paths) == 1:
        say("scope.html was not written: pip install 'crossdock[reports]'")
    say("next: crossdock map propose")
    return OK


def _show_scope(scope: dict[str, Any]) -> None:
    from crossdock.cli.output import say, table

    for side in [*scope["sources"], scope["destination"]]:
        rows = [_object_row(item) for item in side["objects"]]
        columns = ["object", "label", "records", "fields", "incomplete", "duplicates"]
        table(f"{side['platform']} {side['identity']}", columns, rows)
        for artifact in side["artifacts"]:
            say(f"  {artifact['kind']}: {artifact['summary']}")
        for note in side["notes"]:
            say(f"  note: {note}")
    say("Risks")
    for risk in scope["risks"]:
        say(f"  {risk['figure']} {risk['text']}")
    assessment = scope["assessment"]
    rows = [[part["grade"], part["name"], part["why"]] for part in assessment["parts"]]
    points = f"{assessment['points']} of {assessment['most_points']} points"
    table(
        "Assessment, A to F", ["grade", "part", "because of"], [*rows, [assessment["grade"], "all", points]]
    )
    say(f"about {assessment['people_hours']:g} h of people, an assumption")
    if scope["price"]:
        say(f"price by the rules of the project: {scope['price']['total']} {scope['price']['currency']}")


def _object_row(item: dict[str, Any]) -> list[Any]:
    seen = item["profile"]
    count = seen["records"] if seen and item["count"] is None else item["count"]
    figures = [seen["incomplete"], seen["duplicates"]] if seen else ["", ""]
    return [item["name"], item["label"], "?" if count is None else count, item["fields"], *figures]
