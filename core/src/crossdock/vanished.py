"""What a source record that is still there no longer leads to: a link taken out of a list, a rule that
leaves it out by now."""

from collections.abc import Iterable, Sequence

from crossdock.ledger import Link
from crossdock.model import Rejected, Skipped, TargetRecord


def vanished(links: Iterable[Link], outcomes: Sequence[TargetRecord | Rejected | Skipped]) -> list[Link]:
    """Of the links of source records those that none of the records' outcomes is for.

    outcomes: of every route from that source object to that target object. A record that is refused for now
    is left out, as nobody can say which of its parts are gone; it is in the books.
    """
    given = {(o.origin.key, o.origin.part) for o in outcomes if isinstance(o, TargetRecord)}
    refused = {o.key for o in outcomes if isinstance(o, Rejected)}
    return [
        link
        for link in links
        if link.origin.key not in refused and (link.origin.key, link.origin.part) not in given
    ]
