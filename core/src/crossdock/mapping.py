"""The mapping file as models: what a person reviews and confirms, checked for shape on load.

    source, destination       platform names
    decisions, questions      answers settled in scoping; a curated file brings the questions
    objects                   routes: one source object into one target object, in file order
    others                    what happens to source objects that no route covers

Fits to a catalog are checked in `crossdock.mappingfile.check`; YAML with its comments is read and
written by `crossdock.mappingfile.document`. Nothing here does any I/O.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from string import Formatter
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator

from crossdock.fieldmapping import (
    Constant,
    FieldDefinition,
    FieldMapping,
    Names,
    OptionDefinition,
    OtherField,
    StepUse,
    Strict,
    tuple_of_one,
    value_key,
)
from crossdock.model import ObjectSchema

__all__ = [
    "ITEM",
    "KEYS",
    "PSEUDO_FIELDS",
    "SELF",
    "UNMAPPED",
    "Belonging",
    "Constant",
    "FieldDefinition",
    "FieldMapping",
    "Keep",
    "MappingFile",
    "Names",
    "ObjectMapping",
    "OptionDefinition",
    "OtherField",
    "OthersTemplate",
    "PolymorphicTargets",
    "Provision",
    "Question",
    "StepUse",
    "value_key",
]

SELF = "__self"
"""In `from`: a reference to the record itself (own object, own key)."""

UNMAPPED = "__unmapped"
"""In `from`: the fields that nothing else maps, one `label: value` line each (for `keep: note`)."""

ITEM = "item"
"""In `from`: the element of `for_each` that this target record is made for."""

PSEUDO_FIELDS = frozenset({SELF, UNMAPPED, ITEM})


class Question(Strict):
    """A question settled in scoping: its default, the alternatives and what it is about.

    required_when: CEL over the decisions; when it is true the question needs an answer.
    needs: by answer the target objects without which it is no answer; `map propose` takes such answers
    away where the destination has not got the object, and the first one that is left becomes the default.
    """

    default: Any = None
    alternatives: tuple[Any, ...] = ()
    about: str = ""
    required_when: str | None = None
    needs: Mapping[str, Names] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _needs_of_answers(self) -> Self:
        known = [str(answer) for answer in self.alternatives]
        unknown = [answer for answer in self.needs if known and answer not in known]
        if unknown:
            raise ValueError(f"needs: {', '.join(unknown)} is none of the alternatives {', '.join(known)}")
        return self


class Provision(Strict):
    """A target object to be provisioned. `fields: auto` copies the source object's fields."""

    object: str
    label: str = ""
    label_plural: str = ""
    fields: Literal["auto"] | Mapping[str, FieldDefinition] = "auto"


class PolymorphicTargets(Strict):
    """A link that may point to several target objects, each by a field of its own.

    `source` is a reference field; `name` makes the target field's name of the target object's:
    `{object}` as it is, `{Object}` with a capital. All of them together have to fill one, unless they are
    not `required`. one: only the first of them that can be filled holds the link, in the order of the
    routes: what a destination needs that keeps one link in several fields. make: fields that are not
    there are made. but: source objects whose records the link does not lead to here. first: fields of the
    route that hold the link before any of those, whatever they read. `ends`: the fields themselves, filled
    in when the mapping is resolved. One that the route fills from the same reference itself is among them.
    """

    source: str = Field(alias="from")
    name: str = "{object}"
    one: bool = False
    required: bool = True
    make: bool = False
    but: Names = ()
    first: Names = ()
    ends: Names = ()

    def of_fields(self, names: Collection[str]) -> Self:
        """The link as it is in a route that has only these fields."""
        return self.model_copy(update={"first": tuple(name for name in self.first if name in names)})

    @model_validator(mode="after")
    def _readable_name(self) -> Self:
        try:
            names = {name for _, name, _, _ in Formatter().parse(self.name) if name is not None}
        except ValueError as error:
            raise ValueError(f"name {self.name!r} cannot be read: {error}") from error
        if not names or names - {"object", "Object"}:
            raise ValueError(f"name {self.name!r} needs {{object}} or {{Object}}, and no other braces")
        return self


class Belonging(Strict):
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


class OthersTemplate(Strict):
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
    return tuple(tuple_of_one(key) for key in value) if isinstance(value, list | tuple) else value


class ObjectMapping(Strict):
    """One route: records of `source` become records of `target`.

    match: match keys in the order in which they are tried; each is a tuple of target fields.
    where: CEL over the source fields, `deleted`, `key` and `record`; others are skipped by this rule.
        `decisions.NAME` stands for that decision; an answer that is a date counts as midnight UTC.
    when: CEL over the decisions; the route is dropped when it is false.
    create: false means that records are only found, and held when they are not.
    duplicates: `hold` holds all records of the phase that share a match key; `keep` loads them all;
        `merge` makes one of them, for what is but a word (a stage, a reason) and is the same by its name.
    existing: what a record that is there already gets: `fill` what differs, or `keep` as it is. What is kept
        is that of every tenant with a record that matches it; no person is asked.
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
    duplicates: Literal["hold", "keep", "merge"] = "hold"
    existing: Literal["fill", "keep"] = "fill"
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

    @property
    def links(self) -> tuple[tuple[str, ...], ...]:
        """Fields that stand for one link together, by link: each may lead to another target object.

        Those of `targets`, and fields that read the same reference for different target objects. What
        several links have to fill together (`require_one`) is no link.
        """
        link = self.targets
        ends = tuple(dict.fromkeys(link.ends)) if link else ()
        alike: dict[str, list[str]] = {}
        if link and ends and not link.one:
            alike[link.source] = list(ends)
        for name, entry in self.fields.items():
            if entry.reference and not entry.author and isinstance(entry.source, str) and name not in ends:
                alike.setdefault(entry.source, []).append(name)
        groups = [ends] if link and ends and link.one else []
        groups += [tuple(names) for names in alike.values() if set(ends) & set(names) or self._several(names)]
        return tuple(groups)

    def _several(self, names: Sequence[str]) -> bool:
        """Whether these fields lead to different target objects."""
        return len({self.fields[name].reference for name in names}) > 1

    @property
    def ends(self) -> frozenset[str]:
        """Fields that may lead to nothing here, as another one is there for what they do not hold."""
        return frozenset(self.require_one).union(*self.links)

    def bound(self, source: ObjectSchema | None, target: ObjectSchema | None) -> Self:
        """The same route with the schemas of both sides beside it; they are not part of the file."""
        copy = self.model_copy()
        copy._schemas = (source, target)
        return copy


class MappingFile(Strict):
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
    field.alias or name for model in Strict.__subclasses__() for name, field in model.model_fields.items()
)
"""Every key that a mapping file may hold somewhere."""
