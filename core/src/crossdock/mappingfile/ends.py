"""Ends of a link that a decision leaves nothing to lead to.

A route with several ends (`for_each` and `require_one`) fills the one that fits each link. An end whose
target object no route makes any more, because a decision dropped the route, can never be filled: it is
left out, the others stay. What else refers to such an object is a problem that `mappingfile.check` reports.
"""

from collections.abc import Collection, Sequence

from crossdock.mapping import ObjectMapping


def without_dead_ends(
    routes: Sequence[ObjectMapping], dropped: Sequence[ObjectMapping]
) -> list[ObjectMapping]:
    """The routes without ends that only led to what the dropped routes would have made."""
    gone = {route.target for route in dropped} - {route.target for route in routes}
    return [_without(route, gone) for route in routes] if gone else list(routes)


def _without(route: ObjectMapping, gone: Collection[str]) -> ObjectMapping:
    if not route.for_each:
        return route
    dead = {
        name for name in route.require_one if name in route.fields and route.fields[name].reference in gone
    }
    if not dead or dead >= set(route.require_one):
        return route
    provision = route.provision
    if provision is not None and provision.fields != "auto":
        kept = {name: field for name, field in provision.fields.items() if name not in dead}
        provision = provision.model_copy(update={"fields": kept})
    return route.model_copy(
        update={
            "provision": provision,
            "fields": {name: entry for name, entry in route.fields.items() if name not in dead},
            "require_one": tuple(name for name in route.require_one if name not in dead),
        }
    )
