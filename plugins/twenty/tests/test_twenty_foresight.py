"""What a load would answer, before anything is sent."""

from decimal import Decimal

import pytest

from crossdock.fieldtypes import FieldType
from crossdock.model import Action, FieldSchema, ObjectSchema, Option, Origin, Outcome, TargetRecord
from crossdock.values import Phone
from crossdock_twenty.foresight import foresee

# As a mapping wants it: nothing of it is at the server yet, so no field has the server's settings.
WANTED = ObjectSchema(
    "wagon",
    (
        FieldSchema("name", FieldType.TEXT),
        FieldSchema("phones", FieldType.PHONE, multiple=True),
        FieldSchema("state", FieldType.SELECT, options=(Option("NEW", "New"),)),
        FieldSchema("weight", FieldType.INTEGER),
    ),
)


def foreseen(action=Action.CREATE, **values):
    record = TargetRecord("wagon", Origin("main", "cars", "c1"), "id-1", "p:c1", values, action)
    (receipt,) = foresee(WANTED, [record], phone_region="RU")
    return receipt


def test_a_good_record_would_be_created():
    receipt = foreseen(name="Вагон", state="NEW")
    assert (receipt.outcome, receipt.target_id, receipt.reasons) == (Outcome.CREATED, "id-1", ())


def test_an_update_would_be_one():
    assert foreseen(Action.UPDATE, name="Вагон").outcome is Outcome.UPDATED


def test_a_change_of_form_is_told():
    receipt = foreseen(phones=(Phone("8 (812) 555-01-23"),))
    assert receipt.normalised == {"phones": "phone number in international form"}


@pytest.mark.parametrize(
    ("values", "field"), [({"state": "LOST"}, "state"), ({"weight": Decimal("1.5")}, "weight")]
)
def test_what_the_server_would_refuse_is_rejected_with_the_reason(values, field):
    receipt = foreseen(**values)
    assert receipt.outcome is Outcome.REJECTED
    assert receipt.reasons[0].startswith(f"{field}: ")


def test_a_field_that_nobody_has_is_a_reason():
    assert foreseen(colour="red").reasons == ("colour: the object has no such field",)
