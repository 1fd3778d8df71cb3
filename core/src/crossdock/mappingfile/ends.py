"""Links that a decision leaves nothing to lead to.

A link whose target object no route makes any more, because a decision dropped the route, can never be
filled: its field is left out, the others stay. So is one of several ends (`require_one`), as long as another
is left. What has to have such a link (`required`) is a problem that `mappingfile.check` reports. What is
left out is said, and so is a match key that goes with it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from crossdock.mapping import SELF, ObjectMapping


@dataclass(frozen=True, slots=True)
class Remark:
    """What happened to a part of the mapping when it was resolved; `fatal`: so that it cannot work."""

    path: str
    message: str
    fatal: bool = False


def without_dead_ends(
    routes: Sequence[ObjectMapping], dropped: Sequence[ObjectMapping]
) -> tuple[list[ObjectMapping], list[Remark]]:
    """The routes without links that only led to what the dropped routes would have made; what that took."""
    gone = {route.target for route in dropped} - {route.target for route in routes}
    beside = {(r.source, r.target) for r in dropped} - {(r.source, r.target) for r in routes}
    if not beside:
        return list(routes), []
    left = [
        without_links(route, gone, {t for source, t in beside if source == route.source}) for route in routes
    ]
    said = (remark for pair in zip(routes, left, strict=True) for remark in _taken(*pair))
    return left, list(said)


def lost_keys(before: ObjectMapping, after: ObjectMapping) -> Iterator[str]:
    """What is to be said of the match keys that a route lost with its fields."""
    lost = [key for key in before.match if key not in after.match]
    for key in lost:
        yield f"match key {' and '.join(key)} left out with its field"
    if lost and not after.match:
        yield "no match key is left, so what is there already would be made again"


def _taken(before: ObjectMapping, after: ObjectMapping) -> Iterator[Remark]:
    place = f"objects[{before.name}]"
    for name, entry in before.fields.items():
        if name not in after.fields:
            said = f"left out, the decisions leave no route that makes what it leads to ({entry.reference})"
            yield Remark(f"{place}.fields.{name}", said)
    for said in lost_keys(before, after):
        yield Remark(f"{place}.match", said, fatal=said.startswith("no match key"))


def without_links(route: ObjectMapping, gone: Collection[str], beside: Collection[str] = ()) -> ObjectMapping:
    """The route without fields that only lead to target objects of these names.

    `beside`: what nothing becomes any more that this route is about: no record leads from itself to it.
    """
    dead = {
        name
        for name, entry in route.fields.items()
        if (entry.reference in gone or (entry.source == SELF and entry.reference in beside))
        and not (entry.required or entry.author)
    }
    if set(route.require_one) and dead >= set(route.require_one):
        dead -= set(route.require_one)
    return without_fields(route, dead) if dead else route


def without_fields(route: ObjectMapping, dead: Collection[str]) -> ObjectMapping:
    """The route without these fields, wherever it names them."""
    provision = route.provision
    if provision is not None and provision.fields != "auto":
        kept = {name: field for name, field in provision.fields.items() if name not in dead}
        provision = provision.model_copy(update={"fields": kept})
    link = route.targets
    if link is not None:
        link = link.of_fields(set(route.fields) - set(dead))
    return route.model_copy(
        update={
            "targets": link,
            "provision": provision,
            "extend": {name: field for name, field in route.extend.items() if name not in dead},
            "fields": {name: entry for name, entry in route.fields.items() if name not in dead},
            "require_one": tuple(name for name in route.require_one if name not in dead),
            "match": tuple(key for key in route.match if not set(dead) & set(key)),
        }
    )
