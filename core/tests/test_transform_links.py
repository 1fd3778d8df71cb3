"""Links with several ends, choices that are records, and fields with a rule of their own."""

from decimal import Decimal

import pytest
from core.tests.test_transform_records import Ids, one, record, route, schema, value

from crossdock.fieldtypes import FieldType
from crossdock.ids import ReferenceStatus
from crossdock.model import FieldSchema, ObjectSchema, Option, Rejected, TargetRecord
from crossdock.referenceplan import unresolved
from crossdock.values import Money, Reference

WORK = Reference("src.work", "w1")
LEAD, TASK = ("src.work", "w1", "lead"), ("src.work", "w1", "task")


def end(name, target):
    return FieldSchema(name, FieldType.REFERENCE, references=(target,))


ENDS = schema(end("onLead", "lead"), end("onTask", "task"))
BOTH = {
    "onLead": {"from": "work", "reference": "lead"},
    "onTask": {"from": "work", "reference": "task"},
}


def resolved(ids, *, fields=None, **link):
    """A route with a link as it is once the mapping is resolved."""
    link = {"from": "work", "ends": ["onLead", "onTask"], **link}
    needed = ["onLead", "onTask"] if link.get("required", True) else []
    made = route(fields or BOTH, targets=link, require_one=needed)
    return one(made, record(work=WORK), ENDS, ids=ids)


def test_a_record_that_another_end_reaches_is_not_missing():
    skipped = {("src.work", "w1"): ReferenceStatus.SKIPPED}
    found = resolved(Ids({TASK: "t9"}, skipped))
    assert isinstance(found, TargetRecord)
    assert found.values == {"onTask": "t9"}


def test_a_link_without_any_end_holds_the_record():
    held = resolved(Ids(statuses={("src.work", "w1"): ReferenceStatus.HELD}))
    assert isinstance(held, Rejected)
    assert held.queue == "references"


def test_of_a_link_that_only_one_may_hold_the_first_end_does():
    found = resolved(Ids({LEAD: "l1", TASK: "t1"}), one=True)
    assert found.values == {"onLead": "l1", "onTask": None}


def test_every_end_holds_a_link_that_several_may_hold():
    assert resolved(Ids({LEAD: "l1", TASK: "t1"})).values == {"onLead": "l1", "onTask": "t1"}


def test_an_optional_link_that_leads_to_what_no_route_moves_is_noted():
    unmapped = Ids(statuses={("src.work", "w1"): ReferenceStatus.UNMAPPED})
    found = resolved(unmapped, required=False)
    assert found.notes == ("onLead: no route moves what it leads to, left empty",)


def test_an_empty_optional_link_is_nothing_to_speak_of():
    made = route(BOTH, targets={"from": "work", "ends": ["onLead", "onTask"], "required": False})
    assert one(made, record(work=None), ENDS).notes == ()


def test_the_note_of_an_empty_end_goes_when_another_end_holds_the_link():
    fields = {name: {**entry, "missing": "null_with_finding"} for name, entry in BOTH.items()}
    skipped = {("src.work", "w1"): ReferenceStatus.SKIPPED}
    found = resolved(Ids({TASK: "t1"}, skipped), fields=fields, required=False)
    assert (found.values["onTask"], found.notes) == ("t1", ())


def test_fields_that_read_one_reference_for_different_objects_are_ends_of_one_link():
    skipped = {("src.work", "w1"): ReferenceStatus.SKIPPED}
    found = one(route(BOTH), record(work=WORK), ENDS, ids=Ids({LEAD: "l1"}, skipped))
    assert found.values == {"onLead": "l1"}


def test_two_references_that_became_one_record_are_one():
    several = FieldSchema("f", FieldType.REFERENCE, references=("lead",), multiple=True)
    other = Reference("src.work", "w2")
    ids = Ids({LEAD: "l1", ("src.work", "w2", "lead"): "l1"})
    found = one(
        route({"f": {"from": "all", "reference": "lead"}}),
        record(all=(WORK, other)),
        schema(several),
        ids=ids,
    )
    assert found.values["f"] == ("l1",)


# --- choices ----------------------------------------------------------------------------------

SIZES = (Option("big"), Option("small"))
FIRMS = ObjectSchema(
    "src.firms", (FieldSchema("size", FieldType.SELECT, options=SIZES, references=("src.choices",)),)
)
STAGE = FieldSchema("f", FieldType.REFERENCE, references=("stage",))


