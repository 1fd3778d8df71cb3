"""What provision is asked for, and why a change is called what it is called."""

from collections.abc import Iterable
from dataclasses import replace

from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.model import Change, ChangeKind, ObjectSchema


def provisioned_objects(resolved: ResolvedMapping) -> tuple[ObjectSchema, ...]:
    """What provision is asked for: the wanted objects and fields, and every other object that is loaded
    into, so that the destination can add the field that its identity is kept in."""
    wanted = {schema.name: schema for schema in resolved.wanted}
    for route in resolved.objects:
        schema = route.target_schema
        if schema is not None and route.create and not schema.match_only and schema.name not in wanted:
            wanted[schema.name] = ObjectSchema(
                schema.name,
                (),
                schema.label,
                schema.label_plural,
                custom=schema.custom,
                settings=schema.settings,
            )
    return tuple(wanted.values())


def explained(changes: Iterable[Change], resolved: ResolvedMapping) -> list[Change]:
    """Changes with the reason why something is called otherwise than at the source."""
    result = []
    for change in changes:
        place = (
            change.object_name if change.kind is ChangeKind.OBJECT else f"{change.object_name}.{change.name}"
        )
        reasons = filter(None, (change.reason, resolved.renamed.get(place, "")))
        result.append(replace(change, reason="; ".join(reasons)))
    return result
