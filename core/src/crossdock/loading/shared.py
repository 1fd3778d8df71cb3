"""Target records that several source records became: merged by decision, or known by both of two tenants.

One of them is deleted at the source: the record stays as long as another one lives in it.
"""

from collections.abc import Sequence
from dataclasses import replace

from crossdock.ledger import Link, LinkState
from crossdock.loading.context import PhaseContext


class Shared:
    """Who else lives in the target records of links that go."""

    def __init__(self, context: PhaseContext, going: Sequence[Link]) -> None:
        self._sharing = context.ledger.links.sharing(context.schema.name, going)
        self._going = {link.n for link in going}

    def staying(self, link: Link) -> Link | None:
        """One that lives in the same record and does not go now."""
        others = (x for x in self._others(link) if x.n not in self._going)
        return next((x for x in others if x.state is LinkState.LIVE), None)

    def made(self, link: Link) -> Link | None:
        """The link as the one of a record that this project made, None if the record was there before."""
        if link.made_by is not None:
            return link
        maker = next((x for x in self._others(link) if x.made_by is not None), None)
        return maker and replace(link, base=link.base or maker.base)

    def _others(self, link: Link) -> list[Link]:
        return [x for x in self._sharing.get(link.target_id, ()) if x.n != link.n]
