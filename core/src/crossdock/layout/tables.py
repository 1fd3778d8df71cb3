"""Which tables of the given files hold which object, and where their columns stand."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from crossdock.errors import ConfigError
from crossdock.layout import delimited, workbook
from crossdock.layout.declaration import Layout, ObjectLayout
from crossdock.layout.headers import Header, find_header, score
from crossdock.layout.patterns import fits_name
from crossdock.layout.sheets import Row, Sheet

WORKBOOKS = frozenset({".xlsx", ".xlsm"})
TEXTS = frozenset({".csv", ".tsv", ".txt"})


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet that holds one object, and its header."""

    sheet: Sheet
    header: Header

    def rows(self) -> Iterator[Row]:
        """The rows below the header."""
        return (row for row in self.sheet.rows() if row.number > self.header.row)


class Tables:
    """The given files. Each is looked through when it is first asked for; headers are found once."""

    def __init__(self, layout: Layout, paths: Sequence[Path]) -> None:
        self._layout = layout
        self._paths = tuple(dict.fromkeys(paths))
        self._sheets: dict[tuple[Path, bool], list[Sheet]] = {}
        self._found: dict[tuple[str, bool], tuple[Table, ...]] = {}

    def has(self, name: str) -> bool:
        """Whether the layout has the object, and a file of its name is there."""
        return name in self._layout.objects and bool(self._files(self._layout.objects[name]))

    def of(self, name: str, *, second: bool = False) -> tuple[Table, ...]:
        """The tables of an object, `second` by the other library. Raises ConfigError."""
        if (name, second) not in self._found:
            part = self._layout.objects[name]
            found = [t for path in self._files(part) for t in self._of_file(path, part, second)]
            self._found[name, second] = tuple(found)
        return self._found[name, second]

    def left_out(self) -> Iterator[str]:
        """Files that no object claims, and objects that no file is there for; one sentence each."""
        claimed = {path for part in self._layout.objects.values() for path in self._files(part)}
        for path in self._paths:
            if path not in claimed:
                yield f"{path.name}: no object of the layout names this file; it is not read."
        for name, part in self._layout.objects.items():
            if not self._files(part):
                yield f"{name}: there is no file {' or '.join(part.files)}; it is not read."
        for path in sorted(claimed):
            yield from self._unread_sheets(path)

    def _unread_sheets(self, path: Path) -> Iterator[str]:
        if path.suffix.lower() in WORKBOOKS:
            parts = [part for part in self._layout.objects.values() if path in self._files(part)]
            read = {s.name for part in parts for s in self._chosen(path, part, False)}
            rest = [sheet.name for sheet in self._of_workbook(path, False) if sheet.name not in read]
            if rest:
                yield f"{path.name}: not read: sheet {', '.join(map(repr, rest))}."

    def _files(self, part: ObjectLayout) -> list[Path]:
        patterns = [pattern.casefold() for pattern in part.files]
        return [p for p in self._paths if any(fnmatchcase(p.name.casefold(), x) for x in patterns)]

    def _of_file(self, path: Path, part: ObjectLayout, second: bool) -> Iterator[Table]:
        kind = path.suffix.lower()
        first = max(part.search_rows, part.header_row or 0)
        if kind in WORKBOOKS:
            chosen = self._chosen(path, part, second)
        elif kind in TEXTS:
            layout = self._layout
            chosen = [
                delimited.sheet(
                    path, layout.encodings, layout.delimiter, lambda rows: score(part, rows), first
                )
            ]
        else:
            raise ConfigError(
                f"{path} is neither a workbook (xlsx, xlsm) nor a text table (csv, tsv, txt).",
                hint="Save it as xlsx or csv.",
            )
        for sheet in chosen:
            yield Table(sheet, find_header(part, list(islice(sheet.rows(), first)), sheet.place))

    def _of_workbook(self, path: Path, second: bool) -> list[Sheet]:
        if (path, second) not in self._sheets:
            self._sheets[path, second] = workbook.sheets(path, second=second)
        return self._sheets[path, second]

    def _chosen(self, path: Path, part: ObjectLayout, second: bool) -> list[Sheet]:
        sheets = self._of_workbook(path, second)
        if not part.sheet:
            return sheets[:1]
        chosen = [s for s in sheets if fits_name(part.sheet, s.name)]
        if not chosen:
            names = ", ".join(repr(s.name) for s in sheets)
            raise ConfigError(
                f"{path} has no sheet like {part.sheet!r}; it has {names}.", hint="Correct `sheet`."
            )
        return chosen
