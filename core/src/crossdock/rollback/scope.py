"""What of a run is undone when it is not all of it: objects and single records, as people name them."""

from collections.abc import Sequence

from crossdock.errors import ConfigError
from crossdock.ledger import Among, Ledger, Link

Route = tuple[str, str, str]
"""Tenant, source object, target object."""


def among(ledger: Ledger, objects: Sequence[str], records: Sequence[str]) -> Among | None:
    """What these names stand for, None for everything if there are none.

    An object is named as at the source, as there, or as a route (`source>target`); a record as
    `object/key` of the source, with `tenant/` before it where several tenants have it. Raises ConfigError
    for a name that nothing was ever loaded from.
    """
    if not objects and not records:
        return None
    routes = ledger.links.target_objects()
    of_objects = {route for name in objects for route in _routes_of(routes, name)}
    links = {link.n for text in records for link in _links_of(ledger, routes, text)}
    return Among(frozenset(of_objects), frozenset(links))


def _routes_of(routes: Sequence[Route], name: str) -> list[Route]:
    found = [
        (tenant, source, target)
        for tenant, source, target in routes
        if name in (source, target, f"{source}>{target}", f"{tenant}/{source}")
    ]
    if not found:
        known = ", ".join(dict.fromkeys(f"{source}>{target}" for _, source, target in routes)) or "none"
        raise ConfigError(f"nothing was ever loaded of an object {name!r}.", hint=f"Loaded: {known}.")
    return found


def _links_of(ledger: Ledger, routes: Sequence[Route], text: str) -> list[Link]:
    found = [
        link
        for tenant, source, target in routes
        for prefix in (f"{tenant}/{source}/", f"{source}/")
        if text.startswith(prefix)
        for link in _of_key(ledger, (tenant, source, target), text.removeprefix(prefix))
    ]
    tenants = sorted({link.origin.tenant for link in found})
    if not found:
        raise ConfigError(
            f"no record {text!r} was ever loaded.",
            hint="Give it as OBJECT/KEY of the source; the audit log in reports/ has both.",
        )
    if len(tenants) > 1:
        raise ConfigError(
            f"{text!r} is a record of several tenants: {', '.join(tenants)}.",
            hint=f"Give the tenant too: {tenants[0]}/{text}",
        )
    return found


def _of_key(ledger: Ledger, route: Route, key: str) -> list[Link]:
    """All parts of a record, or the one that is named (`key#part`)."""
    if links := ledger.links.of_keys(*route, [key]):
        return links
    whole, _, part = key.rpartition("#")
    return [link for link in ledger.links.of_keys(*route, [whole]) if link.origin.part == part]
