"""Links to several records at a destination whose references hold one: a junction object each.

A junction record stands for one link: it refers to the record that had the link and to the one that it
led to. The routes that make them are written into the proposed mapping, so that a person sees them;
`lost_links` tells what a mapping without them leaves behind.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.capabilities import Capability
from crossdock.fieldpaths import unmapped_fields
from crossdock.fieldtypes import FieldType
from crossdock.mapping import ITEM, SELF, ObjectMapping
from crossdock.model import Catalog, FieldSchema, ObjectSchema
from crossdock.names import camel_name, name_field

_NAMED = ("name", "title")


@dataclass(frozen=True, slots=True)
class Links:
    """A field of a route with links that its target record cannot hold. `beyond` of them it can."""

    route: ObjectMapping
    field: FieldSchema
    targets: tuple[str, ...]
    beyond: int


def junction_routes(
    routes: Sequence[ObjectMapping],
    sources: Mapping[str, ObjectSchema],
    destination: Catalog,
    applying: Sequence[ObjectMapping],
) -> tuple[list[ObjectMapping], list[str]]:
    """Routes to a junction object for every field with more links than the routes keep, and a sentence each.

    `applying` are the routes that the decisions leave in. A destination that holds several references in
    one field gets none.
    """
    if destination.capabilities.can(Capability.MULTI_REFERENCES):
        return [], []
    made: list[ObjectMapping] = []
    notes = []
    own = {route.target for route in routes}
    for links in _uncovered(routes, sources, applying):
        place = f"{links.route.source}: {links.field.name}"
        if not destination.capabilities.can(Capability.CUSTOM_OBJECTS):
            notes.append(f"{place} holds links that have no place there, and no object can be made for them")
            continue
        builder = _Builder(links, sources, destination, applying)
        junction = builder.route(own | {route.target for route in made})
        made.append(junction)
        which = "each link beyond the first" if links.beyond else "each link"
        notes.append(f"{place} holds several links; {which} becomes a record of {junction.target}")
    return made, notes


def lost_links(
    routes: Sequence[ObjectMapping], sources: Mapping[str, ObjectSchema]
) -> Iterator[tuple[ObjectMapping, str]]:
    """Links that resolved routes leave behind: the route, and a sentence about it."""
    for links in _uncovered(routes, sources, routes):
        field = links.field.name
        hint = "`crossdock map propose` writes a route for them; or name it under ignore:"
        if links.beyond:
            yield links.route, f"only the first of several links in {field} is kept; {hint}"
        else:
            yield links.route, f"the links in {field} are moved by no route; {hint}"


def _uncovered(
    routes: Sequence[ObjectMapping],
    sources: Mapping[str, ObjectSchema],
    applying: Sequence[ObjectMapping],
) -> Iterator[Links]:
    targets_of: dict[str, dict[str, None]] = {}
    for route in applying:
        if not (route.for_each or route.targets):  # a link is not what a link leads to
            targets_of.setdefault(route.source, {})[route.target] = None
    walked = {(route.source, route.for_each) for route in routes if route.for_each}
    walked |= {(route.source, route.targets.source) for route in routes if route.targets}
    for route in routes:
        schema = sources.get(route.source)
        if schema is None or route.for_each or route.targets or not route.create:
            continue
        for field, beyond in _too_many(route, schema, targets_of):
            targets = _targets(field, targets_of)
            told = _told_by_others(field, route.source, applying, sources)
            if targets and not told and (route.source, field.name) not in walked:
                yield Links(route, field, targets, beyond)


def _too_many(
    route: ObjectMapping, schema: ObjectSchema, targets_of: Mapping[str, Mapping[str, None]]
) -> Iterator[tuple[FieldSchema, int]]:
    """Reference fields with more links than the route keeps, and how many it keeps."""
    for name, entry in route.fields.items():
        field = schema.field(entry.source) if isinstance(entry.source, str) else None
        target = route.target_schema.field(name) if route.target_schema else None
        single = target is None or not target.multiple
        if field is not None and field.multiple and entry.reference and not entry.author and single:
            yield field, 1
    if route.keep != "custom_fields" and (route.provision is None or route.provision.fields != "auto"):
        return
    for name in unmapped_fields(route, schema):
        field = schema.field(name)
        if field is None or field.type is not FieldType.REFERENCE:
            continue
        if field.multiple or len(_targets(field, targets_of)) != 1:
            yield field, 0


def _targets(field: FieldSchema, targets_of: Mapping[str, Mapping[str, None]]) -> tuple[str, ...]:
    """The target objects that the field may lead to; a field that names no object may lead to all."""
    objects = field.references or tuple(targets_of)
    return tuple(dict.fromkeys(t for name in objects for t in targets_of.get(name, ())))


def _told_by_others(
    field: FieldSchema,
    owner: str,
    routes: Sequence[ObjectMapping],
    sources: Mapping[str, ObjectSchema],
) -> bool:
    """True if the records that it leads to are linked to their owner themselves (files are)."""
    if not field.references:
        return False
    for name in field.references:
        links = [route.targets.source for route in routes if route.source == name and route.targets]
        schema = sources.get(name)
        back = [schema.field(link) for link in links] if schema else []
        if not any(f is not None and (not f.references or owner in f.references) for f in back):
            return False
    return True


class _Builder:
    """Writes the route of one junction object."""

    def __init__(
        self,
        links: Links,
        sources: Mapping[str, ObjectSchema],
        destination: Catalog,
        applying: Sequence[ObjectMapping],
    ) -> None:
        self._links = links
        self._sources = sources
        self._destination = destination
        self._applying = applying

    def route(self, taken: set[str]) -> ObjectMapping:
        """The route, its object called by a name that is in no other's way."""
        route, field = self._links.route, self._links.field
        owner = self._sources[route.source]
        label = f"{owner.label or route.target}: {field.label or field.name}"
        foreign = {o.name for o in self._destination.objects if not (o.custom and o.label == label)}
        name = camel_name("object", f"{route.target} {field.name} link", frozenset(taken | foreign))
        near = camel_name("field", route.target, frozenset())
        ends = self._far_ends(near)
        fields = {near: {"type": "reference", "references": [route.target], "label": owner.label or near}}
        fields |= {
            end: {"type": "reference", "references": [target], "label": self._label(target, len(ends))}
            for end, target in ends.items()
        }
        form: dict[str, Any] = {
            "from": route.source,
            "to": {"provision": {"object": name, "label": label, "label_plural": label, "fields": fields}},
            "for_each": field.name,
            "beyond": self._links.beyond,
            "fields": {"name": self._title(owner), near: self._near(), **self._far_entries(ends)},
        }
        form |= {word: getattr(route, word) for word in ("when", "where") if getattr(route, word)}
        if len(ends) > 1:
            form["require_one"] = list(ends)
        return ObjectMapping.model_validate(form)

    def _near(self) -> dict[str, Any]:
        return {"from": SELF, "reference": self._links.route.target, "required": True}

    def _far_ends(self, near: str) -> dict[str, str]:
        """Field name -> target object: called by the object, at a self link by the source field."""
        targets = self._links.targets
        if len(targets) > 1:
            return {f"target{target[:1].upper()}{target[1:]}": target for target in targets}
        wanted = self._links.field.name if targets[0] == near else targets[0]
        return {camel_name("field", wanted, frozenset({near, "name"})): targets[0]}

    def _far_entries(self, ends: Mapping[str, str]) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        for end, target in ends.items():
            entries[end] = {"from": ITEM, "reference": target}
            known = self._destination.object(target)
            if known is not None and known.match_only:
                # Somebody without an account there is still named, and linked once there is one.
                entries[end]["missing"] = "null_with_finding"
            elif len(ends) == 1:
                entries[end]["required"] = True
        return entries

    def _label(self, target: str, several: int) -> str:
        label = self._links.field.label or self._links.field.name
        return f"{label} ({target})" if several > 1 else label

    def _title(self, owner: ObjectSchema) -> dict[str, str]:
        """What a junction record is called: `one - other`."""
        own = _naming_field(owner, [self._links.route])
        names = []
        for name in self._links.field.references or tuple(self._sources):
            schema = self._sources.get(name)
            if schema is not None:
                names.append(_naming_field(schema, [r for r in self._applying if r.source == name]))
        # Of several objects the field that most of them are named by.
        other = max(names, key=names.count, default="")
        parts = [f"{{{own}}}" if own else "", f"{{{ITEM}.{other}}}" if other else ""]
        return {"template": " - ".join(filter(None, parts)) or f"{{{SELF}.key}}"}


def _naming_field(schema: ObjectSchema, routes: Sequence[ObjectMapping]) -> str:
    """The source field that a record is known by: what its routes make the name of, else by its own name."""
    for route in routes:
        for name in _NAMED:
            entry = route.fields.get(name)
            if entry is not None and isinstance(entry.source, str) and schema.field(entry.source):
                return entry.source
    return name_field(f.name for f in schema.fields if f.type in (FieldType.TEXT, FieldType.PERSON_NAME))
