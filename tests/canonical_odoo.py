"""A dump of the Odoo sandbox without what the database makes up anew each time.

Ids are numbers in the order of arrival, with gaps where something was refused: a record of ours is called by
its external id instead, wherever it stands. The ids of mails are made up by the server. Besides, and only
after a rollback:

    write_date, write_uid     of rows that were written back
    nothing, False and 0      are one thing: what the database keeps as nothing it reads as those
    effects                   the sandbox's own count of what automations did; no state
"""

import json
from collections.abc import Mapping
from typing import Any

from crossdock.testing.dumps import Dump, without

MODULE = "__crossdock__"
Names = Mapping[tuple[str, int], str]

# Where standard models refer to records that may be ours; custom fields are in the dump's schema.
_PARTNER = ("parent_id", "commercial_partner_id", "partner_id", "work_contact_id", "address_home_id")
_RELATIONS = (
    dict.fromkeys(_PARTNER, "res.partner")
    | dict.fromkeys(("user_id", "user_ids", "create_uid", "write_uid"), "res.users")
    | {"field_id": "ir.model.fields", "model_id": "ir.model"}
    | {"stage_id": "project.task.type", "resource_id": "resource.resource", "employee_id": "hr.employee"}
)
_ANY = dict.fromkeys(("ir.model.data", "mail.message"), "model")
_ANY |= dict.fromkeys(("ir.attachment", "mail.activity"), "res_model")
_restored = without(("records", "*", "write_date"), ("records", "*", "write_uid"), ("effects",))


def canonical(dump: Dump) -> Dump:
    """The dump with external ids in place of numbers."""
    whole = json.loads(json.dumps(dump))
    rows = whole["records"]["ir.model.data"]
    names = {(row["model"], row["res_id"]): row["name"] for row in rows if row["module"] == MODULE}
    names |= _schema_names(whole["records"])
    for model, table in whole["records"].items():
        fields = whole["schema"].get(model, {"fields": {}})["fields"]
        for row in table:
            _rename(model, row, fields, names)
        table.sort(key=lambda row: json.dumps(row, sort_keys=True))
    return whole


def undone(dump: Dump) -> Dump:
    """A dump to be compared with one after a rollback."""
    whole = _restored(canonical(dump))
    for table in whole["records"].values():
        table[:] = [filled(row) for row in table]
    return whole


def filled(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a record holds, without what is nothing, False or 0."""
    return {name: value for name, value in row.items() if value or isinstance(value, list | dict)}


def _schema_names(records: Mapping[str, Any]) -> dict[tuple[str, int], str]:
    """What was provisioned is called by its name."""
    names = {("ir.model", row["id"]): f"model {row['model']}" for row in records["ir.model"]}
    for row in records["ir.model.fields"]:
        names["ir.model.fields", row["id"]] = f"field {row['model']}.{row['name']}"
    for row in records["ir.model.fields.selection"]:
        field = names.get(("ir.model.fields", row["field_id"]), row["field_id"])
        names["ir.model.fields.selection", row["id"]] = f"{field}={row['value']}"
    return names


def _rename(model: str, row: dict[str, Any], fields: Mapping[str, Any], names: Names) -> None:
    for name, value in row.items():
        relation = (fields.get(name) or {}).get("relation") or _RELATIONS.get(name)
        if name == "res_id" and model in _ANY:
            relation = row.get(_ANY[model])
        if relation and isinstance(value, list):
            row[name] = sorted((names.get((relation, key), key) for key in value), key=str)
        elif relation and isinstance(value, int):
            row[name] = names.get((relation, value), value)
    row.pop("message_id", None)
    nobody_says = row.get("module") == MODULE or (model == "ir.attachment" and row.get("res_field"))
    if nobody_says:
        del row["id"]
    else:
        row["id"] = names.get((model, row["id"]), row["id"])
