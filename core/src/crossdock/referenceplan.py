"""References and authors in a field mapping, resolved through the id map.

A choice is a reference where the source gives its choices as records (`FieldSchema.references` of a
SELECT field), keyed `object.field:value`.

A reference that has no target id yet because its record is loaded later is DEFERRED to a second
pass. One that leads nowhere raises MissingReferenceError, unless the mapping names a substitute or
lets it be left empty with a note: a reference never becomes nothing in silence.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crossdock.fieldpaths import Scene
from crossdock.ids import GONE, TENANT_BORDER, ReferenceStatus, TenantIds
from crossdock.mapping import FieldMapping, ObjectMapping
from crossdock.model import FieldSchema
from crossdock.steps import StepError
from crossdock.values import Author, PersonName, Reference

Convert = Callable[[Any, Scene], Any]

_NAME_FIELDS = ("fullname", "fullName", "full_name", "__name", "name", "login", "email")


LEFT_EMPTY, SUBSTITUTED = "left empty", "took its place"
FURTHER = "further references left out"
"""How the note of a field ends that holds the first of several references."""
UNRESOLVED = (LEFT_EMPTY, SUBSTITUTED)
"""How the notes end of which a delta looks whether the record is there by now."""

NOBODY: Mapping[str, str] = {
    LEFT_EMPTY: "left empty: nobody there stands for it",
    SUBSTITUTED: "another stands in: nobody there stands for it",
}
"""What reports say of such a field, the same words for every record, by how its note ends."""


def unresolved(notes: Iterable[str]) -> dict[str, str]:
    """By target field, how a reference of the source ended that leads to nobody: LEFT_EMPTY or SUBSTITUTED.

    Of a field with several references the worst counts: one that was left empty.
    """
    found: dict[str, str] = {}
    for note in notes:
        name, _, told = note.partition(": ")
        ending = next((ending for ending in UNRESOLVED if told.endswith(ending)), None)
        if ending is not None and found.get(name) != LEFT_EMPTY:
            found[name] = ending
    return found


class MissingReferenceError(StepError):
    """A reference that leads nowhere: the record waits for a decision."""


class _Deferred:
    """The mark of a value that is written in a second pass."""


DEFERRED = _Deferred()


def choice_of(object_name: str, field: FieldSchema, value: str) -> Reference:
    """The record that stands for a choice of a SELECT field whose choices are records."""
    holder = field.references[0] if field.references else ""
    return Reference(holder, f"{object_name}.{field.name}:{value}")


def choice_stage(route: ObjectMapping, field: FieldSchema) -> Convert:
    """A stage that turns the values of a SELECT field into references to the records of its choices."""

    def one(value: Any) -> Any:
        return choice_of(route.source, field, value) if isinstance(value, str) else value

    def stage(value: Any, _scene: Scene) -> Any:
        return tuple(map(one, value)) if isinstance(value, tuple) else one(value)

    return stage


def reference_stage(
    name: str, mapping: FieldMapping, route: ObjectMapping, target: FieldSchema | None
) -> Convert:
    """A stage that turns references into target ids, None or DEFERRED."""
    several = target is not None and target.multiple
    resolve = _resolver(name, mapping, route, bool(mapping.required or (target and target.required)))

    def stage(value: Any, scene: Scene) -> Any:
        elements = value if isinstance(value, tuple) else (value,)
        if len(elements) > 1 and not several:
            scene.notes.append(f"{name}: {len(elements) - 1} {FURTHER}")
            elements = elements[:1]
        found = [resolve(element, scene) for element in elements]
        if DEFERRED in found:
            scene.deferred.append(name)
            return DEFERRED
        # Two of them may have become one record there.
        kept = tuple(dict.fromkeys(target_id for target_id in found if target_id is not None))
        return kept if several else (kept[0] if kept else None)

    return stage


def _resolver(name: str, mapping: FieldMapping, route: ObjectMapping, required: bool) -> Convert:
    wanted = mapping.reference or ""
    optional = name in route.ends

    def resolve(value: Any, scene: Scene) -> Any:
        if not isinstance(value, Reference):
            raise StepError(f"{value!r:.80} is not a reference")
        found = scene.ids.target_id(value.object_name, value.key, wanted)
        status = scene.ids.status(value.object_name, value.key, wanted)
        if found is not None:
            if status is ReferenceStatus.DELETED:
                scene.notes.append(f"{name}: {value.object_name}/{value.key} {GONE}")
            return found
        if status is ReferenceStatus.PENDING and not required:
            return DEFERRED
        if status is ReferenceStatus.UNMAPPED and optional:
            return None
        return _substitute(name, mapping, value, status, scene)

    return resolve


def _substitute(
    name: str, mapping: FieldMapping, reference: Reference, status: ReferenceStatus, scene: Scene
) -> str | None:
    wanted = mapping.reference or ""
    told = f"{reference.object_name}/{reference.key} is no {wanted} there ({status})"
    if status is ReferenceStatus.FOREIGN and isinstance(scene.ids, TenantIds):
        holder = scene.ids.holder(reference.object_name, reference.key)
        told = f"{reference.object_name}/{reference.key} is a record of tenant {holder!r}; {TENANT_BORDER}"
    if mapping.fallback:
        substitute = scene.ids.fallback(mapping.fallback, wanted)
        if substitute is not None:
            scene.notes.append(f"{name}: {told}, {mapping.fallback} {SUBSTITUTED}")
            return substitute
        told += f", and the fallback {mapping.fallback!r} is not there either"
    scene.missing.setdefault(name, set()).add(status)
    if mapping.missing == "null_with_finding":
        scene.notes.append(f"{name}: {told}, {LEFT_EMPTY}")
        return None
    raise MissingReferenceError(told)


def author_stage(mapping: FieldMapping) -> Convert:
    """A stage that makes an Author of a reference to a user, with the user's name as the source has it."""

    def stage(value: Any, scene: Scene) -> Any:
        if isinstance(value, tuple):
            value = value[0]
        if not isinstance(value, Reference):
            return Author(value) if isinstance(value, str) else value
        known = scene.ids.source_values(value.object_name, value.key) or {}
        target_id = None
        if mapping.reference:
            target_id = scene.ids.target_id(value.object_name, value.key, mapping.reference)
        return Author(_display_name(known) or value.key, target_id or "")

    return stage


def _display_name(values: Mapping[str, Any]) -> str:
    """The name that a user's record shows: its PersonName, else the usual fields."""
    for value in values.values():
        if isinstance(value, PersonName):
            shown = " ".join(part for part in (value.first, value.last) if part)
            if shown:
                return shown
    for name in _NAME_FIELDS:
        if isinstance(values.get(name), str) and values[name]:
            return str(values[name])
    return ""
