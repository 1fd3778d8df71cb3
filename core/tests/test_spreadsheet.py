"""CSV files that people open in a spreadsheet."""

import csv
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import StorageError
from crossdock.spreadsheet import plain_cell, text_of_cell, write_rows


@given(st.text())
def test_a_cell_comes_back_as_it_went_in(text):
    assert text_of_cell(plain_cell(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+7 900", "-1", "@sum", "\tx", "\rx", "'=1"])
def test_no_cell_begins_like_a_formula(text):
    assert plain_cell(text).startswith("'")


def test_rows_are_written_under_their_columns(tmp_path):
    path = write_rows(tmp_path / "new" / "rows.csv", ("a", "b"), [("Ромашка", "=1"), ("x,y", "")])
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["Ромашка", "'=1"], ["x,y", ""]]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_written_whole_leaves_the_old_one(tmp_path):
    path = write_rows(tmp_path / "rows.csv", ("a",), [("old",)])

    def rows():
        yield ("new",)
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="No space left"):
        write_rows(path, ("a",), rows())

    assert path.read_text(encoding="utf-8").split() == ["a", "old"]
