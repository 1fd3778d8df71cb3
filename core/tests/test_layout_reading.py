"""Tables of a declared layout: every row is a record, a reject that says where, blank, or of totals."""

# ruff: noqa: DTZ001 - a cell of a spreadsheet has no zone

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from core.tests.layouts import COMPANY, column, reader, records, rejects, table, workbook
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.layout import LayoutReader
from crossdock.model import FieldSchema, ObjectSchema, Option
from crossdock.values import Address, Money, PersonName, Phone, Reference

HEAD = ["ID", "Название", "Выручка", "С"]


def test_a_header_is_found_below_titles_whatever_its_case_and_order(tmp_path):
    path = workbook(
        tmp_path / "firms.xlsx", ["Отчёт"], [], ["выручка", " НАЗВАНИЕ *", "Id"], [5, "Ромашка", "a1"]
    )
    found = reader(tmp_path, path)
    assert records(found) == {
        "a1": {"id": "a1", "name": "Ромашка", "revenue": Money(Decimal("5.00"), "RUB"), "since": None}
    }


def test_every_row_is_accounted_for(tmp_path):
    firm = {**COMPANY, "total_rows": ["Итого"], "totals": ["revenue"]}
    rows: list[list[Any]] = [
        HEAD,
        ["a", "A", "1 000,50"],
        [],
        ["b", None, "1"],
        ["c", "C", 17.990000000000002],
        ["Итого", "", 9],
    ]
    found = reader(tmp_path, workbook(tmp_path / "firms.xlsx", *rows), objects={"firm": firm})
    totals = found.totals("firm")
    assert totals.balanced
    assert (totals.rows, totals.records, totals.rejected, totals.blank, totals.total_rows) == (5, 2, 1, 1, 1)
    assert totals.sums == {("revenue", "RUB"): Decimal("1018.49")}


def test_a_bad_cell_rejects_its_row_by_file_sheet_row_column_and_value(tmp_path):
    path = workbook(tmp_path / "firms.xlsx", [], HEAD, ["a", "A", "дорого", "31.02.2020"], sheet="Фирмы")
    said = rejects(reader(tmp_path, path))["a"]
    where = "firms.xlsx, sheet 'Фирмы', row 3: column"
    assert f"{where} C 'Выручка': 'дорого'" in said
    assert f"{where} D 'С': '31.02.2020' is not written like 'DD.MM.YYYY'" in said


def test_a_second_row_of_the_same_key_is_rejected_and_names_the_first(tmp_path):
    path = workbook(tmp_path / "firms.xlsx", HEAD, ["a", "A"], ["a", "B"])
    found = reader(tmp_path, path)
    assert records(found)["a"]["name"] == "A"
    (reason,) = rejects(found).values()
    assert "the key 'a' is that of firms.xlsx, sheet 'Лист1', row 2 too" in reason


def test_a_row_without_key_is_rejected(tmp_path):
    found = reader(tmp_path, workbook(tmp_path / "firms.xlsx", HEAD, [None, "A"]))
    where = "firms.xlsx, sheet 'Лист1', row 2"
    assert rejects(found) == {f"?{where}": f"{where}: column 'ID': the key has no value"}


def test_a_key_of_several_columns_cannot_be_mixed_up(tmp_path):
    firm = {"files": "firms*", "key": ["a", "b"], "columns": {"a": "A", "b": "B"}}
    path = table(tmp_path / "firms.csv", ["A", "B"], ["x/y", "z"], ["x", "y/z"])
    assert list(records(reader(tmp_path, path, objects={"firm": firm}))) == ["x%2Fy/z", "x/y%2Fz"]


def test_row_numbers_are_a_key_only_if_declared(tmp_path):
    firm = {"files": "firms*", "key": "row", "columns": {"a": "A"}}
    path = table(tmp_path / "firms.csv", ["A"], ["x"], ["x"])
    assert list(records(reader(tmp_path, path, objects={"firm": firm}))) == [
        "firms.csv, row 2",
        "firms.csv, row 3",
    ]


