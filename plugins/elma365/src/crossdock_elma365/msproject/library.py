"""All MS Project files of a connection: schemas, batches, a second reading, and what ELMA365 lacks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import tzinfo
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.model import (
    Batch,
    FieldSchema,
    ObjectSchema,
    Observation,
    Option,
    Provenance,
    Record,
    Rejected,
)
from crossdock_elma365.msproject.columns import (
    ASSIGNMENTS,
    COLUMNS,
    LINKS,
    PROJECTS,
    RESOURCES,
    TASKS,
    Column,
)
from crossdock_elma365.msproject.fields import ASSIGNMENT, BUILT_IN, IN_DAYS, RESOURCE, TASK, custom_field
from crossdock_elma365.msproject.leftovers import left_out
from crossdock_elma365.msproject.plan import Definition, Plan
from crossdock_elma365.msproject.reader import read
from crossdock_elma365.msproject.records import Result, records

PREFIX = "msproject."
_BATCH = 500
_OWNERS = {TASKS: TASK, RESOURCES: RESOURCE, ASSIGNMENTS: ASSIGNMENT}
_LABELS = {
    PROJECTS: ("MS Project", "MS Projects"),
    TASKS: ("MS Project task", "MS Project tasks"),
    RESOURCES: ("MS Project resource", "MS Project resources"),
    ASSIGNMENTS: ("MS Project assignment", "MS Project assignments"),
    LINKS: ("MS Project link", "MS Project links"),
}
# Only these may hold several values: look-up fields of an enterprise, and what nobody knows.
_LISTS = frozenset({"Text", "OutlineCode", ""})


class PlanLibrary:
    """Reads the given files when they are first needed. Raises ConfigError for a bad file."""

    def __init__(self, paths: Sequence[Path], zone: tzinfo, max_bytes: int) -> None:
        self._paths = tuple(paths)
        self._zone = zone
        self._max_bytes = max_bytes

    @cached_property
    def plans(self) -> tuple[Plan, ...]:
        """The plans, in the order of the settings. Raises ConfigError if two files are the same project."""
        found: dict[str, Plan] = {}
        for path in self._paths:
            plan = Plan(read(path, self._max_bytes), self._zone)
            if plan.id in found:
                raise ConfigError(
                    f"MS Project files {found[plan.id].file} and {plan.file} are both project {plan.id}.",
                    hint="Give only one of them, or rename one project in MS Project.",
                )
            found[plan.id] = plan
        return tuple(found.values())

    def schemas(self) -> Iterator[ObjectSchema]:
        """The five objects, none without files."""
        return (self.schema(name) for name in (COLUMNS if self._paths else ()))

    def schema(self, object_name: str) -> ObjectSchema:
        """Fixed fields, then one field for each custom field that has a value in some record of some file."""
        _check_name(object_name)
        fields = [_fixed_field(column) for column in COLUMNS[object_name]]
        if object_name in _OWNERS:
            fields += (
                f for f in self._custom_fields(_OWNERS[object_name]) if f.name in self._filled[object_name]
            )
        count = sum(1 for _ in self._results(object_name, self.plans))
        label, plural = _LABELS[object_name]
        return ObjectSchema(object_name, tuple(fields), label, plural, count)

    def batches(self, object_name: str, cursor: str | None) -> Iterator[Batch]:
        """All records of an object over all files. The cursor is JSON: {"from": n}."""
        results = list(self._results(object_name, self.plans))
        start = orjson.loads(cursor)["from"] if cursor else 0
        for first in range(start, len(results), _BATCH):
            part = results[first : first + _BATCH]
            yield Batch(
                records=tuple(r for r in part if isinstance(r, Record)),
                cursor=orjson.dumps({"from": first + len(part)}).decode(),
                total=len(results),
                rejected=tuple(r for r in part if isinstance(r, Rejected)),
            )

    def observations(self, object_name: str, keys: set[str] | None) -> Iterator[Observation]:
        """The records again, from files that are read anew."""
        again = PlanLibrary(self._paths, self._zone, self._max_bytes)
        for result in again._results(object_name, again.plans):
            if isinstance(result, Record) and (keys is None or result.key in keys):
                yield Observation(object_name, result.key, result.values)

    def notes(self) -> Iterator[str]:
        """What a reader of the catalog should know about each file."""
        for plan in self.plans:
            yield (
                f"MS Project file {plan.file}: keys begin with {plan.id!r}; {len(plan.items(TASK))} tasks, "
                f"{plan.blank_rows} blank rows left out; times are taken to be in {self._zone}."
            )
            if unread := "; ".join(left_out(plan)):
                yield f"MS Project file {plan.file}: not carried over: {unread}."

        for object_name, owner in _OWNERS.items() if self._paths else ():
            empty = [f.label for f in self._custom_fields(owner) if f.name not in self._filled[object_name]]
            if empty:
                yield f"{object_name}: custom fields without any value are left out: {', '.join(empty)}."

    @cached_property
    def _filled(self) -> Mapping[str, frozenset[str]]:
        """The names of the fields that have a value in some record, by object."""
        found = {}
        for name in _OWNERS:
            records = (r.values for r in self._results(name, self.plans) if isinstance(r, Record))
            found[name] = frozenset(key for values in records for key, v in values.items() if v is not None)
        return found

    def compare_projects(self, schema: ObjectSchema, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
        """What each plan has that the project of the same name (`__name`) in ELMA365 lacks.

        ELMA365's own import of plans keeps no custom fields, so they are usually found only here.
        """
        names = {str(row.get("__name") or "").strip().casefold() for row in rows} - {""}
        known = {word.casefold() for f in schema.fields for word in (f.label, f.name)}
        for plan in self.plans:
            if not plan.titles & names:
                yield f"MS Project plan {plan.name!r} ({plan.file}): {schema.name} has no such project."
                continue
            lost = [
                f"{label} ({count} values)"
                for label, count in self._used(plan).items()
                if label.casefold() not in known
            ]
            if lost:
                yield (
                    f"MS Project plan {plan.name!r} ({plan.file}) has fields that {schema.name} lacks: "
                    + ", ".join(lost)
                )

    def _used(self, plan: Plan) -> dict[str, int]:
        """Values of each custom field of a plan, by its alias or name; empty ones do not count."""
        counts: dict[str, int] = {}
        for owner in (TASK, RESOURCE, ASSIGNMENT):
            for field_id in plan.custom_ids(owner):
                label = plan.definition(field_id).alias or custom_field(field_id, owner).name
                counts[label] = counts.get(label, 0) + 1
        return counts

    def _results(self, object_name: str, plans: Iterable[Plan]) -> Iterator[Result]:
        _check_name(object_name)
        for plan in plans:
            yield from records(object_name, plan, self)

    @cached_property
    def _aliases(self) -> dict[tuple[str, int], dict[str, Definition]]:
        """(owner, FieldID) -> alias -> definition, of every custom field that a file defines or uses."""
        found: dict[tuple[str, int], dict[str, Definition]] = {}
        for plan in self.plans:
            for owner, field_id in dict.fromkeys([*_defined(plan), *_present(plan)]):
                definition = plan.definition(field_id)
                found.setdefault((owner, field_id), {}).setdefault(definition.alias, definition)
        return found

    def field_name(self, owner: str, field_id: int, alias: str) -> str:
        """`Text1`; if files disagree about what Text1 is, `Text1_<alias>` for each meaning."""
        return self._names[owner, field_id, alias]

    def has_several(self, owner: str, field_id: int) -> bool:
        """Whether the field is a list: some item of some file holds more than one value of it."""
        return (owner, field_id) in self._lists

    @cached_property
    def _lists(self) -> frozenset[tuple[str, int]]:
        found = ((o, i) for plan in self.plans for o in (TASK, RESOURCE, ASSIGNMENT) for i in plan.several(o))
        return frozenset((o, i) for o, i in found if custom_field(i, o).kind in _LISTS)

    @cached_property
    def _names(self) -> dict[tuple[str, int, str], str]:
        found: dict[tuple[str, int, str], str] = {}
        taken: set[tuple[str, str]] = set()
        for (owner, field_id), meanings in self._aliases.items():
            plain = custom_field(field_id, owner).name
            for alias in meanings:
                name = plain if len(meanings) == 1 or not alias else plain + "_" + re.sub(r"\W+", "_", alias)
                while (owner, name) in taken:
                    name += "_"
                taken.add((owner, name))
                found[owner, field_id, alias] = name
        return found

    def _custom_fields(self, owner: str) -> Iterator[FieldSchema]:
        for (whose, field_id), meanings in self._aliases.items():
            if whose != owner:
                continue
            custom = custom_field(field_id, owner)
            for alias, definition in meanings.items():
                known = FieldSchema(
                    self.field_name(owner, field_id, alias),
                    custom.type,
                    label=alias or custom.name,
                    multiple=self.has_several(owner, field_id),
                    custom=True,
                    options=tuple(Option(v, v) for v in definition.options.values()),
                    provenance=Provenance.DECLARED if definition.declared else Provenance.PROFILED,
                    settings={"field_id": field_id},
                )
                yield known
                if custom.kind == "Duration":
                    label = f"{known.label} in days"
                    yield replace(known, name=known.name + IN_DAYS, type=FieldType.DECIMAL, label=label)


def _check_name(object_name: str) -> None:
    if object_name not in COLUMNS:
        raise ConfigError(f"there is no object {object_name}.", hint=f"There are {', '.join(COLUMNS)}.")


def _defined(plan: Plan) -> Iterator[tuple[str, int]]:
    """(owner, FieldID) of the definitions; one of an unknown FieldID belongs where its values are."""
    return ((BUILT_IN[i].owner, i) for i in plan.definitions if i in BUILT_IN)


def _present(plan: Plan) -> Iterator[tuple[str, int]]:
    return ((owner, i) for owner in (TASK, RESOURCE, ASSIGNMENT) for i in plan.custom_ids(owner))


def _fixed_field(column: Column) -> FieldSchema:
    return FieldSchema(
        column.name,
        column.type,
        label=column.label,
        unique=False,
        read_only=column.type is FieldType.REFERENCE,
        options=tuple(Option(word, word) for word in column.options),
        references=column.references,
        provenance=Provenance.DECLARED,
        settings={k: v for k, v in (("tag", column.tag), ("inverse_label", column.inverse)) if v},
    )
