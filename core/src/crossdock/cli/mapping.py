"""Commands on the mapping: propose, check, diff, confirm."""

from typing import Annotated, Literal

import typer

from crossdock.cli.app import FOUND, OK, WRONG, Scene, app, command

mapping_app = typer.Typer(
    name="map", no_args_is_help=True, help="Propose, check, compare and confirm the mapping."
)
app.add_typer(mapping_app)

Decision = Literal["pause", "keep", "undecided"]


@command(mapping_app)
def propose(
    context: typer.Context,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing mapping.yaml.")] = False,
    automations: Annotated[
        Decision,
        typer.Option(help="What to do with every active automation of the destination during a run."),
    ] = "undecided",
) -> int:
    """Write mapping.yaml: the curated mapping of the pair made to fit, else a plain proposal.

    Example: crossdock -C acme map propose
    """
    from crossdock.cli.output import answer, say
    from crossdock.mappingfile.resolution import merged_schemas
    from crossdock.proposing.account import account_of, summary_of
    from crossdock.proposing.project import propose_mapping

    scene: Scene = context.obj
    with scene.migration() as migration:
        proposal = propose_mapping(migration, overwrite=overwrite, automations=automations)
        account = account_of(proposal, merged_schemas(list(migration.source_catalogs.values())))
    if scene.json:
        answer({"file": str(migration.project.mapping), "notes": list(proposal.notes), **account})
        return OK
    for note in proposal.notes:
        say(f"  note: {note}")
    say(f"mapping: {migration.project.mapping} ({len(proposal.mapping.objects)} routes)")
    for line in summary_of(account):
        say(f"  {line}")
    for name, question in proposal.mapping.questions.items():
        if name not in proposal.mapping.decisions:
            usual = "none" if question.default is None else question.default
            say(f"  decide: {name}: {question.about} Without a decision: {usual}.")
    for name, decision in proposal.mapping.automations.items():
        if decision == "undecided":
            say(f"  decide: automations: {name}: pause or keep while records are written?")
    say("next: read it, put decisions under `decisions:`, then crossdock map check")
    return OK


@command(mapping_app)
def check(
    context: typer.Context,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Check mapping.yaml against both platforms: everything that does not fit, all at once.

    Example: crossdock -C acme map check
    """
    from crossdock.cli.output import answer, say
    from crossdock.mappingfile.check import check as problems_of

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        resolved = migration.resolved()
        problems = problems_of(
            resolved,
            list(migration.source_catalogs.values()),
            migration.destination_catalog,
            list(migration.source_catalogs),
        )
    fatal = [p for p in problems if p.fatal]
    unmapped = {name: fields for name, fields in resolved.unmapped.items() if fields}
    if scene.json:
        rows = [{"path": p.path, "message": p.message, "fatal": p.fatal} for p in problems]
        answer({"problems": rows, "unmapped": unmapped})
    else:
        for problem in problems:
            say(f"  {'wrong' if problem.fatal else 'note '}: {problem}")
        for name, fields in unmapped.items():
            say(f"  not mapped: {name}: {', '.join(fields)}")
        left = sum(map(len, unmapped.values()))
        say(
            f"{'The mapping does not fit' if fatal else 'The mapping fits'}: {len(fatal)} to correct,"
            f" {len(problems) - len(fatal)} to know; {left} source fields are not mapped and stay behind."
        )
        say("next: correct mapping.yaml" if fatal else "next: crossdock map confirm --by NAME")
    return WRONG if fatal else OK


@command(mapping_app)
def diff(
    context: typer.Context,
    older: Annotated[
        int | None,
        typer.Argument(metavar="A", help="A version, as `map versions` counts.", show_default=False),
    ] = None,
    newer: Annotated[
        int | None,
        typer.Argument(
            metavar="B", help="A later version; mapping.yaml as it is if not given.", show_default=False
        ),
    ] = None,
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Say what changed since the mapping was confirmed, or from version A to B (or to now).

    Example: crossdock -C acme map diff; crossdock -C acme map diff 3 5
    """
    if older is not None:
        from crossdock.cli.versions import told_between

        return told_between(context.obj, older, newer)
    from crossdock.cli.output import answer, say
    from crossdock.mappingfile.confirmation import PARTS, changed_parts, read
    from crossdock.mappingfile.difference import since_confirmed

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        confirmation = read(migration.confirmation_file)
        parts = migration.confirmation_parts(migration.resolved())
        details = since_confirmed(migration.confirmed_mapping, migration.project.mapping)
    changed = list(PARTS) if confirmation is None else list(changed_parts(confirmation, parts))
    if scene.json:
        answer(
            {
                "confirmed_by": confirmation.by if confirmation else None,
                "changed": changed,
                "details": details,
            }
        )
    elif confirmation is None:
        say("nobody has confirmed the mapping yet.")
    else:
        words = ", ".join(PARTS[name] for name in changed) or "nothing"
        say(f"confirmed by {confirmation.by} at {confirmation.at}; changed since: {words}.")
        for detail in details:
            say(f"  {detail}")
    return FOUND if changed else OK


@command(mapping_app)
def confirm(
    context: typer.Context,
    by: Annotated[str, typer.Option(help="Who confirms: a name that will stand in the reports.")],
    to: Annotated[str | None, typer.Option(help="Another destination of the project, by name.")] = None,
) -> int:
    """Confirm the mapping. It holds for this mapping, these schemas and this destination only.

    Example: crossdock -C acme map confirm --by "Anna Petrova"
    """
    from crossdock.cli.output import answer, say
    from crossdock.confirming import confirm_mapping

    scene: Scene = context.obj
    with scene.migration(to) as migration:
        confirmation = confirm_mapping(migration, by)
    if scene.json:
        answer({"by": confirmation.by, "at": confirmation.at})
    else:
        say(f"confirmed by {confirmation.by} at {confirmation.at}.")
        say("next: crossdock plan, then crossdock run")
    return OK