def test_a_missing_header_is_answered_with_what_is_there_and_what_is_near(tmp_path):
    path = workbook(tmp_path / "firms.xlsx", ["ID", "Названия", "Цена"], ["a", "A", 1])
    with pytest.raises(ConfigError) as caught:
        records(reader(tmp_path, path))
    assert "'name', which is called 'Название' or 'Name' (near: 'Названия')" in caught.value.message
    assert "Row 1 has: 'ID', 'Названия', 'Цена'" in caught.value.message


def test_two_headers_of_one_column_are_refused_and_of_a_list_are_joined(tmp_path):
    path = table(tmp_path / "firms.csv", ["ID", "V", "V"], ["a", "1", "2;3"])
    with pytest.raises(ConfigError, match="columns B and C are both 'v'"):
        records(reader(tmp_path, path, objects=column()))
    found = reader(tmp_path, path, objects=column(multiple=True))
    assert records(found)["a"]["v"] == ("1", "2", "3")


def test_one_header_may_serve_two_columns_and_the_header_named_first_counts(tmp_path):
    columns = {"id": "ID", "name": "ФИО", "full": ["Полное имя", "ФИО"]}
    objects = {"firm": {"files": "firms*", "key": ["id"], "columns": columns}}
    short = table(tmp_path / "firms.csv", ["ID", "ФИО"], ["a", "Белов"])
    assert records(reader(tmp_path, short, objects=objects))["a"] == {
        "id": "a",
        "name": "Белов",
        "full": "Белов",
    }
    both = table(tmp_path / "firms.csv", ["ID", "ФИО", "Полное имя"], ["a", "Белов", "Белов П."])
    assert records(reader(tmp_path, both, objects=objects))["a"] == {
        "id": "a",
        "name": "Белов",
        "full": "Белов П.",
    }


@pytest.mark.parametrize("choice", ["keep", "report", "refuse"])
def test_unknown_columns_are_kept_reported_or_refused(tmp_path, choice):
    path = workbook(tmp_path / "firms.xlsx", [*HEAD, "Est. (min)"], ["a", "A", None, None, 7.5])
    found = reader(tmp_path, path, objects={"firm": {**COMPANY, "unknown_columns": choice}})
    if choice == "refuse":
        with pytest.raises(ConfigError, match=r"'Est\. \(min\)'"):
            records(found)
    elif choice == "keep":
        assert records(found)["a"]["Est___min"] == "7.5"
        assert found.schema("firm").field("Est___min").label == "Est. (min)"
    else:
        assert "firm: column 'Est. (min)' is not in the layout; its 1 values are left out." in list(
            found.notes()
        )


def test_a_value_under_no_header_rejects_the_row(tmp_path):
    path = table(tmp_path / "firms.csv", HEAD, ["a", "A"], ["b", "B", "1", "", "stray"])
    found = reader(tmp_path, path)
    assert list(records(found)) == ["a"]
    assert "column E has no header and holds 'stray'" in rejects(found)["b"]


