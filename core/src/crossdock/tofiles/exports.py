"""What a person exported from the destination: CSV files, one or more an object.

`company.csv`, `company-2.csv` and `company (1).csv` are exports of the object `company`. UTF-8, with or
without a mark at its beginning; comma, semicolon or tab between the cells.
"""

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.errors import ConfigError
from crossdock.fileformat import FileFormat
from crossdock.model import ObjectSchema

_ENDING = re.compile(r"(?:[-_ (].*)?\.csv", re.I)
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Export:
    """One exported file: its path, and its headings in the platform's form."""

    path: Path
    headings: tuple[str, ...]
    delimiter: str

    def rows(self) -> Iterator[Mapping[str, str]]:
        """The rows by heading. Raises ConfigError for text that is not UTF-8."""
        csv.field_size_limit(sys.maxsize)
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.reader(file, delimiter=self.delimiter)
                next(reader, None)
                for cells in reader:
                    if any(cells):
                        padded = [*cells, *("",) * (len(self.headings) - len(cells))]
                        yield dict(zip(self.headings, padded, strict=False))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise unreadable(self.path, error) from error


def exports_in(
    folder: Path, schemas: Iterable[ObjectSchema], file_format: FileFormat
) -> tuple[dict[str, list[Export]], list[str]]:
    """The exports of each of these objects, and the names of CSV files that are of none of them.

    Raises ConfigError if the folder or a file in it cannot be read.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder} is no folder.", hint="Put the exports there, one file an object.")
    by_name = {schema.name: schema for schema in schemas}
    found: dict[str, list[Export]] = {name: [] for name in by_name}
    strange = []
    for path in sorted(folder.glob("*.[cC][sS][vV]")):
        name = _object_of(path.name, sorted(found, key=len, reverse=True))
        if name is None:
            strange.append(path.name)
        else:
            found[name].append(_opened(path, file_format, by_name[name]))
    return found, strange


def unreadable(path: Path, error: Exception) -> ConfigError:
    """The error for a file that is no CSV in UTF-8."""
    return ConfigError(f"{path} cannot be read: {error}.", hint="Export it as CSV in UTF-8.")


def _object_of(file_name: str, objects: Sequence[str]) -> str | None:
    for name in objects:
        if file_name.casefold().startswith(name.casefold()) and _ENDING.fullmatch(file_name[len(name) :]):
            return name
    return None


def _opened(path: Path, file_format: FileFormat, schema: ObjectSchema) -> Export:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            first = file.readline()
            file.seek(0)
            delimiter = max(_DELIMITERS, key=first.count)
            cells = next(csv.reader(file, delimiter=delimiter), [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, error) from error
    return Export(path, tuple(file_format.heading(schema, cell) for cell in cells), delimiter)
