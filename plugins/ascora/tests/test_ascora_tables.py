"""A tenant from tables alone, by the layout that comes with the plugin."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from plugins.ascora.tests.sheets import sheet

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType as T
from crossdock.layout import load_layout
from crossdock.model import Record, Rejected, Selection
from crossdock.values import Address, Money, PersonName, Phone, Reference
from crossdock_ascora.layouts import demo_layout, tables_alone
from crossdock_ascora.source import AscoraSource

Read = Callable[[AscoraSource, str], tuple[dict[str, Record], list[Rejected]]]

CUSTOMERS = sheet(
    {
        "CUSTOMER NUMBER": "C1",
        "CUSTOMER NAME": "Bay Strata Pty Ltd",
        "COMPANY NAME": "Bay Strata",
        "CONTACT FIRST NAME": "Pat",
        "CONTACT LAST NAME": "Keeper",
        "EMAIL": "office@bay.example",
        "PHONE": "02 5550 1000",
        "ADDRESS LINE 1": "1 Bay St",
        "SUBURB": "Manly",
    },
    {
        "CUSTOMER NUMBER": "C2",
        "CUSTOMER NAME": "Ann Lee",
        "CONTACT FIRST NAME": "Ann",
        "CONTACT LAST NAME": "Lee",
        "EMAIL": "ann@gmail.com",
        "PHONE": "0491 570 006",
        "ADDRESS LINE 1": "2 Bay St",
        "SUBURB": "Manly",
        "Gate Code": "0012",
    },
    {
        "CUSTOMER NUMBER": "S1",
        "CUSTOMER NAME": "Bay House",
        "CONTACT FIRST NAME": "Joe",
        "CONTACT LAST NAME": "Site",
        "BILLING CUSTOMER": "Bay Strata Pty Ltd",
        "ADDRESS LINE 1": "3 Bay St",
        "SUBURB": "Manly",
        "Gate Code": "44",
    },
    {
        "CUSTOMER NUMBER": "S2",
        "CUSTOMER NAME": "Bay Tower",
        "BILLING CUSTOMER": "C1",
        "ADDRESS LINE 1": "4 Bay St",
        "SUBURB": "Avalon",
    },
    {
        "CUSTOMER NUMBER": "S3",
        "CUSTOMER NAME": "Lost House",
        "BILLING CUSTOMER": "Nobody Pty",
        "ADDRESS LINE 1": "5 Bay St",
        "SUBURB": "Avalon",
    },
    {
        "CUSTOMER NUMBER": "C3",
        "CUSTOMER NAME": "John Smith",
        "CONTACT FIRST NAME": "John",
        "CONTACT LAST NAME": "Smith",
    },
    {
        "CUSTOMER NUMBER": "C4",
        "CUSTOMER NAME": "John Smith",
        "CONTACT FIRST NAME": "John",
        "CONTACT LAST NAME": "Smith",
    },
)
CONTACTS = sheet(
    {
        "CUSTOMER NAME": "Bay Strata Pty Ltd",
        "FIRST NAME": "Mia",
        "LAST NAME": "Chen",
        "EMAIL": "mia@bay.example",
        "ROLE": "Manager",
    },
    {"CUSTOMER NAME": "Bay House", "FIRST NAME": "Joe", "LAST NAME": "Site", "ROLE": "Tenant"},
    {"CUSTOMER NAME": "Ann Lee", "FIRST NAME": "Ann", "LAST NAME": "Lee", "EMAIL": "ann@gmail.com"},
    {"CUSTOMER NAME": "John Smith", "FIRST NAME": "Kid", "LAST NAME": "Smith"},
)
EQUIPMENT = sheet(
    {"CUSTOMER NAME": "Bay House", "NAME": "Pump", "SERIAL NUMBER": "SN1"},
    {"CUSTOMER NAME": "John Smith", "NAME": "Fan", "SERIAL NUMBER": "SN2"},
)
JOBS = sheet(
    {
        "JOB NUMBER": "J1",
        "JOB NAME": "Fix pump",
        "JOB STATUS": "Booked; Ready To Invoice",
        "DATE CREATED": "05/03/2024",
        "QUOTE NUMBER": "Q1",
        "SITE CUSTOMER": "Bay House",
        "SITE CONTACT": "Joe Site",
        "BILLING CUSTOMER": "Bay Strata Pty Ltd",
        "TOTAL AMOUNT EX TAX": "1,000.00",
        "TOTAL TAX": 100,
        "ASSIGNED TO": "Tom Kelly",
        "BOOKING DATE": "06/03/2024 8:30 AM",
        "INVOICE NUMBER": "I1",
        "Roof Type": "Tile",
    },
    {
        "JOB NUMBER": "J2",
        "JOB STATUS": "Awaiting Parts",
        "DATE CREATED": "06/03/2024",
        "SITE CUSTOMER": "Ann Lee",
        "TOTAL AMOUNT EX TAX": 0,
        "TOTAL TAX": 0,
        "ASSIGNED TO": "tom@trades.example",
        "Roof Type": "Tile",
    },
    {
        "JOB NUMBER": "J3",
        "JOB NAME": "Paint",
        "JOB STATUS": "New",
        "DATE CREATED": date(2024, 3, 7),
        "SITE CUSTOMER": "Nobody Pty",
        "TOTAL AMOUNT EX TAX": 50.5,
        "TOTAL TAX": 5.05,
        "INVOICE NUMBER": "I9",
    },
    {
        "JOB NUMBER": "J4",
        "JOB NAME": "Wash",
        "JOB STATUS": "New",
        "DATE CREATED": "07/03/2024",
        "SITE CUSTOMER": "John Smith",
    },
    {
        "JOB NUMBER": "J5",
        "JOB NAME": "Bad day",
        "JOB STATUS": "New",
        "DATE CREATED": "12/31/2024",
        "SITE CUSTOMER": "Ann Lee",
    },
)
QUOTES = sheet(
    {
        "QUOTE NUMBER": "Q1",
        "QUOTE NAME": "Pump",
        "QUOTE STATUS": "WON",
        "QUOTE DATE": "01/03/2024",
        "SITE CUSTOMER": "Bay House",
        "TOTAL AMOUNT EX TAX": 900,
    },
    {
        "QUOTE NUMBER": "Q2",
        "QUOTE NAME": "Pump, more",
        "QUOTE STATUS": "Sent To Customer",
        "QUOTE DATE": "02/03/2024",
        "SITE CUSTOMER": "Bay House",
        "TOTAL AMOUNT EX TAX": 150.5,
        "VARIATION FOR JOB NUMBER": "J1",
    },
    {
        "QUOTE NUMBER": "Q3",
        "QUOTE NAME": "Roof",
        "QUOTE STATUS": "In Progress",
        "QUOTE DATE": "03/03/2024",
        "SITE CUSTOMER": "Ann Lee",
        "TOTAL AMOUNT EX TAX": 4000,
    },
)
LINES = sheet(
    {"QUOTE NUMBER": "Q1", "LINE": 1, "DESCRIPTION": "Pump", "QUANTITY": 2, "UNIT PRICE": 450},
    {"QUOTE NUMBER": "Q3", "LINE": 1, "DESCRIPTION": "Tiles", "QUANTITY": 10, "UNIT PRICE": 400},
)
INVOICES = sheet(
    {
        "INVOICE NUMBER": "I1",
        "CUSTOMER": "Bay Strata Pty Ltd",
        "DATE": "10/03/2024",
        "STATUS": "Paid",
        "TOTAL AMOUNT EX TAX": 1000,
        "TOTAL TAX": 100,
    },
    {
        "INVOICE NUMBER": "I2",
        "JOB NUMBER": "J99",
        "CUSTOMER": "Ann Lee",
        "DATE": "11/03/2024",
        "STATUS": "Sent",
        "TOTAL AMOUNT EX TAX": 20,
        "TOTAL TAX": 2,
    },
)
USERS = sheet({"EMAIL": "tom@trades.example", "NAME": "Tom Kelly", "ROLE": "Plumber"})
NOTES = sheet(
    {
        "ENTITY": "Job",
        "NUMBER": "J1",
        "DATE": "08/03/2024 09:15",
        "AUTHOR": "Tom Kelly",
        "TYPE": "Phone call",
        "NOTE": "They will\nring back",
    },
    {
        "ENTITY": "Customer",
        "NUMBER": "Bay House",
        "DATE": "08/03/2024",
        "AUTHOR": "Nina New",
        "TYPE": "Note",
        "NOTE": "Key in lock box",
    },
    {"ENTITY": "Quotation", "NUMBER": "Q2", "DATE": "08/03/2024", "TYPE": "E-mail", "NOTE": "Sent"},
)


@pytest.fixture
def source(
    workbook: Callable[..., Path], tmp_path: Path, open_source: Callable[..., AscoraSource]
) -> AscoraSource:
    paths = [
        workbook("customers.xlsx", customers=CUSTOMERS, Contacts=CONTACTS, Equipment=EQUIPMENT),
        workbook("jobs.xlsx", Jobs=JOBS),
        workbook("quotes.xlsx", Quotes=QUOTES, Lines=LINES),
        workbook("invoices.xlsx", Invoices=INVOICES, Lines=[LINES[0], ("I1", 1, "Labour", 1, 1000)]),
        workbook("users.xlsx", Users=USERS),
        workbook("notes.xlsx", Notes=NOTES),
    ]
    layout = tmp_path / "layout.yaml"
    layout.write_text(tables_alone().read_text(encoding="utf-8"), encoding="utf-8")
    return open_source(tables={"layout": layout, "files": paths})


@pytest.mark.parametrize("layout", [tables_alone(), demo_layout()])
def test_the_layouts_that_come_along_are_sound(layout: Any, tmp_path: Path) -> None:
    path = tmp_path / "layout.yaml"
    path.write_text(layout.read_text(encoding="utf-8"), encoding="utf-8")

    assert load_layout(path).objects


def test_a_business_and_a_person_are_told_apart(source: AscoraSource, read: Read) -> None:
    customers, rejected = read(source, "customers")

    assert rejected == []
    assert {key: record.values["kind"] for key, record in customers.items()} == {
        "C1": "BUSINESS",
        "C2": "PERSON",
        "C3": "PERSON",
        "C4": "PERSON",
    }
    bay, ann = customers["C1"].values, customers["C2"].values
    assert (bay["domain"], bay["contact_name"], bay["contact_listed"]) == (
        "bay.example",
        PersonName("Pat", "Keeper"),
        False,
    )
    assert bay["site_count"] == 2
    assert bay["sites_listed"] == "Bay House, 3 Bay St Manly\nBay Tower, 4 Bay St Avalon"
    assert (ann["person_name"], ann["domain"]) == (PersonName("Ann", "Lee"), None)
    assert ann["phones"] == (Phone("0491 570 006", "", "phone"),)
    assert ann["address"] == Address(street1="2 Bay St", city="Manly")
    assert ann["Gate_Code"] == "0012"


def test_a_row_with_a_billing_customer_is_a_site_and_so_is_an_own_address(
    source: AscoraSource, read: Read
) -> None:
    sites, _ = read(source, "sites")

    assert {key: (s.values["company"], s.values["person"]) for key, s in sites.items()} == {
        "C1": (Reference("customers", "C1"), None),
        "C2": (None, Reference("customers", "C2")),
        "S1": (Reference("customers", "C1"), None),
        "S2": (Reference("customers", "C1"), None),
        "S3": (None, None),
    }
    assert sites["S3"].values["remarks"] == "customer: 'Nobody Pty' names no customer"


def test_contacts_find_their_company_and_the_customer_himself_is_known(
    source: AscoraSource, read: Read
) -> None:
    contacts, rejected = read(source, "contacts")
    by_name = {c.values["name"].first: c.values for c in contacts.values()}

    assert rejected == []
    assert by_name["Mia"]["company"] == Reference("customers", "C1")
    assert (by_name["Joe"]["company"], by_name["Joe"]["site"]) == (
        Reference("customers", "C1"),
        Reference("sites", "S1"),
    )
    assert (by_name["Ann"]["is_the_customer"], by_name["Mia"]["is_the_customer"]) == (True, False)
    assert by_name["Kid"]["remarks"] == "customer: 'John Smith' names 2 of the customers: C3, C4"
    assert by_name["Kid"]["customer_name"] == "John Smith"


def test_equipment_of_nobody_in_particular_is_rejected(source: AscoraSource, read: Read) -> None:
    equipment, rejected = read(source, "equipment")

    assert [e.values["site"] for e in equipment.values()] == [Reference("sites", "S1")]
    assert "names 2 of the customers" in rejected[0].reasons[0]


def test_a_job_keeps_both_statuses_and_finds_everybody(source: AscoraSource, read: Read) -> None:
    jobs, rejected = read(source, "jobs")
    first = jobs["J1"].values

    assert first["title"] == "J1 Fix pump"
    assert first["job_status"] == ("Booked", "Ready To Invoice")
    assert first["stage_status"] == "Ready To Invoice"
    assert (first["amount"], first["total_inc"]) == (
        Money(Decimal("1000.00"), "AUD"),
        Money(Decimal("1100.00"), "AUD"),
    )
    assert first["site"] == Reference("sites", "S1")
    assert first["company"] == Reference("customers", "C1")
    assert first["contact"].object_name == "contacts"
    assert first["owner"] == Reference("users", "tom@trades.example")
    assert first["created_at"].isoformat() == "2024-03-05T00:00:00+11:00"
    assert first["close_date"] == datetime(2024, 3, 5, 21, 30, tzinfo=UTC)
    assert (first["quote_number"], first["invoice_number"]) == ("Q1, Q2", "I1")
    assert first["quote_amount"] == Money(Decimal("1050.5"), "AUD")
    assert (
        first["quote_details"]
        == "Q1, 2024-03-01, 900.00 AUD, WON\nQ2, 2024-03-02, 150.50 AUD, Sent To Customer"
    )
    assert first["invoice_status"] == "Paid"
    assert first["Roof_Type"] == "Tile"
    assert jobs["J2"].values["contact"] == Reference("customers", "C2")
    assert jobs["J2"].values["owner"] == Reference("users", "tom@trades.example")
    assert [r.key for r in rejected] == ["J5"]
    assert "'12/31/2024'" in rejected[0].reasons[0]


def test_what_a_job_names_and_nobody_has_is_said(source: AscoraSource, read: Read) -> None:
    jobs, _ = read(source, "jobs")

    assert jobs["J1"].values["remarks"] is None
    assert jobs["J2"].values["remarks"] == "status: Awaiting Parts is no status of Ascora's own"
    assert jobs["J3"].values["remarks"] == "site: 'Nobody Pty' names no customer\ninvoice: I9 was not read"
    assert jobs["J4"].values["remarks"] == "site: 'John Smith' names 2 of the customers: C3, C4"
    assert (jobs["J3"].values["site"], jobs["J3"].values["site_name"]) == (None, "Nobody Pty")


def test_the_statuses_that_there_are_become_options(source: AscoraSource) -> None:
    [jobs] = [o for o in source.discover().objects if o.name == "jobs"]
    status = jobs.field("job_status")

    assert status is not None
    assert (status.type, status.multiple) == (T.SELECT, True)
    assert [option.label for option in status.options][-2:] == ["Closed", "Awaiting Parts"]


def test_quotes_know_their_job_and_invoices_too(source: AscoraSource, read: Read) -> None:
    quotes, _ = read(source, "quotes")
    invoices, _ = read(source, "invoices")

    assert {key: quote.values["job"] for key, quote in quotes.items()} == {
        "Q1": Reference("jobs", "J1"),
        "Q2": Reference("jobs", "J1"),
        "Q3": None,
    }
    assert quotes["Q2"].values["stage_status"] == "SENT-TO-CUSTOMER"
    assert invoices["I1"].values["job"] == Reference("jobs", "J1")
    assert invoices["I2"].values["job"] is None
    assert invoices["I2"].values["remarks"] == "job: 'J99' names no job"
    assert invoices["I2"].values["contact"] == Reference("customers", "C2")
    assert invoices["I2"].values["origin"] is None


def test_lines_belong_to_the_job_of_their_document(source: AscoraSource, read: Read) -> None:
    quoted, _ = read(source, "quote_lines")
    billed, _ = read(source, "invoice_lines")

    assert quoted["Q1/1"].values["record"] == Reference("jobs", "J1")
    assert quoted["Q1/1"].values["amount"] == Money(Decimal(900), "AUD")
    assert quoted["Q3/1"].values["record"] == Reference("quotes", "Q3")
    assert billed["I1/1"].values["record"] == Reference("jobs", "J1")


def test_notes_keep_their_time_author_and_kind(source: AscoraSource, read: Read) -> None:
    notes, rejected = read(source, "notes")
    call, site, quote = (record.values for record in notes.values())

    assert rejected == []
    assert (call["title"], call["text"]) == ("They will", "They will\nring back")
    assert call["created_at"].isoformat() == "2024-03-08T09:15:00+11:00"
    assert (call["author"], call["activity_type"]) == (Reference("users", "tom@trades.example"), "Phone call")
    assert (call["about"], quote["about"]) == (Reference("jobs", "J1"), Reference("jobs", "J1"))
    assert (site["about"], site["about_customer"]) == (Reference("sites", "S1"), Reference("customers", "C1"))
    assert site["author"] == Reference("users", "nina new")


def test_people_whom_no_table_has_are_listed_all_the_same(source: AscoraSource, read: Read) -> None:
    users, _ = read(source, "users")

    assert {key: (u.values["name"], u.values.get("email")) for key, u in users.items()} == {
        "tom@trades.example": ("Tom Kelly", "tom@trades.example"),
        "nina new": ("Nina New", None),
    }


def test_every_object_is_read_the_same_twice_and_counted(source: AscoraSource, read: Read) -> None:
    for described in source.discover().objects:
        records, _ = read(source, described.name)
        again = {seen.id: seen.values for seen in source.reconcile(described.name, Selection(owned=""))}

        assert {key: record.values for key, record in records.items()} == again, described.name
        assert described.count == len(records), described.name
        assert described.snapshot


def test_missing_sites_are_listed_before_anything_is_loaded(source: AscoraSource) -> None:
    catalog = source.discover()
    reports = {report.kind: report for report in catalog.artifacts}

    [sites] = reports["missing_site"].found
    assert sites.name == "2 jobs and quotes whose site is not there"
    assert sites.details["list"] == [
        "job, J3, J3, 'Nobody Pty' names no customer",
        "job, J4, J4, 'John Smith' names 2 of the customers: C3, C4",
    ]
    [customers] = reports["missing_customer"].found
    assert customers.details["list"] == ["site, S3, S3, 'Nobody Pty' names no customer"]
    assert any("Their site is not among the customers, or not one: J3, J4." in note for note in catalog.notes)
    assert any(
        note.startswith("Sites: 3 of 1 customers, 1 of them with more than one.") for note in catalog.notes
    )


def test_control_totals_of_the_tables_are_told(source: AscoraSource) -> None:
    notes = " ".join(source.discover().notes)

    assert "jobs is read from jobs.xlsx, sheet 'Jobs': 5 rows: 4 records, 1 rejected, 0 blank" in notes
    assert "total_ex 1050.50 AUD" in notes
    assert "invoices.xlsx, sheet 'Invoices': 2 rows: 2 records" in notes


def test_a_header_that_is_missing_is_answered_with_what_is_there(
    workbook: Callable[..., Path], tmp_path: Path, open_source: Callable[..., AscoraSource]
) -> None:
    layout = tmp_path / "layout.yaml"
    layout.write_text(tables_alone().read_text(encoding="utf-8"), encoding="utf-8")
    path = workbook("jobs.xlsx", Jobs=[("Job No", "STATUS", "CREATED"), ("J1", "New", "05/03/2024")])
    source = open_source(tables={"layout": layout, "files": [path]})

    with pytest.raises(ConfigError, match="Row 1 has: 'Job No', 'STATUS', 'CREATED'") as caught:
        source.discover()

    assert "'JOB NUMBER'" in str(caught.value)


def test_a_table_of_another_name_is_moved_as_it_is(
    workbook: Callable[..., Path], tmp_path: Path, open_source: Callable[..., AscoraSource], read: Read
) -> None:
    layout = tmp_path / "layout.yaml"
    layout.write_text(tables_alone().read_text(encoding="utf-8"), encoding="utf-8")
    rows = [("START DATE", "USER", "NOTES", "LABOUR ROLE"), ("05/03/2024", "Tom", "long day", "Plumber")]
    source = open_source(tables={"layout": layout, "files": [workbook("timesheets.xlsx", Sheet=rows)]})

    sheets, _ = read(source, "timesheets")

    [values] = [record.values for record in sheets.values()]
    assert (values["start_date"], values["labour_role"]) == (date(2024, 3, 5), "Plumber")


def test_declared_kinds_stand_over_all_evidence(
    source: AscoraSource, tmp_path: Path, open_source: Callable[..., AscoraSource], read: Read
) -> None:
    (tmp_path / "kinds.csv").write_text("number,kind\nC2,business\nJohn Smith,company\n")
    tables: Mapping[str, Any] = source._settings.model_dump()["tables"]
    again = open_source(tables=tables, customer_kinds=tmp_path / "kinds.csv")

    customers, _ = read(again, "customers")

    assert {key: record.values["kind"] for key, record in customers.items()} == dict.fromkeys(
        ("C1", "C2", "C3", "C4"), "BUSINESS"
    )
    assert customers["C2"].values["kind_evidence"] == "declared in customer_kinds"


def test_answers_of_forms_that_no_job_carries_are_listed(
    workbook: Callable[..., Path], open_source: Callable[..., AscoraSource]
) -> None:
    jobs = sheet({"JOB NUMBER": "J1", "JOB STATUS": "New"})
    answers = sheet(
        {"JOB NUMBER": "J1", "FORM": "Safety", "CODE": "Isolated", "VALUE": "Yes"},
        {"JOB NUMBER": "J9", "FORM": "Safety", "CODE": "Isolated", "VALUE": "No"},
    )
    files = [workbook("jobs.xlsx", Jobs=jobs), workbook("form answers.xlsx", Answers=answers)]
    catalog = open_source(tables={"layout": tables_alone(), "files": files}).discover()

    [report] = [report for report in catalog.artifacts if report.kind == "form_answer"]
    assert report.found[0].details["list"] == ["J9, Safety, Isolated, 'J9' names no job"]
    assert "1 answers of forms name no job that was read: J9." in catalog.notes