@pytest.mark.parametrize(
    ("said", "cell", "value"),
    [
        ({}, "00042.10", "00042.10"),
        ({}, 7701010007, "7701010007"),
        ({}, " PRT TEST ", " PRT TEST "),
        ({"type": "decimal", "digits": 1}, 159.60000000000002, Decimal("159.6")),
        ({"type": "integer"}, 12.0, 12),
        ({"type": "boolean"}, "ДА", True),
        ({"type": "boolean"}, True, True),
        ({"type": "date"}, date(2024, 1, 15), date(2024, 1, 15)),
        ({"type": "datetime"}, datetime(2024, 1, 2, 12), datetime(2024, 1, 2, 12, tzinfo=UTC)),
        ({"type": "date", "dates": ["serial"]}, 45306, date(2024, 1, 15)),
        ({"type": "duration"}, timedelta(hours=30), timedelta(hours=30)),
        ({"type": "duration"}, time(1, 30), timedelta(minutes=90)),
        ({"type": "duration", "unit": "minutes"}, 90.5, timedelta(seconds=5430)),
        ({"type": "money"}, "(1 234,50) $", Money(Decimal("-1234.50"), "USD")),
        ({"type": "money", "currency": "RUB"}, "-5,1 руб.", Money(Decimal("-5.1"), "RUB")),
        ({"type": "money", "currency": "AUD", "numbers": "1,234.56"}, "$1,234", Money(Decimal(1234), "AUD")),
        ({"type": "phone"}, "+7 495 000-00-00 доб. 12", Phone("+7 495 000-00-00", "12")),
        ({"type": "email"}, " a@b.example ", "a@b.example"),
        ({"type": "person_name"}, "Анна Петрова", PersonName("Анна", "Петрова")),
        ({"type": "select", "options": {"vip": ["Ключевой клиент"]}}, "КЛЮЧЕВОЙ  клиент", "vip"),
        ({"type": "reference", "to": "firm"}, "a", Reference("firm", "a")),
        ({"type": "json"}, '{"a": 1}', {"a": 1}),
    ],
)  # fmt: skip
def test_both_readings_give_the_value_of_a_cell(tmp_path, said, cell, value):
    found = reader(
        tmp_path, workbook(tmp_path / "firms.xlsx", ["ID", "V"], ["a", cell]), objects=column(**said)
    )
    assert records(found) == {"a": {"id": "a", "v": value}}
    assert records(found, second=True) == records(found)


@pytest.mark.parametrize(
    ("said", "cell", "reason"),
    [
        ({}, 1234567890123456789, "15 digits"),
        ({"type": "decimal", "digits": 2}, 17.994, "more than 2 decimals"),
        ({"type": "integer"}, 1.5, "no whole number"),
        ({"type": "date"}, 45306, "bare number"),
        ({"type": "date"}, datetime(2024, 1, 2, 12), "time of day"),
        ({"type": "boolean"}, "может", "neither да nor нет"),
        ({"type": "money"}, "5 тугриков", "three letters"),
        ({"type": "select", "options": {"vip": ["Ключевой"]}}, "Ключевои", "near: 'ключевой'"),
        ({"type": "uuid"}, "x", "no UUID"),
        ({"type": "reference", "to": "firm", "by": "v"}, "b", None),
    ],
)
def test_a_cell_that_is_not_clear_is_refused(tmp_path, said, cell, reason):
    found = reader(
        tmp_path, workbook(tmp_path / "firms.xlsx", ["ID", "V"], ["a", cell]), objects=column(**said)
    )
    if reason is None:
        assert records(found)["a"]["v"] == Reference("firm", "a")
    else:
        assert reason in rejects(found)["a"]


def test_records_are_found_by_name_and_never_when_two_have_it(tmp_path):
    objects = {
        **column(type="reference", to="user", by=["mail", "name"]),
        "user": {"files": "users*", "key": ["id"], "columns": {"id": "ID", "name": "ФИО", "mail": "Почта"}},
    }
    users = [["1", "Пётр  Белов", "p@x"], ["2", "Анна", "a@x"], ["3", "анна", ""]]
    paths = [
        table(tmp_path / "users.csv", ["ID", "ФИО", "Почта"], *users),
        table(
            tmp_path / "firms.csv", ["ID", "V"], ["a", "петр белов"], ["b", "A@X"], ["c", "Анна"], ["d", "Ян"]
        ),
    ]
    found = reader(tmp_path, *paths, objects=objects)
    assert {k: v["v"].key for k, v in records(found).items()} == {"a": "1", "b": "2"}
    assert "names 2 records by 'name': 2, 3" in rejects(found)["c"]
    assert "names no record of user by mail or name" in rejects(found)["d"]


