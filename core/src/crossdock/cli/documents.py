"""Commands that write documents for people: handoff."""

import typer

from crossdock.cli.app import OK, Scene, app, command


@command(app)
def handoff(context: typer.Context) -> int:
    """Write what people take over: automations, what was left out, what waits, who agreed. Reads only.

    Example: crossdock -C acme handoff
    """
    from crossdock.cli.output import answer, say, table
    from crossdock.cutover.checklist import checklist_file, read_cutover
    from crossdock.documents.filing import file_json, pages_possible, without_secrets
    from crossdock.handoff.contents import handoff_of
    from crossdock.handoff.page import write_handoff_page
    from crossdock.handoff.roles import write_roles

    scene: Scene = context.obj
    with scene.migration() as migration:
        folder = migration.project.reports
        write_roles(folder, migration.source_catalogs, migration.destination_catalog)
        checklist = read_cutover(checklist_file(migration.project.state, migration.destination_name))
        steps = checklist.as_data()["steps"]
        data = without_secrets(handoff_of(migration, migration.resolved(), steps))
        paths = [file_json(folder / "handoff.json", data)]
        if pages_possible():
            paths += write_handoff_page(folder, data)
    if scene.json:
        answer(data)
        return OK
    rows = [
        [side["tenant"], report["label"], report["summary"]]
        for side in data["artifacts"]
        for report in side["kinds"]
    ]
    table("What did not move", ["tenant", "kind", "result"], rows)
    for need in data["lacking"]:
        say(f"{need['title']} at the destination: {need['support']}; needed by {len(need['needed_by'])}")
    for queue in data["queues"]:
        say(f"waiting: {queue['waiting']} in {queue['file']}")
    for path in paths:
        say(f"handoff: {path}")
    if len(paths) == 1:
        say("handoff.html was not written: pip install 'crossdock[reports]'")
    return OK
