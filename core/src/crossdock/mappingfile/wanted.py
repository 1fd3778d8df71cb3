"""Fields to be provisioned: as a mapping defines them, or copied from the source."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from crossdock.conversions import convertible
from crossdock.fieldtypes import FieldType
from crossdock.mapping import FieldDefinition, FieldMapping
from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance
from crossdock.names import Naming

_SUBSTITUTES = (FieldType.DECIMAL, FieldType.TEXT, FieldType.JSON)
_MOST_ENDS = 12  # fields for one link that may lead to several objects; more would bury the others
_NOT_COPIED = frozenset({FieldType.FILE, FieldType.AUTHOR, FieldType.UNKNOWN})


def same(existing: FieldSchema, wanted: FieldSchema) -> bool:
    """Whether an existing field is the one that an earlier provision made for this wish."""
    return existing.custom and existing.label == wanted.label and convertible(wanted, existing).possible


def defined(name: str, definition: FieldDefinition) -> FieldSchema:
    """The schema of a field that a mapping defines itself."""
    return FieldSchema(
        name,
        definition.type,
        definition.label or name,
        multiple=definition.multiple,
        custom=True,
        options=tuple(Option(o.value, o.label or o.value) for o in definition.options),
        references=definition.references,
        provenance=Provenance.DECLARED,
    )


def inferred(name: str, entry: FieldMapping, source: ObjectSchema | None) -> FieldSchema:
    """What a field that a route fills in an object to be provisioned has to be."""
    declared = Provenance.DECLARED
    if entry.author:
        return FieldSchema(name, FieldType.AUTHOR, name, custom=True, provenance=declared)
    if entry.reference:
        references = (entry.reference,)
        return FieldSchema(
            name, FieldType.REFERENCE, name, custom=True, references=references, provenance=declared
        )
    own = source.field(entry.source) if source and isinstance(entry.source, str) else None
    if own is None or entry.steps or entry.values is not None or own.type in _NOT_COPIED:
        return FieldSchema(name, FieldType.TEXT, name, custom=True, provenance=declared)
    return _copied_schema(own, name, own.label or name)


@dataclass(frozen=True, slots=True)
class Reach:
    """Where links of a source may lead at a destination.

    targets_of: by source object the target objects of its routes, in their order. anywhere: those that a
    link without a named object may lead to. several: one field there holds several references.
    """

    targets_of: Mapping[str, tuple[str, ...]]
    anywhere: tuple[str, ...] = ()
    several: bool = False

    def of(self, own: FieldSchema) -> tuple[str, ...]:
        """The target objects that a field may lead to, each needing a field of its own; () if none can be
        made.

        A link to one source object leads to the first thing that its records become. Where a field holds
        one reference, links to several records or objects need a junction object instead.
        """
        found = tuple(dict.fromkeys(t for name in own.references for t in self.targets_of.get(name, ())))
        if not self.several:
            return found if len(found) == 1 and not own.multiple else ()
        if len(own.references) == 1:
            return found[:1]
        targets = found if own.references else self.anywhere
        return targets if len(targets) <= _MOST_ENDS else ()


def copies_of(
    own: FieldSchema,
    reach: Reach,
    provisionable: Collection[FieldType],
    several: Collection[FieldType] = frozenset(FieldType),
) -> tuple[FieldSchema, ...]:
    """The wanted copy of a source field; a field for each object that it may lead to, none for what no
    plain field can hold.

    A type that the destination does not know becomes the nearest one that it does; several values of a
    type that is none of `several` become one text. A source that has a name for the other end of a
    reference gives it as the setting `inverse_label`.
    """
    if own.type in _NOT_COPIED:
        return ()
    label = own.label or own.name
    if own.type is not FieldType.REFERENCE:
        copied = _provisionable(_copied_schema(own, own.name, label), provisionable, several)
        return (copied,) if copied else ()
    targets = reach.of(own)
    return tuple(
        FieldSchema(
            own.name if len(targets) == 1 else f"{own.name} {target}",
            FieldType.REFERENCE,
            label if len(targets) == 1 else f"{label} ({target})",
            multiple=own.multiple,
            custom=True,
            references=(target,),
            provenance=Provenance.DECLARED,
            settings={key: own.settings[key] for key in ("inverse_label",) if own.settings.get(key)},
        )
        for target in targets
    )


def merged(existing: FieldSchema, wanted: FieldSchema) -> FieldSchema:
    """An existing field with the wanted options that it lacks."""
    known = {option.value for option in existing.options}
    more = tuple(option for option in wanted.options if option.value not in known)
    return replace(existing, options=existing.options + more) if more else existing


def named_options(wanted: FieldSchema, naming: Naming) -> tuple[FieldSchema, dict[str, str]]:
    """The field with its options as the destination names them, and how each value is translated.

    Choices that go with a plain field (a text with suggestions) bind nobody: its values stay as they are.
    """
    if wanted.type is not FieldType.SELECT:
        return wanted, {}
    options: list[Option] = []
    for option in wanted.options:
        value = naming("option", option.value, frozenset(o.value for o in options))
        options.append(Option(value, option.label or option.value))
    translated = {old.value: new.value for old, new in zip(wanted.options, options, strict=True)}
    if all(old == new for old, new in translated.items()):
        return wanted, {}
    return replace(wanted, options=tuple(options)), translated


def _provisionable(
    wanted: FieldSchema, types: Collection[FieldType], several: Collection[FieldType]
) -> FieldSchema | None:
    if wanted.type in types and (not wanted.multiple or wanted.type in several):
        return wanted
    for type_ in _SUBSTITUTES:
        other = replace(wanted, type=type_, options=(), multiple=wanted.multiple and type_ in several)
        # Text holds several values joined; any other single value would be the first of them alone.
        joins = type_ is FieldType.TEXT or other.multiple == wanted.multiple
        if type_ in types and joins and convertible(wanted, other).possible:
            return other
    return None


def _copied_schema(own: FieldSchema, name: str, label: str) -> FieldSchema:
    return FieldSchema(
        name,
        own.type,
        label,
        multiple=own.multiple,
        custom=True,
        options=own.options,
        provenance=own.provenance,
    )
