"""Links of a mapping written out: the fields of one that may lead to several target objects, and what a
record may belong to."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from crossdock.fieldtypes import FieldType
from crossdock.mapping import ITEM, FieldMapping, ObjectMapping, PolymorphicTargets
from crossdock.mappingfile.wanted import Reach
from crossdock.model import FieldSchema, ObjectSchema, Provenance


class Wishes(Protocol):
    """What is known of both sides and wanted so far."""

    @property
    def sources(self) -> Mapping[str, ObjectSchema]:
        """Source objects by name."""

    def can_point(self, object_name: str, field_name: str, target: str) -> bool:
        """Whether the link field is there, or comes with an object that is to be provisioned."""

    def made_field(self, route: ObjectMapping, wanted: FieldSchema) -> str:
        """The name of a field that is made where it is not there."""

    def label_of(self, object_name: str) -> str:
        """What a target object is called."""


def with_targets(route: ObjectMapping, work: Wishes, reach: Reach) -> ObjectMapping:
    """The route with its polymorphic link written out: one field for each possible target object."""
    link, source = route.targets, work.sources.get(route.source)
    if link is None or source is None:
        return route
    fields = dict(route.fields)
    own = {e.reference: name for name, e in fields.items() if e.reference and e.source == link.source}
    ends = [name for name in link.first if name in fields]
    for target in _led_to(route, link, source, work, reach):
        name = own.get(target) or link.name.format(object=target, Object=target[:1].upper() + target[1:])
        if target not in own and name not in link.first:
            if link.make:
                name = work.made_field(route, _end(name, target, link, source, work))
            elif not work.can_point(route.target, name, target):
                continue
            fields[name] = _entry(link, target)
        ends.append(name)
    ends = list(dict.fromkeys(ends))
    needed = tuple(dict.fromkeys((*route.require_one, *ends))) if link.required else route.require_one
    written = link.model_copy(update={"ends": tuple(ends)})
    return route.model_copy(update={"fields": fields, "require_one": needed, "targets": written})


def _entry(link: PolymorphicTargets, target: str) -> FieldMapping:
    """What fills the end of a link that leads to this target object."""
    form: dict[str, Any] = {"from": link.source, "reference": target}
    return FieldMapping.model_validate(form | ({} if link.required else {"missing": "null_with_finding"}))


def _end(name: str, target: str, link: PolymorphicTargets, source: ObjectSchema, work: Wishes) -> FieldSchema:
    """A link field that is to be made."""
    own = source.field(link.source)
    label = (own.label if own is not None else "") or link.source
    return FieldSchema(
        name,
        FieldType.REFERENCE,
        f"{label} ({work.label_of(target)})",
        custom=True,
        references=(target,),
        provenance=Provenance.DECLARED,
    )


def _led_to(
    route: ObjectMapping, link: PolymorphicTargets, source: ObjectSchema, work: Wishes, reach: Reach
) -> tuple[str, ...]:
    """The target objects that the link may lead to, those of one source object in the order of routes."""
    objects = objects_of(route, link, source, work.sources)
    if link.make and not objects:
        return reach.anywhere
    found = (
        target
        for name in objects or tuple(reach.targets_of)
        if name not in link.but
        for target in reach.targets_of.get(name, ())
    )
    return tuple(dict.fromkeys(found))


def objects_of(
    route: ObjectMapping, link: PolymorphicTargets, source: ObjectSchema, sources: Mapping[str, ObjectSchema]
) -> tuple[str, ...]:
    """The source objects that the link of a route may lead to; () if it may lead to any."""
    path = route.for_each if link.source == ITEM and route.for_each else link.source
    return _objects_at(path.split("."), source, sources)


def _objects_at(
    path: Sequence[str], schema: ObjectSchema, sources: Mapping[str, ObjectSchema]
) -> tuple[str, ...]:
    """The source objects that a reference may lead to, also one of a record that is referred to."""
    own = schema.field(path[0])
    if own is None or len(path) == 1:
        return own.references if own is not None else ()
    further = (sources[name] for name in own.references if name in sources)
    found = (name for one in further for name in _objects_at(path[1:], one, sources))
    return tuple(dict.fromkeys(found))


def with_owners(
    route: ObjectMapping, work: Wishes, targets_of: Mapping[str, tuple[str, ...]]
) -> ObjectMapping:
    """The route with the target objects that a record of it may belong to."""
    owner, source = route.belongs_to, work.sources.get(route.source)
    own = source.field(owner.source) if owner is not None and source is not None else None
    if owner is None or own is None or owner.targets:
        return route
    objects = own.references or tuple(name for name in targets_of if name != route.source)
    targets = tuple(dict.fromkeys(t for name in objects for t in targets_of.get(name, ())))
    return route.model_copy(update={"belongs_to": owner.model_copy(update={"targets": targets})})
