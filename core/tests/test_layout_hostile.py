"""Files that are broken, dangerous or not what they seem: a clear error, or a reject that says so."""

import io
import zipfile

import pytest
from core.tests.layouts import COMPANY, column, layout, reader, records, rejects, table, workbook

from crossdock.errors import ConfigError

SHEET = "xl/worksheets/sheet1.xml"


def rebuilt(path, change):
    """The workbook with its first sheet's XML changed."""
    old = zipfile.ZipFile(io.BytesIO(path.read_bytes()))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == SHEET else content)
    return path


def firm(tmp_path, *rows):
    return workbook(tmp_path / "firms.xlsx", ["ID", "V"], *rows)


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04garbage", b"\xd0\xcf\x11\xe0old", b"<html>login</html>"]
)
def test_what_is_no_workbook_is_refused(tmp_path, content):
    path = tmp_path / "firms.xlsx"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="no workbook that can be read"):
        records(reader(tmp_path, path, objects=column()))


def test_a_workbook_that_was_cut_off_is_refused(tmp_path):
    path = firm(tmp_path, ["a", "x"])
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ConfigError):
        records(reader(tmp_path, path, objects=column()))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("crossdock.layout.workbook.LARGEST", 100_000)
    path = rebuilt(firm(tmp_path, ["a", "x"]), lambda xml: xml + b" " * 1_000_000)
    with pytest.raises(ConfigError, match=r"unpacks to .* more than 100000 are not read"):
        records(reader(tmp_path, path, objects=column()))


@pytest.mark.parametrize("far", [b"XFD1048576", b"ZZZZZ3", b"B99999999"])
def test_a_cell_far_out_does_not_span_a_sheet_of_billions(tmp_path, far):
    extra = b'<row r="1048576"><c r="%b" t="n"><v>1</v></c></row></sheetData>' % far
    path = rebuilt(firm(tmp_path, ["a", "x"]), lambda xml: xml.replace(b"</sheetData>", extra))
    with pytest.raises(ConfigError, match=r"spans \d+ rows and \d+ columns; that is too much"):
        records(reader(tmp_path, path, objects=column()))


def test_a_row_of_cells_without_end_is_refused(tmp_path):
    extra = b"<row>" + b"<c><v>1</v></c>" * 20_000 + b"</row></sheetData>"
    path = rebuilt(firm(tmp_path, ["a", "x"]), lambda xml: xml.replace(b"</sheetData>", extra))
    with pytest.raises(ConfigError, match="too much"):
        records(reader(tmp_path, path, objects=column()))


def test_a_document_type_is_refused(tmp_path):
    entity = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    path = rebuilt(firm(tmp_path, ["a", "x"]), lambda xml: xml.replace(b"<worksheet", entity, 1))
    with pytest.raises(ConfigError, match="document type"):
        records(reader(tmp_path, path, objects=column()))


def test_the_size_that_a_sheet_claims_is_not_believed(tmp_path):
    def lie(xml):
        start = xml.index(b'<dimension ref="')
        return xml[:start] + b'<dimension ref="A1"/>' + xml[xml.index(b"/>", start) + 2 :]

    found = reader(tmp_path, rebuilt(firm(tmp_path, ["a", "x"], ["b", "y"]), lie), objects=column())
    assert list(records(found)) == list(records(found, second=True)) == ["a", "b"]


def test_a_formula_without_result_is_not_an_empty_cell(tmp_path):
    found = reader(tmp_path, firm(tmp_path, ["a", "=1+1"], ["b", "x"]), objects=column())
    assert list(records(found)) == list(records(found, second=True)) == ["b"]
    assert "column B 'V': '(holds a formula without a stored result)'" in rejects(found)["a"]


def test_a_formula_with_its_result_is_a_value(tmp_path):
    stored = b'<c r="B2"><f>1+1</f><v>2</v></c></row></sheetData>'
    path = rebuilt(firm(tmp_path, ["a"]), lambda xml: xml.replace(b"</row></sheetData>", stored))
    assert records(reader(tmp_path, path, objects=column()))["a"]["v"] == "2"


def test_a_number_is_read_as_the_file_has_it(tmp_path):
    noisy = b'<c r="B2"><v>159.60000000000002</v></c></row></sheetData>'
    path = rebuilt(firm(tmp_path, ["a"]), lambda xml: xml.replace(b"</row></sheetData>", noisy))
    for digits, value in ((None, "159.60000000000002"), (2, "159.60")):
        found = reader(tmp_path, path, objects=column(type="decimal", digits=digits))
        assert str(records(found)["a"]["v"]) == str(records(found, second=True)["a"]["v"]) == value


def test_an_error_value_is_not_an_empty_cell(tmp_path):
    wrong = b'<c r="B2" t="e"><f>A1/0</f><v>#DIV/0!</v></c></row></sheetData>'
    path = rebuilt(firm(tmp_path, ["a"]), lambda xml: xml.replace(b"</row></sheetData>", wrong))
    assert "holds the error #DIV/0!" in rejects(reader(tmp_path, path, objects=column()))["a"]


def test_a_cell_merged_with_the_one_above_is_not_an_empty_cell(tmp_path):
    import openpyxl

    path = firm(tmp_path, ["a", "x"], ["b", None])
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("B2:B3")
    book.save(path)
    found = reader(tmp_path, path, objects=column())
    assert list(records(found)) == ["a"]
    assert "is merged with row 2" in rejects(found)["b"]


@pytest.mark.parametrize(
    "content", [b"\x00\x01\x02\xff", b"\xff\xfe\x00", "ID;V\r\na;Ё\r\n".encode("cp1251")]
)
def test_text_in_an_undeclared_encoding_is_refused(tmp_path, content):
    path = tmp_path / "firms.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match="is not text in"):
        records(reader(tmp_path, path, objects=column()))


def test_a_quotation_mark_that_is_never_closed_is_refused(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text('ID;V\r\na;"x\r\nb;y\r\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 3"):
        records(reader(tmp_path, path, objects=column(), delimiter=";"))


def test_ten_million_columns_are_refused(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_text("ID;V\r\na;" + ";" * 10_000_000, encoding="utf-8")
    with pytest.raises(ConfigError, match="that is too much"):
        records(reader(tmp_path, path, objects=column(), delimiter=";"))


def test_an_empty_file_has_no_header(tmp_path):
    path = tmp_path / "firms.csv"
    path.write_bytes(b"")
    with pytest.raises(ConfigError, match="no header row: it is empty"):
        records(reader(tmp_path, path, objects=column()))


def test_an_old_workbook_is_refused_by_its_name(tmp_path):
    path = tmp_path / "firms.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    with pytest.raises(ConfigError, match="Save it as xlsx"):
        records(reader(tmp_path, path, objects=column()))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"key": ["nix"]}, "there is no column 'nix'"),
        ({"key": []}, "name the columns that make the key"),
        ({"sheet": "("}, "no regular expression"),
        ({"columns": {"id": {"headers": []}}}, "at least 1"),
        ({"columns": {"id": {"headers": "ID", "dates": "DD"}}}, "no date pattern"),
        ({"columns": {"id": {"headers": "ID", "type": "file"}}}, "cannot hold a value of type file"),
        ({"columns": {"id": "ID", "id.nix": "X"}}, "behind the dot"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_faulty_layout_is_refused_and_says_where(tmp_path, change, fault):
    with pytest.raises(ConfigError, match=fault):
        layout(tmp_path, {"firm": {**COMPANY, **change}})


def test_a_select_without_options_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="name its `options`"):
        reader(tmp_path, table(tmp_path / "firms.csv", ["ID", "V"]), objects=column(type="select"))
