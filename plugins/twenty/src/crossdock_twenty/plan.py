"""What has to be added to a workspace so that it can hold the wanted objects. No I/O.

Names follow `naming`; a wanted field whose name exists is left alone if its type fits, and is a fault
otherwise. The plan of a dry run and of a run are the same thing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType
from crossdock.model import Change, ChangeKind, FieldSchema, ObjectSchema, Option
from crossdock_twenty.naming import Naming, name_for, names_for, options_for, plural_of
from crossdock_twenty.schema import KEY_FIELD, KEY_LABEL, all_names, object_schema, standard_application

# What createOneObject makes by itself (measured on 2.21.0), and where it adds `target<Name>`.
AUTOMATIC = frozenset(
    """name id createdAt updatedAt deletedAt createdBy updatedBy position searchVector attachments
    noteTargets taskTargets timelineActivities""".split()  # noqa: SIM905 - reads better
)
LONGEST_IDENTIFIER = 63  # of the database
LINKING = frozenset({"attachment", "noteTarget", "taskTarget", "timelineActivity"})

_SINGLE: dict[FieldType, str] = {
    FieldType.TEXT: "TEXT",
    FieldType.HTML: "RICH_TEXT",
    FieldType.MARKDOWN: "RICH_TEXT",
    FieldType.INTEGER: "NUMBER",
    FieldType.DECIMAL: "NUMBER",
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.DATETIME: "DATE_TIME",
    FieldType.MONEY: "CURRENCY",
    FieldType.EMAIL: "EMAILS",
    FieldType.PHONE: "PHONES",
    FieldType.LINK: "LINKS",
    FieldType.ADDRESS: "ADDRESS",
    FieldType.PERSON_NAME: "FULL_NAME",
    FieldType.SELECT: "SELECT",
    FieldType.REFERENCE: "RELATION",
    FieldType.AUTHOR: "ACTOR",
    FieldType.FILE: "FILES",
    FieldType.UUID: "UUID",
    FieldType.JSON: "RAW_JSON",
}
_SEVERAL: dict[FieldType, str] = {
    FieldType.TEXT: "ARRAY",
    FieldType.SELECT: "MULTI_SELECT",
    FieldType.EMAIL: "EMAILS",
    FieldType.PHONE: "PHONES",
    FieldType.LINK: "LINKS",
    FieldType.FILE: "FILES",
}
PROVISIONABLE = frozenset(_SINGLE)
# An existing field of another type that can hold the wanted values all the same.
_FITS: dict[str, frozenset[str]] = {
    "RELATION": frozenset({"MORPH_RELATION"}),
    "MORPH_RELATION": frozenset({"RELATION"}),
    "SELECT": frozenset({"RATING"}),
    "DATE": frozenset({"DATE_TIME"}),
}


@dataclass(slots=True)
class Addition:
    """One call to make: the changes it stands for, and what it needs to know."""

    changes: tuple[Change, ...]
    target: str
    twenty_type: str = ""
    wanted: FieldSchema | None = None
    object: ObjectSchema | None = None
    options: tuple[Option, ...] = ()
    ends: tuple["End", ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """The other end of a relation: an object, and name and label of the inverse field it gets."""

    target: str
    name: str
    label: str


@dataclass(slots=True)
class Plan:
    """Additions in the order in which they have to be made: objects, fields, options, relations.

    `labels`: fields, as the metadata has them, with the labels that an interrupted run left them without.
    """

    objects: list[Addition] = field(default_factory=list)
    fields: list[Addition] = field(default_factory=list)
    options: list[Addition] = field(default_factory=list)
    relations: list[Addition] = field(default_factory=list)
    labels: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)

    def __iter__(self) -> Iterator[Addition]:
        return iter([*self.objects, *self.fields, *self.options, *self.relations])


def twenty_type(wanted: FieldSchema) -> str | None:
    """The Twenty field type for a canonical field, None if the platform has none."""
    if wanted.type is FieldType.REFERENCE and not wanted.multiple and len(wanted.references) > 1:
        return "MORPH_RELATION"
    return (_SEVERAL if wanted.multiple else _SINGLE).get(wanted.type)


class Planner:
    """Compares wanted objects with the metadata. Raises MappingError with every conflict at once."""

    def __init__(self, nodes: Sequence[Mapping[str, Any]]) -> None:
        self._standard = standard_application(nodes)
        self._nodes = {n["nameSingular"]: n for n in nodes}
        self._schemas = {n["nameSingular"]: object_schema(n, standard=self._standard) for n in nodes}
        self._plurals = {n["namePlural"] for n in nodes}
        self._names: dict[str, str] = {}
        self._new: set[str] = set()
        self._taken: dict[str, set[str]] = {}
        self._problems: list[str] = []
        self._plan = Plan()

    def plan(self, wanted: Sequence[ObjectSchema]) -> Plan:
        """The additions that `wanted` needs."""
        for item in wanted:
            self._object(item)
        for item in wanted:
            self._reserve(item)
        for item in wanted:
            self._fields(item)
        if self._problems:
            raise MappingError(
                "Twenty cannot hold what the mapping wants.",
                problems=self._problems,
                hint="Choose other names or types in the mapping.",
            )
        return self._plan

    def _object(self, item: ObjectSchema) -> None:
        naming = (
            Naming(item.name, item.name) if item.name in self._nodes else name_for(item.name, kind="object")
        )
        self._names[item.name] = naming.name
        if naming.name in self._nodes or naming.name in self._new:
            return
        if plural_of(naming.name) in self._plurals | set(self._nodes):
            self._problems.append(f"object {naming.name}: the plural {plural_of(naming.name)!r} is taken")
            return
        self._new.add(naming.name)
        change = Change(
            ChangeKind.OBJECT,
            f"object:{naming.name}",
            naming.name,
            naming.name,
            item.label or naming.name,
            naming.reason,
            {"object": naming.name},
        )
        self._plan.objects.append(Addition((change,), naming.name, object=item))

    def _reserve(self, item: ObjectSchema) -> None:
        """Keep inverse fields away from names that the object has or is going to get."""
        target = self._names[item.name]
        taken = self._taken_at(target)
        taken.update(f.name for f in item.fields)
        taken.update(n.name for n in names_for([f.name for f in item.fields]))

    def _taken_at(self, target: str) -> set[str]:
        if target not in self._taken:
            node = self._nodes.get(target)
            self._taken[target] = (all_names(node) if node else set(AUTOMATIC)) | {KEY_FIELD}
        return self._taken[target]

    def _end(self, target: str, label: str) -> End:
        taken = self._taken_at(target)
        naming = name_for(label, taken=taken)
        taken.add(naming.name)
        return End(target, naming.name, label)

    def _fields(self, item: ObjectSchema) -> None:
        target = self._names[item.name]
        schema = self._schemas.get(target)
        if schema is not None and schema.match_only:
            return
        wanted = [f for f in item.fields if f.name != KEY_FIELD]
        for one, naming in zip(wanted, names_for([f.name for f in wanted]), strict=True):
            exact = schema is not None and schema.field(one.name) is not None
            inverse = one.settings.get("inverse_label") or item.label_plural or item.label or target
            self._field(target, schema, one, Naming(one.name, one.name) if exact else naming, inverse)
        key = FieldSchema(KEY_FIELD, FieldType.TEXT, KEY_LABEL)
        why = "holds the source key, so that this project's records are found without the ledger"
        self._field(target, schema, key, Naming(KEY_FIELD, KEY_FIELD, why))

    def _field(
        self,
        target: str,
        schema: ObjectSchema | None,
        wanted: FieldSchema,
        naming: Naming,
        inverse: str = "",
    ) -> None:
        kind = twenty_type(wanted)
        shown = f"{target}.{naming.name}"
        if kind is None:
            several = "several values of " if wanted.multiple else ""
            self._problems.append(f"{shown}: Twenty has no field for {several}type {wanted.type}")
        elif schema is not None and (existing := schema.field(naming.name)) is not None:
            self._existing(target, existing, wanted, kind)
            self._unlabelled(target, naming.name, inverse)
        elif kind == "MORPH_RELATION" and self._has_morph(schema, naming.name, wanted):
            self._unlabelled(target, naming.name, inverse)
        elif schema is not None and naming.name in all_names(self._nodes[target]):
            self._problems.append(f"{shown}: the name is taken by something that is no writable field")
        elif self._is_automatic(target, naming.name):
            if naming.name == "name" and kind != "TEXT":
                self._problems.append(f"{shown}: every new object has a text field of that name")
        else:
            self._add(target, wanted, naming, kind, inverse)

    def _has_morph(self, schema: ObjectSchema | None, name: str, wanted: FieldSchema) -> bool:
        columns = [name + t[0].upper() + t[1:] for t in map(self._renamed, wanted.references)]
        return schema is not None and all(schema.field(c) is not None for c in columns)

    def _renamed(self, name: str) -> str:
        return self._names.get(name, name)

    def _is_automatic(self, target: str, name: str) -> bool:
        if target in self._new and name in AUTOMATIC:
            return True
        return target in LINKING and name in {"target" + n[0].upper() + n[1:] for n in self._new}

    def _existing(self, target: str, existing: FieldSchema, wanted: FieldSchema, kind: str) -> None:
        held = existing.settings["twenty_type"]
        shown = f"{target}.{existing.name}"
        if held != kind and held not in _FITS.get(kind, ()):
            self._problems.append(f"{shown}: is {held} there, and the mapping wants {kind}")
        elif kind in ("RELATION", "MORPH_RELATION"):
            missing = {self._renamed(r) for r in wanted.references} - set(existing.references)
            if missing:
                self._problems.append(
                    f"{shown}: points to {', '.join(existing.references)}, not to {missing.pop()}"
                )
        elif kind in ("SELECT", "MULTI_SELECT"):
            self._missing_options(target, existing, wanted)

    def _unlabelled(self, target: str, name: str, label: str) -> None:
        """The other end of a relation of ours whose label is its name still.

        A relation takes two requests, and a run may be stopped between them.
        """
        raw: Mapping[str, Any] = next((f for f in self._nodes[target]["fieldsList"] if f["name"] == name), {})
        for relation in [raw.get("relation"), *(raw.get("morphRelations") or [])]:
            if not relation or raw["applicationId"] == self._standard:
                continue
            other = self._nodes.get(relation["targetObjectMetadata"]["nameSingular"], {"fieldsList": []})
            end = relation["targetFieldMetadata"]["name"]
            for field_ in other["fieldsList"]:
                if field_["name"] == field_["label"] == end != label:
                    self._plan.labels.append((field_, label))

    def _missing_options(self, target: str, existing: FieldSchema, wanted: FieldSchema) -> None:
        held = {o.value for o in existing.options}
        missing = [n for n in options_for(wanted.options) if n.option.value not in held]
        if not missing:
            return
        changes = tuple(
            Change(
                ChangeKind.OPTION,
                f"option:{target}.{existing.name}.{n.option.value}",
                target,
                n.option.value,
                n.option.label,
                n.reason,
                {"object": target, "field": existing.name, "value": n.option.value},
            )
            for n in missing
        )
        options = tuple(n.option for n in missing)
        self._plan.options.append(Addition(changes, target, wanted=existing, options=options))

    def _add(self, target: str, wanted: FieldSchema, naming: Naming, kind: str, inverse: str) -> None:
        related = kind in ("RELATION", "MORPH_RELATION")
        references = tuple(self._renamed(r) for r in wanted.references)
        unknown = [r for r in references if r not in self._nodes and r not in self._new]
        if related and (unknown or not references):
            self._problems.append(
                f"{target}.{naming.name}: points to {unknown or 'nothing'}, which is not there"
            )
            return
        options = options_for(wanted.options)
        if kind in ("SELECT", "MULTI_SELECT") and not self._options_fit(target, naming.name, options):
            return
        reasons = [naming.reason, *(f"option {n.wanted.value!r}: {n.reason}" for n in options if n.reason)]
        change = Change(
            ChangeKind.RELATION if related else ChangeKind.FIELD,
            f"{'relation' if related else 'field'}:{target}.{naming.name}",
            target,
            naming.name,
            wanted.label or naming.name,
            "; ".join(filter(None, reasons)),
            {"object": target, "field": naming.name},
        )
        ends = tuple(self._end(r, inverse) for r in references) if related else ()
        addition = Addition(
            (change,), target, kind, wanted, options=tuple(n.option for n in options), ends=ends
        )
        (self._plan.relations if related else self._plan.fields).append(addition)

    def _options_fit(self, target: str, name: str, options: Sequence[Any]) -> bool:
        """Whether a field with options can be made. The database has a type for them, whose name it cuts.

        Two of them that become equal fail inside the server's migration (measured on 2.21.0).
        """
        if not options:
            self._problems.append(f"{target}.{name}: a select field needs options")
            return False
        node = self._nodes.get(target, {"fieldsList": []})
        held = {f["name"] for f in node["fieldsList"] if f["type"] in ("SELECT", "MULTI_SELECT", "RATING")}
        held |= {a.changes[0].name for a in self._plan.fields if a.target == target and a.options}
        cut = f"_{target}_{name}_enum"[:LONGEST_IDENTIFIER]
        rival = next((n for n in sorted(held) if f"_{target}_{n}_enum"[:LONGEST_IDENTIFIER] == cut), "")
        if rival:
            self._problems.append(
                f"{target}.{name}: the database cannot tell its options from those of {rival};"
                " give the object or one of the fields a shorter name"
            )
        return not rival
