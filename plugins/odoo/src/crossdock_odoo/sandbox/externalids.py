"""External ids: `ir.model.data` rows, (module, name) once, no space in the name (measured)."""

from collections.abc import Sequence
from typing import Any

from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import IntegrityError, PythonError
from crossdock_odoo.sandbox.registry import RULES, Rules, Values

MODEL = "ir.model.data"


def update_external_ids(env: Env, rows: Sequence[tuple[str, str, int]], *, noupdate: bool) -> None:
    """Name records: (external id, model, id) each. The same name twice in one call is an error that is
    never seen: `load` goes on row by row (measured)."""
    names = [name for name, _, _ in rows]
    if len(set(names)) != len(names):
        raise PythonError("psycopg2.errors.CardinalityViolation", "cannot affect row a second time")
    for full, model, key in rows:
        module, _, name = full.partition(".")
        at = find(env, module, name)
        row = env.row(MODEL, at) if at else {}
        if row and (row.get("model"), row.get("res_id")) == (model, key):
            continue
        at = at or env.store.next_id(MODEL)
        made: Values = {"module": module, "name": name, "model": model, "res_id": key, "noupdate": noupdate}
        made |= {"create_date": env.now, "write_date": env.now} | {n: row[n] for n in ("create_date",) if row}
        _check_name(name, at, made)
        env.store.put(MODEL, at, made)


def find(env: Env, module: str, name: str) -> int:
    """The row of an external id; 0 if there is none."""
    for key in env.store.links[MODEL, "name"].get(name) or ():
        if env.row(MODEL, key).get("module") == module:
            return int(key)
    return 0


def _check_name(name: str, at: int, row: Values) -> None:
    if " " not in name:
        return
    times = f"{row['create_date']}, {row['write_date']}"
    shown = f"({at}, null, {times}, null, {row['res_id']}, f, {name}, {row['module']}, {row['model']})"
    text = (
        'new row for relation "ir_model_data" violates check constraint "ir_model_data_name_nospaces"\n'
        f"DETAIL:  Failing row contains {shown}.\n"
    )
    raise IntegrityError(text, f" {text}")


def _settled(env: Env, key: int, row: Values, _vals: Values) -> None:
    other = find(env, row.get("module", ""), row.get("name", ""))
    if other not in (0, key):
        text = (
            'duplicate key value violates unique constraint "ir_model_data_module_name_uniq_index"\n'
            f"DETAIL:  Key (module, name)=({row['module']}, {row['name']}) already exists.\n"
        )
        raise IntegrityError(text, f" {text}")
    _check_name(str(row.get("name", "")), key, row | {"res_id": row.get("res_id", 0)})


def check_object_reference(env: Env, module: str, xml_id: str, **_more: Any) -> list[Any]:
    """Model and id of an external id; a ValueError if there is none."""
    at = find(env, module, xml_id)
    row = env.row(MODEL, at)
    if not row or not env.exists(row["model"], row.get("res_id", 0)):
        raise PythonError(
            "ValueError", f"No record found for unique ID {module}.{xml_id}. It may have been deleted."
        )
    return [row["model"], row["res_id"]]


RULES[MODEL] = Rules(
    settled=[_settled], resettled=[_settled], model_methods={"check_object_reference": check_object_reference}
)
