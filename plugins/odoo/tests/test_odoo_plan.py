"""What a plan adds, leaves alone and refuses."""

from collections.abc import Mapping
from typing import Any

import pytest

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType as T
from crossdock.model import Change, FieldSchema, ObjectSchema, Option
from crossdock_odoo.plan import Plan, Planner, needed, odoo_type

F = FieldSchema
KEY = {"type": "char", "manual": True}
PARTNER: Mapping[str, Any] = {
    "name": {"type": "char"},
    "comment": {"type": "html"},
    "type": {"type": "selection", "selection": [["contact", "Contact"], ["other", "Other"]]},
    "parent_id": {"type": "many2one", "relation": "res.partner"},
    "complete_name": {"type": "char", "readonly": True},
}
USERS: Mapping[str, Any] = {"login": {"type": "char"}}
HELD: Mapping[str, Any] = {"res.partner": PARTNER, "res.users": USERS, "res.currency": {}, "crm.lead": {}}


def planned(*wanted: ObjectSchema, held: Mapping[str, Any] = HELD) -> Plan:
    return Planner(held).plan(wanted)


def keys(plan: Plan) -> list[str]:
    return [change.key for addition in plan for change in addition.changes]


def problems(*wanted: ObjectSchema, held: Mapping[str, Any] = HELD) -> list[str]:
    with pytest.raises(MappingError) as caught:
        planned(*wanted, held=held)
    return list(caught.value.problems)


def test_a_new_model_goes_with_its_fields_in_one_addition() -> None:
    fields = (
        F("x_name", T.TEXT),
        F("x_no", T.INTEGER, "Number"),
        F("x_firm", T.REFERENCE, references=("res.partner",)),
    )
    (addition,) = planned(ObjectSchema("x_contract", fields, "Contract"))

    assert addition.kind == "model"
    assert [c.key for c in addition.changes] == [
        "object:x_contract",
        "field:x_contract.x_no",
        "relation:x_contract.x_firm",
        "field:x_contract.x_crossdock_key",
    ]
    assert [row["name"] for row in addition.rows] == ["x_no", "x_firm", "x_crossdock_key"]
    assert addition.rows[1]["on_delete"] == "set null"


def test_a_reference_to_a_new_model_waits_until_all_models_are_made() -> None:
    one = ObjectSchema(
        "x_one",
        (F("x_two", T.REFERENCE, references=("x_two",)), F("x_self", T.REFERENCE, references=("x_one",))),
    )
    two = ObjectSchema("x_two", (F("x_ones", T.REFERENCE, multiple=True, references=("x_one",)),))

    additions = list(planned(one, two))

    assert [(a.kind, a.target) for a in additions] == [
        ("model", "x_one"),
        ("model", "x_two"),
        ("fields", "x_one"),
        ("fields", "x_two"),
    ]
    assert [row["name"] for row in additions[0].rows] == ["x_self", "x_crossdock_key"]
    assert additions[3].rows[0] | {"relation_table": "x_two_x_ones_rel"} == additions[3].rows[0]


def test_every_object_gets_a_key_that_is_indexed_and_not_copied() -> None:
    (addition,) = planned(ObjectSchema("crm.lead", ()))
    (row,) = addition.rows
    assert (row["name"], row["index"], row["copied"]) == ("x_crossdock_key", True, False)


def test_a_model_that_is_only_found_gets_none() -> None:
    assert keys(planned(ObjectSchema("res.country", ()), held={"res.country": {}})) == []


def test_users_get_their_key_before_contacts_do() -> None:
    both = [ObjectSchema("res.partner", ()), ObjectSchema("res.users", ())]
    assert keys(planned(*both)) == ["field:res.users.x_crossdock_key", "field:res.partner.x_crossdock_key"]
    assert keys(planned(both[0])) == keys(planned(*both))
    more = ObjectSchema("res.partner", (F("x_inn", T.TEXT),))
    assert [a.target for a in planned(more)] == ["res.users", "res.partner"]


def test_a_user_that_shows_the_key_of_its_contact_cannot_be_loaded() -> None:
    shown = {**USERS, "x_crossdock_key": {"type": "char", "related": "partner_id.x_crossdock_key"}}
    held = {**HELD, "res.partner": {**PARTNER, "x_crossdock_key": KEY}, "res.users": shown}
    assert "cannot be given its own" in problems(ObjectSchema("res.users", ()), held=held)[0]
    assert keys(planned(ObjectSchema("res.partner", ()), held=held)) == []


def test_an_amount_gets_a_currency_of_its_own_before_it() -> None:
    (addition,) = planned(
        ObjectSchema("crm.lead", (F("x_rent", T.MONEY, "Rent"), F("x_fee", T.MONEY, "Fee")))
    )
    assert [row["name"] for row in addition.rows] == [
        "x_rent_currency",
        "x_rent",
        "x_fee_currency",
        "x_fee",
        "x_crossdock_key",
    ]
    assert addition.rows[1]["currency_field"] == "x_rent_currency"
    assert "res.currency" in needed([ObjectSchema("crm.lead", (F("x_rent", T.MONEY),))])