def test_parts_in_columns_of_their_own_make_one_value(tmp_path):
    columns = {"id": "ID", "who.last": "Фамилия", "who.first": "Имя", "at.city": "Город", "p.amount": "Цена",
               "p.currency": "Валюта"}  # fmt: skip
    objects = {"firm": {"files": "firms*", "key": ["id"], "columns": columns}}
    path = table(tmp_path / "firms.csv", ["ID", "Фамилия", "Имя", "Город", "Цена", "Валюта"],
                 ["a", "Белов", "Пётр", "", "1 000,5", "EUR"])  # fmt: skip
    values = records(reader(tmp_path, path, objects=objects))["a"]
    assert values == {
        "id": "a",
        "who": PersonName(first="Пётр", last="Белов"),
        "at": None,
        "p": Money(Decimal("1000.5"), "EUR"),
    }
    assert reader(tmp_path, path, objects=objects).schema("firm").field("at").type is FieldType.ADDRESS
    assert Address() == Address()


def test_a_schema_gives_what_the_layout_leaves_open(tmp_path):
    known = ObjectSchema(
        "firm",
        (
            FieldSchema("id", FieldType.TEXT),
            FieldSchema("v", FieldType.SELECT, "Kind", multiple=True, options=(Option("vip", "Ключевой"),)),
            FieldSchema("more", FieldType.DATE),
        ),
    )
    from core.tests.layouts import layout

    path = table(tmp_path / "firms.csv", ["ID", "V"], ["a", "ключевой"])
    found = LayoutReader(layout(tmp_path, column()), [path], schemas={"firm": known})
    assert records(found)["a"]["v"] == ("vip",)
    assert [f.name for f in found.schema("firm").fields] == ["id", "v", "more"]
    assert found.schema("firm").count == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_text_tables_of_any_encoding_and_delimiter(tmp_path, encoding, delimiter):
    path = table(
        tmp_path / "firms.csv", HEAD, ["a", "Ёлка; и, прочее", "1,5"], encoding=encoding, delimiter=delimiter
    )
    found = reader(tmp_path, path, encodings=["utf-8", "cp1251"])
    assert records(found)["a"]["name"] == "Ёлка; и, прочее"
    assert records(found)["a"]["revenue"] == Money(Decimal("1.50"), "RUB")


def test_sheets_are_chosen_by_name_and_the_others_are_said(tmp_path):
    path = workbook(tmp_path / "firms.xlsx", HEAD, ["a", "A"], sheet="Фирмы 2024", more=["Справка"])
    found = reader(tmp_path, path, objects={"firm": {**COMPANY, "sheet": "фирмы.*"}})
    assert list(records(found)) == ["a"]
    assert "firms.xlsx: not read: sheet 'Справка'." in list(found.notes())
    with pytest.raises(ConfigError, match="has no sheet like 'x'; it has 'Фирмы 2024', 'Справка'"):
        records(reader(tmp_path, path, objects={"firm": {**COMPANY, "sheet": "x"}}))


def test_batches_go_on_where_they_were_stopped(tmp_path):
    path = table(tmp_path / "firms.csv", HEAD, *([f"k{n}", "A"] for n in range(1200)))
    found = reader(tmp_path, path)
    batches = list(found.batches("firm"))
    rest = list(found.batches("firm", batches[0].cursor))
    assert [len(b.records) for b in batches] == [500, 500, 200]
    assert rest == batches[1:]


CELLS = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.datetimes(min_value=datetime(1901, 1, 1), max_value=datetime(2100, 1, 1)).map(
        lambda t: t.replace(microsecond=0)
    ),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(CELLS, max_size=6), max_size=6))
def test_whatever_the_cells_hold_the_account_is_closed(tmp_path, rows):
    found = reader(tmp_path, workbook(tmp_path / "firms.xlsx", HEAD, *rows))
    results = list(found.results("firm"))
    totals = found.totals("firm")
    assert totals.balanced
    assert totals.records + totals.rejected == len(results)
    assert len({r.key for r in results}) == len(results)
