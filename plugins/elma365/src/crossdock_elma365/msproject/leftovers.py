"""What a file holds and nothing carries over, so that the catalog can name it."""

from collections import Counter
from collections.abc import Iterable, Iterator

from crossdock_elma365.msproject.columns import ASSIGNMENTS, COLUMNS, LINKS, PROJECTS, RESOURCES, TASKS
from crossdock_elma365.msproject.fields import ASSIGNMENT, RESOURCE, TASK
from crossdock_elma365.msproject.plan import Plan
from crossdock_elma365.msproject.reader import Item

# Read, although no column has their name.
_READ: dict[str, frozenset[str]] = {
    PROJECTS: frozenset({"Name", "Title", "GUID", "UID", "MinutesPerDay", "CurrencyDigits", "SaveVersion"}),
    TASKS: frozenset({"IsNull", "DurationFormat", "ConstraintType", "Estimated"})
    | frozenset({"PredecessorLink", "ExtendedAttribute", "OutlineCode"}),
    RESOURCES: frozenset({"IsNull", "Type", "ExtendedAttribute", "OutlineCode"}),
    ASSIGNMENTS: frozenset({"TaskUID", "ResourceUID", "ExtendedAttribute", "OutlineCode"}),
    LINKS: frozenset({"PredecessorUID", "Type", "LinkLag", "LagFormat"}),
}
_NOTHING = frozenset({"", "0", "0.0", "0.00", "PT0H0M0S", "NA"})


def left_out(plan: Plan) -> Iterator[str]:
    """One phrase for each kind of item with elements that no field takes, and one for the other lists.

    Elements that hold nothing (zero, an empty text) do not count; time-phased work and baselines do.
    """
    tasks = plan.items(TASK)
    kinds: tuple[tuple[str, str, Iterable[Item]], ...] = (
        ("project", PROJECTS, [Item(0, plan.raw.properties)]),
        ("tasks", TASKS, tasks),
        ("resources", RESOURCES, plan.items(RESOURCE)),
        ("assignments", ASSIGNMENTS, plan.items(ASSIGNMENT)),
        ("links", LINKS, [link for task in tasks for link in task.all("PredecessorLink")]),
    )
    for word, object_name, items in kinds:
        read = _READ[object_name] | {column.tag for column in COLUMNS[object_name]}
        found = Counter(tag for item in items for tag in _filled(item) if tag not in read)
        if found:
            yield f"of {word} " + ", ".join(_counted(found) if object_name != PROJECTS else sorted(found))
    if plan.raw.other:
        yield "whole lists " + ", ".join(_counted(plan.raw.other))


def _filled(item: Item) -> set[str]:
    filled = {tag for tag, text in item.values.items() if text.strip() not in _NOTHING}
    return filled | set(item.children) | item.others


def _counted(found: Counter[str]) -> list[str]:
    return [f"{tag} ({count})" for tag, count in sorted(found.items())]
