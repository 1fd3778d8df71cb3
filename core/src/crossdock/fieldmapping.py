"""How one target field gets its value, as a model, and what a field to be provisioned looks like.

Part of the mapping file (`crossdock.mapping`, which names all of it again); nothing here does any I/O.
"""

from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from crossdock.fieldtypes import FieldType


class Strict(BaseModel):
    """A part of a mapping file: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def tuple_of_one(value: Any) -> Any:
    """A name alone is a list of one; a list in a list (an alias of YAML) counts as its elements."""
    if isinstance(value, list):
        return tuple(name for each in value for name in (each if isinstance(each, list) else [each]))
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(tuple_of_one)]
"""One name, or a list of them."""


class StepUse(Strict):
    """A step by name, with its arguments. In YAML: `url`, `{truncate: 100}` or `{truncate: {length: 100}}`.

    An argument without a name is kept under "": it is the step's first one. `decisions.NAME` as an argument
    stands for that decision.
    """

    name: str
    args: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"name": data}
        if isinstance(data, Mapping) and len(data) == 1 and "name" not in data:
            name, args = next(iter(data.items()))
            scalar = args is not None and not isinstance(args, Mapping)
            return {"name": name, "args": {"": args} if scalar else args or {}}
        return data


class Constant(Strict):
    """`{value: X}`: what to write when a value map does not know a value."""

    value: Any


class OtherField(Strict):
    """`{from: X}`: the source path to take instead when a value map does not know a value."""

    source: str = Field(alias="from")


def _null_word(value: Any) -> Any:
    return "null" if value is None else value


def _text_keys(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    return {value_key(key): target for key, target in value.items()}


def value_key(value: Any) -> str:
    """How a value is written as the key of a value map: true, false, null, or its text."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


class FieldMapping(Strict):
    """How one target field gets its value: `from`, `value` or `template`, then the steps in order.

    source: a field, a dotted path into it, or several of them (the steps then get a tuple).
    where: CEL over the source fields as in a route's `where`; for other records the field stays empty.
    values / otherwise: a value map after the steps, and what to do with a value it does not know.
    reference: the target object that a reference shall point to; a choice can be one too, where the
    source gives its choices as records. With `value` it is what these records became: `object/key` of the
    source, one or several. `fallback` (a decision, or what
    finds the record there) is used when the wanted record is not there for good; `missing` says
    what happens when that does not help either. `author` makes an Author of a reference to a user.
    flag: what the report says of every record that has a value here: what the move takes from it.
    optional: `map propose` leaves the line out where the destination has no such field.
    """

    source: str | tuple[str, ...] | None = Field(default=None, alias="from")
    value: Any = None
    template: str | None = None
    where: str | None = None
    steps: tuple[StepUse, ...] = ()
    values: Annotated[Mapping[str, Any] | None, BeforeValidator(_text_keys)] = None
    otherwise: Annotated[
        Literal["reject", "keep", "null"] | Constant | OtherField, BeforeValidator(_null_word)
    ] = "reject"
    default: Any = None
    required: bool = False
    reference: str | None = None
    fallback: str | None = None
    missing: Literal["reject", "null_with_finding"] = "reject"
    author: bool = False
    flag: str = ""
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"from": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = {"source": "from", "value": "value", "template": "template"}
        names = [word for attribute, word in given.items() if attribute in self.model_fields_set]
        if len(names) != 1:
            raise ValueError(f"needs exactly one of from, value, template; has {', '.join(names) or 'none'}")
        try:
            list(Formatter().parse(self.template or ""))
        except ValueError as error:
            raise ValueError(f"template {self.template!r} cannot be read: {error}") from error
        if self.fallback and not self.reference:
            raise ValueError("fallback works only with reference")
        return self

    @property
    def constant(self) -> bool:
        """True if the value is written in the mapping itself."""
        return "value" in self.model_fields_set

    @property
    def sources(self) -> tuple[str, ...]:
        """The source paths as written in `from`; the names inside a template are not among them."""
        if self.source is None:
            return ()
        return (self.source,) if isinstance(self.source, str) else self.source


class OptionDefinition(Strict):
    """A choice of a select field to be provisioned. In YAML: the value alone, or value and label."""

    value: str
    label: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data


class FieldDefinition(Strict):
    """A field to be provisioned. `references` names target objects."""

    type: FieldType
    label: str = ""
    options: tuple[OptionDefinition, ...] = ()
    references: Names = ()
    multiple: bool = False

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"type": data} if isinstance(data, str) else data
