"""Finding the header row of a table and which column is which."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from crossdock.errors import ConfigError
from crossdock.layout.declaration import ObjectLayout
from crossdock.layout.sheets import Cell, Row, is_blank

_SHOWN = 40


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """A text as headers, options and names are compared: case, width of spaces, ё, a final * or : gone."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return re.sub(r"\s+", " ", plain).strip().rstrip("*:").strip()


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand: `places` by column name (several for one that repeats), `unknown` by place.

    `row` counts from 1. `width` is the number of cells of the header row.
    """

    row: int
    places: Mapping[str, tuple[int, ...]]
    unknown: Mapping[int, str]
    width: int


def find_header(layout: ObjectLayout, rows: Sequence[Row], where: str) -> Header:
    """The header among the first rows of a table. Raises ConfigError that says what was found instead."""
    wanted = [r for r in rows if r.number == layout.header_row] if layout.header_row else rows
    read = [_read(layout, row) for row in wanted]
    whole = [h for h in read if not _missing(layout, h) and h.places]
    if not whole:
        raise _not_found(layout, read, wanted, where)
    # The first row that has all that is required; a title above it has none of it.
    best = max(whole, key=lambda h: (len(h.places), -h.row)) if _nothing_required(layout) else whole[0]
    doubled = {
        name: at for name, at in best.places.items() if len(at) > 1 and not layout.columns[name].multiple
    }
    if doubled:
        name, places = next(iter(doubled.items()))
        raise ConfigError(
            f"{where}, row {best.row}: columns {' and '.join(map(letters, places))} are both {name!r}.",
            hint="Rename one of them in the file, or narrow its headers in the layout.",
        )
    if best.unknown and layout.unknown_columns == "refuse":
        raise ConfigError(
            f"{where}: the layout knows no column {', '.join(map(repr, best.unknown.values()))}.",
            hint="Add it to the layout, or choose unknown_columns: keep or report.",
        )
    return best


def score(layout: ObjectLayout, rows: Sequence[Row]) -> int:
    """How many columns the best of these rows names: tells one delimiter from another."""
    return max((len(_read(layout, row).places) for row in rows), default=0)


def _read(layout: ObjectLayout, row: Row) -> Header:
    """One header may serve several columns; of several headers of a column the one named first counts."""
    wanted: dict[str, dict[str, int]] = {}
    for name, column in layout.columns.items():
        for rank, word in enumerate(column.headers):
            wanted.setdefault(fold(word), {}).setdefault(name, rank)
    texts = dict(_texts(row.cells))
    found: dict[str, list[tuple[int, int]]] = {}
    for place, text in texts.items():
        for name, rank in wanted.get(fold(text), {}).items():
            found.setdefault(name, []).append((rank, place))
    places = {
        name: tuple(at for rank, at in seen if layout.columns[name].multiple or rank == min(seen)[0])
        for name, seen in found.items()
    }
    used = {place for each in places.values() for place in each}
    unknown = {place: text.strip() for place, text in texts.items() if place not in used}
    return Header(row.number, places, unknown, len(row.cells))


def _texts(cells: Sequence[Cell]) -> Iterator[tuple[int, str]]:
    return ((place, str(cell)) for place, cell in enumerate(cells) if not is_blank(cell))


def _nothing_required(layout: ObjectLayout) -> bool:
    return not any(column.required for column in layout.columns.values()) and not layout.key_columns


def _missing(layout: ObjectLayout, header: Header) -> list[str]:
    needed = [
        name for name, column in layout.columns.items() if column.required or name in layout.key_columns
    ]
    return [name for name in needed if name not in header.places]


def _not_found(layout: ObjectLayout, read: Sequence[Header], rows: Sequence[Row], where: str) -> ConfigError:
    nearest = max(read, key=lambda h: len(h.places), default=None)
    if nearest is None:
        return ConfigError(f"{where} has no header row: it is empty.", hint="Correct `files` or `sheet`.")
    if not nearest.places:
        # The row with most texts is the likeliest header.
        nearest = max(read, key=lambda h: len(h.unknown))
    found = [str(c).strip() for r in rows if r.number == nearest.row for c in r.cells if not is_blank(c)]
    lost = []
    for name in _missing(layout, nearest) or list(layout.columns):
        words = [fold(word) for word in layout.columns[name].headers]
        close = [f for f in found if get_close_matches(fold(f), words, n=1, cutoff=0.7)]
        near = f" (near: {', '.join(map(repr, close))})" if close else ""
        lost.append(f"{name!r}, which is called {' or '.join(map(repr, layout.columns[name].headers))}{near}")
    return ConfigError(
        f"{where}: no row has the header of {'; of '.join(lost)}. Row {nearest.row} has: "
        + ", ".join(map(repr, found[:_SHOWN])),
        hint="Add the header to the layout, or say header_row.",
    )


def letters(place: int) -> str:
    """The letters of a column: 0 is A, 26 is AA."""
    text, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text
