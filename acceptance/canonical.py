"""A destination after a run in a form that two runs of the same data have in common."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from acceptance.destinations import Destination, Odoo, Twenty
from acceptance.destinations.odoo_rows import MARK
from acceptance.slices import Json

FILES = "_system.files"


class Canonical(NamedTuple):
    """`objects` by name; `schema` of the objects that the records of the row become, by object and field;
    `records` of the run by their origin, each id replaced by that of its record; checksums of the files."""

    objects: set[str]
    schema: Json
    records: dict[str, Json]
    files: list[str]


def canonical(destination: Destination) -> Canonical:
    """What is there."""
    return OF[destination.platform](destination)


def differing(records: dict[str, Json], others: dict[str, Json]) -> dict[str, Any]:
    """The fields that differ, with both values, by record."""
    return {
        f"{name} {field}": (row.get(field), others[name].get(field))
        for name, row in records.items()
        for field in sorted({*row, *others[name]})
        if row.get(field) != others[name].get(field)
    }


def origin_of(mark: str, name: str) -> str:
    """What a record was at the source. A document, whose key is made of its path, is named by its name and
    its company."""
    source, _, rest = mark.partition(":")[2].partition("/")[2].partition("/")
    return f"{FILES} {name} of {rest.rpartition('@')[2]}" if source == FILES else f"{source} {rest}"


def renamed(value: Any, names: dict[str, str], left_out: set[str]) -> Any:
    """A record without what cannot be equal."""
    if isinstance(value, dict):
        return {k: renamed(v, names, left_out) for k, v in value.items() if k not in left_out}
    if isinstance(value, list):
        return [renamed(each, names, left_out) for each in value]
    return names.get(value, value) if isinstance(value, str) else value


# What two runs of the same data cannot have in common: ids that are made of the project's id and of the
# document's path, the moment of a change, who made the last one, addresses that are signed, and counters.
UNEQUAL = {"id", "updatedAt", "updatedBy", "searchVector", "position", "crossdockKey", "file"}


def of_twenty(destination: Destination) -> Canonical:
    """A workspace, by its dump."""
    assert isinstance(destination, Twenty)
    dump = destination.dump()
    held = [
        (f"{name} {state}", row)
        for name, rows in dump["records"].items()
        for state in ("live", "trash")
        for row in rows[state]
        if row.get("crossdockKey")
    ]
    names = {row["id"]: origin_of(row["crossdockKey"], row.get("name")) for _, row in held}
    records = {f"{where} {names[row['id']]}": renamed(row, names, UNEQUAL) for where, row in held}
    schema = json.loads(json.dumps(dump["schema"]))
    return Canonical(
        set(schema), schema_of_row(schema), records, sorted(file["sha256"] for file in dump["files"])
    )


def schema_of_row(schema: Json) -> Json:
    """The schema of what the row's records become.

    The Web API also gives tasks, messages and process instances, which the row has no tables of: fields
    that link to other objects are left out.
    """
    about = {"company", "person", "opportunity", "workspaceMember", "attachment"}
    found = {}
    for name in about:
        found[name] = {key: value for key, value in schema[name].items() if key != "fields"}
        for field, each in schema[name]["fields"].items():
            if each.get("target", name).partition(".")[0] in about:
                found[f"{name}.{field}"] = each
    return found


# What two databases cannot have in common: their own numbers and times (when a lead got its user and its
# stage), and what is drawn at random.
OWN = {
    *("id", "create_date", "write_date", "date_open", "date_last_stage_update"),
    *("access_token", "alias_id", "uuid", MARK),
}


def of_odoo(destination: Destination) -> Canonical:
    """A database, by its dump. The pictures that it draws of users itself are no files of the run."""
    assert isinstance(destination, Odoo)
    dump = destination.dump()
    rows = {(model, row["id"]): row for model, rows in dump["records"].items() for row in rows}
    held = {place: row for place, row in rows.items() if row.get(MARK)}
    names = {place: name_of(row) for place, row in rows.items()}
    ends = {model: relations(destination, model) for model in {model for model, _ in held}}
    records = {
        f"{model} {names[model, number]}": {
            name: named(value, end_of(name, row, ends[model]), names)
            for name, value in row.items()
            if name not in OWN
        }
        for (model, number), row in held.items()
    }
    files = sorted(row["checksum"] for (model, _), row in held.items() if model == "ir.attachment")
    about = {"res.partner", "crm.lead", "res.users", "hr.employee", "ir.attachment"}
    schema = {
        f"{model}.{name}": field
        for model in about & set(dump["schema"])
        for name, field in dump["schema"][model]["fields"].items()
    }
    return Canonical(set(dump["schema"]), schema, records, files)


def name_of(row: Json) -> str:
    """What a record was at the source; one that the database made itself by its own name, or its number."""
    mark, name = row.get(MARK), row.get("name")
    return origin_of(mark, str(name)) if mark else str(name or row["id"])


def relations(destination: Odoo, model: str) -> dict[str, str]:
    """The model to which each field of a model leads."""
    return {name: f["relation"] for name, f in destination.schema(model).items() if f.get("relation")}


def end_of(name: str, row: Json, relations_of_model: dict[str, str]) -> str:
    """The model to which a field of a row leads; an attachment says beside it which one its owner is of."""
    return str(row["res_model"] or "") if name == "res_id" else relations_of_model.get(name, "")


def named(value: Any, model: str, names: dict[tuple[str, int], str]) -> Any:
    """A value with the numbers of records replaced by their names."""
    if not model:
        return value
    if isinstance(value, list):
        return sorted(str(names.get((model, each), each)) for each in value)
    return names.get((model, value), value)


OF: dict[str, Callable[[Destination], Canonical]] = {"odoo": of_odoo, "twenty": of_twenty}
