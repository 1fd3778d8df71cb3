"""Faults on the wire, ordered from the destination's sandbox: refusals, time-outs, resets, broken answers.

Each request that a fault is about is hit at random, so that what is repeated gets through in the end; where
a command stops, it is given again until it ends. Against the hooks that write, the requests that write are
hit more often than the others; against those that only read, all hits are at reads.
"""

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from faults.again import happened, said
from faults.cell import (
    DISCOVER,
    HOOKS,
    LOAD,
    PLATFORMS,
    PROVISION,
    RECONCILE,
    ROLLBACK,
    Cell,
    Entry,
    Result,
    Verdict,
    register,
)
from faults.judge import judge
from faults.scenes import COMMAND, ENDS, Ground, to_the_end

from crossdock.testing.commands import FOUND, OK, STOPPED
from crossdock.testing.dumps import Canonical, as_it_is, without
from crossdock.testing.scene import Scene, request_line

Json = dict[str, Any]
WRITING = (PROVISION, LOAD, ROLLBACK)
"""The hooks that write."""

_ROUNDS = 40
_OFTEN, _SELDOM, _ASIDE = 0.34, 0.05, 0.02
"""Chances of a request to be hit: at most, at least, and at least for one that is not about writing."""

_PATIENCE = 0.5
"""Seconds that a client waits for an answer, where a fault is that none comes."""
_LONGER = 30.0
_HALVED = 500
"""What a sandbox answers after half a batch."""

_JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class WireFault:
    """A row of the matrix. `order`: see `crossdock.sandbox.faults`. `stops`: a read that is hit stops the
    command. `settings`: of the connection. `platforms`, `hooks`: where there is such a thing. `beside`
    leaves out of the dumps what cannot be equal."""

    name: str
    order: Mapping[str, Any]
    stops: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    platforms: tuple[str, ...] = PLATFORMS
    hooks: tuple[str, ...] = HOOKS
    beside: Canonical = as_it_is


def _status(status: int, **more: Any) -> Json:
    return {"kind": "status", "status": status, **more}


def _graphql(message: str, **extensions: str) -> Json:
    errors = [{"message": message, "extensions": extensions}]
    text = json.dumps({"data": None, "errors": errors})
    return _status(200, text=text, headers=_JSON, path="^/(graphql|metadata)")


def _jsonrpc(name: str, message: str) -> Json:
    data = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": ""}
    error = {"code": 200, "message": "Odoo Server Error", "data": data}
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "error": error})
    return _status(200, text=text, headers=_JSON, path="^/jsonrpc")


_WAITING = {"timeout": _PATIENCE}
_LIMIT = _graphql("Limit reached (100 tokens per 60000 ms)", subCode="LIMIT_REACHED", code="BAD_USER_INPUT")
_CONFLICT = _jsonrpc(
    "psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update"
)
_LOCKED = _jsonrpc("psycopg2.errors.LockNotAvailable", "could not obtain lock on row in relation")
_POOL = _jsonrpc("psycopg2.pool.PoolError", "The Connection Pool Is Full")
_PAGE = "<html><body><h1>{}</h1></body></html>"

FAULTS = (
    WireFault("429 with Retry-After", _status(429, headers={"retry-after": "0.05"})),
    WireFault("429 without Retry-After", _status(429)),
    WireFault("200 with LIMIT_REACHED", _LIMIT, platforms=("twenty",)),
    WireFault("200 with a serialization failure", _CONFLICT, platforms=("odoo",)),
    WireFault("200 with a lock not available", _LOCKED, platforms=("odoo",)),
    WireFault("200 with a full connection pool", _POOL, platforms=("odoo",)),
    WireFault("500", _status(500, text="Internal Server Error"), stops=True),
    WireFault("502", _status(502, text=_PAGE.format("Bad Gateway"))),
    WireFault("503", _status(503, text=_PAGE.format("Unavailable"))),
    WireFault("504 after the commit", _status(504) | {"kind": "status_after"}),
    WireFault(
        "time-out before the commit", {"kind": "timeout_before", "seconds": _LONGER}, settings=_WAITING
    ),
    WireFault("time-out after the commit", {"kind": "timeout_after", "seconds": _LONGER}, settings=_WAITING),
    # What is carried out after all, and was sent again meanwhile, sets automations off twice.
    WireFault(
        "commit after the time-out",
        {"kind": "slow", "seconds": 1.7 * _PATIENCE},
        settings=_WAITING,
        beside=without(("effects", "*")),
    ),
    WireFault("reset before the commit", {"kind": "reset_before"}),
    WireFault("reset after the commit", {"kind": "reset_after"}),
    WireFault("half a batch committed", {"kind": "half_batch"}, hooks=(LOAD,)),
    WireFault("slow answers", {"kind": "slow", "seconds": 0.05}),
    WireFault("half of the answer", {"kind": "truncated"}),
    WireFault("200 with an HTML page", {"kind": "not_json"}, stops=True),
)

_SHORT = {
    "429 with Retry-After": ("twenty", PROVISION),
    "429 without Retry-After": ("odoo", LOAD),
    "200 with LIMIT_REACHED": ("twenty", LOAD),
    "200 with a serialization failure": ("odoo", LOAD),
    "200 with a lock not available": ("odoo", ROLLBACK),
    "200 with a full connection pool": ("odoo", LOAD),
    "500": ("twenty", DISCOVER),
    "502": ("twenty", RECONCILE),
    "503": ("twenty", PROVISION),
    "504 after the commit": ("odoo", PROVISION),
    "time-out before the commit": ("twenty", LOAD),
    "time-out after the commit": ("odoo", LOAD),
    "commit after the time-out": ("twenty", LOAD),
    "reset before the commit": ("odoo", DISCOVER),
    "reset after the commit": ("twenty", ROLLBACK),
    "half a batch committed": ("twenty", LOAD),
    "slow answers": ("odoo", RECONCILE),
    "half of the answer": ("twenty", LOAD),
    "200 with an HTML page": ("twenty", RECONCILE),
}
"""The cell of each fault that is tried in the short form."""

