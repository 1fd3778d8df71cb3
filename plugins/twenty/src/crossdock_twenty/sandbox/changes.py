"""Updating records, one or many, and upserting."""

from collections.abc import Sequence
from typing import Any

from crossdock_twenty.sandbox.catalog import Object
from crossdock_twenty.sandbox.creation import check_creatable, create_drafts
from crossdock_twenty.sandbox.drafts import Draft, draft, laid_over
from crossdock_twenty.sandbox.effects import happened
from crossdock_twenty.sandbox.errors import RefusalError, record_not_found, too_many
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.keys import check_targets, check_unique, constraint, unique_values
from crossdock_twenty.sandbox.limits import BATCH
from crossdock_twenty.sandbox.presentation import shown_value
from crossdock_twenty.sandbox.rows import Data, edges, read, replace
from crossdock_twenty.sandbox.uploads import claim
from crossdock_twenty.sandbox.workflows import refuse_update
from crossdock_twenty.sandbox.workspace import Workspace

UNNOTED = frozenset({"updatedAt", "updatedBy", "position"})


def update(ws: Workspace, obj: Object, ids: Sequence[str], given: Any) -> list[Data]:
    """Write the given values into the records, trashed ones included (measured).

    Raises RefusalError: 404 for an unknown id, 400 for values or for more than 200 records.
    """
    if len(ids) > BATCH:
        raise too_many("update", BATCH)
    with ws.store.transaction():
        wanted = draft(ws, obj, given, creating=False)
        found = read(ws, obj, ids)
        if len(found) < len(ids):
            raise record_not_found()
        refuse_update(obj, list(found.values()), wanted)
        return write_changes(ws, obj, [(found[key], wanted) for key in ids])


def write_changes(ws: Workspace, obj: Object, pairs: Sequence[tuple[Data, Draft]]) -> list[Data]:
    """Lay each draft over its record; checks, writes, side effects."""
    for old, new in pairs:
        if new.get("id", old["id"]) != old["id"]:
            raise _id_in_use(ws, obj)
    records = [_changed(ws, obj, old, new) for old, new in pairs]
    check_unique(ws, obj, records)
    check_targets(ws, obj, records)
    for data in records:
        claim(ws, obj, data)
    replace(ws, obj, records, keys=_touches_keys(obj, [new for _, new in pairs]))
    changed = [_difference(ws, obj, old, data) for (old, _), data in zip(pairs, records, strict=True)]
    happened(ws, obj, "updated", records, changed)
    return records


def _touches_keys(obj: Object, drafts: Sequence[Draft]) -> bool:
    columns = {column for parts in obj.unique_keys.values() for column, _ in parts} | set(obj.references)
    return any(columns & set(new) for new in drafts)


def _changed(ws: Workspace, obj: Object, old: Data, new: Draft) -> Data:
    """`updatedAt` moves to now unless it was sent; `updatedBy` is always the caller (measured)."""
    data = dict(old)
    for name, value in new.items():
        if name in ("id", "updatedBy"):
            continue
        item = obj.columns[name]
        data[name] = laid_over(item, old.get(name), value)
        if not item.is_nullable and data[name] is None:
            table = ws.catalog.table(obj)
            raise bad_input(
                f'null value in column "{name}" of relation "{table}" violates not-null constraint'
            )
    if data.get("position") in ("first", "last"):
        low, high = edges(ws, obj)
        data["position"] = (low or 0) - 1 if data["position"] == "first" else (high or 0) + 1
    if "updatedAt" not in new:
        data["updatedAt"] = ws.clock.stamp()
    data["updatedBy"] = ws.caller()
    return data


def _difference(ws: Workspace, obj: Object, old: Data, new: Data) -> dict[str, Any]:
    """What became different, as read; a reference under its field's name (measured)."""
    found: dict[str, Any] = {}
    for name, item in obj.columns.items():
        if name in UNNOTED or item.type == "TS_VECTOR" or old.get(name) == new.get(name):
            continue
        before, after = (shown_value(ws, item, data.get(name)) for data in (old, new))
        if item.is_reference:
            found[item.name] = {"before": {"id": before}, "after": {"id": after}}
        elif before != after:
            found[name] = {"before": before, "after": after}
    return found


def _id_in_use(ws: Workspace, obj: Object) -> RefusalError:
    """Changing an id breaks the timeline rows that point to it (measured); so it never works."""
    timeline = ws.catalog.by_name["timelineActivity"]
    pointing = next((f for f in timeline.references.values() if f.target_object == obj.id), None)
    name = constraint(ws, pointing) if pointing else "FK_unknown"
    return bad_input(
        f'update or delete on table "{ws.catalog.table(obj)}" violates foreign key constraint'
        f' "{name}" on table "timelineActivity"'
    )


def upsert(ws: Workspace, obj: Object, given: Sequence[Any]) -> list[Data]:
    """Update what an id or a unique key matches, create the rest (measured).

    A match in the trash is restored. The matched record keeps its id. One answer row for a record
    that was hit twice. Raises RefusalError if one row matches two records.
    """
    check_creatable(obj, len(given))
    with ws.store.transaction():
        drafts = [draft(ws, obj, g, creating=True) for g in given]
        matches = [_match(ws, obj, d) for d in drafts]
        fresh = [d for d, match in zip(drafts, matches, strict=True) if match is None]
        results: dict[str, Data] = {}
        created = iter(create_drafts(ws, obj, fresh))
        for one, match in zip(drafts, matches, strict=True):
            data = next(created) if match is None else _upsert_one(ws, obj, match, one)
            results[data["id"]] = data
        return list(results.values())


def _upsert_one(ws: Workspace, obj: Object, key: str, new: Draft) -> Data:
    old = read(ws, obj, [key])[key]
    kept = {name: value for name, value in new.items() if name not in ("id", "createdBy") and value != {}}
    return write_changes(ws, obj, [(old, kept | {"deletedAt": None})])[0]


def _match(ws: Workspace, obj: Object, new: Draft) -> str | None:
    found: dict[str, str] = {}
    said: list[str] = []
    if new.get("id") and read(ws, obj, [new["id"]]):
        found["id"] = new["id"]
        said.append(f"id (id: {new['id']})")
    for name, value in unique_values(obj, new).items():
        holder = ws.store.value(
            "SELECT record FROM unique_key WHERE object = ? AND name = ? AND value = ?", (obj.id, name, value)
        )
        if holder is not None:
            found[name] = str(holder)
            column, part = obj.unique_keys[name][0]
            said.append(f"{name} ({column}{'.' + part if part else ''}: {value})")
    if len(set(found.values())) > 1:
        raise bad_input(
            f"Multiple records found with the same unique field values for {'; '.join(said)}."
            " Cannot determine which record to update."
        )
    return next(iter(found.values()), None)
