"""What a dry run says of records before anything is sent, also of objects that are not there yet."""

from decimal import Decimal
from typing import Any

from crossdock.fieldtypes import FieldType as T
from crossdock.ids import external_id, target_uuid
from crossdock.model import Action, FieldSchema, ObjectSchema, Option, Origin, Outcome, TargetRecord
from crossdock.values import Link, Money
from crossdock_odoo.foresight import foresee

SITE = ObjectSchema(
    "x_site",
    (
        FieldSchema("x_title", T.TEXT, required=True),
        FieldSchema("x_kind", T.SELECT, options=(Option("office", "Office"),)),
        FieldSchema("x_rent", T.MONEY),
        FieldSchema("x_count", T.INTEGER),
        FieldSchema("x_firm", T.REFERENCE, references=("res.partner",)),
        FieldSchema("x_firms", T.REFERENCE, references=("res.partner",), multiple=True),
    ),
)


def record(values: dict[str, Any], action: Action = Action.CREATE) -> TargetRecord:
    origin = Origin("ten", "src", "1")
    target_id = target_uuid("demo", origin, "x_site")
    return TargetRecord("x_site", origin, target_id, external_id("demo", origin), values, action)


def one(values: dict[str, Any], action: Action = Action.CREATE) -> Any:
    (receipt,) = foresee(SITE, [record(values, action)])
    return receipt


def test_a_record_of_an_object_that_is_not_there_yet_is_foreseen() -> None:
    values = {
        "x_title": "A",
        "x_kind": "office",
        "x_rent": Money(Decimal(5), "EUR"),
        "x_firm": "7",
        "x_firms": ("7", "8"),
    }
    receipt = one(values)
    assert (receipt.outcome, receipt.reasons) == (Outcome.CREATED, ())
    assert one({"x_count": 7}, Action.UPDATE).outcome is Outcome.UPDATED


def test_what_would_be_refused_is_refused_with_every_reason() -> None:
    receipt = one({"x_title": "a\x00", "x_kind": "nope", "x_count": 2**40})
    assert receipt.outcome is Outcome.REJECTED
    assert [reason.partition(":")[0] for reason in receipt.reasons] == ["x_title", "x_kind", "x_count"]


def test_a_change_of_form_is_told(stand: Any) -> None:
    schema = stand.odoo._schemas.schema("res.partner")
    given = record({"name": "A", "website": Link("a.test")})
    (receipt,) = stand.odoo.foresee(schema, [given])
    assert receipt.normalised == {"website": "https:// added"}
