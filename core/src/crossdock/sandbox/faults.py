"""Faults that a test orders from a sandbox, and the choice of the fault for one request.

    POST /_sandbox/faults {"kind": "timeout_after", "method": "POST", "path": "/rest/", "skip": 3}

Kinds, by what the client sees and whether the platform acted:

    status                           an answer with `status`, `headers`, `text`       not acted on
    status_after                     the same, as a proxy may answer in between       acted on
    slow                             the right answer after `seconds`                 acted on
    timeout_before, timeout_after    no answer for `seconds`, then a closed connection    no / yes
    reset_before, reset_after        a reset connection at once                           no / yes
    truncated                        half of the right body, then a closed connection     yes
    not_json                         status 200 with an HTML page                         yes
    half_batch                       the platform does half of the batch               its own matter
    kill_before, kill_after          the process in `pid_file` is killed, right answer    yes
    kill_instead                     the process in `pid_file` is killed, reset connection    no
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, TypeAdapter

FaultKind = Literal[
    "status",
    "status_after",
    "slow",
    "timeout_before",
    "timeout_after",
    "reset_before",
    "reset_after",
    "truncated",
    "not_json",
    "half_batch",
    "kill_before",
    "kill_after",
    "kill_instead",
]


class Fault(BaseModel):
    """One ordered fault and how often it happened.

    `method`, `path` and `body` are regular expressions (searched, all must match; `path` is tried
    with and without the query). The first `skip` matching requests pass, then `times` are hit
    (None: all). With a `chance` below 1 each of them is hit or passes at random, the same way for the same
    `seed`, so that what is repeated gets through in the end. `seconds` is how long `slow` and the time-outs
    last. `seen` and `hits` are counted by the sandbox and are ignored when sent.
    """

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    method: re.Pattern[str] = re.compile("")
    path: re.Pattern[str] = re.compile("")
    body: re.Pattern[str] = re.compile("")
    skip: int = Field(default=0, ge=0)
    times: int | None = Field(default=1, ge=1)
    chance: float = Field(default=1.0, gt=0, le=1)
    seed: int = 0
    status: int = Field(default=503, ge=200, le=599)
    headers: dict[str, str] = Field(default_factory=dict)
    text: str = ""
    seconds: float = Field(default=1.0, ge=0)
    pid_file: str = ""
    seen: int = 0
    hits: int = 0
    _dice: random.Random = PrivateAttr(default_factory=random.Random)

    def begin(self) -> None:
        """Count from nothing."""
        self.seen = self.hits = 0
        self._dice.seed(self.seed)

    def is_due(self) -> bool:
        """Count one matching request, and say whether it is to be hit."""
        self.seen += 1
        left = self.times is None or self.hits < self.times
        # Thrown for each request, whatever the others do: the same seed hits the same ones.
        thrown = self._dice.random() < self.chance
        return left and thrown and self.seen > self.skip

    def matches(self, method: str, path: str, query: str, body: bytes) -> bool:
        """Say whether this fault is about the request; `query` is without its question mark."""
        if not self.method.search(method):
            return False
        if not (self.path.search(path) or (query and self.path.search(f"{path}?{query}"))):
            return False
        return not self.body.pattern or bool(self.body.search(body.decode("utf-8", "replace")))


_ORDER: TypeAdapter[Fault | list[Fault]] = TypeAdapter(Fault | list[Fault])


@dataclass(slots=True)
class FaultList:
    """The faults ordered so far, in order. Used from the event loop only, so it needs no lock."""

    faults: list[Fault] = field(default_factory=list)

    def order(self, body: bytes) -> Sequence[Fault]:
        """Add the fault or the list of faults in a JSON body; raises pydantic.ValidationError."""
        parsed = _ORDER.validate_json(body)
        new = parsed if isinstance(parsed, list) else [parsed]
        for fault in new:
            fault.begin()
        self.faults.extend(new)
        return new

    def pick(self, method: str, path: str, query: str, body: bytes) -> Fault | None:
        """Count the request for every fault it matches and give the first one that is due."""
        due: Fault | None = None
        for fault in self.faults:
            if fault.matches(method, path, query, body) and fault.is_due() and due is None:
                due = fault
        if due is not None:
            due.hits += 1
        return due

    def describe(self) -> list[dict[str, Any]]:
        """Give every fault as JSON values, with what it has seen and hit."""
        return [fault.model_dump(mode="json") for fault in self.faults]

    def clear(self) -> None:
        """Forget all faults."""
        self.faults.clear()