def test_a_choice_leads_to_the_record_that_stands_for_it():
    ids = Ids({("src.choices", "src.firms.size:big", "stage"): "s1"})
    assert value({"from": "size", "reference": "stage"}, STAGE, record(size="big"), ids, FIRMS) == "s1"


def test_a_choice_without_a_record_there_holds_its_record():
    made = route({"f": {"from": "size", "reference": "stage"}})
    assert isinstance(one(made, record(size="big"), schema(STAGE), FIRMS), Rejected)


def test_a_value_may_name_records_of_the_source():
    several = FieldSchema("f", FieldType.REFERENCE, references=("stage",), multiple=True)
    ids = Ids({("src.choices", f"src.firms.size:{size}", "stage"): size for size in ("big", "small")})
    entry = {
        "value": ["src.choices/src.firms.size:big", "src.choices/src.firms.size:small"],
        "reference": "stage",
    }
    assert value(entry, several, record(), ids) == ("big", "small")
    assert isinstance(one(route({"f": entry}), record(), schema(several)), Rejected)


# --- rules and other fields -------------------------------------------------------------------

TEXT = ("f", FieldType.TEXT)


def test_a_field_with_a_rule_gets_a_value_only_where_it_holds():
    entry = {"from": "why", "where": "state == 'lost'"}
    assert value(entry, TEXT, record(state="lost", why="price")) == "price"
    assert value(entry, TEXT, record(state="won", why="price")) is None


def test_a_constant_with_a_rule_is_written_only_where_it_holds():
    entry = {"value": "x", "where": "state == 'lost'"}
    assert [value(entry, TEXT, record(state=s)) for s in ("lost", "won")] == ["x", None]


def test_a_rule_without_an_answer_rejects_the_record():
    made = route({"f": {"from": "why", "where": "state > 3"}})
    assert isinstance(one(made, record(state="x"), schema(TEXT)), Rejected)


def test_what_a_value_map_does_not_know_may_come_from_another_field():
    entry = {"from": "code", "values": {"new": "New"}, "otherwise": {"from": "label"}}
    assert value(entry, TEXT, record(code="new", label="Новая")) == "New"
    assert value(entry, TEXT, record(code="talks", label="Переговоры")) == "Переговоры"
    assert value(entry, TEXT, record(code=None, label="Без статуса")) == "Без статуса"


def test_an_amount_in_another_currency_is_left_to_a_field_of_its_own():
    money = ("f", FieldType.MONEY)
    rubles = Money(Decimal(5), "RUB")
    own = {"from": "sum", "steps": [{"in_currency": "EUR"}]}
    other = {"from": "sum", "steps": [{"other_currency": "EUR"}]}
    assert value(own, money, record(sum=rubles)) is None
    assert value(other, money, record(sum=rubles)) == rubles
    euros = Money(Decimal(5), "EUR")
    assert (value(own, money, record(sum=euros)), value(other, money, record(sum=euros))) == (euros, None)
    free = {"from": "sum", "steps": [{"in_currency": {"currency": None}}]}
    assert value(free, money, record(sum=rubles)) == rubles


def test_an_amount_that_is_left_out_is_noted():
    made = route({"f": {"from": "sum", "steps": [{"in_currency": "EUR"}]}})
    found = one(made, record(sum=Money(Decimal(5), "RUB")), schema(("f", FieldType.MONEY)))
    assert found.notes == ("f: an amount in RUB left out",)


# --- ends that are not there, and links that are not one ----------------------------------------


class Several(Ids):
    """An id map that knows by target object how a record stands."""

    def status(self, object_name, key, target_object):
        known = self.statuses.get((object_name, key, target_object))
        return known or super().status(object_name, key, target_object)


def with_lead(status, *, task="t1", **link):
    """What becomes of a record whose lead stands like this and whose task is loaded."""
    return resolved(Several({TASK: task} if task else {}, {LEAD: status}), **link)


EMPTY = {name: {**entry, "missing": "null_with_finding"} for name, entry in BOTH.items()}


def test_an_end_that_is_held_holds_the_record_though_another_end_is_there():
    held = with_lead(ReferenceStatus.HELD)
    assert isinstance(held, Rejected)
    assert (held.queue, held.reasons) == ("references", ("onLead: src.work/w1 is no lead there (held)",))


