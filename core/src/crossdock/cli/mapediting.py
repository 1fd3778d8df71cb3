"""Commands that show the map and change one thing in it: set, move, drop, ignore, keep, note, decide, review.

The pages of `crossdock ui` do the same through the same functions.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, command
from crossdock.cli.mapping import mapping_app

if TYPE_CHECKING:
    from crossdock.mappingfile.edits import Edit

Route = Annotated[str, typer.Argument(metavar="OBJECT", help="A route (from>to), or an object in one route.")]
Field = Annotated[
    str, typer.Argument(metavar="FIELD", help="A field of the destination, as mapping.yaml says.")
]
By = Annotated[str, typer.Option(help="Whose edit it is; the user of this machine if not given.")]


@command(mapping_app)
def show(
    context: typer.Context,
    route: Annotated[
        str | None, typer.Argument(metavar="OBJECT", help="One route; all if not given.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Show the map: all routes, or the lines of one with confidence, reason and what does not fit.

    Example: crossdock -C acme map show contacts
    """
    from crossdock.cli.output import answer, table
    from crossdock.mappingfile.edits import route_of
    from crossdock.mapview import told
    from crossdock.mapviewing import view_of

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        view = view_of(migration)
    if route is None:
        rows = view.objects()
        if scene.json:
            answer({"objects": rows, "left_out": view.left_out()})
            return OK
        keys = ("name", "fields", "unmapped", "unsure", "wrong")
        table("The map", [*keys, "reviewed"], [[*(r[k] for k in keys), _reviewed(r)] for r in rows])
        return OK
    name = route_of(view.mapping, route)[1].name
    lines, left = view.lines(name), view.unmapped(name)
    if scene.json:
        answer({"name": name, "lines": lines, "unmapped": left})
        return OK
    table(
        name,
        ["field", "from", "how", "sure", "why", "wrong"],
        [
            [
                line["field"],
                ", ".join(source["path"] for source in line["sources"]),
                told(line["words"]),
                "" if line["confidence"] is None else f"{line['confidence']:.2f}",
                line["reason"],
                "; ".join(line["problems"]),
            ]
            for line in lines
        ],
    )
    wanted = [[f["path"], f["label"], f["type"], f["why"]] for f in left if not f["ignored"]]
    table("Not mapped", ["field", "label", "type", "why"], wanted)
    return OK


def _reviewed(row: dict[str, Any]) -> str:
    mark = row["reviewed"]
    return "" if mark is None else mark["by"] if mark["holds"] else f"{mark['by']}, before it changed"


@command(mapping_app, "set")
def set_field(
    context: typer.Context,
    route: Route,
    field: Field,
    source: Annotated[
        list[str] | None, typer.Option("--from", help="The source field; several are taken together.")
    ] = None,
    value: Annotated[str | None, typer.Option(help="A constant instead of a source field.")] = None,
    steps: Annotated[
        list[str] | None,
        typer.Option("--step", help="A conversion: lower, or 'truncate: 100'; in their order."),
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--values", help="What becomes of a choice: OLD=NEW, one each.")
    ] = None,
    otherwise: Annotated[
        str | None, typer.Option(help="A choice that --values does not name: reject, keep, null, or a value.")
    ] = None,
    default: Annotated[str | None, typer.Option(help="What to write where the source holds nothing.")] = None,
    reference: Annotated[str | None, typer.Option(help="The object that a link leads to.")] = None,
    required: Annotated[
        bool | None, typer.Option("--required/--optional", help="Whether a record without it is rejected.")
    ] = None,
    clear: Annotated[
        list[str] | None, typer.Option(help="A word to take away: steps, values, default, ...")
    ] = None,
    note: Annotated[str | None, typer.Option(help="The comment at the end of the line.")] = None,
    by: By = "",
) -> int:
    """Say where a field of the destination gets its value from, and how. What is not named stays as it is.

    Example: crossdock -C acme map set contacts jobTitle --from position --step 'truncate: 80' --default none
    """
    from crossdock.mappingfile.edits import set_words, words_of

    words: dict[str, Any] = dict.fromkeys(clear or ())
    if source:
        words["from"] = source[0] if len(source) == 1 else list(source)
    if value is not None:
        words["value"] = words_of(value)
    if steps:
        words["steps"] = [words_of(step) for step in steps]
    if values:
        words["values"] = {old: words_of(new) for old, _, new in (pair.partition("=") for pair in values)}
    if otherwise is not None:
        words["otherwise"] = otherwise if otherwise in _OTHERWISE else {"value": words_of(otherwise)}
    if default is not None:
        words["default"] = words_of(default)
    if reference is not None:
        words["reference"] = reference
    if required is not None:
        words["required"] = required
    return _changed(context, set_words(route, field, words, note), by)


_OTHERWISE = ("reject", "keep", "null")


@command(mapping_app)
def move(
    context: typer.Context,
    route: Route,
    field: Field,
    to_field: Annotated[str, typer.Argument(metavar="OTHER", help="The field that gets the value instead.")],
    by: By = "",
) -> int:
    """Have another field of the destination get what this one gets.

    Example: crossdock -C acme map move contacts jobTitle position
    """
    from crossdock.mappingfile.edits import move_field

    return _changed(context, move_field(route, field, to_field), by)


@command(mapping_app)
def drop(
    context: typer.Context,
    route: Route,
    field: Field,
    ignore: Annotated[
        bool, typer.Option("--ignore", help="Also say that nobody wants what it came from.")
    ] = False,
    by: By = "",
) -> int:
    """Give a field of the destination no value any more.

    Example: crossdock -C acme map drop contacts fax --ignore
    """
    from crossdock.mappingfile.edits import drop_field

    return _changed(context, drop_field(route, field, ignore=ignore), by)


