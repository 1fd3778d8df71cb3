"""Records that make no sense alone: a note or a file without the record it was written about.

A record that belongs to others waits with them: while none of them is at the destination it is in the
queue of references, and it is left out where all of them were left out by a rule.
"""

from collections.abc import Callable

from crossdock.equality import is_empty
from crossdock.ids import IdMap, ReferenceStatus
from crossdock.mapping import ObjectMapping
from crossdock.model import Record, Rejected, Skipped
from crossdock.queues import REFERENCES
from crossdock.values import Reference

_SHOWN = 3  # owners that a reason names

Belongs = Callable[[Record, IdMap], Rejected | Skipped | None]


def belonging(mapping: ObjectMapping) -> Belongs:
    """A function that refuses a record whose owners are not there; None lets it pass."""
    owner = mapping.belongs_to
    name, targets = (owner.source, owner.targets) if owner else ("", ())

    def check(record: Record, ids: IdMap) -> Rejected | Skipped | None:
        value = record.values.get(name)
        if is_empty(value):
            return None
        owners = [o for o in (value if isinstance(value, tuple) else (value,)) if isinstance(o, Reference)]
        if not owners or any(ids.target_id(o.object_name, o.key, t) for o in owners for t in targets):
            return None
        found = {o: _status(ids, o, targets) for o in owners}
        if set(found.values()) == {ReferenceStatus.SKIPPED}:
            return Skipped(record.object_name, record.key, f"{name}: what it belongs to was left out")
        told = [
            f"{o.object_name}/{o.key} is not there ({status or 'no route moves it'})"
            for o, status in found.items()
        ]
        queue = REFERENCES if any(found.values()) else ""
        return Rejected(record.object_name, record.key, (f"{name}: {'; '.join(told[:_SHOWN])}",), queue)

    return check


def _status(ids: IdMap, owner: Reference, targets: tuple[str, ...]) -> ReferenceStatus | None:
    """Where an owner stands, None if no route moves its object."""
    found = (ids.status(owner.object_name, owner.key, target) for target in targets)
    return next((status for status in found if status is not ReferenceStatus.UNMAPPED), None)
