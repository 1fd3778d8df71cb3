"""`map usage`: how the fields of the source are used, and where their values go."""

from typing import Annotated, Any

import typer

from crossdock.cli.app import OK, Scene, command
from crossdock.cli.mapping import mapping_app

_BASIS = {"staging": "of the staged records", "scope": "as the scope document has it", "": "nothing was read"}


@command(mapping_app)
def usage(
    context: typer.Context,
    object_name: Annotated[
        str, typer.Option("--object", help="Only this object of the source.", show_default=False)
    ] = "",
    unmapped: Annotated[
        bool, typer.Option("--unmapped", help="Only fields that the mapping neither moves nor ignores.")
    ] = False,
) -> int:
    """Show for each field of the source how often it is filled, with what, and when it was last used.

    Example: crossdock -C acme map usage --unmapped
    """
    from crossdock.cli.output import answer, say
    from crossdock.proposing.usage import usage_report

    scene: Scene = context.obj
    with scene.migration() as migration:
        rows = usage_report(migration, object_name)
    if unmapped:
        rows = [
            row | {"fields": [f for f in row["fields"] if not (f["goes_to"] or f["ignored"])]} for row in rows
        ]
    if scene.json:
        answer(rows)
        return OK
    shown = [row for row in rows if row["fields"] and row["from"]]
    for row in shown:
        _show(row)
    if not shown:
        say(
            "no record was read yet." if any(row["fields"] for row in rows) else "every field goes somewhere."
        )
        say("next: crossdock discover")
    return OK


def _show(row: dict[str, Any]) -> None:
    from crossdock.cli.output import table

    columns = ["field", "label", "filled", "records", "values", "longest", "first", "last", "goes to"]
    table(
        f"{row['object']} ({row['tenant']}), {_BASIS[row['from']]}",
        columns,
        [
            [
                *(f["field"], f["label"]),
                "?" if f["share"] is None else f"{100 * f['share']:.0f} %",
                f["filled"],
                f"{f['distinct']}{'+' if f['more'] else ''}",
                f["longest"] or "",
                *(f["first"][:10], f["last"][:10]),
                ", ".join(f["goes_to"]) or ("ignored" if f["ignored"] else "nowhere"),
            ]
            for f in row["fields"]
        ],
    )