@command(mapping_app)
def leave(
    context: typer.Context,
    route: Route,
    wanted: Annotated[bool, typer.Option("--wanted", help="Take it back.")] = False,
    by: By = "",
) -> int:
    """Leave a whole route out; its lines stay in the file, and --wanted takes it back.

    Example: crossdock -C acme map leave notes
    """
    from crossdock.mappingfile.edits import leave_route

    return _changed(context, leave_route(route, wanted=wanted), by)


@command(mapping_app)
def ignore(
    context: typer.Context,
    route: Route,
    source: Annotated[str, typer.Argument(metavar="SOURCE_FIELD", help="A field of the source.")],
    wanted: Annotated[bool, typer.Option("--wanted", help="Take it back: somebody wants it.")] = False,
    by: By = "",
) -> int:
    """Say that nobody wants a field of the source.

    Example: crossdock -C acme map ignore contacts fax
    """
    from crossdock.mappingfile.edits import ignore_source

    return _changed(context, ignore_source(route, source, wanted=wanted), by)


@command(mapping_app)
def keep(
    context: typer.Context,
    route: Route,
    source: Annotated[str, typer.Argument(metavar="SOURCE_FIELD", help="A field of the source.")],
    name: Annotated[str, typer.Option(help="What it is called there; as at the source if not given.")] = "",
    type_: Annotated[str, typer.Option("--type", help="Its type there; text if not given.")] = "text",
    label: Annotated[str, typer.Option(help="Its label there.")] = "",
    by: By = "",
) -> int:
    """Have a field made at the destination for a field of the source.

    Example: crossdock -C acme map keep contacts shoe_size --name shoeSize --type decimal --label 'Shoe size'
    """
    from crossdock.mappingfile.edits import keep_source

    return _changed(context, keep_source(route, source, name or source, type_, label), by)


@command(mapping_app)
def note(
    context: typer.Context,
    route: Route,
    field: Field,
    text: Annotated[str, typer.Argument(help="The comment; '' takes it away.")],
    by: By = "",
) -> int:
    """Write a comment at the end of a line.

    Example: crossdock -C acme map note contacts jobTitle 'Anna: as in the old card'
    """
    from crossdock.mappingfile.edits import note_field

    return _changed(context, note_field(route, field, text), by)


@command(mapping_app)
def decide(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The question, or with --automation `<kind> <name>`.")],
    answer: Annotated[str, typer.Argument(help="The answer; for an automation pause or keep.")],
    automation: Annotated[
        bool, typer.Option("--automation", help="It is about an automation of the destination.")
    ] = False,
    by: By = "",
) -> int:
    """Settle a question of the map.

    Example: crossdock -C acme map decide history full; crossdock -C acme map decide --automation
    'workflow Welcome mail' pause
    """
    from crossdock.mappingfile.edits import decide as decided
    from crossdock.mappingfile.edits import decide_automation, words_of

    edit = decide_automation(name, answer) if automation else decided(name, words_of(answer))
    return _changed(context, edit, by)


@command(mapping_app)
def review(
    context: typer.Context,
    route: Route,
    by: Annotated[str, typer.Option(help="Who looked at it.")],
) -> int:
    """Say that somebody looked at a route, and it is right as it is now. `map confirm` is for the whole map.

    Example: crossdock -C acme map review contacts --by "Anna Petrova"
    """
    from crossdock.cli.output import answer, say
    from crossdock.mappingfile.document import load
    from crossdock.mappingfile.edits import route_of
    from crossdock.mapreview import open_routes, read_reviews, review_route

    scene: Scene = context.obj
    project = scene.project()
    mapping = load(project.mapping)
    _, known = route_of(mapping, route)
    mark = review_route(project, mapping, known, by)
    left = open_routes(read_reviews(project), mapping)
    if scene.json:
        answer({"route": known.name, "by": mark.by, "at": mark.at, "open": left})
        return OK
    say(f"{known.name}: looked at by {mark.by}.")
    say(f"next: {f'look at {left[0]}' if left else 'crossdock map confirm --by NAME'}")
    return OK


@command(mapping_app, "try")
def try_one(
    context: typer.Context,
    route: Annotated[str, typer.Argument(metavar="OBJECT", help="An object of the source.")],
    key: Annotated[str, typer.Argument(help="The key of the record at the source.")],
    tenant: Annotated[str | None, typer.Option(help="Of which tenant, if there are several.")] = None,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Try one record with all that it refers to: what it would become, and what the destination would say.

    Nothing is written. The record has to have been read: crossdock run --dry-run reads all of them.

    Example: crossdock -C acme map try contacts 1042
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.trial.onerecord import try_record

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        found = try_record(migration, migration.resolved(), route, key, tenant)
    if scene.json:
        answer(found)
    else:
        say(f"{found['object']} {found['key']} ({found['name']}): nothing was written.")
        for result in found["routes"]:
            rows = [[f["field"], f["source"], f["how"], f["target"], f["problem"]] for f in result["fields"]]
            table(
                f"{result['route']}: {result['outcome']}",
                ["field", "from", "how", "would be", "problem"],
                rows,
            )
            for reason in result["reasons"]:
                say(f"  {reason}")
    return OK if found["clean"] else FOUND


def _changed(context: typer.Context, edit: "Edit", by: str) -> int:
    """Make an edit, while no other process writes to the project."""
    from crossdock.cli.output import answer, say
    from crossdock.mapediting import change_mapping

    scene: Scene = context.obj
    with scene.migration() as migration:
        migration.hold()
        changed = change_mapping(migration.project, edit, by=by)
    if scene.json:
        answer({"changed": changed, "said": edit.said})
        return OK
    say(edit.said if changed else "the map says so already.")
    say("next: crossdock map check")
    return OK
