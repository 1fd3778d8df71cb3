"""The sheet of a spot check: an HTML page to read and sign, and a CSV file with a column to tick off."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crossdock.documents.page import render, write_page
from crossdock.documents.pdf import write_pdf
from crossdock.reconcile.spotcheck import EQUAL
from crossdock.spreadsheet import write_rows

COLUMNS = (
    "tenant",
    "route",
    "name",
    "source_id",
    "object",
    "id",
    "field",
    "source",
    "expected",
    "actual",
    "verdict",
    "checked",
)

LINK_KEYS = ("object", "field", "expected", "right", "left_empty", "stands_in")
LINK_COLUMNS = ("object", "link", "should be", "lead right", "left empty: nobody there", "another stands in")
"""How the links of ControlTotals.as_data() are shown."""


def write_spot_sheet(
    folder: Path,
    run: Mapping[str, Any],
    seed: str,
    records: Sequence[Mapping[str, Any]],
    totals: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Path:
    """Write `spot-RUN.html`, `.pdf` and `.csv`; gives the page. Raises StorageError, ConfigError.

    `run` as in a report, `records` as of SpotCheck.records(), `totals` as of ControlTotals.as_data().
    """
    page = folder / f"spot-{run['id']}.html"
    write_rows(page.with_suffix(".csv"), COLUMNS, _rows(records))
    html = render(
        "spotcheck.html",
        {
            "run": run,
            "seed": seed,
            "records": records,
            "links": totals["links"],
            "link_columns": LINK_COLUMNS,
            "odd_rows": [
                (r["name"] or r["source_id"], r["object"], r["verdict"])
                for r in records
                if r["verdict"] != EQUAL
            ],
            "link_rows": [tuple(x[name] for name in LINK_KEYS) for x in totals["links"]],
            "sum_rows": [
                (x["object"], x["field"], x["currency"], x["expected"], x["there"]) for x in totals["sums"]
            ],
        },
    )
    write_pdf(page.with_suffix(".pdf"), html)
    return write_page(page, html)


_NO_FIELD: Mapping[str, Any] = {"field": "", "source": {}, "expected": "", "actual": ""}


def _rows(records: Sequence[Mapping[str, Any]]) -> Iterator[list[str]]:
    for record in records:
        for row in record["fields"] or [_NO_FIELD]:  # of a record that was only found nothing was written
            source = "; ".join(filter(None, row["source"].values()))
            cells = {**record, **row, "source": source, "checked": ""}
            yield [str(cells[name]) for name in COLUMNS]
