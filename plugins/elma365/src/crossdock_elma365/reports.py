"""Reports: their definitions, and the data under each as a CSV file.

That a report's data is read by `/reports/{ns}/{code}/list` is documented; its rows were never seen: objects
with a key a column, in pages like any list, are assumed. Pages (dashboards) are listed by the platform, but
what they show is not in the Web API.
"""

import csv
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import orjson

from crossdock.errors import StorageError
from crossdock.spreadsheet import plain_cell
from crossdock_elma365.client import AnswerError, Elma365Client, Read

Json = Mapping[str, Any]

_PAGE = 500


def extract(client: Elma365Client, namespace: str, code: str, path: Path) -> dict[str, Any]:
    """Write the data under a report to `path`; {file, rows, columns}, or {not_extracted: why}.

    Rows are spooled, so a report of any size needs little memory. Raises StorageError.
    """
    columns: dict[str, None] = {}
    count = 0
    try:
        with tempfile.TemporaryFile() as spool:
            for row in _rows(client, namespace, code):
                columns.update(dict.fromkeys(row))
                spool.write(orjson.dumps(row) + b"\n")
                count += 1
            spool.seek(0)
            _write(path, list(columns), spool)
    except AnswerError as error:
        return {"not_extracted": error.message}
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
    return {"file": str(path), "rows": count, "columns": list(columns)}


def _rows(client: Elma365Client, namespace: str, code: str) -> Iterator[Json]:
    """Every row, page by page; a server that pays no heed to `from` gives its rows at once."""
    offset = 0
    while True:
        rows, total = client.page(
            Read.REPORT_DATA, {"from": offset, "size": _PAGE}, namespace=namespace, code=code
        )
        yield from rows
        offset += len(rows)
        if not rows or offset >= total:
            return


def _write(path: Path, columns: list[str], spool: IO[bytes]) -> None:
    """UTF-8 with a byte order mark, so that a spreadsheet shows Cyrillic right; whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    path.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for line in spool:
            row = orjson.loads(line)
            writer.writerow([_cell(row.get(name)) for name in columns])
    partial.replace(path)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return plain_cell(value)  # a number below zero is a number here
    return orjson.dumps(value).decode()
