"""The order in which the records of a phase are taken away: what refers to a record goes before it."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from crossdock.fieldtypes import FieldType
from crossdock.ledger import Link
from crossdock.model import ObjectSchema


def references_of(link: Link, schema: ObjectSchema) -> list[str]:
    """Target ids that the record refers to within its own object, as far as they were loaded."""
    fields = [f for f in schema.fields if f.type is FieldType.REFERENCE and schema.name in f.references]
    held = [(link.base or {}).get(field.name) for field in fields]
    several = [value if isinstance(value, tuple | list) else (value,) for value in held]
    return [target for some in several for target in some if isinstance(target, str)]


def circles(references: Mapping[str, Collection[str]]) -> Iterator[list[str]]:
    """The records in order: each alone, or together with those that it refers to and that refer to it.

    The same references, in the same order, give the same order. Tarjan's algorithm without recursion, as a
    chain may be long.
    """
    referrers: dict[str, list[str]] = {one: [] for one in references}
    for one, targets in references.items():
        for target in targets:
            if target in referrers:
                referrers[target].append(one)
    found: dict[str, int] = {}
    lowest: dict[str, int] = {}
    open_ones: dict[str, None] = {}
    for root in references:
        path = [] if root in found else [(root, iter(referrers[root]))]
        while path:
            one, remaining = path[-1]
            if one not in found:
                found[one] = lowest[one] = len(found)
                open_ones[one] = None
            following = next(remaining, None)
            if following is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[one])
                if lowest[one] == found[one]:
                    yield _taken(open_ones, one)
            elif following not in found:
                path.append((following, iter(referrers[following])))
            elif following in open_ones:
                lowest[one] = min(lowest[one], found[following])


def _taken(open_ones: dict[str, None], first: str) -> list[str]:
    """The open ones from `first` on; they are open no more."""
    circle = []
    while first in open_ones:
        circle.append(open_ones.popitem()[0])
    return circle[::-1]


def stretches(parts: Sequence[Sequence[str]], size: int) -> Iterator[list[str]]:
    """Whole parts put together to stretches of at most `size`; only a part that is larger exceeds it."""
    stretch: list[str] = []
    for part in parts:
        if stretch and len(stretch) + len(part) > size:
            yield stretch
            stretch = []
        stretch += part
    if stretch:
        yield stretch


__all__ = ["circles", "references_of", "stretches"]
