"""Dates that Odoo stamps on leads and tasks, written again after the call that moved them.

A stage, an owner or the end of a record that changes stamps dates with the time of the call, whatever the
call says of them. Written alone they stay. A new lead keeps the dates it is given, a new task does not.
(Code of 18.0, and measured.)
"""

from collections.abc import Mapping, Sequence

from crossdock_odoo.client import OdooClient
from crossdock_odoo.filling import Item

STAMPED: Mapping[str, tuple[frozenset[str], tuple[str, ...]]] = {
    "crm.lead": (
        frozenset({"stage_id/.id", "active", "probability", "user_id/.id"}),
        ("date_closed", "date_open", "date_last_stage_update"),
    ),
    "project.task": (
        frozenset({"stage_id/.id", "state", "user_ids/.id", "project_id/.id", "active"}),
        ("date_end", "date_assign", "date_last_stage_update"),
    ),
}
"""By model: the columns that make the server stamp dates, and those dates."""

_STAMPED_WHEN_MADE = frozenset({"project.task"})


def second_call(model: str, item: Item) -> dict[str, str]:
    """The dates of a new record that have to wait for a second call, taken out of the first."""
    if model not in _STAMPED_WHEN_MADE:
        return {}
    return {date: item.cells.pop(date) for date in STAMPED[model][1] if item.cells.get(date)}


def kept(client: OdooClient, model: str, items: Sequence[Item]) -> dict[int, dict[str, str]]:
    """By database id, the dates that have to be written again once these records are changed."""
    triggers, dates = STAMPED.get(model, (frozenset(), ()))
    touched = [i for i in items if i.record_id is not None and triggers & set(i.cells)]
    if not touched:
        return {}
    held = {row["id"]: row for row in client.read(model, [i.record_id or 0 for i in touched], dates)}
    again: dict[int, dict[str, str]] = {}
    for item in touched:
        row = held.get(item.record_id or 0)
        if row is not None:
            stay = {d: item.cells.get(d, row[d] or "") for d in dates if d in item.cells or row[d]}
            again[row["id"]] = stay
    return {record_id: dates for record_id, dates in again.items() if dates}
