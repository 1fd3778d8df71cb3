"""The dump: everything the database holds, in an order that depends on the content only."""

from typing import Any

from crossdock_odoo.sandbox.environment import Database
from crossdock_odoo.sandbox.mailing import PREFIX


def dump(db: Database) -> dict[str, Any]:
    """Records by model and id, custom schema, files by SHA-1, counted e-mails and other effects.

    Sequences are left out, and so is what the code itself writes about standard models; two dumps are
    equal exactly when the databases are.
    """
    effects = db.store.effects()
    mails = {name.removeprefix(PREFIX): n for name, n in effects.items() if name.startswith(PREFIX)}
    return {
        "platform": "odoo",
        "version": db.version,
        "records": {name: _records(db, name) for name in sorted(db.catalog.models)},
        "schema": _schema(db),
        "files": _files(db),
        "mails": sum(mails.values()),
        "outbox": dict(sorted(mails.items())),
        "effects": {name: n for name, n in sorted(effects.items()) if not name.startswith(PREFIX)},
    }


def _records(db: Database, name: str) -> list[dict[str, Any]]:
    rows = db.store.rows[name]
    found = [{"id": key, **_ordered(rows[key])} for key in sorted(rows)]
    if name in ("ir.model", "ir.model.fields"):
        return [row for row in found if row.get("state") == "manual"]
    if name == "ir.model.fields.selection":
        fields = db.store.rows["ir.model.fields"]
        return [row for row in found if fields.get(row.get("field_id", 0), {}).get("state") == "manual"]
    return found


def _ordered(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in sorted(row)}


def _schema(db: Database) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model in db.catalog.models.values():
        custom = {
            name: {
                "type": item.type,
                "string": item.string,
                "required": item.required,
                "relation": item.relation or None,
                "relation_field": item.relation_field or None,
                "selection": item.selection,
            }
            for name, item in sorted(model.fields.items())
            if item.manual
        }
        if custom or model.manual:
            found[model.name] = {"label": model.label, "manual": model.manual, "fields": custom}
    return dict(sorted(found.items()))


def _files(db: Database) -> dict[str, int]:
    """How many files have which content."""
    found: dict[str, int] = {}
    for row in db.store.rows["ir.attachment"].values():
        checksum = row.get("checksum")
        if checksum:
            found[checksum] = found.get(checksum, 0) + 1
    return dict(sorted(found.items()))
