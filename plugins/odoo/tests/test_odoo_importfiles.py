"""Files for Odoo's importer: what a record looks like in them, and how an export is read."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.fieldtypes import FieldType
from crossdock.model import Action, FieldSchema, ObjectSchema, Option, Origin, TargetRecord
from crossdock.values import Address, Link, Money, Phone
from crossdock_odoo.importfiles import OdooFiles

FILES = OdooFiles()
ID, OTHER, THIRD = (
    "09aa7af0-c252-5ba2-b41e-2ebbf75ba9f4",
    "1b9d6bcd-bbfd-5b2d-9b5d-ab8dfbbd4bed",
    "2c9d6bcd-bbfd-5b2d-9b5d-ab8dfbbd4bed",
)


def there(name, kind, canonical, **more):
    settings = {"odoo_type": kind, "column": more.pop("column", name), "stored": True}
    settings |= {key: more.pop(key) for key in ("relation", "currency_field") if key in more}
    return FieldSchema(name, canonical, more.pop("label", name.capitalize()), settings=settings, **more)


def model(name, *fields):
    key = there("x_crossdock_key", "char", FieldType.TEXT, label="Crossdock key")
    return FILES.made(ObjectSchema(name, (*fields, key), name))


def link(name, target, label="", kind="many2one", **more):
    places = {"relation": target, "references": (target,)}
    return there(name, kind, FieldType.REFERENCE, label=label or name.capitalize(), **places, **more)


PARTNER = model(
    "res.partner",
    there("name", "char", FieldType.TEXT, required=True),
    there("active", "boolean", FieldType.BOOLEAN, filled=True),
    there("address", "address", FieldType.ADDRESS, column="street", filled=True),
    there("vat", "char", FieldType.TEXT, filled=True),
    there("phone", "char", FieldType.PHONE),
    there("website", "char", FieldType.LINK),
    there(
        "type",
        "selection",
        FieldType.SELECT,
        options=(Option("contact", "Contact"), Option("other", "Other")),
    ),
    link("parent_id", "res.partner", "Company"),
    link("user_id", "res.users", "Salesperson"),
    link("category_id", "res.partner.category", kind="many2many", multiple=True),
    there("x_since", "date", FieldType.DATE),
    there("x_seen", "datetime", FieldType.DATETIME),
    there("x_size", "float", FieldType.DECIMAL, blank=Decimal(0)),
    FieldSchema("x_worth", FieldType.MONEY, "Worth", custom=True),  # still to be made
)
VALUES = {
    "name": 'ООО "Ёж", Север',
    "active": False,
    "phone": Phone("+7 912 345-67-89"),
    "website": Link("https://ezh.example"),
    "type": "other",
    "user_id": "2",
    "category_id": (OTHER, THIRD),
    "x_since": date(2024, 2, 29),
    "x_seen": datetime(2024, 2, 29, 10, 30, 5, tzinfo=UTC),
    "x_size": Decimal("-12.5"),
    "x_worth": Money(Decimal("10.20"), "RUB"),
}


def record(values, action=Action.CREATE, *, name="res.partner", target=ID):
    return TargetRecord(name, Origin("main", "c", "1"), target, "acme:main/c/1", values, action)


def row(values, action=Action.CREATE, **more):
    return FILES.row(PARTNER, record(values, action, **more))


def test_a_record_is_known_by_its_external_id_and_its_key():
    cells = row(VALUES).cells
    assert cells["id"] == f"__crossdock__.{ID}"
    assert cells["x_crossdock_key"] == "acme:main/c/1"


def test_references_are_external_ids_of_the_files_and_database_ids_of_what_was_there():
    cells = row({**VALUES, "parent_id": OTHER}).cells
    assert cells["parent_id/id"] == f"__crossdock__.{OTHER}"
    assert cells["user_id/.id"] == "2"
    assert cells["category_id/id"] == f"__crossdock__.{OTHER},__crossdock__.{THIRD}"


def test_a_reference_to_both_is_left_out_and_said():
    found = row({"name": "A", "category_id": (OTHER, "7")})
    assert list(found.left_out) == ["category_id"]


def test_a_record_that_was_there_is_known_by_its_database_id():
    cells = row({"name": "A"}, Action.UPDATE, target="41").cells
    assert cells[".id"] == "41"
    assert "id" not in cells


def test_an_amount_names_its_currency():
    cells = row(VALUES).cells
    assert (cells["x_worth"], cells["x_worth_currency/id"]) == ("10.20", "base.RUB")


def test_the_currency_field_of_a_missing_amount_has_to_be_made_too():
    assert PARTNER.field("x_worth_currency").references == ("res.currency",)
    assert FILES.kind(FieldSchema("x_worth", FieldType.MONEY)).startswith("monetary")


def test_a_country_is_its_external_id_and_a_state_stays_with_the_street():
    place = Address("1 High St", "", "York", "Yorkshire", "YO1", "United Kingdom")
    found = row({"name": "A", "address": place})
    assert found.cells["country_id/id"] == "base.uk"
    assert found.cells["street2"] == "Yorkshire"
    assert found.notes["address"]


def test_what_a_company_would_overwrite_goes_into_a_later_file():
    place = Address("Mira 1", "", "Kazan", "", "", "")
    found = row({"name": "A", "parent_id": OTHER, "vat": "77", "address": place})
    assert not {"street", "vat"} & set(found.cells)
    assert found.later["id"] == f"__crossdock__.{ID}"
    assert (found.later["street"], found.later["vat"]) == ("Mira 1", "77")
    assert "parent_id/id" not in found.later


def test_the_dates_of_a_task_go_into_a_later_file():
    task = model(
        "project.task",
        there("name", "char", FieldType.TEXT),
        there("date_end", "datetime", FieldType.DATETIME, filled=True),
    )
    ended = datetime(2023, 1, 2, 3, 4, 5, tzinfo=UTC)
    found = FILES.row(task, record({"name": "A", "date_end": ended}, name="project.task"))
    assert "date_end" not in found.cells
    assert found.later["date_end"] == "2023-01-02 03:04:05"


def test_a_lead_does_not_write_into_the_contact_that_it_has():
    lead = model(
        "crm.lead",
        there("name", "char", FieldType.TEXT),
        there("email_from", "char", FieldType.EMAIL),
        link("partner_id", "res.partner"),
    )
    values = {"name": "A", "email_from": "a@b.example", "partner_id": OTHER}
    found = FILES.row(lead, record(values, name="crm.lead"))
    assert list(found.left_out) == ["email_from"]
    alone = FILES.row(lead, record({**values, "partner_id": None}, name="crm.lead"))
    assert alone.cells["email_from"] == "a@b.example"


@pytest.mark.parametrize("text", ["=1+1", "+7", "-3", "@sum", "\tx"])
def test_what_a_spreadsheet_would_run_arrives_unchanged(text):
    assert row({"name": text}).cells["name"] == text  # the importer runs nothing
    shown = f"'{text}" if text[0] in "=+-" else text  # as the export writes it
    read = FILES.read(PARTNER, {"id": f"__crossdock__.{ID}", "name": shown}, ["name"])
    assert read.values == {"name": text}


def test_an_export_gives_the_same_values_back():
    cells = dict(row(VALUES).cells) | {"user_id/id": "base.user_admin", "type": "Other"}
    cells |= {"active": "False", "phone": "'+7 912 345-67-89"}
    read = FILES.read(PARTNER, cells, VALUES)
    assert (read.id, read.external_id, read.unread) == (ID, "acme:main/c/1", {})
    assert {name: read.values[name] for name in VALUES} == VALUES


def test_labels_name_the_same_columns():
    assert FILES.heading(PARTNER, "External ID") == "id"
    assert FILES.heading(PARTNER, "Company/External ID") == "parent_id/id"
    assert FILES.heading(PARTNER, "Salesperson/ID") == "user_id/.id"
    assert FILES.heading(PARTNER, "parent_id/id") == "parent_id/id"


def test_an_export_needs_database_ids_where_the_files_hold_some():
    written = ["id", "user_id/.id", "parent_id/id"]
    wanted = FILES.export_columns(PARTNER, ["user_id", "parent_id", "x_worth"], written)
    assert wanted == {
        "": ("id",),
        "user_id": ("user_id/id", "user_id/.id"),
        "parent_id": ("parent_id/id",),
        "x_worth": ("x_worth", "x_worth_currency/id"),
    }


def test_somebody_elses_record_without_its_database_id_is_not_told():
    cells = {"id": f"__crossdock__.{ID}", "user_id/id": "base.user_admin"}
    read = FILES.read(PARTNER, cells, ["user_id"])
    assert (read.values, list(read.unread)) == ({}, ["user_id"])


def test_a_label_that_two_choices_share_is_not_told():
    same = (Option("a", "Same"), Option("b", "Same"))
    twice = there("kind", "selection", FieldType.SELECT, options=same)
    schema = replace(PARTNER, fields=(*PARTNER.fields, twice))
    read = FILES.read(schema, {"id": f"__crossdock__.{ID}", "kind": "Same"}, ["kind"])
    assert list(read.unread) == ["kind"]


def test_only_fields_that_nothing_fills_may_be_blank_in_a_new_row():
    blank = set(FILES.blank(PARTNER, creating=True))
    assert {"phone", "parent_id/id", "x_since"} <= blank
    assert not {"active", "name", "user_id/.id"} & blank
    assert list(FILES.blank(PARTNER, creating=False)) == []


@pytest.mark.parametrize("name", ["mail.message", "ir.attachment", "mail.activity"])
def test_what_lies_with_any_record_has_no_importer(name):
    assert FILES.refused(ObjectSchema(name, ())) != ""
    assert not FILES.keyed(ObjectSchema("res.users", ()))
