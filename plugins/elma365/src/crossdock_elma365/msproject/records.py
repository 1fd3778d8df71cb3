"""Items of a plan -> records of the five msproject objects. An item that does not fit is Rejected."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from crossdock.fieldtypes import FieldType
from crossdock.model import Record, Rejected
from crossdock.values import Reference
from crossdock_elma365.msproject import quantities
from crossdock_elma365.msproject.columns import (
    ASSIGNMENTS,
    COLUMNS,
    CONSTRAINTS,
    LINK_TYPES,
    LINKS,
    PROJECTS,
    RESOURCE_TYPES,
    RESOURCES,
    TASKS,
)
from crossdock_elma365.msproject.fields import ASSIGNMENT, IN_DAYS, RESOURCE, TASK
from crossdock_elma365.msproject.plan import CustomValue, Plan
from crossdock_elma365.msproject.quantities import TextError
from crossdock_elma365.msproject.reader import Item

Result = Record | Rejected


class CustomNames(Protocol):
    """How custom fields are called and shaped in the schemas, over all files."""

    def field_name(self, owner: str, field_id: int, alias: str) -> str:
        """The name of a custom field."""

    def has_several(self, owner: str, field_id: int) -> bool:
        """Whether some item holds more than one value of it."""


_UNASSIGNED = ("", "-1", "-65535")


def records(object_name: str, plan: Plan, names: CustomNames) -> Iterator[Result]:
    """All records of one object in one plan, in file order."""
    match object_name:
        case "msproject.projects":
            return iter([_project(plan)])
        case "msproject.links":
            return _unique(_links(plan))
        case "msproject.tasks":
            return _unique(_tasks(plan, names))
        case "msproject.resources":
            return _unique(_resources(plan, names))
        case _:
            return _unique(_assignments(plan, names))


def _unique(results: Iterator[Result]) -> Iterator[Result]:
    """Reject what has the key of an earlier item: UIDs are unique in files of MS Project itself."""
    seen: Counter[str] = Counter()
    for result in results:
        seen[result.key] += 1
        if seen[result.key] > 1:
            key = f"{result.key}#{seen[result.key]}"
            result = Rejected(result.object_name, key, (f"the file has {result.key} more than once",))
        yield result


def _project(plan: Plan) -> Result:
    try:
        values = _fixed(PROJECTS, Item(0, plan.raw.properties), plan) | {
            "name": plan.name,
            "guid": plan.raw.properties.get("GUID") or plan.raw.properties.get("UID") or None,
            "file": plan.file,
            "minutes_per_day": plan.minutes_per_day,
            "task_count": len(plan.items(TASK)),
            "blank_rows": plan.blank_rows,
        }
    except TextError as error:
        return Rejected(PROJECTS, plan.id, (str(error),))
    return Record(PROJECTS, plan.id, values)


def _tasks(plan: Plan, names: CustomNames) -> Iterator[Result]:
    above: list[tuple[int, str]] = []  # (outline level, key) of the summary tasks around the current row
    for item in plan.items(TASK):
        key = plan.key(item.text("UID"))
        level = int(item.text("OutlineLevel")) if item.text("OutlineLevel").isdigit() else 0
        while above and above[-1][0] >= level:
            above.pop()
        parent = above[-1][1] if above else ""
        above.append((level, key))
        yield _record(TASKS, TASK, item, plan, names, partial(_task_values, plan, parent))


def _task_values(plan: Plan, parent: str, item: Item) -> dict[str, Any]:
    shown_as = quantities.whole(item.text("DurationFormat"))
    length = quantities.duration(item.text("Duration"))
    return {
        "parent": Reference(TASKS, parent) if parent else None,
        "duration_days": quantities.days(length, plan.minutes_per_day, shown_as),
        "duration_unit": quantities.unit(shown_as),
        "duration_elapsed": quantities.is_elapsed(shown_as),
        "duration_estimated": quantities.is_estimated(shown_as),
        "constraint": _numbered(item.text("ConstraintType"), CONSTRAINTS, "constraint type"),
        "project_summary": item.text("UID") == "0",
        "name": item.text("Name") or (plan.name if item.text("UID") == "0" else None),
    }


def _resources(plan: Plan, names: CustomNames) -> Iterator[Result]:
    for item in plan.items(RESOURCE):
        yield _record(
            RESOURCES,
            RESOURCE,
            item,
            plan,
            names,
            lambda i: {"type": _numbered(i.text("Type"), RESOURCE_TYPES, "resource type")},
        )


def _assignments(plan: Plan, names: CustomNames) -> Iterator[Result]:
    tasks, people = _uids(plan, TASK), _uids(plan, RESOURCE)

    def worked_out(item: Item) -> dict[str, Any]:
        who = item.text("ResourceUID")
        someone = who not in _UNASSIGNED and not (who == "0" and who not in people)
        named = (plan.task_names.get(item.text("TaskUID")), plan.resource_names.get(who) if someone else "")
        return {
            "name": " — ".join(filter(None, named)),
            "task": _reference(plan, TASKS, item.text("TaskUID"), tasks, "task"),
            "resource": _reference(plan, RESOURCES, who, people, "resource") if someone else None,
        }

    for item in plan.items(ASSIGNMENT):
        yield _record(ASSIGNMENTS, ASSIGNMENT, item, plan, names, worked_out)


def _links(plan: Plan) -> Iterator[Result]:
    known = _uids(plan, TASK)
    for task in plan.items(TASK):
        for link in task.all("PredecessorLink"):
            before = link.text("PredecessorUID") or link.text("CrossProjectName")
            key = plan.key(f"{task.text('UID')}<-{before}")
            try:
                values = _fixed(LINKS, link, plan) | _link_values(task, link, plan, known)
            except TextError as error:
                yield Rejected(LINKS, key, (f"line {link.line}: {error}",))
            else:
                yield Record(LINKS, key, values)


def _link_values(task: Item, link: Item, plan: Plan, known: frozenset[str]) -> dict[str, Any]:
    """A link into another project has a name instead of a UID. Formats of a lag in percent are assumed."""
    shown_as = quantities.whole(link.text("LagFormat"))
    relative = shown_as in quantities.PERCENT_FORMATS
    lag = None if relative else quantities.lag(link.text("LinkLag"))
    inside = link.text("PredecessorUID") or not link.text("CrossProjectName")
    uid = link.text("PredecessorUID")
    before = _reference(plan, TASKS, uid, known, "predecessor task")
    first = plan.task_names.get(uid, "") if inside else link.text("CrossProjectName")
    return {
        "name": f"{first} → {plan.task_names[task.text('UID')]}".strip(),
        "project": Reference(PROJECTS, plan.id),
        "predecessor": before if inside else None,
        "successor": Reference(TASKS, plan.key(task.text("UID"))),
        "type": _numbered(link.text("Type") or "1", LINK_TYPES, "link type"),
        "lag": None if lag is None else quantities.written(lag),
        "lag_days": quantities.days(lag, plan.minutes_per_day, shown_as),
        "lag_percent": quantities.number(link.text("LinkLag")) if relative else None,
    }


def _record(
    object_name: str,
    owner: str,
    item: Item,
    plan: Plan,
    names: CustomNames,
    worked_out: Callable[[Item], Mapping[str, Any]],
) -> Result:
    uid = item.text("UID").strip()
    key = plan.key(uid or f"line {item.line}")
    try:
        if not uid:
            raise TextError("it has no UID")
        values = _fixed(object_name, item, plan) | {"project": Reference(PROJECTS, plan.id)}
        values |= worked_out(item)
        for custom in plan.custom_values(item, owner):
            _add_custom(values, custom, owner, plan, names)
    except TextError as error:
        return Rejected(object_name, key, (f"line {item.line} of {plan.file}: {error}",))
    return Record(object_name, key, values)


def _add_custom(
    values: dict[str, Any], custom: CustomValue, owner: str, plan: Plan, names: CustomNames
) -> None:
    name = names.field_name(owner, custom.field_id, plan.definition(custom.field_id).alias)
    held = values.get(name)
    if names.has_several(owner, custom.field_id):
        more = () if custom.value is None or custom.value in (held or ()) else (custom.value,)
        values[name] = (*(held or ()), *more) or None
        return
    if held not in (None, custom.value):
        raise TextError(f"{name} has two values")
    values[name] = custom.value
    if custom.field.kind == "Duration":
        values[name + IN_DAYS] = custom.days


def _fixed(object_name: str, item: Item, plan: Plan) -> dict[str, Any]:
    """The fixed fields; those that are worked out elsewhere are None here. Raises TextError."""
    values: dict[str, Any] = {}
    for column in COLUMNS[object_name]:
        if column.name in values:
            continue  # the days of a working time
        text = item.text(column.tag) if column.tag else ""
        try:
            values[column.name] = _typed(column.type, text, plan)
            if column.working_time:
                values[column.name] = quantities.working_time(text)
                values[f"{column.name}_days"] = quantities.days(
                    quantities.duration(text), plan.minutes_per_day, None
                )
        except TextError as error:
            raise TextError(f"{column.tag}: {error}") from None
    return values


def _typed(kind: FieldType, text: str, plan: Plan) -> Any:
    match kind:
        case FieldType.INTEGER:
            return quantities.whole(text)
        case FieldType.DECIMAL:
            return quantities.number(text)
        case FieldType.BOOLEAN:
            return quantities.flag(text)
        case FieldType.DATETIME:
            return quantities.moment(text, plan.zone)
        case FieldType.MONEY:
            return plan.cost(text)
        case _:
            return text or None


def _uids(plan: Plan, owner: str) -> frozenset[str]:
    return frozenset(item.text("UID") for item in plan.items(owner))


def _reference(plan: Plan, object_name: str, uid: str, known: frozenset[str], what: str) -> Reference | None:
    if not uid:
        return None
    if uid not in known:
        raise TextError(f"{what} {uid} is not in the file")
    return Reference(object_name, plan.key(uid))


def _numbered(text: str, words: tuple[str, ...], what: str) -> str | None:
    if not text:
        return None
    if text not in map(str, range(len(words))):
        raise TextError(f"{what} {text!r} is unknown")
    return words[int(text)]
