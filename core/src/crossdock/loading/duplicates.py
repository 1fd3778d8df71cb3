"""Source records of one phase that share a match key. They are put to a person, not merged in silence."""

from __future__ import annotations  # array is no generic before Python 3.12

from array import array
from hashlib import blake2b
from itertools import pairwise

from crossdock.loading.context import PhaseContext
from crossdock.loading.matching import first_match
from crossdock.model import TargetRecord


class Duplicates:
    """Knows which match keys occur twice in a phase, at eight bytes a record however many there are."""

    def __init__(self, context: PhaseContext) -> None:
        self._context = context
        self._twice: frozenset[int] = frozenset()
        mapping = context.mapping
        if mapping.match and mapping.duplicates == "hold" and mapping.create:
            self._twice = _twice(self._hashes())

    def __contains__(self, target: TargetRecord) -> bool:
        return bool(self._twice) and self._hash(target) in self._twice

    def _hashes(self) -> array[int]:
        context, hashes = self._context, array("q")
        for staged in context.staging.scan(context.tenant, context.mapping.source):
            targets, _, _ = context.transformed([s for s in staged if not s.record.deleted])
            hashes.extend(h for h in map(self._hash, targets) if h is not None)
        return hashes

    def _hash(self, target: TargetRecord) -> int | None:
        key = first_match(target, self._context.mapping.match, self._context.schema)
        if key is None:
            return None
        digest = blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def _twice(hashes: array[int]) -> frozenset[int]:
    return frozenset(value for value, following in pairwise(sorted(hashes)) if value == following)
