"""What the core hands a plugin instance besides its own settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crossdock.filestore import FileStore

if TYPE_CHECKING:
    import httpx2


@dataclass(frozen=True)
class Connection:
    """One platform as one project talks to it.

    `name` is the platform's name in the project file, `project` the project id, `tenant` the
    tenant of the data. `rate_share` (0 < share <= 1) is the part of the platform's rate limit that
    crossdock may use. `transport` replaces the network in tests. `paced` is false for a sandbox of
    the project, which has no limit to keep. `handoff` is the folder for files that go along with what
    cannot move (a workflow's definition, the data under a report); None: there is no place for them.
    """

    name: str
    project: str
    tenant: str
    files: FileStore
    rate_share: float = 1.0
    transport: httpx2.BaseTransport | None = None
    paced: bool = True
    handoff: Path | None = None
