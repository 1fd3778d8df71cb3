"""The public methods that every model has, by name, with the server's own parameter names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crossdock_odoo.sandbox import access, records
from crossdock_odoo.sandbox.clock import shown
from crossdock_odoo.sandbox.defaults import defaults_for
from crossdock_odoo.sandbox.domains import search as find
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import PythonError
from crossdock_odoo.sandbox.exporting import export_data
from crossdock_odoo.sandbox.groupfields import group_fields
from crossdock_odoo.sandbox.grouping import read_group
from crossdock_odoo.sandbox.loading import load
from crossdock_odoo.sandbox.names import name_create, name_search
from crossdock_odoo.sandbox.reading import read as read_rows
from crossdock_odoo.sandbox.reading import visible
from crossdock_odoo.sandbox.values import named

Ids = list[int]


def ids_from(given: Any) -> Ids:
    """Ids as they come: a number, a list; anything that is no number is left out."""
    listed = given if isinstance(given, list | tuple) else [given]
    return [one for one in listed if isinstance(one, int) and not isinstance(one, bool) and one]


def create(env: Env, model: str, vals_list: Any) -> Any:
    """One dictionary gives an id, a list gives a list."""
    if isinstance(vals_list, Mapping):
        return records.create(env, model, [vals_list])[0]
    return records.create(env, model, vals_list)


def write(env: Env, model: str, ids: Any, vals: Mapping[str, Any]) -> bool:
    """Write the same values to records."""
    return records.write(env, model, ids_from(ids), vals)


def unlink(env: Env, model: str, ids: Any) -> bool:
    """Unlink records."""
    return records.unlink(env, model, ids_from(ids))


def read(
    env: Env, model: str, ids: Any, fields: Sequence[str] | None = None, load: Any = "_classic_read"
) -> list[Any]:
    """Rows of records."""
    return read_rows(env, model, ids_from(ids), fields, load)


def search(
    env: Env, model: str, domain: Any, offset: int = 0, limit: int | None = None, order: str | None = None
) -> Ids:
    """Ids that a domain finds."""
    access.check(env, model, "read")
    return find(env, model, domain, order=order or "", limit=limit, offset=offset)


def search_count(env: Env, model: str, domain: Any, limit: int | None = None) -> int:
    """How many records a domain finds."""
    access.check(env, model, "read")
    return len(find(env, model, domain, limit=limit))


def search_read(
    env: Env,
    model: str,
    domain: Any = None,
    fields: Sequence[str] | None = None,
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
    load: Any = "_classic_read",
) -> list[Any]:
    """Rows that a domain finds.

    They are read without `active_test`, so that a many2many leaves archived records out (measured on 18.0).
    """
    ids = search(env, model, domain or [], offset, limit, order)
    return read_rows(env.with_context(active_test=True), model, ids, fields, load)


def search_fetch(
    env: Env,
    model: str,
    domain: Any,
    field_names: Sequence[str],
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
) -> list[int]:
    """As `search`: what it fetches stays on the server."""
    for name in field_names:
        env.field(model, name)
    return search(env, model, domain, offset, limit, order)


def web_search_read(
    env: Env,
    model: str,
    domain: Any,
    specification: Mapping[str, Any],
    offset: int = 0,
    limit: int | None = None,
    order: str | None = None,
    count_limit: int | None = None,
) -> dict[str, Any]:
    """Rows for a list, with how many there are (`length`, counted to one more than shown)."""
    ids = search(env, model, domain, offset, limit, order)
    rows = read_rows(env, model, ids, list(specification), None)
    for name, inner in specification.items():
        item = env.field(model, name)
        if item.type == "many2one" and inner.get("fields"):
            for row in rows:
                if row[name]:
                    row[name] = read_rows(env, item.relation, [row[name]], list(inner["fields"]), None)[0]
    total = len(find(env, model, domain)) if not limit or len(ids) == limit else offset + len(ids)
    return {"length": min(total, count_limit) if count_limit else total, "records": rows}


def fields_get(
    env: Env, model: str, allfields: Sequence[str] | None = None, attributes: Sequence[str] | None = None
) -> dict[str, Any]:
    """The attributes of the fields that the caller may see."""
    writable = access.allowed(env, model, "write") or access.allowed(env, model, "create")
    found = {}
    for name in visible(env, model):
        if allfields and name not in allfields:
            continue
        shape = env.field(model, name).attributes()
        if not writable:
            shape["readonly"] = True
        found[name] = shape
    if model == "res.users" and env.db.version < 19:
        found |= {name: one for name, one in group_fields(env).items() if not allfields or name in allfields}
    if attributes:
        found = {name: {at: one[at] for at in attributes if at in one} for name, one in found.items()}
    return found


def default_get(env: Env, model: str, fields_list: Sequence[str]) -> dict[str, Any]:
    """The defaults of these fields."""
    shape = env.model(model)
    return defaults_for(env, shape, [name for name in fields_list if name in shape.fields])


def _default_get(env: Env, model: str, fields: Sequence[str]) -> dict[str, Any]:
    """From 19 on, where it is called by name, the argument has the same name in every model: `fields`."""
    return default_get(env, model, fields)


def check_access_rights(env: Env, model: str, operation: str, raise_exception: bool = True) -> bool:
    """Whether the caller may do this with the model."""
    if raise_exception:
        access.check(env, model, operation)
    return access.allowed(env, model, operation)


def has_access(env: Env, model: str, ids: Any, operation: str) -> bool:
    """Whether the caller may do this with records that are there."""
    exists(env, model, ids)
    return access.allowed(env, model, operation)


def check_access(env: Env, model: str, ids: Any, operation: str) -> None:
    """Raise when the caller may not."""
    exists(env, model, ids)
    access.check(env, model, operation)


def exists(env: Env, model: str, ids: Any) -> Ids:
    """The ids that are there."""
    return [key for key in ids_from(ids) if env.exists(model, key)]


def get_external_id(env: Env, model: str, ids: Any) -> dict[str, str]:
    """An external id of each record; an empty text where there is none."""
    return {str(key): next(iter(external_ids(env, model, key)), "") for key in ids_from(ids)}


def external_ids(env: Env, model: str, key: int) -> list[str]:
    """All external ids of a record."""
    rows = (env.row("ir.model.data", at) for at in env.store.referring("ir.model.data", "res_id", key))
    return [f"{row['module']}.{row['name']}" for row in rows if row.get("model") == model]


def get_metadata(env: Env, model: str, ids: Any) -> list[dict[str, Any]]:
    """Who made and changed records, and their external ids."""
    found = []
    for key in ids_from(ids):
        row = env.row(model, key)
        xmlids = external_ids(env, model, key)
        found.append(
            {
                "id": key,
                "create_uid": _user(env, row.get("create_uid")),
                "create_date": shown(row["create_date"]),
                "write_uid": _user(env, row.get("write_uid")),
                "write_date": shown(row["write_date"]),
                "xmlid": xmlids[0] if xmlids else False,
                "xmlids": [{"xmlid": name, "noupdate": False} for name in xmlids],
                "noupdate": False,
            }
        )
    return found


def _user(env: Env, uid: int | None) -> Any:
    return [uid, named(env, "res.users", uid)] if uid else False


def nothing(env: Env, model: str, ids: Any, *args: Any, **kwargs: Any) -> None:
    """A method that changes nothing here and answers nothing."""


def toggle_active(env: Env, model: str, ids: Any) -> None:
    """Archive what is not, and the other way round."""
    for key in ids_from(ids):
        records.write(env, model, [key], {"active": not env.row(model, key).get("active")})


def action_archive(env: Env, model: str, ids: Any) -> None:
    """Archive records."""
    records.write(env, model, ids_from(ids), {"active": False})


def action_unarchive(env: Env, model: str, ids: Any) -> None:
    """Bring archived records back."""
    records.write(env, model, ids_from(ids), {"active": True})


METHODS: dict[str, Callable[..., Any]] = {
    method.__name__: method
    for method in (
        create,
        write,
        unlink,
        read,
        search,
        search_count,
        search_read,
        search_fetch,
        web_search_read,
        fields_get,
        default_get,
        check_access_rights,
        has_access,
        check_access,
        exists,
        get_external_id,
        get_metadata,
        toggle_active,
        action_archive,
        action_unarchive,
        load,
        name_search,
        name_create,
        read_group,
        export_data,
    )
} | {"invalidate_recordset": nothing, "flush_recordset": nothing, "get_metadata": get_metadata}
_FROM_19: Mapping[str, Callable[..., Any]] = {"default_get": _default_get}


def method_of(name: str, version: int) -> Callable[..., Any] | None:
    """The method of that name in a series, as its public source has it; None if there is none."""
    return (_FROM_19.get(name) if version >= 19 else None) or METHODS.get(name)


def refused(method: str, error: TypeError) -> PythonError:
    """The error for arguments that a method does not take."""
    return PythonError("TypeError", f"BaseModel.{method}() {error}")
