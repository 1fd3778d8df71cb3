"""The schema plan: for each source object, where it goes and what has to be made there first."""

from collections.abc import Iterable, Mapping
from typing import Any

from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping, merged_schemas
from crossdock.model import Catalog, FieldSchema, ObjectSchema


def schema_plan(
    resolved: ResolvedMapping, sources: Iterable[Catalog], destination: Catalog
) -> list[dict[str, Any]]:
    """One entry a source object, in the catalog's order; `routes` is empty for one that stays behind.

    A field to be made is listed with the first route that goes to its object.
    """
    missing = {
        wanted.name: [f for f in wanted.fields if not _there(destination, wanted.name, f)]
        for wanted in resolved.wanted
    }
    plan = []
    for name, schema in merged_schemas(list(sources)).items():
        routes = [_route(r, destination, missing) for r in resolved.objects if r.source == name]
        plan.append(
            {
                "source": name,
                "label": schema.label or name,
                "custom_fields": sum(f.custom for f in schema.fields),
                "routes": routes,
                "left_out": _left_out(name, resolved, bool(routes)),
                "unmapped": [
                    {"name": f, "label": _label(schema, f)} for f in resolved.unmapped.get(name, ())
                ],
            }
        )
    return plan


def _there(destination: Catalog, object_name: str, wanted: FieldSchema) -> bool:
    existing = destination.object(object_name)
    known = existing.field(wanted.name) if existing else None
    if known is None:
        return False
    return {o.value for o in wanted.options} <= {o.value for o in known.options}


def _route(
    route: ObjectMapping, destination: Catalog, missing: dict[str, list[FieldSchema]]
) -> dict[str, Any]:
    target = route.target_schema
    new = destination.object(route.target) is None
    return {
        "target": route.target,
        "label": (target.label if target else "") or route.target,
        "new": new,
        "finds_only": not route.create,
        "fields": len(route.fields),
        "match": [list(key) for key in route.match],
        "make": [_field(f) for f in missing.pop(route.target, [])],
    }


def _field(schema: FieldSchema) -> dict[str, Any]:
    return {
        "name": schema.name,
        "label": schema.label or schema.name,
        "type": schema.type.value,
        "options": len(schema.options),
        "references": list(schema.references),
    }


def _left_out(name: str, resolved: ResolvedMapping, moved: bool) -> str:
    if moved:
        return ""
    if name in resolved.ignored:
        return "the mapping says that nobody wants it"
    if any(dropped.partition(">")[0] == name for dropped in resolved.dropped):
        return "a decision leaves it out"
    return "the mapping has no route for it"


def _label(schema: ObjectSchema, name: str) -> str:
    found = schema.field(name)
    return (found.label if found else "") or name


def totals(plan: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Objects and fields to be made, links among them, and fields that nothing maps."""
    entries = list(plan)
    routes = [route for entry in entries for route in entry["routes"]]
    fields = [field for route in routes for field in route["make"]]
    return {
        "new_objects": len({route["target"] for route in routes if route["new"]}),
        "new_fields": len(fields),
        "links": sum(bool(field["references"]) for field in fields),
        "unmapped_fields": sum(len(entry["unmapped"]) for entry in entries),
        "objects_left_out": sum(bool(entry["left_out"]) for entry in entries),
    }
