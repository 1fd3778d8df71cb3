"""Files for Twenty's importer: what a record looks like in them, and how an export is read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.fieldtypes import FieldType
from crossdock.model import Action, FieldSchema, ObjectSchema, Option, Origin, TargetRecord
from crossdock.values import Address, Author, Link, Money, PersonName, Phone
from crossdock_twenty.importfiles import TwentyFiles, protected, unprotected

FILES = TwentyFiles("RU")
ID, OTHER = "09aa7af0-c252-5ba2-b41e-2ebbf75ba9f4", "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"
JOINER = "\u200d"


def there(name, label, kind, canonical, **more):
    settings = {"twenty_type": kind, "column": more.pop("column", name), "id": "", "integer": False}
    return FieldSchema(name, canonical, label, settings=settings, **more)


COMPANY = FILES.made(
    ObjectSchema(
        "company",
        (
            there("id", "Id", "UUID", FieldType.UUID, read_only=True),
            there("name", "Name", "TEXT", FieldType.TEXT),
            there("domainName", "Domain Name", "LINKS", FieldType.LINK, multiple=True),
            there("revenue", "Revenue", "CURRENCY", FieldType.MONEY),
            there("mail", "E-mail", "EMAILS", FieldType.EMAIL, multiple=True),
            there("phones", "Phones", "PHONES", FieldType.PHONE, multiple=True),
            there("head", "Head", "FULL_NAME", FieldType.PERSON_NAME),
            there("address", "Address", "ADDRESS", FieldType.ADDRESS),
            there("about", "About", "RICH_TEXT", FieldType.MARKDOWN),
            there("employees", "Employees", "NUMBER", FieldType.DECIMAL),
            there("partner", "Partner", "BOOLEAN", FieldType.BOOLEAN, filled=True),
            there("since", "Since", "DATE", FieldType.DATE),
            there("createdAt", "Creation date", "DATE_TIME", FieldType.DATETIME, filled=True),
            there(
                "kinds",
                "Kinds",
                "MULTI_SELECT",
                FieldType.SELECT,
                multiple=True,
                options=(Option("A"), Option("B")),
            ),
            there("data", "Data", "RAW_JSON", FieldType.JSON),
            there(
                "owner", "Owner", "RELATION", FieldType.REFERENCE, column="ownerId", references=("person",)
            ),
            there("createdBy", "Created by", "ACTOR", FieldType.AUTHOR, filled=True),
            there("crossdockKey", "Crossdock key", "TEXT", FieldType.TEXT),
            FieldSchema("motto", FieldType.TEXT, "Motto"),  # still to be made
        ),
        "Company",
        "Companies",
    )
)
VALUES = {
    "name": 'Ёж & Со, "Север"\nвторая строка',
    "domainName": (Link("https://ezh.example", "Site"), Link("https://b.example")),
    "revenue": Money(Decimal("1234.5"), "RUB"),
    "mail": ("a@ezh.example", "b@ezh.example"),
    "phones": (Phone("+7 912 345-67-89"), Phone("+49 30 901820")),
    "head": PersonName("Анна", "Ёжикова"),
    "address": Address("ул. Мира, 1", "", "Казань", "", "420000", "Россия"),
    "about": "# Title\n\n- one",
    "employees": Decimal("-12.5"),
    "partner": False,
    "since": date(2024, 2, 29),
    "createdAt": datetime(2023, 3, 14, 8, 48, 16, tzinfo=UTC),
    "kinds": ("B", "A"),
    "data": {"a": [1, None, "x"]},
    "owner": OTHER,
    "motto": "=1+1",
}


def record(values, action=Action.CREATE):
    return TargetRecord("company", Origin("main", "c", "1"), ID, "acme:main/c/1", values, action)


def row(values, action=Action.CREATE):
    return FILES.row(COMPANY, record(values, action))


def test_columns_are_called_by_the_labels_that_the_importer_offers():
    cells = row(VALUES).cells
    assert cells["Id"] == ID
    assert cells["Owner / Id"] == OTHER
    assert cells["Domain Name / Link URL"] == "https://ezh.example"
    assert cells["Head / First Name"] == "Анна"
    assert cells["Address / Post Code"] == "420000"
    assert cells["About / Markdown"] == "# Title\n\n- one"
    assert cells["Crossdock key"] == "acme:main/c/1"


def test_values_are_written_as_the_importer_takes_them():
    cells = row(VALUES).cells
    assert (cells["Revenue / Amount"], cells["Revenue / Currency"]) == ("1234.5", "RUB")
    assert (cells["Partner"], cells["Since"]) == ("false", "2024-02-29")
    assert cells["Creation date"] == "2023-03-14T08:48:16.000Z"
    assert cells["Kinds"] == '["B","A"]'
    assert cells["Data"] == '{"a":[1,null,"x"]}'
    assert cells["E-mail / Additional Emails"] == '["b@ezh.example"]'


def test_a_number_is_given_with_its_calling_code_so_that_the_others_are_not_dropped():
    cells = row(VALUES).cells
    assert cells["Phones / Primary Phone Number"] == "9123456789"
    assert unprotected(cells["Phones / Primary Phone Calling Code"]) == "+7"
    assert cells["Phones / Additional Phones"] == (
        '[{"number":"30901820","callingCode":"+49","countryCode":"DE"}]'
    )


@pytest.mark.parametrize("text", ["=1+1", "+7", "-3", "@sum", "\tx", "\rx", JOINER + "x", JOINER * 2 + "="])
def test_what_a_spreadsheet_would_run_arrives_unchanged(text):
    written = row({"name": text}).cells["Name"]
    assert written[0] == JOINER
    assert written[1:] == text  # the importer takes one joiner away
    read = FILES.read(COMPANY, {"id": ID, "name": protected(text)}, ["name"])
    assert read.values["name"] == text


def test_an_export_gives_the_same_values_back():
    written = row(VALUES)
    shown = {name.replace(" / Id", " Id"): cell for name, cell in written.cells.items()}
    read = FILES.read(COMPANY, {FILES.heading(COMPANY, n): c for n, c in shown.items()}, VALUES)
    assert (read.id, read.external_id, read.unread) == (ID, "acme:main/c/1", {})
    assert read.values == VALUES | {"phones": (Phone("+79123456789"), Phone("+4930901820"))}


def test_the_author_is_left_out_and_said():
    found = row({"name": "A", "createdBy": Author("Old user")})
    assert list(found.left_out) == ["createdBy"]
    assert not any("Created by" in column for column in found.cells)


def test_nothing_is_not_written_over_what_is_there():
    found = row({"name": None, "since": None}, Action.UPDATE)
    assert set(found.left_out) == {"name", "since"}
    assert set(found.cells) == {"Id", "Crossdock key"}


def test_every_column_but_the_keys_may_be_blank():
    blank = set(FILES.blank(COMPANY, creating=True))
    assert {"Name", "Owner / Id", "Partner"} <= blank
    assert "Id" not in blank


def test_an_export_has_to_show_every_column_of_a_field():
    wanted = FILES.export_columns(COMPANY, ["revenue", "owner"], ())
    assert wanted == {
        "": ("Id",),
        "revenue": ("Revenue / Amount", "Revenue / Currency"),
        "owner": ("Owner / Id",),
    }
    assert FILES.heading(COMPANY, "Owner Id") == FILES.heading(COMPANY, "Owner / Id")


def test_two_fields_with_one_label_are_told_apart_by_their_names():
    again = replace(COMPANY.fields[1], name="nick", settings={**COMPANY.fields[1].settings, "column": "nick"})
    schema = replace(COMPANY, fields=(*COMPANY.fields, again))
    cells = FILES.row(schema, record({"name": "A", "nick": "B"})).cells
    assert (cells["Name (name)"], cells["Name (nick)"]) == ("A", "B")


def test_a_cell_of_another_form_is_not_read_as_something_else():
    read = FILES.read(COMPANY, {"id": ID, "employees": "many"}, ["employees"])
    assert (read.values, list(read.unread)) == ({}, ["employees"])


@pytest.mark.parametrize("name", ["attachment", "noteTarget", "taskTarget"])
def test_links_and_attachments_have_no_importer(name):
    assert FILES.refused(ObjectSchema(name, ())) != ""
    assert FILES.refused(COMPANY) == ""


def test_the_limits_are_the_documented_ones():
    assert (FILES.row_limit, FILES.export_limit) == (10_000, 20_000)
