"""The mapping file as models: what a person reviews and confirms, checked for shape on load.

    source, destination       platform names
    decisions, questions      answers settled in scoping; a curated file brings the questions
    objects                   routes: one source object into one target object, in file order
    others                    what happens to source objects that no route covers

Fits to a catalog are checked in `crossdock.mappingfile.check`; YAML with its comments is read and
written by `crossdock.mappingfile.document`. Nothing here does any I/O.
"""

from collections import Counter
from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, model_validator

from crossdock.fieldtypes import FieldType
from crossdock.model import ObjectSchema

SELF = "__self"
"""In `from`: a reference to the record itself (own object, own key)."""

UNMAPPED = "__unmapped"
"""In `from`: the fields that nothing else maps, one `label: value` line each (for `keep: note`)."""

ITEM = "item"
"""In `from`: the element of `for_each` that this target record is made for."""

PSEUDO_FIELDS = frozenset({SELF, UNMAPPED, ITEM})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _tuple_of_one(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_tuple_of_one)]


class Question(_Strict):
    """A question settled in scoping: its default, the alternatives and what it is about.

    required_when: CEL over the decisions; when it is true the question needs an answer.
    """

    default: Any = None
    alternatives: tuple[Any, ...] = ()
    about: str = ""
    required_when: str | None = None


class StepUse(_Strict):
    """A step by name, with its arguments. In YAML: `url`, `{truncate: 100}` or `{truncate: {length: 100}}`.

    An argument without a name is kept under "": it is the step's first one.
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


class Constant(_Strict):
    """`{value: X}`: what to write when a value map does not know a value."""

    value: Any


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


class FieldMapping(_Strict):
    """How one target field gets its value: `from`, `value` or `template`, then the steps in order.

    source: a field, a dotted path into it, or several of them (the steps then get a tuple).
    values / otherwise: a value map after the steps, and what to do with a value it does not know.
    reference: the target object that a reference shall point to. `fallback` (a decision, or what
    finds the record there) is used when the wanted record is not there for good; `missing` says
    what happens when that does not help either. `author` makes an Author of a reference to a user.
    flag: what the report says of every record that has a value here: what the move takes from it.
    """

    source: str | tuple[str, ...] | None = Field(default=None, alias="from")
    value: Any = None
    template: str | None = None
    steps: tuple[StepUse, ...] = ()
    values: Annotated[Mapping[str, Any] | None, BeforeValidator(_text_keys)] = None
    otherwise: Annotated[Literal["reject", "keep", "null"] | Constant, BeforeValidator(_null_word)] = "reject"
    default: Any = None
    required: bool = False
    reference: str | None = None
    fallback: str | None = None
    missing: Literal["reject", "null_with_finding"] = "reject"
    author: bool = False
    flag: str = ""

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


class OptionDefinition(_Strict):
    """A choice of a select field to be provisioned. In YAML: the value alone, or value and label."""

    value: str
    label: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"value": data} if isinstance(data, str) else data


class FieldDefinition(_Strict):
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


class Provision(_Strict):
    """A target object to be provisioned. `fields: auto` copies the source object's fields."""

    object: str
    label: str = ""
    label_plural: str = ""
    fields: Literal["auto"] | Mapping[str, FieldDefinition] = "auto"


class PolymorphicTargets(_Strict):
    """A link that may point to several target objects, each by a field of its own.

    `source` is a reference field; `name` makes the target field's name of the target object's:
    `{object}` as it is, `{Object}` with a capital. All of them together have to fill one.
    """

    source: str = Field(alias="from")
    name: str = "{object}"


class Belonging(_Strict):
    """What a record has to belong to, so that it is not left behind alone. In YAML: the field's name.

    `source` is a reference field: a record waits until one of those it refers to is loaded; one that
    refers to none is free. `targets`: what those may have become, filled in when the mapping is resolved.
    """

    source: str = Field(alias="from")
    targets: Names = ()

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"from": data} if isinstance(data, str) else data


class OthersTemplate(_Strict):
    """What a route for an object that no route names looks like; fields it does not have are dropped."""

    fields: Mapping[str, FieldMapping] = Field(default_factory=dict)
    extend: Mapping[str, FieldDefinition] = Field(default_factory=dict)
    ignore: Names = ()


Keep = Literal["custom_fields", "note", "report"]


def _keep_forms(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"unmapped"}:
        value = value["unmapped"]
    return "custom_fields" if value == "unmapped" else value


def _match_forms(value: Any) -> Any:
    if isinstance(value, str):
        return ((value,),)
    return tuple(_tuple_of_one(key) for key in value) if isinstance(value, list | tuple) else value


