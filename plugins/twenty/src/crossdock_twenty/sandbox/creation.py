"""Creating records, one or a batch: all or nothing."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from crossdock_twenty.sandbox.catalog import Object
from crossdock_twenty.sandbox.drafts import Draft, default_value, draft, laid_over
from crossdock_twenty.sandbox.effects import happened
from crossdock_twenty.sandbox.errors import internal_error, permission_denied, too_many
from crossdock_twenty.sandbox.inspection import bad_input, number
from crossdock_twenty.sandbox.keys import check_targets, check_unique, duplicate
from crossdock_twenty.sandbox.limits import BATCH
from crossdock_twenty.sandbox.rows import Data, edges, insert, read
from crossdock_twenty.sandbox.uploads import claim
from crossdock_twenty.sandbox.workflows import refuse_create, with_first_version
from crossdock_twenty.sandbox.workspace import Workspace

AUTOMATIC = frozenset({"id", "createdAt", "updatedAt", "updatedBy", "position"})


def check_creatable(obj: Object, count: int) -> None:
    """Members cannot be made with a key, and a batch holds at most 200 records (measured)."""
    if obj.name == "workspaceMember":
        raise permission_denied()
    if count > BATCH:
        raise too_many("upsert", BATCH)


def create(ws: Workspace, obj: Object, given: Sequence[Any], *, half: bool = False) -> list[Data]:
    """Create the records in order. With `half`, commit the first half and answer 500 (ordered fault)."""
    check_creatable(obj, len(given))
    refuse_create(ws, obj)
    if half:
        with ws.store.transaction():
            create_drafts(ws, obj, [draft(ws, obj, g, creating=True) for g in given[: (len(given) + 1) // 2]])
        raise internal_error()
    with ws.store.transaction():
        return create_drafts(ws, obj, [draft(ws, obj, g, creating=True) for g in given])


def create_drafts(ws: Workspace, obj: Object, drafts: Sequence[Draft]) -> list[Data]:
    """Complete checked drafts with ids, times, author, position and defaults, and write them."""
    if not drafts:
        return []
    records = [_complete(ws, obj, d) for d in drafts]
    _place(ws, obj, records)
    _check_ids(ws, obj, records)
    for data in records:
        _check_required(ws, obj, data)
    check_unique(ws, obj, records)
    check_targets(ws, obj, records)
    for data in records:
        claim(ws, obj, data)
    insert(ws, obj, records)
    with_first_version(ws, obj, records)
    happened(ws, obj, "created", records)
    return records


def _complete(ws: Workspace, obj: Object, given: Draft) -> Data:
    now = ws.clock.stamp()
    caller = ws.caller()
    data: Data = {"id": str(uuid4()), "createdAt": now, "updatedAt": now}
    data |= {"createdBy": caller, "updatedBy": caller}
    for name, item in obj.columns.items():
        if name in AUTOMATIC and name not in given:
            continue
        if name in given and name != "updatedBy":
            base = {"source": "MANUAL", "name": ""} if item.type == "ACTOR" else None
            value = laid_over(item, base, given[name])
            data[name] = base | value if base is not None and value else value
        elif name not in data and item.default is not None:
            data[name] = default_value(item)
    if not data.get("createdBy"):
        data["createdBy"] = caller
    return data


def _place(ws: Workspace, obj: Object, records: Sequence[Data]) -> None:
    """New records go in front: 0, -1, -2 ...; `last` goes behind the last one (measured)."""
    low, high = edges(ws, obj)
    for data in records:
        wanted = data.get("position")
        if wanted in (None, "first"):
            low = 0 if low is None else number(low - 1)
            data["position"] = number(low)
            high = low if high is None else high
        elif wanted == "last":
            high = 0 if high is None else number(high + 1)
            data["position"] = number(high)


def _check_ids(ws: Workspace, obj: Object, records: Sequence[Data]) -> None:
    ids = [data["id"] for data in records]
    taken = list(read(ws, obj, ids))
    if taken or len(set(ids)) < len(ids):
        raise duplicate(obj, None, taken[0] if taken else None)


def _check_required(ws: Workspace, obj: Object, data: Data) -> None:
    for name, item in obj.columns.items():
        if not item.is_nullable and data.get(name) is None:
            table = ws.catalog.table(obj)
            raise bad_input(
                f'null value in column "{name}" of relation "{table}" violates not-null constraint'
            )
