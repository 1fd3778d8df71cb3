"""What an answer holds that nothing reads: named and counted, so that it is not dropped in silence."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from crossdock_ascora.textrepair import REPAIRS
from crossdock_ascora.wire import IDS, KNOWN_BESIDE, RAW

Json = Mapping[str, Any]


def unknown_keys(name: str, items: Iterable[Json]) -> dict[str, int]:
    """Keys that hold something and that no field reads, with how many objects have them."""
    known = {path for wire in RAW[name] for path in wire.paths} | KNOWN_BESIDE.get(name, frozenset())
    known |= {IDS.get(name, ""), REPAIRS, "document", "line"}
    counts: Counter[str] = Counter()
    for item in items:
        counts.update(
            key for key, value in item.items() if key not in known and value not in (None, "", [], {})
        )
    return dict(counts)
