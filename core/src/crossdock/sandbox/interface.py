"""What a platform's sandbox has to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:  # starlette is an extra: the command line must import without it
    from starlette.types import ASGIApp


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """How a sandbox is started.

    `data` is the SQLite file; state in it survives a restart. `seed` is used only when the file is
    new: `demo` (a believable company), `fresh` (what a new server holds), `empty`.
    `rate`: `real` enforces the platform's limits, `off` none. `base_url` is where it listens.
    """

    data: Path
    base_url: str
    seed: str = "demo"
    rate: str = "real"


class Sandbox(Protocol):
    """A platform's API as an ASGI app plus what the control paths need.

    A handler reads the fault that the control layer picked for its request, if the platform must
    act it out itself (`half_batch`), from `request.scope["crossdock.fault"]`: a mapping, as it was ordered.
    """

    token: str
    app: "ASGIApp"

    def __init__(self, options: SandboxOptions) -> None: ...

    def dump(self) -> Mapping[str, Any]:
        """Everything the platform holds, trash, schema, files (hashes) and side effects included, in
        canonical order, so that two dumps are equal exactly when the platforms are."""

    def reset(self, seed: str) -> None:
        """Forget everything and seed again."""

    def set_clock(self, now: float | None) -> None:
        """Set the platform's clock (seconds since the epoch), or let it run again (None)."""

    def close(self) -> None:
        """Close the database."""
