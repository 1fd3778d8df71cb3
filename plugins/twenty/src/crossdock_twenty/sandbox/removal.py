"""Soft deletion, restoring and destroying, with what happens to records that point to the destroyed."""

from collections.abc import Sequence

from crossdock_twenty.sandbox.catalog import Object
from crossdock_twenty.sandbox.effects import happened
from crossdock_twenty.sandbox.keys import chunks, drop_keys, marks
from crossdock_twenty.sandbox.rows import Data, read, replace
from crossdock_twenty.sandbox.workflows import with_triggers
from crossdock_twenty.sandbox.workspace import Workspace


def soft_delete(ws: Workspace, obj: Object, ids: Sequence[str]) -> list[Data]:
    """Move records to the trash; doing it twice moves `deletedAt` (measured). References stay."""
    return _mark(ws, obj, ids, "deleted")


def restore(ws: Workspace, obj: Object, ids: Sequence[str]) -> list[Data]:
    """Take records out of the trash."""
    return _mark(ws, obj, ids, "restored")


def _mark(ws: Workspace, obj: Object, ids: Sequence[str], action: str) -> list[Data]:
    with ws.store.transaction():
        now = ws.clock.stamp()
        found = read(ws, obj, ids)
        records = [found[key] for key in ids if key in found]
        for data in records:
            data["updatedAt"] = now
            data["deletedAt"] = now if action == "deleted" else None
        replace(ws, obj, records, keys=False)
        with_triggers(ws, obj, records)
        happened(ws, obj, action, records)
        return records


def destroy(ws: Workspace, obj: Object, ids: Sequence[str]) -> list[Data]:
    """Remove records for good. Pointing records lose the reference or go too (`onDelete`)."""
    with ws.store.transaction():
        found = read(ws, obj, ids)
        records = [found[key] for key in ids if key in found]
        _remove(ws, obj, list(found))
        happened(ws, obj, "destroyed", records)
        return records


def _remove(ws: Workspace, obj: Object, ids: Sequence[str]) -> None:
    for group in chunks(ids):
        _release(ws, group)
        listed = marks(len(group))
        ws.store.run(f"DELETE FROM record WHERE object = ? AND id IN ({listed})", (obj.id, *group))  # noqa: S608
        ws.store.run(f"DELETE FROM file WHERE owner IN ({listed})", group)  # noqa: S608
        drop_keys(ws, group)


def _release(ws: Workspace, ids: Sequence[str]) -> None:
    """Deal with the records that point to `ids`, field by field."""
    sql = f"SELECT field, record FROM link WHERE target IN ({marks(len(ids))})"  # noqa: S608
    pointing: dict[str, list[str]] = {}
    for field_id, record in ws.store.rows(sql, ids):
        pointing.setdefault(field_id, []).append(record)
    for field_id, records in pointing.items():
        item = ws.catalog.fields[field_id]
        owner = ws.catalog.objects[item.object_id]
        if item.cascades:
            _remove(ws, owner, records)
            continue
        for group in chunks(records):
            listed = marks(len(group))
            ws.store.run(
                f"UPDATE record SET data = json_remove(data, '$.{item.column}')"  # noqa: S608
                f" WHERE object = ? AND id IN ({listed})",
                (owner.id, *group),
            )
            sql = f"DELETE FROM link WHERE field = ? AND record IN ({listed})"  # noqa: S608
            ws.store.run(sql, (field_id, *group))
