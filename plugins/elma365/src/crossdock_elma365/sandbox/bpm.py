"""Processes of the sandbox: instances by their template, and definitions in the platform's form.

The keys of an instance were seen in clients. Assumed: the rows of `__flowHistory` ({id, name, type, state,
startedAt, finishedAt, performers, task}).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crossdock_elma365.sandbox.company import key
from crossdock_elma365.sandbox.fields import NIL
from crossdock_elma365.sandbox.store import Json

Node = tuple[str, str, str, Json]
"""Type, name, lane and settings of a node."""


def instance(item: Mapping[str, Any]) -> Json:
    """The item with what its process is looked up by: `__templateId` and `namespace:code`."""
    template = item.get("__template")
    if not isinstance(template, Mapping):
        return dict(item)
    found = {"__templateCode": f"{template.get('namespace')}:{template.get('code')}"}
    return {**found, "__templateId": template.get("id"), **item}


def definition(name: str, nodes: Sequence[Node], conditions: Mapping[int, Json], **more: Any) -> Json:
    """A definition whose nodes follow each other; `conditions` are those of the arrows, counted from 1."""
    lanes = list(dict.fromkeys(lane for _, _, lane, _ in nodes))
    whole: list[Node] = [("start", "", lanes[0], {}), *nodes, ("end", "", lanes[-1], {})]
    # The start node has the nil UUID as its id, as measured.
    keys = [NIL, *(key("node", name, number) for number in range(1, len(whole)))]
    process = {
        "items": {
            identifier: {
                "id": identifier,
                "type": kind,
                "name": title,
                "lane": key("lane", name, lane),
                "settings": settings,
            }
            for identifier, (kind, title, lane, settings) in zip(keys, whole, strict=True)
        },
        "transitions": {
            key("arrow", name, number): _arrow(name, number, keys, conditions)
            for number in range(1, len(keys))
        },
        "lanes": {key("lane", name, lane): _lane(name, lane, number) for number, lane in enumerate(lanes, 1)},
    }
    plain = {"type": "bpmn", "manualRun": True, "applicationLink": False, "context": [], "scripts": ""}
    return plain | more | {"process": process}


def _arrow(name: str, number: int, keys: Sequence[str], conditions: Mapping[int, Json]) -> Json:
    condition = [conditions[number]] if number in conditions else []
    return {
        "id": key("arrow", name, number),
        "name": "",
        "type": "plain",
        "source": keys[number - 1],
        "target": keys[number],
        "settings": {"conditions": condition},
    }


def _lane(name: str, lane: str, number: int) -> Json:
    settings = {"type": "dynamic", "variable": f"person_{number}"}
    return {"id": key("lane", name, lane), "name": lane, "multiInstance": False, "settings": settings}
