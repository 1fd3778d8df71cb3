"""A reading of tables that was interrupted, and the tables were replaced in between."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.errors import CursorLostError
from crossdock.filestore import FileStore
from crossdock_cetec.source import CetecSource

HEAD = ["Prcpart", "Description"]


@pytest.mark.parametrize("name", ["part", "vendor"])
def test_a_replaced_table_is_not_read_on_from_the_row_of_another(
    make_source: Callable[..., CetecSource], table: Callable[..., Path], store: FileStore, name: str
) -> None:
    def source() -> CetecSource:
        return make_source(tables={"files": [str(folder / "*.csv")]})

    folder = table("parts.csv", HEAD, ["PRTA", "A"], ["PRTB", "B"]).parent
    table("vendors.csv", ["Vendnum", "Vendor"], ["1", "Acme"], ["2", "Bolt"])
    [batch] = source().extract(name, None, None, store)
    assert list(source().extract(name, batch.cursor, None, store)) == []

    table("parts.csv", HEAD, ["PRT0", "New"], ["PRTA", "A"], ["PRTB", "B"])
    with pytest.raises(CursorLostError):
        list(source().extract(name, batch.cursor, None, store))
