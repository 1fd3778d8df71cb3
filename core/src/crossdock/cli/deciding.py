"""The command that decides what waits in a queue: decide."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.app import FOUND, OK, Scene, app, command

if TYPE_CHECKING:
    from crossdock.queues import QueueLine


@command(app)
def decide(
    context: typer.Context,
    queue: Annotated[
        str | None,
        typer.Argument(help="duplicates, unmatched, trash, conflicts; all are listed if not given."),
    ] = None,
    record: Annotated[
        str | None, typer.Argument(help="OBJECT/KEY or TENANT/OBJECT/KEY; the queue is listed if not given.")
    ] = None,
    decision: Annotated[
        str | None, typer.Argument(help='As the file would say it; "" takes one back.')
    ] = None,
) -> int:
    """List what waits for a person, or decide one record: the same as writing it into queues/QUEUE.csv.

    Example: crossdock -C acme decide duplicates companies/1042 merge
    """
    from crossdock.errors import ConfigError
    from crossdock.queues import look, require_decision

    scene: Scene = context.obj
    project = scene.project()
    lines = look(project.queues).lines
    if queue is not None:
        require_decision(queue, decision or "")
        lines = [line for line in lines if line.queue == queue]
    if record is None or decision is None:
        if record is not None:
            raise ConfigError("a record needs a decision.", hint='"" takes one back.')
        return _listed(scene, lines)
    return _decided(scene, _line(lines, record), decision.strip())


def _listed(scene: Scene, lines: "list[QueueLine]") -> int:
    from crossdock.cli.output import answer, say, table
    from crossdock.queues import told

    faults = told(scene.project().queues)
    if scene.json:
        answer({"lines": [asdict(line) for line in lines], "told": faults})
    else:
        columns = ("queue", "tenant", "object", "key", "reason", "decision")
        rows = [[x.queue, x.tenant, x.object_name, x.key, x.reason, x.decision] for x in lines]
        if rows:
            table("Waiting for a person", columns, rows)
        else:
            say("nothing waits for a person.")
        for fault in faults:
            say(f"  {fault}")
    return FOUND if faults or any(not line.decision for line in lines) else OK


def _line(lines: "list[QueueLine]", record: str) -> "QueueLine":
    """The line of a record. Raises ConfigError if there is none, or one in several tenants or queues."""
    from crossdock.errors import ConfigError

    found = [
        line
        for line in lines
        if record in (f"{line.object_name}/{line.key}", f"{line.tenant}/{line.object_name}/{line.key}")
    ]
    if not found:
        raise ConfigError(f"nothing about {record} waits there.", hint="crossdock decide lists what does.")
    if len(found) > 1:
        tenants = ", ".join(f"{line.tenant}/{record}" for line in found)
        raise ConfigError(f"{record} is a record of several tenants.", hint=f"Name one: {tenants}.")
    return found[0]


def _decided(scene: Scene, line: "QueueLine", decision: str) -> int:
    from crossdock.cli.output import answer, say
    from crossdock.errors import RefusedError
    from crossdock.queues import decide as written

    place = (line.queue, line.tenant, line.object_name, line.key)
    refused = written(scene.project().queues, line.queue, {place: (line.decision, decision)})
    if refused:
        why, there = refused[place]
        raise RefusedError(f"nothing was written: {why}{f', it says {there}' if there else ''}.")
    data: dict[str, Any] = {**asdict(line), "decision": decision}
    if scene.json:
        answer({"lines": [data], "told": []})
    else:
        say(f"queues/{line.queue}.csv: {line.object_name}/{line.key}: {decision or 'not decided'}")
        say("next: crossdock run, or crossdock run --retry-failed")
    return OK
