"""Comparing two dumps of a sandbox: equal but for a closed list.

A dump is plain JSON in the platform's own shape. What the server makes up anew each time is taken out by a
function of the platform's (`Target.canonical`, `Target.undone`), or by a list of places (`without`).
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

Dump = Any
Canonical = Callable[[Dump], Dump]
_SHOWN = 20


def as_it_is(dump: Dump) -> Dump:
    """The dump, with nothing left out."""
    return dump


def without(*places: Sequence[str]) -> Canonical:
    """A function that leaves these places out of a dump: paths of names, `*` for every name.

    A list is gone through without being named: ("records", "*", "live", "updatedAt") is that field of every
    live record. A path to something that is not there says nothing.
    """

    def canonical(dump: Dump) -> Dump:
        whole = json.loads(json.dumps(dump))
        for place in places:
            _leave_out(whole, tuple(place))
        return whole

    return canonical


def _leave_out(node: Any, place: tuple[str, ...]) -> None:
    if isinstance(node, list):
        for element in node:
            _leave_out(element, place)
    elif isinstance(node, dict):
        name, rest = place[0], place[1:]
        for key in list(node) if name == "*" else [name] if name in node else []:
            if rest:
                _leave_out(node[key], rest)
            else:
                del node[key]


def difference(one: Any, other: Any, place: str = "") -> list[str]:
    """Where two dumps differ, 20 places at most."""
    if type(one) is not type(other) or not isinstance(one, dict | list):
        return [] if one == other else [f"{place}: {one!r} != {other!r}"[:400]]
    if isinstance(one, dict):
        pairs = [(f"{place}.{k}", one.get(k), other.get(k)) for k in sorted({*one, *other})]
    elif len(one) != len(other):
        missing = [x for x in one if x not in other] + [x for x in other if x not in one]
        shown = json.dumps(missing, ensure_ascii=False)[:600]
        return [f"{place}: {len(one)} != {len(other)} entries: {shown}"]
    else:
        pairs = [(f"{place}[{n}]", a, b) for n, (a, b) in enumerate(zip(one, other, strict=True))]
    return [line for where, a, b in pairs for line in difference(a, b, where)][:_SHOWN]


def assert_same(one: Dump, other: Dump) -> None:
    """Raise AssertionError with the places where two dumps differ."""
    lines = difference(one, other)
    if lines:
        raise AssertionError("the dumps differ:\n" + "\n".join(lines))
