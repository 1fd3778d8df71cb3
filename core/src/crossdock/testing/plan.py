"""The mapping file of the kit: what goes where at one destination, and what everything is called there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import Catalog, ObjectSchema
from crossdock.names import Naming, camel_name
from crossdock.testing.company import Company
from crossdock.testing.samples import OPTIONS, PARTY, THING, USER
from crossdock.testing.source import NAME
from crossdock.testing.target import Target

Json = dict[str, Any]
_LABELS = {"object": "Kit thing", "objects": "Kit things", "note": "Kit note"}


@dataclass(frozen=True)
class Plan:
    """Names at the destination: of the object that is made, of its fields by the source's, of the field
    that an existing object gets, and of the options."""

    thing: str
    fields: Mapping[str, str]
    note: str
    options: Mapping[str, str]
    several: frozenset[FieldType]


def planned(target: Target, company: Company, catalog: Catalog, naming: Naming | None) -> Plan:
    """What everything is called; as the platform names it, else as the core does."""
    called = naming or camel_name
    schema = _schema(company, THING)
    names: dict[str, str] = {}
    for field in schema.fields:
        names[field.name] = called("field", f"kit {field.name}".replace("_", " "), frozenset(names.values()))
    options: dict[str, str] = {}
    for option in OPTIONS:
        options[option.value] = called("option", option.value, frozenset(options.values()))
    record = catalog.object(target.record.name)
    taken = frozenset(f.name for f in record.fields) if record else frozenset()
    thing = called("object", "kitThing", frozenset(o.name for o in catalog.objects))
    return Plan(thing, names, called("field", "kit note", taken), options, target.several)


def mapping_document(target: Target, plan: Plan, company: Company, catalog: Catalog) -> Json:
    """The mapping file as plain data; every active automation is kept on."""
    kinds = {report.kind for report in catalog.artifacts if any(a.active for a in report.found)}
    return {
        "source": NAME,
        "destination": target.platform,
        "automations": dict.fromkeys(sorted(kinds), "keep"),
        "objects": [_users(target), _parties(target, plan), _things(target, plan, _schema(company, THING))],
    }


def _users(target: Target) -> Json:
    people = target.people
    return {
        "from": USER,
        "to": people.name,
        "create": False,
        "match": [people.match],
        "fields": {people.match: "mail"},
    }


def _parties(target: Target, plan: Plan) -> Json:
    record = target.record
    return {
        "from": PARTY,
        "to": record.name,
        "match": [record.match],
        "extend": {plan.note: {"type": "text", "label": _LABELS["note"]}},
        "fields": {
            record.title: {"from": "title", "required": True},
            record.match: "match",
            plan.note: "note",
        },
    }


def _things(target: Target, plan: Plan, schema: ObjectSchema) -> Json:
    references = {"party": target.record.name, "parties": target.record.name, "parent": plan.thing}
    references["owner"] = target.people.name
    definitions: Json = {}
    fields: Json = {}
    for field in schema.fields:
        name = plan.fields[field.name]
        definition: Json = {"type": field.type.value, "label": f"Kit {field.name}"}
        entry: Json = {"from": field.name}
        if field.type is FieldType.REFERENCE:
            definition["references"] = [references[field.name]]
            entry["reference"] = references[field.name]
        if field.type is FieldType.SELECT:
            definition["options"] = [{"value": plan.options[o.value], "label": o.label} for o in OPTIONS]
            entry["values"] = dict(plan.options)
        if field.multiple:
            definition["multiple"] = True
        definitions[name], fields[name] = definition, entry
    fields[plan.fields["title"]]["required"] = True
    fields[plan.fields["owner"]]["missing"] = "null_with_finding"
    provision = {
        "object": plan.thing,
        "label": _LABELS["object"],
        "label_plural": _LABELS["objects"],
        "fields": definitions,
    }
    return {"from": THING, "to": {"provision": provision}, "fields": fields}


def _schema(company: Company, name: str) -> ObjectSchema:
    return next(schema for schema in company.schemas if schema.name == name)
