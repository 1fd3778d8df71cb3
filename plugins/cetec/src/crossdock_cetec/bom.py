"""Bills of materials: rows of an export -> one document a part, with its sub-assemblies and operations.

An export is either a list of parent and component, or indented: then a row has its level, and the row above
it with one level less is its parent. A part that is in itself is a cycle: it is named and not followed. Where
a structure is so large that writing it out would not end, sub-assemblies point to their own document.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from crossdock_cetec.codecs import digits

Json = dict[str, Any]
Row = Mapping[str, Any]

MOST_NODES = 5_000


class BillsOfMaterials:
    """The rows of all parts. `lines` are in the order of their tables; `faults` are rows without a place."""

    def __init__(self, lines: Iterable[Row], operations: Iterable[Row]) -> None:
        self._lines: dict[str, list[Row]] = {}
        self._parents: dict[str, list[tuple[str, Row]]] = {}
        self._operations: dict[str, list[Row]] = {}
        self.faults: list[str] = []
        for parent, line in _parented(lines, self.faults):
            self._lines.setdefault(parent, []).append(line)
            self._parents.setdefault(line["component"], []).append((parent, line))
        for row in operations:
            self._operations.setdefault(row["parent"], []).append(row)

    @property
    def assemblies(self) -> tuple[str, ...]:
        """The parts that have components or operations."""
        return tuple(dict.fromkeys((*self._lines, *self._operations)))

    @property
    def parts(self) -> tuple[str, ...]:
        """Every part that is named."""
        return tuple(dict.fromkeys((*self._lines, *self._operations, *self._parents)))

    @property
    def tops(self) -> tuple[str, ...]:
        """The assemblies that are in no other."""
        return tuple(part for part in self.assemblies if part not in self._parents)

    def document(self, part: str) -> Json | None:
        """{part, levels, components, operations, cycles}; None for a part that is not made of anything."""
        if part not in self._lines and part not in self._operations:
            return None
        left = [MOST_NODES]
        cycles: list[list[str]] = []
        components, depth = self._components(part, (part,), left, cycles)
        found: Json = {"part": part, "levels": depth, "components": components}
        if operations := self.operations(part):
            found["operations"] = operations
        if cycles:
            found["cycles"] = cycles
        return found

    def where_used(self, part: str) -> list[Json] | None:
        """The parts that it is in, with its quantity in each; None if it is in none."""
        rows = [{"part": parent, **_told(line)} for parent, line in self._parents.get(part, ())]
        return rows or None

    def operations(self, part: str) -> list[Json]:
        """What is done to make the part, in order, with the work instructions."""
        rows = sorted(self._operations.get(part, ()), key=lambda r: (r["build_order"] or 0, r["place"] or 0))
        return [_filled({n: _plain(row[n]) for n in _OPERATION if n in row}) for row in rows]

    def cycles(self) -> list[list[str]]:
        """Every cycle once, from its smallest part on."""
        found: dict[tuple[str, ...], list[str]] = {}
        done: set[str] = set()
        for start in self._lines:
            for path in self._circles(start, done):
                turn = path.index(min(path))
                whole = path[turn:] + path[:turn]
                found.setdefault(tuple(whole), whole)
        return list(found.values())

    def _circles(self, start: str, done: set[str]) -> Iterator[list[str]]:
        """Walks down from a part without recursion, as a structure may be deep."""
        path: list[str] = []
        work: list[tuple[str, bool]] = [(start, True)]
        while work:
            part, down = work.pop()
            if not down:
                path.pop()
                done.add(part)
            elif part in path:
                yield path[path.index(part) :]
            elif part not in done:
                path.append(part)
                work.append((part, False))
                work += [(line["component"], True) for line in reversed(self._lines.get(part, ()))]

    def _components(
        self, part: str, path: tuple[str, ...], left: list[int], cycles: list[list[str]]
    ) -> tuple[list[Json], int]:
        """The components of a part, each with its own, and how many levels that are."""
        found, deepest = [], 0
        for line in self._lines.get(part, ()):
            component, told = line["component"], _told(line)
            left[0] -= 1
            node: Json = {"part": component, **told}
            if component in path:
                cycles.append([*path[path.index(component) :], component])
                node["cycle"] = True
            elif component in self._lines or component in self._operations:
                if left[0] > 0:
                    inner, depth = self._components(component, (*path, component), left, cycles)
                    node |= {"components": inner} if inner else {}
                    node |= {"operations": ops} if (ops := self.operations(component)) else {}
                    deepest = max(deepest, depth)
                else:
                    node["see"] = component
            found.append(node)
        return found, deepest + 1 if found else 0


_LINE = ("quantity", "number", "revision", "designators", "sourcing", "comments")
_OPERATION = ("location", "build_order", "operation", "place", "repetitions", "setup", "instructions")


def _told(line: Row) -> Json:
    return _filled({name: _plain(line.get(name)) for name in _LINE})


def _filled(row: Mapping[str, Any]) -> Json:
    return {name: value for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    """A quantity is text in the document, so that no digit is lost."""
    return digits(value) if isinstance(value, Decimal) else value


def _parented(lines: Iterable[Row], faults: list[str]) -> Iterator[tuple[str, Row]]:
    """(parent, row) of each row that has a parent; a row of level 0 is a top itself."""
    above: list[str] = []
    top: Any = None
    for row in lines:
        parent, level, component = row.get("parent"), row.get("level"), row.get("component")
        if parent is None and level is not None:
            if row.get("top") != top:
                top, above = row.get("top"), []
            depth = level if top is None else level - 1
            if depth > len(above) or depth < 0:
                faults.append(
                    f"component {component} has level {level} and no row above it has the level before"
                )
                continue
            del above[depth:]
            parent = above[-1] if above else top
            above.append(str(component))
        if parent is not None and component:
            yield str(parent), row
        elif level != 0:
            faults.append(f"component {component or '?'} has no parent")


def levels(document: Json | None) -> int:
    """How many levels a document has."""
    return int(document["levels"]) if document else 0


def count(components: Sequence[Json]) -> int:
    """How many components there are, those of sub-assemblies included."""
    return sum(1 + count(each.get("components", ())) for each in components)
