"""What the matrix is made of: cells, how each is tried, and what came of it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faults.scenes import Ground

DISCOVER, PROVISION, LOAD, RECONCILE, ROLLBACK = "discover", "provision", "load", "reconcile", "rollback"
HOOKS = (DISCOVER, PROVISION, LOAD, RECONCILE, ROLLBACK)
"""The hooks that talk to a destination, in the order of the columns."""

PLATFORMS = ("twenty", "odoo")
"""The destination plugins."""

MINIMUM = 20
"""How often a fault has to have happened for its cell to count."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One fault, against one hook of one destination."""

    fault: str
    platform: str
    hook: str

    def __str__(self) -> str:
        return f"{self.fault}, {self.platform} {self.hook}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How an end differs from that of an undisturbed run: one line for each difference."""

    duplicates: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    unexplained: tuple[str, ...] = ()

    def __add__(self, other: "Verdict") -> "Verdict":
        return Verdict(
            self.duplicates + other.duplicates,
            self.losses + other.losses,
            self.unexplained + other.unexplained,
        )

    @property
    def clean(self) -> bool:
        """Whether there is no difference."""
        return not (self.duplicates or self.losses or self.unexplained)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a cell. `hits`: how often the fault happened, by the sandbox's own word (or as often as
    the process was really hit, for a fault that is not on the wire). `restarts`: how often a command
    stopped and was given again; `rounds`: from how many fresh copies of the stage it began."""

    cell: Cell
    hits: int
    verdict: Verdict = field(default_factory=Verdict)
    seconds: float = 0.0
    restarts: int = 0
    rounds: int = 1
    notes: tuple[str, ...] = ()

    def counts(self, minimum: int) -> bool:
        """Whether the fault happened often enough."""
        return self.hits >= minimum


Trial = Callable[["Ground", Cell, int], Result]
"""Tries a cell until its fault has happened that often. What it raises is a difference nobody can explain."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A cell of the registry, with its trial. `short`: it is in the short form too."""

    cell: Cell
    trial: Trial
    short: bool = False


GROUPS: dict[str, list[Entry]] = {}
"""All cells, by group (wire, events, process), in the order of the rows."""


def register(group: str, entries: Iterable[Entry]) -> None:
    """Put cells into the registry. A module of a group does so when it is imported."""
    GROUPS.setdefault(group, []).extend(entries)


def entries() -> Iterator[Entry]:
    """All cells of all groups."""
    for found in GROUPS.values():
        yield from found