class ObjectMapping(_Strict):
    """One route: records of `source` become records of `target`.

    match: match keys in the order in which they are tried; each is a tuple of target fields.
    where: CEL over the source fields, `deleted`, `key` and `record`; others are skipped by this rule.
        `decisions.NAME` stands for that decision; an answer that is a date counts as midnight UTC.
    when: CEL over the decisions; the route is dropped when it is false.
    create: false means that records are only found, and held when they are not.
    duplicates: `hold` holds all records of the phase that share a match key; `keep` loads them all.
    deleted: what happens to a record whose source record was deleted; without it the decision `deletions`.
    require_one: at least one of these fields has to be filled, else the record is rejected.
    for_each: a source field with several values; one target record for each, seen as `item`.
    beyond: of these the first so many are left out, because another route keeps them.
    targets: a polymorphic link, written out to a field for each target object that it may point to.
    belongs_to: a reference field; a record waits if none of those that it refers to was loaded.
    extend: fields and options that an object which is there already gets besides.
    keep: what happens to source fields that nothing maps; `ignore` names those that nobody wants.
    name: stable name of the route, "from>to", with "#2" and so on when that is taken.
    """

    source: str = Field(alias="from")
    target: str
    provision: Provision | None = None
    name: str = ""
    when: str | None = None
    where: str | None = None
    match: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_match_forms)] = ()
    create: bool = True
    duplicates: Literal["hold", "keep"] = "hold"
    deleted: Literal["report", "trash", "destroy"] | None = None
    fields: Mapping[str, FieldMapping] = Field(default_factory=dict)
    require_one: Names = ()
    for_each: str | None = None
    beyond: int = Field(default=0, ge=0)
    targets: PolymorphicTargets | None = None
    belongs_to: Belonging | None = None
    extend: Mapping[str, FieldDefinition] = Field(default_factory=dict)
    keep: Annotated[Keep, BeforeValidator(_keep_forms)] = "report"
    ignore: Names = ()
    _schemas: tuple[ObjectSchema | None, ObjectSchema | None] = PrivateAttr(default=(None, None))

    @model_validator(mode="before")
    @classmethod
    def _target_forms(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "to" not in data:
            return data
        rest = {key: value for key, value in data.items() if key != "to"}
        target = data["to"]
        if not isinstance(target, Mapping):
            return {**rest, "target": target}
        if set(target) != {"provision"} or not isinstance(target["provision"], Mapping):
            raise ValueError("to: is the name of a target object, or {provision: {object: ..., ...}}")
        return {**rest, "provision": target["provision"], "target": target["provision"].get("object")}

    @model_validator(mode="after")
    def _default_name(self) -> Self:
        if not self.name:
            object.__setattr__(self, "name", f"{self.source}>{self.target}")
        return self

    @property
    def source_schema(self) -> ObjectSchema | None:
        """The schema of the source object, once the mapping is resolved."""
        return self._schemas[0]

    @property
    def target_schema(self) -> ObjectSchema | None:
        """The schema of the target object with what is to be provisioned, once resolved."""
        return self._schemas[1]

    def bound(self, source: ObjectSchema | None, target: ObjectSchema | None) -> Self:
        """The same route with the schemas of both sides beside it; they are not part of the file."""
        copy = self.model_copy()
        copy._schemas = (source, target)
        return copy


class MappingFile(_Strict):
    """The whole file. `ignore` names source objects that nobody wants, which `others` leaves alone.

    automations: what happens during a run to those of the destination that would act on it, by
    `<kind> <name>` or for a whole kind.
    """

    source: str
    destination: str
    decisions: Mapping[str, Any] = Field(default_factory=dict)
    questions: Mapping[str, Question] = Field(default_factory=dict)
    objects: tuple[ObjectMapping, ...] = ()
    others: Literal["provision", "report"] | OthersTemplate = "report"
    ignore: Names = ()
    automations: Mapping[str, Literal["pause", "keep", "undecided"]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _name_routes(self) -> Self:
        seen: Counter[str] = Counter()
        named = []
        for entry in self.objects:
            if "name" in entry.model_fields_set:
                named.append(entry)
                continue
            plain = f"{entry.source}>{entry.target}"
            seen[plain] += 1
            number = f"#{seen[plain]}" if seen[plain] > 1 else ""
            named.append(entry.model_copy(update={"name": plain + number}))
        repeated = [name for name, times in Counter(e.name for e in named).items() if times > 1]
        if repeated:
            raise ValueError(f"two routes have the same name: {', '.join(repeated)}")
        object.__setattr__(self, "objects", tuple(named))
        return self

    @property
    def answers(self) -> dict[str, Any]:
        """Every decision by name: as given, else the question's default."""
        return {name: q.default for name, q in self.questions.items()} | dict(self.decisions)


KEYS = frozenset(
    field.alias or name for model in _Strict.__subclasses__() for name, field in model.model_fields.items()
)
"""Every key that a mapping file may hold somewhere."""
