"""Commands on the project and its platforms: plugins, init, discover."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    rows = [[r.info.role, r.info.name, ", ".join(r.hooks), "; ".join(r.problems) or "sound"] for r in reports]
    if scene.json:
        keys = ("role", "name", "hooks", "problems")
        answer(
            [dict(zip(keys, (r.info.role, r.info.name, r.hooks, r.problems), strict=True)) for r in reports]
        )
    else:
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
def discover(context: typer.Context) -> int:
    """Show what both platforms hold: objects, counts, what cannot move, automations. Reads only.

    Example: crossdock -C acme discover
    """
    from crossdock.cli.output import answer
    from crossdock.scope import scope_of, write_scope

    scene: Scene = context.obj
    with scene.migration() as migration:
        scope = scope_of(migration)
        path = write_scope(migration.project.reports, scope)
    if scene.json:
        answer(scope)
    else:
        _show_scope(scope, path)
    return OK


def _show_scope(scope: dict[str, object], path: Path) -> None:
    from crossdock.cli.output import say, table

    for side in scope["sources"] + [scope["destination"]]:  # type: ignore[operator]
        rows = [
            [o["name"], o["label"], "?" if o["count"] is None else o["count"], o["fields"]]
            for o in side["objects"]
        ]
        table(f"{side['platform']} {side['identity']}", ["object", "label", "records", "fields"], rows)
        for artifact in side["artifacts"]:
            say(f"  {artifact['kind']}: {artifact['summary']}")
        for note in side["notes"]:
            say(f"  note: {note}")
    say(f"scope: {path}")
    say("next: crossdock map propose")
