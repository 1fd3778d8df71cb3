"""One field mapping, compiled once into a function from a record to a canonical value.

Order: rule (`where`), read (`from`, `value` or `template`), steps, value map, default, reference or author,
shape. A StepError raised on the way is a reason for the record.
"""

from collections.abc import Callable
from typing import Any

from crossdock.conversions import convertible
from crossdock.equality import is_empty
from crossdock.expressions import Condition
from crossdock.fieldpaths import (
    Read,
    Scene,
    named_records,
    reader,
    several_reader,
    template_reader,
)
from crossdock.fieldtypes import FieldType
from crossdock.mapping import Constant, FieldMapping, ObjectMapping, OtherField, StepUse, value_key
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.referenceplan import DEFERRED, Convert, author_stage, choice_stage, reference_stage
from crossdock.shapes import constant_value, fitter
from crossdock.steps import Step, StepError, bind

Stage = tuple[bool, Convert]
"""Whether it takes nothing (None) too, and the conversion."""


def compile_field(
    name: str,
    mapping: FieldMapping,
    route: ObjectMapping,
    target: FieldSchema | None,
    source_schema: ObjectSchema | None,
) -> Read:
    """The function for target field `name`. Raises MappingError or StepError if it cannot work."""
    if mapping.constant and mapping.reference:
        named = named_records(mapping)
        stage = (False, reference_stage(name, mapping, route, target))
        return _where(mapping, _assemble(lambda _scene: named, [stage], mapping, target))
    if mapping.constant:
        constant = constant_value(mapping.value, target)
        return _where(mapping, lambda _scene: constant)
    read = _origin(mapping, route, source_schema)
    source = _source_field(mapping, source_schema)
    uses = mapping.steps or _implicit_steps(mapping, source, target)
    stages: list[Stage] = [(False, _step_stage(name, use)) for use in uses]
    if mapping.values is not None:
        stages.append(_value_stage(mapping, target, route, source_schema))
    if mapping.author:
        stages.append((False, author_stage(mapping)))
    elif mapping.reference:
        if source is not None and source.type is FieldType.SELECT:
            stages.append((False, choice_stage(route, source)))
        stages.append((False, reference_stage(name, mapping, route, target)))
    return _where(mapping, _assemble(read, stages, mapping, target))


def _origin(mapping: FieldMapping, route: ObjectMapping, schema: ObjectSchema | None) -> Read:
    if mapping.template is not None:
        return template_reader(mapping.template, route, schema)
    if isinstance(mapping.source, str):
        return reader(mapping.source, route, schema)
    return several_reader(tuple(reader(path, route, schema) for path in mapping.sources))


def _where(mapping: FieldMapping, read: Read) -> Read:
    """The whole field, for the records only for which its own rule holds: it stays empty for others."""
    if mapping.where is None:
        return read
    condition = Condition(mapping.where)
    return lambda scene: read(scene) if condition.holds_for(scene.record) else None


def _source_field(mapping: FieldMapping, schema: ObjectSchema | None) -> FieldSchema | None:
    return schema.field(mapping.source) if schema and isinstance(mapping.source, str) else None


def _assemble(read: Read, stages: list[Stage], mapping: FieldMapping, target: FieldSchema | None) -> Read:
    fit = fitter(target) if target else None
    default = constant_value(mapping.default, target)
    required = mapping.required

    def run(scene: Scene) -> Any:
        value = read(scene)
        for takes_nothing, stage in stages:
            if value is None or value == "" or value == ():
                value = stage(None, scene) if takes_nothing else None
            else:
                value = stage(value, scene)
        if value is DEFERRED:
            return value
        if default is not None and is_empty(value):
            value = default
        elif fit is not None and value is not None:
            value = fit(value)
        if required and is_empty(value):
            raise StepError("is required and empty")
        return value

    return run


# --- steps ------------------------------------------------------------------------------------


def _implicit_steps(
    mapping: FieldMapping, source: FieldSchema | None, target: FieldSchema | None
) -> tuple[StepUse, ...]:
    """What the conversion table asks for when the mapping itself says nothing."""
    if target is None or mapping.values is not None or mapping.author or mapping.reference:
        return ()
    if len(mapping.sources) > 1:
        return () if target.multiple else (StepUse(name="text" if _is_text(target) else "first"),)
    if source is None:
        return ()
    conversion = convertible(source, target)
    names = [conversion.step] if conversion.possible and conversion.step else []
    narrows = source.multiple and not target.multiple and not _is_text(target)
    if narrows and "first" not in names:
        names.insert(0, "first")
    return tuple(StepUse(name=step) for step in names)


def _is_text(field: FieldSchema) -> bool:
    return field.type in (FieldType.TEXT, FieldType.MARKDOWN)


def _step_stage(field_name: str, use: StepUse) -> Convert:
    step, function = bind(use.name, use.args)
    apply = function if step.whole else _each(function)
    if step.lost is None:
        return lambda value, _scene: apply(value)
    return _noting_stage(field_name, step, apply)


def _each(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        if type(value) is not tuple:
            return function(value)
        converted = (function(element) for element in value if element not in (None, ""))
        return tuple(element for element in converted if element is not None)

    return apply


def _noting_stage(field_name: str, step: Step, apply: Callable[[Any], Any]) -> Convert:
    lost = step.lost

    def stage(value: Any, scene: Scene) -> Any:
        converted = apply(value)
        sentence = lost(value, converted) if lost else ""
        if sentence:
            scene.notes.append(f"{field_name}: {sentence}")
        return converted

    return stage


# --- value maps -------------------------------------------------------------------------------


def _value_stage(
    mapping: FieldMapping, target: FieldSchema | None, route: ObjectMapping, schema: ObjectSchema | None
) -> Stage:
    # What a value that is a reference afterwards stands for is a text, whatever the target's type.
    single = None if mapping.reference else _element(target)
    table = {key: constant_value(value, single) for key, value in (mapping.values or {}).items()}
    otherwise = mapping.otherwise
    instead = reader(otherwise.source, route, schema) if isinstance(otherwise, OtherField) else None
    known = ", ".join(sorted(table))

    def one(value: Any, scene: Scene) -> Any:
        key = value_key(value)
        if key in table:
            return table[key]
        if instead is not None:
            return instead(scene)
        if otherwise == "keep":
            return value
        if isinstance(otherwise, Constant):
            return constant_value(otherwise.value, single)
        if otherwise == "null" or value is None:
            return None
        raise StepError(f"{value!r} is not in the value map (it knows: {known})")

    def stage(value: Any, scene: Scene) -> Any:
        if type(value) is not tuple:
            return one(value, scene)
        return tuple(mapped for each in value if (mapped := one(each, scene)) is not None)

    # A value map may know what nothing means, and so may another field.
    return "null" in table or instead is not None, stage


def _element(field: FieldSchema | None) -> FieldSchema | None:
    """The field as it would be with one value."""
    if field is None or not field.multiple:
        return field
    return FieldSchema(field.name, field.type, options=field.options, max_length=field.max_length)
