"""What the house's tests have to know of a destination: what the company of `dataset` becomes there.

The tests have words of their own for what they look at; a platform says in a module of its own
(`there_twenty`, ...) what those are called there, and how its users work with them, through its own API and
not through the plugin.

    kinds    company, person, task, link (of a task to what it is about), part, member (a user)
    words    name, employees, owner, title (of a person), company, parent, maker, note, mail
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.dataset import APPLICATIONS

from crossdock.testing.sandboxes import Json, Sandbox

Dump = Any
Place = dict[str, Any]
"""A request, as a fault names it: `method`, `path`, `body`."""

BEFORE, BETWEEN = "kill_instead", "kill_after"
"""The platform never acts; the platform has acted, and the answer reaches nobody."""


@dataclass(frozen=True)
class Kill:
    """A request at which a command is killed: `skip` of its kind pass before."""

    at: Place
    skip: int = 0
    kind: str = BETWEEN

    def __str__(self) -> str:
        return "-".join((self.kind, *self.at.values(), str(self.skip)))

    @property
    def fault(self) -> Place:
        """The fault to be ordered."""
        return {"kind": self.kind, "skip": self.skip, **self.at}


class There(ABC):
    """One destination."""

    platform: ClassVar[str]
    settings: ClassVar[Mapping[str, Any]]
    applications: ClassVar[Sequence[str]] = APPLICATIONS
    """The applications of the source that are read."""

    objects: ClassVar[Mapping[str, str]]
    """What a kind is called."""

    columns: ClassVar[Mapping[str, Mapping[str, str]]]
    """What a word of a kind is called, if it is called otherwise."""

    provision: ClassVar[Sequence[Kill]]
    load: ClassVar[Sequence[Kill]]
    """Each of these both before and after the commit."""

    files: ClassVar[Sequence[Kill]]
    second_pass: ClassVar[Sequence[Kill]]
    rollback: ClassVar[Sequence[Kill]]
    removal: ClassVar[Mapping[str, Place]]
    """What takes a person away, by the policy: trash, destroy."""

    midway: ClassVar[Kill]
    """In the middle of provisioning."""

    three: ClassVar[Sequence[Kill]]
    """Three kills of one run, one after the other."""

    people: ClassVar[Place]
    """What writes people."""

    second_batch: ClassVar[Kill]
    """The second batch of companies."""

    updates: ClassVar[Place]
    """What updates parts in the second pass."""

    codec: ClassVar[Mapping[str, str]]
    """What a broken encoder or decoder changes -> the field that shows it (see `patches`)."""

    grave: ClassVar[str]
    """One of these that is in every company."""

    revoked: ClassVar[Place]
    """What a revoked key looks like, after so many requests that are about tasks or read."""

    made_again: ClassVar[frozenset[str]]
    """Columns that a record which is made again does not have back."""

    restored: ClassVar[Sequence[str]]
    """Columns that tell of a restored record that it was touched."""

    unchanged: ClassVar[int]
    skipped: ClassVar[int]
    """How many records of a second run."""

    bin: ClassVar[bool] = True
    """Whether what people delete goes to a bin first."""

    refuses_nul: ClassVar[bool] = False
    """Whether a record with a NUL in a text is rejected; else the NUL is removed."""

    left_out: ClassVar[Mapping[str, str]] = {}
    """Tests that mean nothing here, and why; or that another destination is enough for."""

    @property
    def key_name(self) -> str:
        """The environment variable that holds the key."""
        return f"{self.platform.upper()}_KEY"

    def prepare(self, sandbox: Sandbox) -> None:  # noqa: B027 most have it by themselves
        """Make sure that a company of the source is there already, and that a contact lies in the trash."""

    @abstractmethod
    def free(self, sandbox: Sandbox, dump: Dump, person: Json) -> None:
        """Take away what refers to a person."""

    @abstractmethod
    def canonical(self, dump: Dump) -> Dump:
        """A dump without what the server makes up anew each time."""

    @abstractmethod
    def undone(self, dump: Dump) -> Dump:
        """A dump to be compared with one after a rollback."""

    @abstractmethod
    def raw(self, dump: Dump, kind: str, *, trash: bool) -> list[Json]:
        """The records of a kind, as they are stored, live or (`trash`) in the trash."""

    @abstractmethod
    def external_id(self, row: Json) -> str:
        """What a record carries of its source, "" if nothing."""

    @abstractmethod
    def change(self, sandbox: Sandbox, kind: str, row: Json, values: Mapping[str, Any]) -> None:
        """Change a record; `values` by the platform's names."""

    @abstractmethod
    def remove(self, sandbox: Sandbox, kind: str, row: Json, *, trash: bool) -> None:
        """Put a record into the trash, or destroy it."""

    @abstractmethod
    def copy(self, sandbox: Sandbox, kind: str, row: Json) -> str:
        """Plant a copy of a record that carries the same external id; its target id."""

    @abstractmethod
    def extend(self, sandbox: Sandbox) -> None:
        """Give the object of the companies one more field."""

    @abstractmethod
    def writes(self, request: Json) -> bool:
        """Whether a request of the log may have changed a record; automations are none."""

    def target_id(self, _sandbox: Sandbox, row: Json) -> str:
        """What crossdock calls a record."""
        return str(row["id"])

    def kept(self, row: Json, *lost: str) -> Json:
        """A record without what a record that is made again cannot have back, and without `lost`."""
        return {name: value for name, value in row.items() if name not in {*self.made_again, *lost}}

    @abstractmethod
    def about(self, write: str, kind: str) -> bool:
        """Whether a write (`METHOD path operation`) is about records of a kind."""

    @abstractmethod
    def wrong_key(self, key: str) -> str:
        """A key of the right form that opens nothing."""

    def rows(self, dump: Dump, kind: str, *, trash: bool = False) -> list[Json]:
        """The records of a kind, with the words of the tests beside the names of the platform."""
        names = self.columns.get(kind, {})
        rows = self.raw(dump, kind, trash=trash)
        return [
            row | {word: row.get(name) for word, name in names.items()} | {"trashed": trash} for row in rows
        ]

    def name(self, kind: str, word: str) -> str:
        """What a word of a kind is called there."""
        return self.columns.get(kind, {}).get(word, word)
