"""The company behind the sandbox: its store, its clock, its administrator."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

from crossdock_elma365.sandbox.fields import NIL
from crossdock_elma365.sandbox.store import Json, Store
from crossdock_elma365.sandbox.times import nanoseconds, stamp

NAMESPACE = uuid.UUID("5d3cf0a1-6d5c-5f0e-9a37-2f0f7c3f9e11")
"""Namespace of the deterministic ids of this sandbox."""


def key(*parts: object) -> str:
    """Give a deterministic id for the thing that the parts name."""
    return str(uuid.uuid5(NAMESPACE, ":".join(map(str, parts))))


ADMIN = key("user", 1)
"""The user whose token is used; it is in every seed."""

TOKEN = key("token")
"""The token of the administrator."""


class Company:
    """The store together with what makes an item complete: time, author, running number, version."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._frozen: float | None = None

    def set_clock(self, now: float | None) -> None:
        """Stop the clock at this time (seconds since the epoch), or let it run (None)."""
        self._frozen = now

    def now(self) -> int:
        """Give the time in nanoseconds since the epoch."""
        return time.time_ns() if self._frozen is None else int(self._frozen * 10**9)

    def complete(self, collection: str, item: Mapping[str, Any], number: int) -> Json:
        """Give the item with every system field that it does not bring along.

        Its times are those the platform gives a new item: creation to the second, change with nine
        digits (both forms were seen in one answer of the real platform).
        """
        now = self.now()
        created = item.get("__createdAt") or stamp(now, fraction=False)
        updated = item.get("__updatedAt") or item.get("__createdAt") or stamp(now, fraction=True)
        given: Json = {
            "__id": key(collection, number),
            "__name": "",
            "__index": number,
            "__version": (nanoseconds(updated) or now) // 10**9,
            "__debug": False,
            "__createdAt": created,
            "__createdBy": ADMIN,
            "__updatedAt": updated,
            "__updatedBy": item.get("__createdBy") or ADMIN,
            "__deletedAt": None,
            "__directory": NIL,
            "__externalId": None,
            "__subscribers": [],
        }
        app = self.store.app(collection)
        if app and app["settings"]["statusItems"]:
            given["__status"] = {"order": 0, "status": app["settings"]["statusItems"][0]["id"]}
        return given | dict(item)

    def create(self, collection: str, context: Mapping[str, Any]) -> Json:
        """Make an item as a user would; the platform gives it a random id unless it brings one."""
        number = self.store.next_index(collection)
        item = self.complete(collection, {"__id": str(uuid.uuid4()), **context}, number)
        self.store.put(collection, [item])
        return item

    def update(self, collection: str, item: Json, context: Mapping[str, Any]) -> Json:
        """Change an item as a user would. Its time of change always grows, even on a stopped clock."""
        before = nanoseconds(item.get("__updatedAt") or "") or 0
        changed = stamp(max(self.now(), before + 1), fraction=True)
        version = int(item.get("__version") or 0) + 1
        item = item | dict(context) | {"__updatedAt": changed, "__updatedBy": ADMIN, "__version": version}
        self.store.put(collection, [item])
        return item

    def administrator(self) -> Json:
        """Give the one user of a company without data."""
        return {
            "__name": "Администратор Системный",
            "login": "admin",
            "email": "admin@romashka.example",
            "fullname": {"lastname": "Администратор", "firstname": "Системный", "middlename": ""},
            "displayedPosition": "Администратор",
            "groupIds": [],
            "osIds": [],
            "__status": {"order": 0, "status": 2},
        } | {"__id": ADMIN, "__createdAt": "2022-01-10T08:00:00Z"}
