"""The checklist of attachments that could not be had: a table in the folder of the handoff."""

import csv
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from crossdock.errors import StorageError
from crossdock.model import Rejected
from crossdock.spreadsheet import plain_cell

_COLUMNS = ("attachment", "why it could not be had", "uploaded by hand (date, name)")


class Checklist:
    """Writes `attachments/checklist.csv` in a folder; there is none if nothing is missing, or no folder."""

    def __init__(self, folder: Path | None, *, fresh: bool) -> None:
        self._path = folder / "attachments" / "checklist.csv" if folder else None
        self._fresh = fresh
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        if self._fresh and self._path is not None:
            self._path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, missing: Iterable[Rejected]) -> None:
        """Add what is missing. Raises StorageError."""
        rows = [(one.key, "; ".join(one.reasons), "") for one in missing]
        if not rows or self._path is None:
            return
        try:
            if self._file is None:
                self._file = _opened(self._path)
            writer = csv.writer(self._file)
            if self._file.tell() == 0:
                writer.writerow(_COLUMNS)
            writer.writerows([plain_cell(cell) for cell in row] for row in rows)
            self._file.flush()
        except OSError as error:
            raise StorageError(f"cannot write {self._path}: {error.strerror}.") from error


def _opened(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a", newline="", encoding="utf-8")
    path.chmod(0o600)
    return file
