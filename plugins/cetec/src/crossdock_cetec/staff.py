"""Users: who works on the shop floor, who owns records that migrate, and who needs a seat in a CRM.

Cetec charges users by tier (documented: full and production users), which says little of who needs the CRM.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from crossdock.model import Artifact, ArtifactReport, Record, Rejected
from crossdock.values import PersonName, Reference
from crossdock_cetec.heads import folded
from crossdock_cetec.objects import USER

Result = Record | Rejected

_WHY = "no table of users was given (`user`)"


def user(record: Record, floors: frozenset[str], owners: Callable[[], frozenset[str]]) -> Record:
    """A user with what follows from the permission set and from the records that name it.

    `floors`: permission sets of the shop floor, as `folded` has them.
    """
    values = record.values
    floor = values.get("shop_floor")
    if floor is None:
        floor = folded(str(values.get("permission_set") or "")) in floors
    return replace(record, values={**values, "shop_floor": floor, "owns_records": record.key in owners()})


def named_users(results: Iterable[Result]) -> Iterator[str]:
    """The keys of the users that records name, whatever for."""
    for result in results:
        if isinstance(result, Record):
            for value in result.values.values():
                if isinstance(value, Reference) and value.object_name == USER:
                    yield value.key


def role_report(people: Iterable[Result] | None) -> ArtifactReport:
    """Every permission set with its people."""
    if people is None:
        return ArtifactReport("role", not_examined=_WHY)
    sets: dict[str, list[str]] = {}
    for record in people:
        if isinstance(record, Record):
            sets.setdefault(str(record.values.get("permission_set") or "none"), []).append(_shown(record))
    found = (
        Artifact("role", name, name, details={"what": "permission set", "people": held})
        for name, held in sorted(sets.items())
    )
    return ArtifactReport("role", tuple(found))


def seat_report(people: Iterable[Result] | None) -> ArtifactReport:
    """Every price tier: how many users it has, and which of them need a seat in the CRM."""
    if people is None:
        return ArtifactReport("user_tier", not_examined=_WHY)
    tiers: dict[str, list[Record]] = {}
    for record in people:
        if isinstance(record, Record):
            tiers.setdefault(str(record.values.get("tier") or "not said"), []).append(record)
    return ArtifactReport("user_tier", tuple(_tier(name, held) for name, held in sorted(tiers.items())))


def _tier(name: str, held: list[Record]) -> Artifact:
    active = [r for r in held if r.values.get("active") is not False]
    seats = [r for r in active if not r.values.get("shop_floor") or r.values.get("owns_records")]
    details: dict[str, Any] = {
        "users": len(held),
        "active": len(active),
        "need_a_seat": len(seats),
        "do_not": len(active) - len(seats),
        "people": [_shown(r) for r in seats],
        "left_out": [_shown(r) for r in active if r not in seats],
    }
    return Artifact("user_tier", name, name, details=details)


def _shown(record: Record) -> str:
    name, email = record.values.get("name"), record.values.get("email")
    words = f"{name.first} {name.last}".strip() if isinstance(name, PersonName) else record.key
    return f"{words} <{email}>" if email else words
