"""Another hand at the destination: what people do there while crossdock is not looking.

It goes through the plugin, as the kit knows no other way that is the same for every platform; but with a
connection of its own, past the ledger, and it looks afterwards whether it was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any, Self

from pydantic import SecretStr

from crossdock.checks import settings_type_of
from crossdock.connection import Connection
from crossdock.entrypoints import Role, load_plugin
from crossdock.filestore import FileStore
from crossdock.ids import target_uuid
from crossdock.model import (
    REMOVALS,
    Action,
    Catalog,
    LoadPolicy,
    Observation,
    Origin,
    Outcome,
    Selection,
    TargetRecord,
)
from crossdock.plugins import Destination, open_destination
from crossdock.secrets import secret_fields
from crossdock.testing.sandboxes import Sandbox
from crossdock.testing.target import Target

_PEOPLE = "people"
_NUMBERS = count(1)  # what is made by hand is never made twice
_POLICY = LoadPolicy("by-hand", _PEOPLE)


def connection_settings(target: Target, url: str) -> dict[str, Any]:
    """The settings of a connection but for its secrets."""
    return {"url": url, **target.settings}


def secret_names(platform: str) -> tuple[str, ...]:
    """What the destination calls its secrets."""
    return secret_fields(settings_type_of(load_plugin(Role.DESTINATION, platform), platform))


@dataclass
class Hand:
    """Somebody who works at the destination. A context manager that closes its connection."""

    target: Target
    sandbox: Sandbox
    folder: Path

    @cached_property
    def destination(self) -> Destination:
        """The plugin, opened."""
        secrets = dict.fromkeys(secret_names(self.target.platform), SecretStr(self.sandbox.token))
        settings = connection_settings(self.target, self.sandbox.url) | secrets
        files = FileStore(self.folder / "by-hand")
        connection = Connection(_PEOPLE, _PEOPLE, _PEOPLE, files, paced=False)
        return open_destination(self.target.platform, settings, connection)

    @property
    def catalog(self) -> Catalog:
        """What is there now."""
        return self.destination.discover()

    def find(self, object_name: str, target_id: str) -> Observation | None:
        """A record by its id, in the trash too."""
        found = list(self.destination.reconcile(object_name, Selection(ids=(target_id,))))
        return found[0] if found else None

    def owned(self, object_name: str, project: str) -> list[Observation]:
        """The live records that a project made or filled up, read whole (a list of what is owned may leave
        out the contents of files)."""
        listed = self.destination.reconcile(object_name, Selection(owned=f"{project}:"))
        ids = tuple(observation.id for observation in listed)
        return list(self.destination.reconcile(object_name, Selection(ids=ids))) if ids else []

    def make(self, object_name: str, values: Mapping[str, Any], external_id: str = "") -> str:
        """Make a record; its id."""
        origin = Origin(_PEOPLE, "by.hand", str(next(_NUMBERS)))
        target_id = target_uuid(_PEOPLE, origin, object_name)
        record = TargetRecord(object_name, origin, target_id, external_id, values)
        return self._do(record, Outcome.CREATED)

    def change(self, there: Observation, **values: Any) -> None:
        """Write into a record."""
        self._do(self._about(there, Action.UPDATE, values), Outcome.UPDATED)

    def remove(self, there: Observation, action: Action) -> None:
        """Put a record into the trash, or destroy it."""
        self._do(self._about(there, action, {}), Outcome.UPDATED)
        left = self.find(there.object_name, there.id)
        gone = left is None or (action is Action.TRASH and left.trashed)
        if not gone:
            raise AssertionError(f"{there.object_name} {there.id}: {action}, and it is there still")

    def close(self) -> None:
        """Close the connection."""
        if "destination" in vars(self):
            self.destination.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def _about(self, there: Observation, action: Action, values: Mapping[str, Any]) -> TargetRecord:
        origin = Origin(_PEOPLE, "by.hand", str(next(_NUMBERS)))
        external = "" if action in REMOVALS else there.external_id
        return TargetRecord(there.object_name, origin, there.id, external, values, action)

    def _do(self, record: TargetRecord, wanted: Outcome) -> str:
        [receipt] = self.destination.load(record.object_name, [record], _POLICY)
        if receipt.outcome is not wanted:
            raise AssertionError(
                f"{record.object_name} {record.action}: {receipt.outcome}: {'; '.join(receipt.reasons)}"
            )
        return receipt.target_id
