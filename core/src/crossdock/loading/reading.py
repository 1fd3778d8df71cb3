"""Which staged records a phase of a delta looks at: those it read, and those that wait from before."""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from crossdock.ledger import NOT_LOADED, Ledger, Run
from crossdock.mapping import ObjectMapping
from crossdock.referenceplan import UNRESOLVED
from crossdock.staging import StagedRecord, Staging


@dataclass(frozen=True)
class Reading:
    """The records of one object that a phase looks at.

    since_pass: what this pass of staging or a later one saw (0: everything).
    also: the places of further records, ascending: those that an earlier run could not load.
    unreadable: whether the items that nobody could read are looked at (and booked) too.
    """

    since_pass: int = 0
    also: Sequence[int] = field(default_factory=tuple)
    unreadable: bool = True

    def scan(
        self, staging: Staging, tenant: str, object_name: str, after: int, size: int
    ) -> Iterator[list[StagedRecord]]:
        """The records in the order of extraction."""
        return staging.scan(tenant, object_name, after, size, since_pass=self.since_pass, also=self.also)

    def count(self, staging: Staging, tenant: str, object_name: str) -> int:
        """How many records that are, items that nobody could read among them."""
        seen = staging.count(tenant, object_name, self.since_pass)
        return seen + len(self.also) + (len(staging.rejected(tenant, object_name)) if self.unreadable else 0)


EVERYTHING = Reading()
"""All that is staged of an object."""


def of_delta(
    staging: Staging, tenant: str, object_name: str, pass_no: int, waiting: Iterable[str]
) -> Reading:
    """What a delta looks at: what its pass saw, and the records with these keys."""
    places: list[int] = []
    for place in staging.places(tenant, object_name, waiting, pass_no).values():
        insort(places, place)
    return Reading(pass_no, tuple(places))


def of_retry(
    staging: Staging, tenant: str, object_name: str, keys: Iterable[str], *, unreadable: bool
) -> Reading:
    """These records and no others, whatever pass saw them."""
    extraction = staging.extraction(tenant, object_name)
    after = extraction.pass_no + 1 if extraction is not None else 1
    return replace(of_delta(staging, tenant, object_name, after, keys), unreadable=unreadable)


def waiting_keys(ledger: Ledger, run: Run, tenant: str, names: Sequence[str]) -> set[str]:
    """Keys of the records that a run could not load in its phases of these names."""
    phases = [p for p in ledger.runs.phases(run) if p.tenant == tenant and p.name in names]
    lines = (ledger.books.lines(phase, outcome) for phase in phases for outcome in NOT_LOADED)
    return {line.key for found in lines for line in found}


def unresolved_keys(
    ledger: Ledger, mapping: ObjectMapping, tenant: str, keys: Sequence[str] | None = None
) -> set[str]:
    """Keys (of these, None for all) of loaded records with a reference that was left empty or led to a
    substitute."""
    return ledger.links.noted(tenant, mapping.source, mapping.target, UNRESOLVED, keys)
