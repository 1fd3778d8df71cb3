"""A reading of tables that was interrupted, and a table was replaced in between."""

from collections.abc import Callable
from pathlib import Path

import pytest
from plugins.ascora.tests.test_ascora_tables import CONTACTS, CUSTOMERS, EQUIPMENT

from crossdock.connection import Connection
from crossdock.errors import CursorLostError
from crossdock_ascora.layouts import tables_alone
from crossdock_ascora.source import AscoraSource


def customers(workbook: Callable[..., Path], *more: tuple[object, ...]) -> Path:
    """The workbook of customers, with further rows before the others."""
    rows = [CUSTOMERS[0], *more, *CUSTOMERS[1:]]
    return workbook("customers.xlsx", customers=rows, Contacts=CONTACTS, Equipment=EQUIPMENT)


def test_a_replaced_table_is_not_read_on_from_the_row_of_another(
    workbook: Callable[..., Path],
    tmp_path: Path,
    open_source: Callable[..., AscoraSource],
    connection: Connection,
) -> None:
    def source() -> AscoraSource:
        return open_source(tables={"layout": layout, "files": [path]})

    layout = tmp_path / "layout.yaml"
    layout.write_text(tables_alone().read_text(encoding="utf-8"), encoding="utf-8")
    path = customers(workbook)
    [batch] = source().extract("customers", None, None, connection.files)
    assert list(source().extract("customers", batch.cursor, None, connection.files)) == []

    customers(workbook, ("C0", "Abel"))
    with pytest.raises(CursorLostError):
        list(source().extract("customers", batch.cursor, None, connection.files))