@pytest.mark.parametrize("status", [ReferenceStatus.REJECTED, ReferenceStatus.FAILED, ReferenceStatus.ABSENT])
def test_an_end_that_did_not_arrive_is_noted_so_that_a_delta_looks_again(status):
    found = with_lead(status)
    assert found.values["onTask"] == "t1"
    assert found.notes == (f"onLead: src.work/w1 is no lead there ({status}), left empty",)
    assert unresolved(found.notes) == {"onLead": "left empty"}


@pytest.mark.parametrize("status", [ReferenceStatus.HELD, ReferenceStatus.REJECTED])
def test_an_end_that_may_stay_empty_keeps_its_note_though_another_end_is_there(status):
    found = with_lead(status, fields=EMPTY, required=False)
    assert found.values == {"onLead": None, "onTask": "t1"}
    assert found.notes == (f"onLead: src.work/w1 is no lead there ({status}), left empty",)


def test_an_end_that_is_still_to_be_loaded_is_waited_for():
    found = with_lead(ReferenceStatus.PENDING)
    assert (found.values, found.deferred) == ({"onTask": "t1"}, ("onLead",))


def test_of_a_link_that_only_one_may_hold_the_first_end_is_waited_for():
    found = with_lead(ReferenceStatus.PENDING, one=True)
    assert (found.values, found.deferred) == ({}, ("onLead", "onTask"))
    again = resolved(Several({LEAD: "l1", TASK: "t1"}), one=True)
    assert again.values == {"onLead": "l1", "onTask": None}


def test_of_a_link_that_only_one_may_hold_a_first_end_that_is_held_holds_the_record():
    assert with_lead(ReferenceStatus.HELD, one=True).queue == "references"


def test_of_a_link_that_only_one_may_hold_what_comes_after_the_first_end_is_no_loss():
    ids = Several({LEAD: "l1"}, {TASK: ReferenceStatus.HELD})
    found = resolved(ids, one=True)
    assert (found.values, found.notes) == ({"onLead": "l1"}, ())
    waiting = resolved(Several({LEAD: "l1"}, {TASK: ReferenceStatus.PENDING}), one=True)
    assert (waiting.values, waiting.deferred) == ({"onLead": "l1", "onTask": None}, ())


CLIENT = Reference("src.clients", "c1")
MORE_ENDS = schema(end("company", "company"), end("onLead", "lead"), end("onTask", "task"))
COMPANY = {"company": {"from": "client", "reference": "company"}}


def test_what_has_to_be_filled_is_no_end_of_another_link():
    rejected = {("src.work", "w1"): ReferenceStatus.REJECTED}
    ids = Ids({("src.clients", "c1", "company"): "c9", LEAD: "l1"}, rejected)
    link = {"from": "work", "ends": ["onLead", "onTask"], "required": False, "one": True}
    made = route({**COMPANY, **EMPTY}, targets=link, require_one=["company"])
    assert made.links == (("onLead", "onTask"),)
    assert one(made, record(work=WORK, client=CLIENT), MORE_ENDS, ids=ids).values["onLead"] == "l1"
    ids.known.pop(LEAD)
    found = one(made, record(work=WORK, client=CLIENT), MORE_ENDS, ids=ids)
    assert (found.values["company"], len(found.notes)) == ("c9", 2)


def test_of_two_references_of_which_one_has_to_be_filled_each_is_waited_for():
    fields = {**COMPANY, "onLead": {"from": "work", "reference": "lead"}}
    ids = Ids({("src.clients", "c1", "company"): "c9"}, {("src.work", "w1"): ReferenceStatus.HELD})
    found = one(
        route(fields, require_one=["company", "onLead"]), record(work=WORK, client=CLIENT), MORE_ENDS, ids=ids
    )
    assert isinstance(found, Rejected)


# --- what a rule leaves empty stays so ----------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"default": "x"},
        {"values": {"null": "x", "price": "p"}},
        {"values": {"price": "p"}, "otherwise": {"from": "label"}},
    ],
)
def test_nothing_is_written_where_the_rule_of_a_field_does_not_hold(more):
    entry = {"from": "why", "where": "state == 'lost'", **more}
    assert value(entry, TEXT, record(state="won", why=None, label="x")) is None
    assert value(entry, TEXT, record(state="lost", why=None, label="x")) == "x"


def test_another_way_to_say_the_same_is_no_loss():
    made = route({"f": {"from": ["nick", "name"], "steps": ["either"]}})
    found = one(made, record(nick=None, name="Анна"), schema(TEXT))
    assert (found.values["f"], found.notes) == ("Анна", ())
    assert one(made, record(nick="Аня", name="Анна"), schema(TEXT)).notes == ()
