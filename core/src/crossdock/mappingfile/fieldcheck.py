"""Whether one field mapping fits its source and target fields."""

from collections.abc import Iterator, Sequence

from crossdock.conversions import Conversion, convertible
from crossdock.errors import CrossdockError
from crossdock.fieldpaths import head, paths_of
from crossdock.fieldplan import compile_field
from crossdock.fieldtypes import FieldType
from crossdock.mapping import (
    ITEM,
    PSEUDO_FIELDS,
    SELF,
    UNMAPPED,
    Constant,
    FieldMapping,
    ObjectMapping,
    OtherField,
)
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.names import nearest
from crossdock.order import referenced_objects
from crossdock.steps import StepError, find_step
from crossdock.targetpaths import target_field

Said = Iterator[tuple[str, bool]]
"""Messages, each with whether it is fatal."""


def field_problems(
    name: str,
    entry: FieldMapping,
    route: ObjectMapping,
    source: ObjectSchema,
    target: ObjectSchema,
    routes: Sequence[ObjectMapping],
) -> Said:
    """What is wrong with the mapping of target field `name`."""
    field, _ = target_field(target, name)
    if field is None:
        yield f"{target.name} has no field {name!r}.{nearest(name, [f.name for f in target.fields])}", True
        return
    if field.read_only and not _looked_up(name, route, target):
        yield f"{target.name}.{name} is read-only", True
    yield from _word_problems(entry)
    broken = False
    for message in _path_problems(entry, route, source):
        broken = True
        yield message, True
    if broken:
        return
    try:
        compile_field(name, entry, route, field, source)
    except (CrossdockError, StepError) as error:
        yield str(error), True
        return
    yield from _reference_problems(name, entry, route, source, field, routes)
    own = source_field(entry, route, source)
    if own is not None and not entry.reference and not entry.author:
        yield from _type_problems(entry, own, field)


def _word_problems(entry: FieldMapping) -> Said:
    """Words that contradict each other, or do nothing."""
    if entry.where and entry.required:
        yield "required: and where: cannot both be: the field stays empty where the rule does not hold", True
    if "otherwise" in entry.model_fields_set and entry.values is None:
        yield "otherwise: needs values:, or it does nothing", True


def _looked_up(name: str, route: ObjectMapping, target: ObjectSchema) -> bool:
    """Whether records are only found by that field, and nothing is written into it."""
    return target.match_only and any(name in key for key in route.match)


def source_field(entry: FieldMapping, route: ObjectMapping, source: ObjectSchema) -> FieldSchema | None:
    """The source field that is read, None if it is a part of one, several, or none."""
    if entry.source == SELF:
        return FieldSchema(SELF, FieldType.REFERENCE, references=(source.name,))
    if entry.source == UNMAPPED:
        return FieldSchema(UNMAPPED, FieldType.TEXT)
    if entry.source == ITEM and route.for_each:
        several = source.field(route.for_each)
        return several and FieldSchema(ITEM, several.type, references=several.references)
    return source.field(entry.source) if isinstance(entry.source, str) else None


def _path_problems(entry: FieldMapping, route: ObjectMapping, source: ObjectSchema) -> Iterator[str]:
    known = [f.name for f in source.fields]
    for path in paths_of(entry):
        name = head(path, source)
        if name == ITEM and route.for_each is None and name not in known:
            yield "item is known only with for_each"
        elif name not in PSEUDO_FIELDS and name not in known:
            yield f"{source.name} has no field {name!r}.{nearest(name, known)}"


def _reference_problems(
    name: str,
    entry: FieldMapping,
    route: ObjectMapping,
    source: ObjectSchema,
    field: FieldSchema,
    routes: Sequence[ObjectMapping],
) -> Said:
    own = source_field(entry, route, source)
    if not entry.reference:
        refers = own is not None and own.type is FieldType.REFERENCE
        if refers and field.type is FieldType.REFERENCE:
            yield "needs reference: with the target object that it points to", True
        return
    if own is not None and not _refers(own):
        yield f"{entry.source} is {own.type}, not a reference", True
    wanted = FieldType.AUTHOR if entry.author else FieldType.REFERENCE
    if field.type is not wanted:
        yield f"{name} is {field.type}, not {wanted}", True
    elif field.references and entry.reference not in field.references and not entry.author:
        yield f"{name} points to {', '.join(field.references)}, not to {entry.reference}", True
    origins = referenced_objects(entry, route, source)
    makers = {r.source for r in routes if r.target == entry.reference}
    if not makers or (origins is not None and not makers & origins):
        wanted_from = f" from {', '.join(sorted(origins))}" if origins else ""
        yield f"no route{wanted_from} to {entry.reference!r}, so nothing can be pointed to", True
    elif origins is not None and origins - makers and name not in route.ends:
        missing = ", ".join(sorted(origins - makers))
        yield f"references to {missing} are held: no route from there to {entry.reference}", False


def _refers(own: FieldSchema) -> bool:
    """A reference, or a choice whose choices are records of the source."""
    return own.type is FieldType.REFERENCE or (own.type is FieldType.SELECT and bool(own.references))


def _type_problems(entry: FieldMapping, own: FieldSchema, field: FieldSchema) -> Said:
    if entry.values is not None:
        yield from _option_problems(entry, own)
        return
    if not entry.steps:
        conversion = convertible(own, field)
        yield from _conversion_problems(conversion, own, field)
        return
    given = _after_steps(entry, own)
    if given is None:
        return
    conversion = convertible(given, field)
    if not conversion.possible or (conversion.step is not None and not _repaired(given, field)):
        yield f"the steps give {given.type}, {field.name} needs {field.type}", True


def _conversion_problems(conversion: Conversion, own: FieldSchema, field: FieldSchema) -> Said:
    if not conversion.possible:
        yield f"{own.name} is {own.type}, which cannot become {field.type}", True
    for loss in conversion.loss:
        yield f"from {own.name} ({own.type}) to {field.type} is lossy: {loss}", False


def _after_steps(entry: FieldMapping, own: FieldSchema) -> FieldSchema | None:
    """The field as the steps leave it, None if a step does not say what it gives."""
    type_ = own.type
    for use in entry.steps:
        found = find_step(use.name)
        if found.gives is not None:
            type_ = found.gives
        elif not found.same_type:
            return None
    # How many values the steps leave is seen when they run.
    return FieldSchema(own.name, type_)


def _repaired(given: FieldSchema, field: FieldSchema) -> bool:
    """Whether the shape repairs what the steps left: text is a link or a phone, an integer a decimal."""
    repairs = {
        FieldType.LINK: FieldType.TEXT,
        FieldType.PHONE: FieldType.TEXT,
        FieldType.EMAIL: FieldType.TEXT,
        FieldType.DECIMAL: FieldType.INTEGER,
    }
    return repairs.get(field.type) is given.type or (
        given.type is FieldType.HTML and field.type in (FieldType.TEXT, FieldType.MARKDOWN)
    )


def _option_problems(entry: FieldMapping, own: FieldSchema) -> Said:
    unknown = [o.value for o in own.options if o.value not in (entry.values or {})]
    known = entry.otherwise == "keep" or isinstance(entry.otherwise, Constant | OtherField)
    if not unknown or entry.steps or known:
        return
    fate = "left empty" if entry.otherwise == "null" else "rejected"
    yield f"records with {', '.join(unknown)} in {own.name} are {fate}: the value map lacks them", False
