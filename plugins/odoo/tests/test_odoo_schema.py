"""Odoo's metadata as object schemas."""

from decimal import Decimal
from typing import Any

import pytest

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType as T
from crossdock.model import ObjectSchema
from crossdock_odoo.schema import object_schema

MODEL = {"model": "x_site", "name": "Site", "state": "manual"}


def schema_of(model: str = "x_site", /, **fields: Any) -> ObjectSchema:
    metadata = {
        name: {"type": "char", "string": name, "store": True, "readonly": False, **raw}
        for name, raw in fields.items()
    }
    return object_schema({**MODEL, "model": model}, metadata, ["res.partner", "x_site"])


@pytest.mark.parametrize(
    ("odoo_type", "type_", "multiple", "blank"),
    [
        ("char", T.TEXT, False, None),
        ("text", T.TEXT, False, None),
        ("html", T.HTML, False, None),
        ("integer", T.INTEGER, False, 0),
        ("float", T.DECIMAL, False, Decimal(0)),
        ("boolean", T.BOOLEAN, False, False),
        ("date", T.DATE, False, None),
        ("datetime", T.DATETIME, False, None),
        ("selection", T.SELECT, False, None),
        ("binary", T.FILE, False, None),
        ("json", T.JSON, False, None),
    ],
)
def test_each_type_has_its_canonical_one(odoo_type: str, type_: T, multiple: bool, blank: Any) -> None:
    field = schema_of(f={"type": odoo_type}).field("f")
    assert field is not None
    assert (field.type, field.multiple, field.blank) == (type_, multiple, blank)
    assert field.settings["odoo_type"] == odoo_type


@pytest.mark.parametrize("odoo_type", ["one2many", "properties", "properties_definition"])
def test_what_is_loaded_from_elsewhere_or_breaks_reads_is_left_out(odoo_type: str) -> None:
    assert schema_of(f={"type": odoo_type}).field("f") is None


def test_references_say_where_they_lead_and_how_many_they_hold() -> None:
    found = schema_of(
        a={"type": "many2one", "relation": "res.partner"}, b={"type": "many2many", "relation": "crm.tag"}
    )
    one, several = found.field("a"), found.field("b")
    assert one is not None
    assert several is not None
    assert (one.references, one.multiple) == (("res.partner",), False)
    assert (several.references, several.multiple) == (("crm.tag",), True)


def test_names_tell_e_mails_phones_and_links() -> None:
    found = schema_of(email={}, mobile={}, website={}, name={})
    assert {f.name: f.type for f in found.fields} == {
        "email": T.EMAIL,
        "mobile": T.PHONE,
        "website": T.LINK,
        "name": T.TEXT,
    }
    message = schema_of("mail.message", email_from={}, model={}, res_id={"type": "many2one_reference"})
    sender = message.field("email_from")
    assert sender is not None
    assert sender.type is T.TEXT  # it holds a name and an address


def test_what_the_server_fills_is_told_from_what_people_fill() -> None:
    metadata = {
        "plain": {"type": "char", "store": True},
        "computed": {"type": "char", "store": True, "depends": ["plain"]},
        "defaulted": {"type": "char", "store": True},
        "amount": {"type": "monetary", "store": True, "currency_field": "x_currency"},
        "x_currency": {"type": "many2one", "relation": "res.currency", "store": True},
    }
    found = object_schema(MODEL, metadata, [], frozenset({"defaulted"}))
    filled = {f.name for f in found.fields if f.filled}
    assert filled == {"computed", "defaulted", "x_currency"}


def test_read_only_fields_are_those_of_the_server_and_few_others() -> None:
    found = schema_of("crm.lead", date_closed={"readonly": True}, day_close={"readonly": True}, id={})
    assert {f.name: f.read_only for f in found.fields} == {
        "date_closed": False,
        "day_close": True,
        "id": True,
    }


def test_an_address_is_one_field_and_its_columns_are_read_alone(stand: Any) -> None:
    partner = stand.odoo._schemas.schema("res.partner")
    assert partner.field("address").type is T.ADDRESS
    columns = ("street", "street2", "city", "zip", "state_id", "country_id")
    assert all(partner.field(name).read_only for name in columns)
    assert partner.field("name").required
    assert partner.field("x_crossdock_key").type is T.TEXT


def test_attachments_messages_and_activities_can_lie_with_any_object(stand: Any) -> None:
    schemas = stand.odoo._schemas
    for name in ("ir.attachment", "mail.message", "mail.activity"):
        held = schemas.schema(name)
        assert {f"on_{other}" for other in schemas.names()} <= {f.name for f in held.fields}
        assert held.field("on_crm.lead").references == ("crm.lead",)
    assert schemas.schema("ir.attachment").field("datas").type is T.FILE
    assert schemas.schema("mail.message").field("author").references == ("res.users",)


def test_only_models_that_are_there_are_objects(stand: Any) -> None:
    names = stand.odoo._schemas.names()
    assert {"res.partner", "crm.lead", "project.task", "hr.employee", "res.country"} <= set(names)
    assert "sale.order" not in names
    with pytest.raises(ConfigError, match="no model"):
        stand.odoo._schemas.schema("sale.order")


def test_a_new_model_is_found_as_soon_as_it_is_asked_for(stand: Any) -> None:
    stand.odoo._schemas.names()
    fields = [[0, 0, {"name": "x_name", "ttype": "char", "field_description": "Name"}]]
    stand.client.create("ir.model", [{"name": "Site", "model": "x_site", "field_id": fields}])
    found = stand.odoo._schemas.schema("x_site")
    assert (found.custom, found.field("x_name").custom) == (True, True)


def test_a_key_that_may_not_read_the_list_of_models_finds_the_standard_ones(stand: Any) -> None:
    other = stand.destination(login="low@x.example", key=stand.key_of("low@x.example"))
    assert "res.partner" in other._schemas.names()
    other.close()