def test_options_keep_their_order_and_say_when_they_are_renamed() -> None:
    field = F("x_kind", T.SELECT, options=(Option("Новый"), Option("новый", "Ещё")))
    (addition,) = planned(ObjectSchema("crm.lead", (field,)))
    (row, _) = addition.rows
    assert row["selection_ids"] == [
        [0, 0, {"value": "Новый", "name": "Новый", "sequence": 0}],
        [0, 0, {"value": "новый 2", "name": "Ещё", "sequence": 1}],
    ]
    assert "option 'новый'" in addition.changes[0].reason


def test_missing_options_of_a_custom_field_are_added_behind_the_others() -> None:
    field = {"type": "selection", "manual": True, "selection": [["a", "A"], ["b", "B"]]}
    held = {"crm.lead": {"x_kind": field, "x_crossdock_key": KEY}}
    wanted = ObjectSchema("crm.lead", (F("x_kind", T.SELECT, options=(Option("b"), Option("c", "C"))),))
    (addition,) = planned(wanted, held=held)
    assert addition.rows == [{"value": "c", "name": "C", "sequence": 2}]
    (change,) = addition.changes
    assert change.key == "option:crm.lead.x_kind.c"
    assert change.undo == {"object": "crm.lead", "field": "x_kind", "value": "c"}


def test_what_is_there_and_fits_is_left_alone() -> None:
    fields = (
        F("name", T.TEXT),
        F("comment", T.MARKDOWN),
        F("type", T.SELECT, options=(Option("other"),)),
        F("parent_id", T.REFERENCE, references=("res.partner",)),
    )
    held = {**HELD, "res.partner": {**PARTNER, "x_crossdock_key": KEY}}
    assert keys(planned(ObjectSchema("res.partner", fields), held=held)) == []


@pytest.mark.parametrize(
    ("field", "said"),
    [
        (F("name", T.DATE), "is char there, and the mapping wants date"),
        (F("complete_name", T.TEXT), "cannot be written"),
        (F("parent_id", T.REFERENCE, references=("crm.lead",)), "points to res.partner, not to crm.lead"),
        (F("type", T.SELECT, options=(Option("new"),)), "standard field cannot be extended (new)"),
        (F("inn", T.TEXT), "like x_inn"),
        (F("x_of", T.REFERENCE, references=("x_ghost",)), "points to x_ghost"),
        (F("x_days", T.DATE, multiple=True), "no field for several values of type date"),
        (F("x_by", T.AUTHOR), "no field for type author"),
        (F("x_any", T.REFERENCE, references=("crm.lead", "res.partner")), "no field for type reference"),
    ],
)
def test_a_field_that_cannot_be_had_is_a_problem(field: FieldSchema, said: str) -> None:
    (problem,) = problems(ObjectSchema("res.partner", (field,)))
    assert said in problem


def test_an_object_of_an_app_that_is_missing_is_a_problem_once() -> None:
    (problem,) = problems(ObjectSchema("project.project", (F("x_inn", T.TEXT),)))
    assert "perhaps because its app is not installed" in problem
    assert "x_project_project" in problem


def test_the_fields_that_a_new_model_has_by_itself_keep_their_type() -> None:
    assert keys(planned(ObjectSchema("x_one", (F("x_name", T.TEXT), F("x_active", T.BOOLEAN))))) == [
        "object:x_one",
        "field:x_one.x_crossdock_key",
    ]
    assert "has a char field of that name" in problems(ObjectSchema("x_one", (F("x_name", T.DATE),)))[0]


def test_every_problem_is_told_at_once() -> None:
    assert len(problems(ObjectSchema("crm.lead", (F("inn", T.TEXT), F("x_by", T.AUTHOR))))) == 2


def test_a_choice_without_known_options_is_a_text() -> None:
    assert odoo_type(F("x_kind", T.SELECT)) == "char"


def test_each_change_names_what_undoes_it() -> None:
    (addition,) = planned(ObjectSchema("crm.lead", (F("x_inn", T.TEXT, "ИНН"),)))
    first: Change = addition.changes[0]
    assert (first.object_name, first.name, first.label) == ("crm.lead", "x_inn", "ИНН")
    assert first.undo == {"object": "crm.lead", "field": "x_inn"}


def test_calls_are_few_and_heirs_come_first() -> None:
    one = ObjectSchema("x_one", (F("x_inn", T.TEXT),))
    link = F("x_of", T.REFERENCE, references=("x_one",))
    wanted = (ObjectSchema("res.partner", (link,)), ObjectSchema("res.users", (link,)), one)
    kinds = [[(a.kind, a.target) for a in call] for call in planned(*wanted).calls()]
    assert kinds == [
        [("model", "x_one")],
        [("fields", "res.users"), ("fields", "res.users")],
        [("fields", "res.partner"), ("fields", "res.partner")],
    ]


def test_an_addition_is_taken_apart_into_one_change_each() -> None:
    (addition,) = planned(ObjectSchema("x_one", (F("x_rent", T.MONEY),)))
    parts = addition.parts()
    assert [(p.kind, [c.key for c in p.changes], [r["name"] for r in p.rows]) for p in parts] == [
        ("model", ["object:x_one"], []),
        ("fields", ["field:x_one.x_rent_currency"], ["x_rent_currency"]),
        ("fields", ["field:x_one.x_rent"], ["x_rent"]),
        ("fields", ["field:x_one.x_crossdock_key"], ["x_crossdock_key"]),
    ]