_READ_METHODS = (
    "search|read|search_read|search_count|read_group|fields_get|default_get|check_access_rights|has_access"
    "|check_object_reference|get_external_id|context_get"
)
WRITES: Mapping[str, Json] = {
    "twenty": {"method": "POST|PUT|PATCH|DELETE", "body": r'\A(?!\{"query":"\s*(query|\{))'},
    "odoo": {"body": rf'"execute_kw","args":\["[^"]*",\d+,"[^"]*","[^"]+","(?!({_READ_METHODS})")'},
}
"""What a request that writes looks like, in the words of a fault."""

_BATCHES: Mapping[str, Json] = {
    "twenty": {"body": r'\A(\[|\{"query":"mutation\([^)]*\) \{ create\w+\(data: \$rows)'},
    "odoo": {"body": r'"execute_kw","args":\["[^"]*",\d+,"[^"]*","[^"]+","load"'},
}
"""What a batch of new records looks like."""


def try_cell(ground: Ground, cell: Cell, minimum: int) -> Result:
    """Try one wire fault against one hook, from as many copies of the stage as it takes."""
    began, fault = time.monotonic(), next(f for f in FAULTS if f.name == cell.fault)
    hits = restarts = rounds = 0
    verdict = Verdict()
    while hits < minimum and rounds < _ROUNDS and verdict.clean:
        rounds += 1
        with ground.scene(cell.hook) as scene:
            _order(ground, scene, cell, fault, minimum - hits, rounds)
            found, stopped, more = _hit(ground, scene, cell.hook, fault, minimum - hits)
            verdict, restarts, hits = verdict + found, restarts + stopped, hits + more
    return Result(cell, hits, verdict, time.monotonic() - began, restarts, rounds)


def _hit(ground: Ground, scene: Scene, hook: str, fault: WireFault, wanted: int) -> tuple[Verdict, int, int]:
    """Give the command until it ends, and judge the end: one that changes nothing there until its fault has
    happened that often. The verdict, how often the command had stopped, and how often it was hit."""
    verdict, restarts, hits = Verdict(), 0, 0
    for _ in range(1 if hook in WRITING else _ROUNDS):
        found, stopped = _ended(ground, scene, hook, fault)
        verdict, restarts, hits = verdict + found, restarts + stopped, counted(scene)
        if hits >= wanted or not verdict.clean:
            break
    return verdict, restarts, hits


def _order(ground: Ground, scene: Scene, cell: Cell, fault: WireFault, wanted: int, seed: int) -> None:
    """Order the fault, so that the hits are spread over the whole command; and settle the connection."""
    count = max(1, len(requests_about(ground, cell)))
    if fault.stops and cell.hook not in WRITING:  # each hit is a restart
        chance, times = min(_OFTEN, 2 / count), wanted
    else:
        chance, times = min(_OFTEN, max(_SELDOM, 1.2 * wanted / count)), 2 * wanted
    scene.sandbox.fault(**fault.order, **_about(cell, fault), chance=chance, seed=seed, times=times)
    if cell.hook in WRITING and fault.hooks == HOOKS:
        others = max(1, len(ground.log(cell.hook)) - count)
        aside = min(_OFTEN / 2, max(_ASIDE, (wanted - count * chance) / others))
        scene.sandbox.fault(**fault.order, chance=aside, seed=seed, times=wanted)
    if fault.settings:
        with scene.project.edited("crossdock.yaml") as document:
            document["destination"].update(fault.settings)


def _about(cell: Cell, fault: WireFault) -> Json:
    if fault.hooks == (LOAD,):
        return _BATCHES[cell.platform]
    return WRITES[cell.platform] if cell.hook in WRITING else {}


def requests_about(ground: Ground, cell: Cell) -> list[str]:
    """The requests of an undisturbed command that the fault may be about."""
    lines = [request_line(request) for request in ground.log(cell.hook)]
    if cell.hook not in WRITING:
        return lines
    return [line for line in lines if not re.search(ground.target.reads, line)]


def _ended(ground: Ground, scene: Scene, hook: str, fault: WireFault) -> tuple[Verdict, int]:
    """Give the command until it ends, and judge the end; how often it had stopped."""
    done, stopped = to_the_end(scene, hook)
    if done.code == STOPPED:
        return Verdict(unexplained=(f"{COMMAND[hook]} stops for ever: {said(done)}",)), stopped
    if done.json is None or done.code not in (OK, FOUND):
        return Verdict(unexplained=(f"{COMMAND[hook]} ends with {done.code}: {said(done)}",)), stopped
    verdict = judge(ground, scene, hook, done.json, beside=fault.beside)
    if done.code != ENDS[hook]:
        verdict += Verdict(unexplained=(f"{COMMAND[hook]} ends with {done.code} instead of {ENDS[hook]}",))
    return verdict, stopped


def counted(scene: Scene) -> int:
    """How often the fault happened, and was what it should be. Raises AssertionError."""
    halved = [request for request in scene.sandbox.log() if request["fault"] == "half_batch"]
    if whole := [request for request in halved if request["status"] != _HALVED]:
        raise AssertionError(f"a batch was to be halved, and was not: {whole[0]}")
    return happened(scene)


register(
    "wire",
    (
        Entry(Cell(fault.name, platform, hook), try_cell, short=_SHORT[fault.name] == (platform, hook))
        for fault in FAULTS
        for platform in fault.platforms
        for hook in fault.hooks
    ),
)
