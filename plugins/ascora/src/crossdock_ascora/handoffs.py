"""What people take over, as one artifact with a list and the whole of it as a table beside the handoff."""

import csv
from collections.abc import Sequence
from pathlib import Path

from crossdock.errors import StorageError
from crossdock.model import Artifact, ArtifactReport
from crossdock.spreadsheet import plain_cell

SHOWN = 300
"""How many lines of a list an artifact shows itself; the table has all."""

Row = tuple[str, ...]


class Handoffs:
    """Makes reports of lists. `folder`: where their tables go, None if there is no place for them."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def listed(
        self, kind: str, name: str, columns: Row, rows: Sequence[Row], more: dict[str, object] | None = None
    ) -> ArtifactReport:
        """One artifact that stands for all rows, none without rows. `name` tells how many with `{n}`."""
        if not rows:
            return ArtifactReport(kind)
        details: dict[str, object] = {**(more or {}), "count": len(rows)}
        details["list"] = [", ".join(cell for cell in row if cell) for row in rows[:SHOWN]]
        if len(rows) > SHOWN:
            details["not shown"] = len(rows) - SHOWN
        if path := self.table(kind, columns, rows):
            details["file"] = str(path)
        return ArtifactReport(kind, (Artifact(kind, name.format(n=len(rows)), id=kind, details=details),))

    def table(self, name: str, columns: Row, rows: Sequence[Row]) -> Path | None:
        """Write `lists/NAME.csv`; give its path, None if there is no place. Raises StorageError."""
        if self._folder is None:
            return None
        path = self._folder / "lists" / f"{name}.csv"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([columns, *([plain_cell(cell) for cell in row] for row in rows)])
            path.chmod(0o600)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error.strerror}.") from error
        return path
