"""What a destination suite has to be told about a platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.capabilities import Capability
from crossdock.fieldtypes import FieldType
from crossdock.testing.dumps import Canonical, as_it_is


@dataclass(frozen=True)
class Existing:
    """An object that every server of the platform has, and that records can be loaded into.

    `title`: the text field that names a record. `match`: the field by which a record that is there already
    is found: a text, an e-mail address or a link. `known`: what one that the seed brings holds there; if the
    seed has none, the kit makes one.
    """

    name: str
    title: str
    match: str
    known: str = ""


@dataclass(frozen=True)
class People:
    """The object of the platform's users: `known` is the value of `match` of one that the seed brings."""

    name: str
    match: str
    known: str


@dataclass(frozen=True)
class Target:
    """One destination, as its sandbox serves it.

    platform: the name of its entry points (destination and sandbox). Address and key come from the
        sandbox, every other setting from `settings`; make batches small (`batch_size`), pacing off.
    record, people: what the kit loads into and refers to, besides the object that it provisions.
    can: the capabilities that the plugin declares as YES. Checks of others are left out, with the reason;
        what is said here and what the catalog says have to be the same.
    several: types of which one provisioned field holds several values.
    currency: the code of amounts that the platform takes.
    reads: a regular expression over `METHOD /path operation` of the request log: those requests that
        change nothing. The others are where a run is killed, and none of them is sent by a second run.
    canonical: a dump without what the server makes up anew each time. undone: a dump without what a
        rollback cannot make equal: the closed list of the platform.
    created_at, author: the fields of `record` that keep who made it at the source and when, where the
        platform can keep them (CREATED_AT, AUTHORS).
    automation: the kind of automation of which the seed has an active one, "" if it has none.
    lost_key: the fault (`crossdock.sandbox.faults`) that a revoked key looks like.
    seed: the seed of the sandbox.
    """

    platform: str
    record: Existing
    people: People
    can: frozenset[Capability]
    settings: Mapping[str, Any] = field(default_factory=dict)
    several: frozenset[FieldType] = frozenset()
    currency: str = "USD"
    reads: str = r"^(GET|HEAD|OPTIONS) "
    canonical: Canonical = as_it_is
    undone: Canonical = as_it_is
    created_at: str = ""
    author: str = ""
    automation: str = ""
    lost_key: Mapping[str, Any] = field(default_factory=lambda: {"kind": "status", "status": 401})
    seed: str = "demo"
