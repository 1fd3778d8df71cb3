"""Spreadsheets: the quirks that were measured in a real export, and a tenant read from files alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected, Selection
from crossdock.values import Money, Reference
from crossdock_cetec.sandbox.excelize import Amount, workbook
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.source import CetecSource
from crossdock_cetec.tables import ExportedTables

Make = Callable[..., CetecSource]
Table = Callable[..., Path]

HEADERS = (
    *("Wh Loc", "Status", "Order ID", "Order Name", "Work Start Date", "Prcpart", "Ship Date", "Work Loc"),
    *("Order", "Line", "Nosi", "Priority Rank", "Rev", "Description", "Qty", "Est. Labor Min"),
    *("Act. Labor Min", "Production Line", "WIP Comment", "Line Comments", "ECO", "Ext. Resale"),
    *("Ship Resale", "Tags", "Release to Floor (WH)", "Top Level Order", "Hold?"),
    *("MED/AERO FIRST ARTICLE REQUIRED", "Inside Sales"),
)
"""The headers of a real production list."""


def production_row(order: str, line: int, **more: Any) -> list[Any]:
    row: dict[str, Any] = dict.fromkeys(HEADERS)
    row |= {"Order": order, "Line": line, "Prcpart": "PRTA", "Qty": 2.5} | more
    return [row[name] for name in HEADERS]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[Record | Rejected]]:
    """The rows of a production list, which both libraries have to read alike."""

    def run(*rows: list[Any]) -> list[Record | Rejected]:
        (tmp_path / "production_list (33).xlsx").write_bytes(workbook([list(HEADERS), *rows]))
        tables = ExportedTables(
            CetecSettings.model_validate(
                {"tables": {"files": [str(tmp_path / "*.xlsx")]}, "timezone": "America/Chicago"}
            )
        )
        found = list(tables.results("workorder"))
        assert list(tables.results("workorder", second=True)) == found
        return found

    return run


def test_a_production_list_is_read_whole_whatever_size_it_claims(read: Callable[..., Any]) -> None:
    found = read(
        production_row(
            "12345.1",
            1,
            **{
                "Work Start Date": datetime(2024, 1, 2, 12),  # noqa: DTZ001 - a cell has no zone
                "Ship Date": date(2024, 1, 15),
                "Est. Labor Min": 159.60000000000002,
                "Ext. Resale": Amount("1453.96674"),
                "Hold?": "HOLD",
            },
        ),
        production_row("00042.1", 1, **{"Description": "", "Ext. Resale": Amount("-12.5"), "Tags": "rush"}),
        production_row("00042.10", 1),
    )

    assert [r.key for r in found] == ["12345.1/1", "00042.1/1", "00042.10/1"]
    first, second, _ = (r.values for r in found)
    assert first["work_start"] == datetime(2024, 1, 2, 18, tzinfo=UTC)
    assert first["ship_date"] == date(2024, 1, 15)
    assert str(first["estimated_minutes"]) == "159.600000"
    assert first["ext_resale"] == Money(Decimal("1453.96674"), "USD")
    assert first["Hold"] == "HOLD"
    assert second["ext_resale"] == Money(Decimal("-12.5"), "USD")
    assert second["ordernum"] == "00042.1"
    assert second["work_start"] is None


def test_a_time_where_a_day_belongs_is_refused_and_not_cut_off(read: Callable[..., Any]) -> None:
    noon = datetime(2024, 1, 2, 12)  # noqa: DTZ001 - a cell has no zone
    (found,) = read(production_row("1.1", 1, **{"Ship Date": noon}))
    assert "has a time of day" in found.reasons[0]


def test_day_sixty_which_never_was_is_refused(read: Callable[..., Any]) -> None:
    (found,) = read(production_row("1.1", 1, **{"Ship Date": date(1900, 2, 28)}))
    assert "there is no day 60" in found.reasons[0]


def test_a_null_and_an_empty_text_are_both_nothing(read: Callable[..., Any]) -> None:
    empty, null, word = read(
        production_row("1.1", 1, Status=""),
        production_row("1.1", 2, Status=None),
        production_row("1.1", 3, Status="NULL"),
    )
    assert {r.values["status"] for r in (empty, null, word)} == {None}


@pytest.mark.parametrize("written", ["2024-05-01", "2024/05/01", "2024:05:01", "05/01/2024"])
def test_a_day_is_read_in_every_form_that_was_seen(
    make_source: Make, table: Table, store: FileStore, written: str
) -> None:
    path = table("parts.csv", ["Prcpart", "Description", "Created On"], ["PRTA", "A", written])
    (found,) = extract(make_source(tables={"files": [str(path)]}), "part", store)
    assert found.values["created_on"] == date(2024, 5, 1)


@pytest.mark.parametrize(("written", "amount"), [("$1,234.50", "1234.50"), ("($1,234.50)", "-1234.50")])
def test_money_is_read_in_the_forms_of_scripts(
    make_source: Make, table: Table, store: FileStore, written: str, amount: str
) -> None:
    path = table("parts.csv", ["Prcpart", "Description", "Default Cost"], ["PRTA", "A", written])
    (found,) = extract(make_source(tables={"files": [str(path)]}), "part", store)
    assert found.values["default_cost"] == Money(Decimal(amount), "USD")


def extract(source: CetecSource, name: str, store: FileStore) -> list[Record]:
    batches = list(source.extract(name, None, None, store))
    found = [record for batch in batches for record in batch.records]
    second = {o.id: o.values for o in source.reconcile(name, Selection(owned=""))}
    assert {r.key: r.values for r in found} == second
    return found


def test_a_missing_header_is_answered_with_what_was_found(make_source: Make, table: Table) -> None:
    path = table("quotes.csv", ["Quote No", "Custnum", "State"], ["1", "C1", "Open"])

    with pytest.raises(ConfigError) as caught:
        make_source(tables={"files": [str(path)]}).discover()

    assert "no row has the header of 'quotenum', which is called 'Quote' or 'Quote Number'" in str(
        caught.value
    )
    assert "Row 1 has: 'Quote No', 'Custnum', 'State'" in str(caught.value)


def test_a_time_is_never_guessed_into_a_zone(make_source: Make, table: Table) -> None:
    header = ["Note ID", "Note", "Created At", "Object", "Record"]
    path = table("notes.csv", header, ["1", "Call", "2024-01-02 10:00:00", "Part", "PRTA"])

    with pytest.raises(ConfigError, match="nobody said which zone"):
        make_source(tables={"files": [str(path)]}, timezone=None).discover()


def test_a_pattern_that_names_no_file_is_told(make_source: Make, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        make_source(tables={"files": [str(tmp_path / "none*.csv")]}).discover()


def test_a_tenant_is_read_from_files_alone(
    make_source: Make, table: Table, store: FileStore, tmp_path: Path
) -> None:
    table(
        "user.csv",
        ["Username", "Name", "Email", "Permission Set"],
        ["ann", "Ann Lee", "ann@a.example", "Sales"],
    )
    table(
        "customers.csv",
        ["Custnum", "Customer", "Inter-Company Account", "Salesperson", "Our Rating"],
        ["C1", "Alder, Inc.", "No", "Ann Lee", "A+"],
        ["OWN", "Us", "Yes", "nobody@a.example", ""],
    )
    table(
        "orders.csv",
        ["Order", "Customer", "Ordered On", "Total", "Closed"],
        ["00042.10", "alder, inc.", "2024-05-01", "10.00", "Yes"],
        ["12346.1", "OWN", "2024-05-02", "20.00", "No"],
        ["12347.1", "Nobody", "2024-05-03", "30.00", "No"],
        encoding="cp1252",
        delimiter=";",
    )
    table(
        "order_lines.csv",
        ["Order", "Line", "Prcpart", "Qty", "Resale", "Type", "Build Qty", "Stock Qty"],
        ["00042.10", "1", "PRTA", "10", "1.00", "Build", "6", "4"],
        ["00042.10", "2", "PRTB", "1", "1.00", "Charge", "", ""],
        ["99999.1", "1", "PRTA", "1", "1.00", "Nonsense", "", ""],
    )
    source = make_source(tables={"files": [str(tmp_path / "*.csv")]})

    catalog = source.discover()
    customers = {r.key: r.values for r in extract(source, "customer", store)}
    orders = {r.key: r.values for r in extract(source, "order", store)}
    lines = {r.key: r.values for r in extract(source, "orderline", store)}

    assert {o.name: o.count for o in catalog.objects} == {
        "user": 1,
        "customer": 2,
        "order": 3,
        "orderline": None,
        "choice": 3,
    }
    assert catalog.identity == "cetec:files"
    assert customers["C1"]["owner"] == Reference("user", "ann")
    assert customers["C1"]["Our_Rating"] == "A+"
    assert customers["OWN"]["locked"]
    assert customers["OWN"]["owner"] == Reference("user", "nobody@a.example")
    assert orders["00042.10"]["customer"] == Reference("customer", "C1")
    assert orders["12346.1"]["stock_note"]
    assert orders["12347.1"]["customer"] == Reference("customer", "Nobody")
    assert sorted(lines) == ["00042.10/1/build", "00042.10/1/stock", "00042.10/2"]
    assert lines["00042.10/2"]["transcode"] == "NN"
    assert lines["00042.10/2"]["ordered_on"] == date(2024, 5, 1)


def test_what_only_a_layout_names_is_an_object_of_its_own(
    make_source: Make, table: Table, store: FileStore, tmp_path: Path
) -> None:
    layout = tmp_path / "layout.yaml"
    layout.write_text("objects: {asset: {files: 'assets*', key: [tag], columns: {tag: Tag, place: Place}}}\n")
    path = table("assets.csv", ["Tag", "Place"], ["A1", "Dock"])
    source = make_source(tables={"files": [str(path)], "layout": str(layout)})

    (described,) = source.discover().objects
    (found,) = extract(source, "asset", store)

    assert (described.name, described.snapshot) == ("asset", True)
    assert found.values == {"tag": "A1", "place": "Dock"}
    assert source.infer_schema("asset", []).field("place") is not None


def test_an_object_that_nothing_gives_is_told(make_source: Make, table: Table, store: FileStore) -> None:
    path = table("parts.csv", ["Prcpart", "Description"], ["PRTA", "A"])
    with pytest.raises(ConfigError, match=r"nothing gives order\. There are part"):
        list(make_source(tables={"files": [str(path)]}).extract("order", None, None, store))


def test_two_customers_of_one_name_are_not_guessed_between(
    make_source: Make, table: Table, store: FileStore, tmp_path: Path
) -> None:
    table("customers.csv", ["Custnum", "Customer"], ["C1", "Twin"], ["C2", "twin"])
    table("orders.csv", ["Order", "Customer", "Ordered On"], ["1.1", "Twin", "2024-05-01"])
    source = make_source(tables={"files": [str(tmp_path / "*.csv")]})

    (batch,) = source.extract("order", None, None, store)

    assert "names 2 records by 'name': C1, C2" in batch.rejected[0].reasons[0]


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({}, "give `url` and `token`"),
        ({"url": "https://a.example"}, "needs a `token`"),
        ({"url": "https://a.example", "token": "t", "timezone": "Nowhere"}, "not a time zone"),
        ({"url": "https://a.example", "token": "t", "documents": "d"}, "needs a table `document`"),
        ({"url": "https://a.example", "token": "t", "currency": "dollars"}, "currency"),
        ({"url": "https://a.example", "token": "t", "api": ["quote"]}, "api"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        CetecSettings.model_validate(settings)


def test_the_address_is_taken_as_people_write_it() -> None:
    settings = CetecSettings.model_validate({"url": " https://a.example/ ", "token": "t", "timezone": "UTC"})
    assert settings.url == "https://a.example"
    assert settings.zone == ZoneInfo("UTC")
