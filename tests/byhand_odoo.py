"""What a person does with files in Odoo: its importer and its export, as the pages of the platform do them.

The importer hands the columns and cells of a file to `load`; the export writes what `export_data` gives,
choices by their labels, with an apostrophe before what a spreadsheet would run.
"""

import csv
from pathlib import Path
from typing import Any

from tests.there_odoo import ADMIN

from crossdock.testing.sandboxes import Sandbox

SAFE = {"tracking_disable": True, "tz": "UTC"}


def call(sandbox: Sandbox, model: str, method: str, *args: Any, **named: Any) -> Any:
    """One call with the rights of an administrator."""
    place = ["odoo", ADMIN, sandbox.token, model, method, list(args), named]
    params = {"service": "object", "method": "execute_kw", "args": place}
    answer = sandbox.ask("POST", "/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1})
    assert "error" not in answer, answer["error"]["data"]["message"]
    return answer["result"]


def import_file(sandbox: Sandbox, path: Path, object_name: str) -> None:
    """Import records: a file of one model. Raises AssertionError for what the page would not take."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    answer = call(sandbox, object_name, "load", header, rows, context=SAFE)
    assert answer["ids"], f"{path.name}: {[m['message'] for m in answer['messages']][:3]}"


def export(sandbox: Sandbox, object_name: str, path: Path, columns: list[str]) -> None:
    """Export these fields of all records, archived ones too."""
    ids = call(sandbox, object_name, "search", [], context={"active_test": False})
    fields = call(sandbox, object_name, "fields_get", [], attributes=["type", "selection"])
    labels = {n: dict(f["selection"]) for n, f in fields.items() if f["type"] == "selection"}
    rows = call(sandbox, object_name, "export_data", ids, columns)["datas"]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(
                [_cell(labels[c].get(v, v) if c in labels else v) for c, v in zip(columns, row, strict=True)]
            )


def _cell(value: Any) -> str:
    if value is None or value is False:
        return "False" if value is False else ""
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(("=", "-", "+")) else text
