"""Relations written by a natural key: `{"connect": {"where": ...}}` and `{"disconnect": true}` (measured)."""

from collections.abc import Mapping
from typing import Any

from crossdock_twenty.sandbox.catalog import Field, Object, capital
from crossdock_twenty.sandbox.composites import SUBFIELDS, composite
from crossdock_twenty.sandbox.inspection import bad_input
from crossdock_twenty.sandbox.values import SIMPLE, record_id
from crossdock_twenty.sandbox.workspace import Workspace


def connected(ws: Workspace, item: Field, name: str, value: Any) -> str | None:
    """The id of the record to point to, None to clear. Raises RefusalError if there is not exactly one."""
    if isinstance(value, Mapping) and value.get("disconnect") is True:
        return None
    where = value.get("connect", {}).get("where") if isinstance(value, Mapping) else None
    if not isinstance(where, Mapping):
        raise bad_input(f'Relation "{name}" requires connect or disconnect operation')
    target = ws.catalog.target(item)
    if "id" in where:
        return _by_id(ws, target, name, where["id"])
    return _by_key(ws, target, name, where)


def _by_id(ws: Workspace, target: Object, name: str, value: Any) -> str:
    wanted = record_id(value)
    found = ws.store.value("SELECT id FROM record WHERE object = ? AND id = ?", (target.id, wanted))
    if found is None:
        raise _missing(name, f"id = {wanted}")
    return wanted


def _by_key(ws: Workspace, target: Object, name: str, where: Mapping[str, Any]) -> str:
    for key, columns in target.unique_keys.items():
        if len(columns) != 1 or columns[0][0] not in where:
            continue
        column, part = columns[0]
        value = _normal(target.columns[column], where[column], column, part)
        if value is None:
            break
        found = ws.store.value(
            "SELECT record FROM unique_key WHERE object = ? AND name = ? AND value = ?",
            (target.id, key, str(value)),
        )
        if found is None:
            raise _missing(name, f"{column}{capital(part or '')} = {value}")
        return str(found)
    raise bad_input(
        f"Missing required fields: at least one unique constraint have to be fully populated for '{name}'."
    )


def _normal(item: Field, value: Any, column: str, part: str | None) -> Any:
    if item.type in SUBFIELDS:
        return composite(item, value, column).get(part or "")
    return SIMPLE[item.type](item, value, column)


def _missing(name: str, what: str) -> Exception:
    return bad_input(f"Expected 1 record to connect to {name}, but found 0 for {what}")
