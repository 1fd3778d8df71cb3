"""Finding the record that another one names: by id, then by number, then by name; never by picking one."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crossdock_ascora.rows import Named, fold

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Found:
    """The key of the record that is meant, or why there is none ("" for both: nothing was named)."""

    key: str = ""
    problem: str = ""


@dataclass
class Finder:
    """The records of one object by id, number and name. `what`: one of them in words."""

    what: str
    _ids: set[str] = field(default_factory=set)
    _numbers: dict[str, list[str]] = field(default_factory=dict)
    _names: dict[str, list[str]] = field(default_factory=dict)

    def add(self, key: str, number: str = "", names: Iterable[str] = ()) -> None:
        """Learn a record."""
        self._ids.add(key)
        if number.strip():
            self._numbers.setdefault(fold(number), []).append(key)
        for name in {fold(name) for name in names if name.strip()}:
            self._names.setdefault(name, []).append(key)

    def __contains__(self, key: str) -> bool:
        return key in self._ids

    def find(self, named: Named | None) -> Found:
        """The one record that is named."""
        if named is None:
            return Found()
        if named.key:
            if named.key in self._ids:
                return Found(named.key)
            number = self._numbers.get(fold(named.key), [])
            if len(number) == 1:
                return Found(number[0])
            return Found(problem=f"{named.name or named.key!r} is no {self.what} that was read")
        if named.name in self._ids:
            return Found(named.name)
        for index in (self._numbers, self._names):
            keys = index.get(fold(named.name), [])
            if len(keys) == 1:
                return Found(keys[0])
            if keys:
                shown = ", ".join(sorted(keys)[:_SHOWN])
                return Found(problem=f"{named.name!r} names {len(keys)} of the {self.what}s: {shown}")
        return Found(problem=f"{named.name!r} names no {self.what}")
