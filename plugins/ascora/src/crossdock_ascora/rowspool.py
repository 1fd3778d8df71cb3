"""Records at rest for as long as one reading of the source is used: read once, looked through often."""

import pickle
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Generic, TypeVar

Item = TypeVar("Item")

_STRETCH = 200  # records that are written and read together


class RowSpool(Generic[Item]):
    """Records in a temporary file, in the order in which they came. Memory: a number for each stretch."""

    def __init__(self, rows: Iterable[Item]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the spool
        self._starts: list[int] = []
        self._count = 0
        given = iter(rows)
        while stretch := list(islice(given, _STRETCH)):
            self._starts.append(self._file.tell())
            pickle.dump(stretch, self._file, protocol=pickle.HIGHEST_PROTOCOL)
            self._count += len(stretch)

    def __len__(self) -> int:
        return self._count

    def rows(self) -> Iterator[Item]:
        """All records; several may look through them at once."""
        for start in self._starts:
            self._file.seek(start)
            yield from pickle.load(self._file)  # noqa: S301 - nobody else wrote this file

    def close(self) -> None:
        """Forget the records."""
        self._file.close()
        self._starts.clear()
