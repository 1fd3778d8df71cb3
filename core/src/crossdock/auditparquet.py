"""The audit log as Parquet, beside the CSV: the same lines for programs that read millions of them.

Columns are texts but `time`, which is a moment in UTC; what is empty is null. Lines are streamed through a
file of their own, so that memory stays flat whatever the run moved.
"""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from crossdock.audit import COLUMNS, audit_lines
from crossdock.errors import ConfigError, StorageError
from crossdock.ledger import Ledger, Run
from crossdock.wholefile import whole_file

_GROUP: Final = 50_000
"""Lines of a row group: what is held in memory at a time."""


def write_audit_parquet(folder: Path, ledger: Ledger, run: Run) -> Path:
    """Write `audit-RUN.parquet`; gives its path. Raises StorageError, ConfigError without the extra
    `parquet`."""
    try:
        from arro3.core import DataType, Field, Schema
        from arro3.io import read_csv, write_parquet
    except ImportError:
        raise ConfigError(
            "Parquet needs the extra `parquet`, which is not installed; the audit log is there as CSV.",
            hint="pip install 'crossdock[parquet]'",
        ) from None
    moment = DataType.timestamp("s", tz="UTC")
    fields = [Field(name, moment if name == "time" else DataType.string()) for name in COLUMNS]
    path = folder / f"audit-{run.id}.parquet"
    with whole_file(path) as partial, _plain_lines(folder, ledger, run) as lines:
        try:
            reader = read_csv(str(lines), Schema(fields), has_header=False, batch_size=_GROUP)
            write_parquet(reader, str(partial), compression="zstd(3)", max_row_group_size=_GROUP)
        except Exception as error:  # the library raises nothing more definite
            raise StorageError(f"cannot write {path}: {error}.") from error
    return path


@contextmanager
def _plain_lines(folder: Path, ledger: Ledger, run: Run) -> Iterator[Path]:
    """A file of the lines as they are, without the marks that a spreadsheet needs; gone afterwards."""
    place = folder / f"audit-{run.id}.parquet.lines"
    try:
        with whole_file(place) as partial, partial.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(audit_lines(ledger, run))
        yield place
    finally:
        place.unlink(missing_ok=True)
