"""A process definition -> what a person needs to build the process anew: trigger, steps, conditions, people.

A definition is JSON, not BPMN (measured on an export): `process.items` (nodes), `process.transitions` (arrows
with `settings.conditions` of {a, b, operation}), `process.lanes` (who), `context` (fields) and `scripts`.
What an operand of a condition looks like was not seen; {kind, value}, as in bindings, is assumed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from crossdock_elma365.secrecy import plain, script_lines

Json = Mapping[str, Any]

_ENDS = frozenset({"start", "end"})
_TIMED = frozenset({"timer", "start_timer", "timer_start"})
_LONGEST = 500  # characters of a condition


def nodes(definition: Json) -> Sequence[Json]:
    """The nodes of a process, in the order of its arrows from the start on; what no arrow reaches last."""
    items = _objects(definition, "items")
    follows: dict[str, list[str]] = {}
    for arrow in _objects(definition, "transitions").values():
        follows.setdefault(str(arrow.get("source")), []).append(str(arrow.get("target")))
    queue = [key for key, item in items.items() if item.get("type") == "start"]
    order = dict.fromkeys(queue)
    while queue:
        for target in follows.get(queue.pop(0), ()):
            if target in items and target not in order:
                order[target] = None
                queue.append(target)
    return [items[key] for key in dict.fromkeys([*order, *items])]


def details(definition: Json, subscriptions: Sequence[Json] = ()) -> dict[str, Any]:
    """Trigger, steps, conditions, people and the like; `subscriptions` are those of the event bus."""
    lanes, found = _objects(definition, "lanes"), nodes(definition)
    fields = [f for f in definition.get("context") or () if isinstance(f, Mapping) and f.get("code")]
    conditions = list(_conditions(definition))
    into = {target: text for target, _, text in conditions}
    script = definition.get("scripts")
    told = {
        "trigger": "; ".join(_triggers(definition, subscriptions)),
        "steps": [_step(node, lanes, into) for node in found if node.get("type") not in _ENDS],
        "conditions": [f"{where}: {text}" for _, where, text in conditions],
        "people": [who for lane in lanes.values() if (who := _who(lane))],
        "version": definition.get("version"),
        "kind": definition.get("type"),
        "fields": [f"{_label(f)} ({f.get('type')})" for f in fields],
        "script_lines": script_lines(script) if isinstance(script, str) else 0,
        "script_steps": sum(1 for node in found if node.get("type") == "script"),
    }
    return {key: value for key, value in told.items() if value not in (None, "", [])}


def _objects(definition: Json, name: str) -> Mapping[str, Json]:
    process = definition.get("process")
    found = process.get(name) if isinstance(process, Mapping) else None
    if not isinstance(found, Mapping):
        return {}
    return {str(key): value for key, value in found.items() if isinstance(value, Mapping)}


def _triggers(definition: Json, subscriptions: Sequence[Json]) -> Iterator[str]:
    """How the process begins. A timer at the start is assumed to be a node of a `timer` type."""
    if definition.get("manualRun"):
        yield "started by a person"
    if definition.get("applicationLink"):
        yield "started from a record of its application"
    for each in subscriptions:
        yield f"event {each.get('event') or 'without a name'} ({each.get('name') or 'subscription'})"
    reached = {str(a.get("target")) for a in _objects(definition, "transitions").values()}
    for key, node in _objects(definition, "items").items():
        kind = str(node.get("type") or "")
        if key not in reached and (kind in _TIMED or kind == "event"):
            yield f"{kind} {node.get('name') or ''}".strip()


def _step(node: Json, lanes: Mapping[str, Json], into: Mapping[str, str]) -> dict[str, str]:
    kind, key = str(node.get("type") or "unknown"), str(node.get("id"))
    told = {
        "name": plain(str(node.get("name") or kind)),
        "kind": kind,
        "people": _who(lanes.get(str(node.get("lane")), {})),
        "condition": into.get(key, ""),
    }
    return {name: text for name, text in told.items() if text}


def _conditions(definition: Json) -> Iterator[tuple[str, str, str]]:
    """(target node, "from -> to", the condition in words) of every arrow that has one."""
    items = _objects(definition, "items")
    for arrow in _objects(definition, "transitions").values():
        text = _condition(arrow)
        if text:
            source, target = str(arrow.get("source")), str(arrow.get("target"))
            yield target, f"{_node(items, source)} -> {_node(items, target)}", text


def _condition(arrow: Json) -> str:
    settings = arrow.get("settings")
    rules = settings.get("conditions") if isinstance(settings, Mapping) else None
    words = [_rule(rule) for rule in rules or () if isinstance(rule, Mapping)]
    if not words and arrow.get("type") in ("default", "error", "timer"):
        words = [{"default": "otherwise", "error": "on an error", "timer": "when time is up"}[arrow["type"]]]
    name = str(arrow.get("name") or "")
    return plain(f"{name}: " if name and words else name) + plain(" and ".join(words))


def _rule(rule: Json) -> str:
    parts = (_operand(rule.get("a")), str(rule.get("operation") or "?"), _operand(rule.get("b")))
    return " ".join(part for part in parts if part)[:_LONGEST]


def _operand(value: Any) -> str:
    if isinstance(value, Mapping) and "value" in value:
        value = value["value"]
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value).decode()


def _who(lane: Json) -> str:
    settings = lane.get("settings") or {}
    field = settings.get("variable") if settings.get("type") == "dynamic" else ""
    name = str(lane.get("name") or field or "")
    return f"{name} (field {field})" if field and name != field else name


def _node(items: Mapping[str, Json], key: str) -> str:
    node = items.get(key, {})
    return str(node.get("name") or node.get("type") or "?")


def _label(field: Json) -> str:
    view = field.get("view")
    return str((view.get("name") if isinstance(view, Mapping) else "") or field["code"])
