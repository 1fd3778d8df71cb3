"""What happens at the destination to what was deleted at the source: the decision about it.

It is about whole records, and about single links of a record that is still there (`for_each`). A delta deals
with both, a whole run with the links.

    report   nothing is done there; each of them is a finding (the default)
    trash    it is put into the trash, where a rollback takes it out again
    destroy  it is removed for good; what it held is kept in the ledger first, and a rollback makes it again

The decision is `decisions.deletions` of the mapping; a route may say otherwise (`deleted:`). A record that
was there before this project is never taken away, nor one that people edited since: that one waits in the
queue `conflicts` (source: take it away all the same; destination: it stays, and is theirs from now on).
"""

from collections.abc import Iterable
from enum import StrEnum

from crossdock.capabilities import Capability
from crossdock.errors import ConfigError, MappingError
from crossdock.mapping import ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.model import Action, Catalog

DECISION = "deletions"


class Policy(StrEnum):
    """What is done there about records that were deleted at the source."""

    REPORT = "report"
    TRASH = "trash"
    DESTROY = "destroy"

    @property
    def action(self) -> Action | None:
        """What the destination is asked for, None for nothing."""
        return {Policy.TRASH: Action.TRASH, Policy.DESTROY: Action.DESTROY}.get(self)


def policy_of(resolved: ResolvedMapping, route: ObjectMapping) -> Policy:
    """What is decided for a route. Raises MappingError for a word that is no decision."""
    word = route.deleted or resolved.decisions.get(DECISION) or Policy.REPORT
    try:
        return Policy(word)
    except ValueError:
        known = ", ".join(Policy)
        raise MappingError(
            f"decisions.{DECISION}: {word!r} is no decision here.", problems=[f"It is one of {known}."]
        ) from None


def require_possible(routes: Iterable[ObjectMapping], resolved: ResolvedMapping, catalog: Catalog) -> None:
    """Raises ConfigError if the destination cannot do what is decided, MappingError for no decision."""
    for route in routes:
        policy = policy_of(resolved, route)
        if policy is Policy.TRASH and not catalog.capabilities.can(Capability.TRASH):
            raise ConfigError(
                f"route {route.name}: deleted records are to be put into the trash, and {catalog.platform}"
                " has none.",
                hint=f"Decide `{DECISION}: report` or `{DECISION}: destroy` in mapping.yaml.",
            )
