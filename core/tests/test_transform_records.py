from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType
from crossdock.ids import ReferenceStatus, external_id, target_uuid
from crossdock.mapping import ObjectMapping
from crossdock.model import FieldSchema, ObjectSchema, Option, Origin, Record, Rejected, Skipped, TargetRecord
from crossdock.queues import REFERENCES
from crossdock.transform import compile_mapping, transform
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference


class Ids:
    project, tenant = "p1", "acme"

    def __init__(self, known=None, statuses=None, records=None, fallbacks=None):
        self.known, self.statuses = known or {}, statuses or {}
        self.records, self.fallbacks = records or {}, fallbacks or {}

    def target_id(self, object_name, key, target_object):
        return self.known.get((object_name, key, target_object))

    def status(self, object_name, key, target_object):
        return self.statuses.get((object_name, key), ReferenceStatus.ABSENT)

    def source_values(self, object_name, key):
        return self.records.get((object_name, key))

    def fallback(self, match, target_object):
        return self.fallbacks.get((match, target_object))


def route(fields=None, **more):
    return ObjectMapping.model_validate({"from": "src.firms", "to": "firm", "fields": fields or {}, **more})


def record(key="k1", deleted=False, **values):
    return Record("src.firms", key, values, deleted)


def schema(*fields):
    return ObjectSchema(
        "firm", tuple(FieldSchema(f[0], *f[1:]) if isinstance(f, tuple) else f for f in fields)
    )


def one(mapping, given_record, target=None, source=None, ids=None):
    outcomes = compile_mapping(mapping, target, source)(given_record, ids or Ids())
    assert len(outcomes) == 1
    return outcomes[0]


def value(entry, target_field, given_record, ids=None, source=None):
    outcome = one(route({"f": entry}), given_record, schema(target_field), source, ids)
    assert isinstance(outcome, TargetRecord), outcome
    return outcome.values.get("f")


def reasons(entry, target_field, given_record, ids=None, source=None):
    outcome = one(route({"f": entry}), given_record, schema(target_field), source, ids)
    assert isinstance(outcome, Rejected), outcome
    return outcome.reasons


TEXT = ("f", FieldType.TEXT)


def test_a_record_becomes_one_target_record_with_its_ids():
    outcome = one(route({"name": "title"}), record(title="Acme"), schema(("name", FieldType.TEXT)))
    origin = Origin("acme", "src.firms", "k1")
    assert outcome == TargetRecord(
        "firm", origin, target_uuid("p1", origin, "firm"), external_id("p1", origin), {"name": "Acme"}
    )


def test_a_source_field_that_is_missing_is_nothing():
    assert one(route({"name": "title"}), record(), schema(("name", FieldType.TEXT))).values == {"name": None}


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_copied_text_is_not_changed(text):
    assert value("a", TEXT, record(a=text)) == text


def test_without_schemas_values_are_copied_as_they_are():
    assert one(route({"x": "a"}), record(a=5)).values == {"x": 5}


@pytest.mark.parametrize(
    ("type_", "given_value", "expected"),
    [
        (FieldType.LINK, "a.example", Link("a.example")),
        (FieldType.PHONE, "123", Phone("123")),
        (FieldType.DECIMAL, 3, Decimal(3)),
        (FieldType.AUTHOR, "Ann", Author("Ann")),
        (FieldType.JSON, {"a": [1]}, {"a": [1]}),
        (FieldType.DATETIME, datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_value_gets_the_shape_of_its_field(type_, given_value, expected):
    assert value("a", ("f", type_), record(a=given_value)) == expected


@pytest.mark.parametrize(
    ("type_", "given_value"),
    [
        (FieldType.TEXT, 5),
        (FieldType.INTEGER, True),
        (FieldType.DATE, datetime(2024, 1, 1, tzinfo=UTC)),
        (FieldType.MONEY, Decimal(1)),
        (FieldType.DATETIME, datetime(2024, 1, 1)),  # noqa: DTZ001
        (FieldType.EMAIL, ("a@x.example", "b@x.example")),
    ],
)
def test_a_value_of_another_shape_is_a_reason(type_, given_value):
    assert reasons("a", ("f", type_), record(a=given_value))[0].startswith("f: ")


def test_a_field_with_several_values_takes_one_too():
    several = FieldSchema("f", FieldType.EMAIL, multiple=True)
    assert value("a", several, record(a="a@x.example")) == ("a@x.example",)
    assert value("a", several, record(a=("a@x.example", None))) == ("a@x.example",)
    assert value("a", several, record(a=None)) is None


def test_text_that_is_too_long_is_rejected_not_cut():
    assert "3 fit" in reasons("a", FieldSchema("f", FieldType.TEXT, max_length=3), record(a="abcd"))[0]
    assert value("a", FieldSchema("f", FieldType.TEXT, max_length=3), record(a="abc")) == "abc"


def test_a_choice_has_to_be_one_of_the_options():
    choice = FieldSchema("f", FieldType.SELECT, options=(Option("A"),))
    assert value("a", choice, record(a="A")) == "A"
    assert "not one of the options" in reasons("a", choice, record(a="B"))[0]
    assert value({"template": ""}, choice, record()) is None


def test_steps_run_in_order_and_nothing_passes_through_them():
    entry = {"from": "a", "steps": ["trim", "lower", {"truncate": 2}]}
    assert value(entry, TEXT, record(a="  ABC ")) == "ab"
    assert value(entry, TEXT, record(a="")) is None


def test_a_step_is_applied_to_each_of_several_values():
    several = FieldSchema("f", FieldType.TEXT, multiple=True)
    assert value({"from": "a", "steps": ["upper"]}, several, record(a=("a", None, "b"))) == ("A", "B")


def test_what_a_step_cuts_is_noted():
    outcome = one(route({"f": {"from": "a", "steps": [{"truncate": 2}]}}), record(a="abc"), schema(TEXT))
    assert outcome.notes == ("f: cut from 3 to 2 characters",)


def test_what_a_step_refuses_is_a_reason():
    entry = {"from": "a", "steps": ["email"]}
    assert reasons(entry, ("f", FieldType.EMAIL), record(a="nobody")) == (
        "f: 'nobody' is not an e-mail address",
    )


def test_a_broken_step_is_a_reason_too():
    assert reasons({"from": "a", "steps": [{"replace": {"old": "x"}}]}, TEXT, record(a=5))


@pytest.mark.parametrize(
    ("own", "target", "given_value", "expected"),
    [
        (FieldSchema("a", FieldType.TEXT), FieldSchema("f", FieldType.INTEGER), "42", 42),
        (
            FieldSchema("a", FieldType.MONEY),
            FieldSchema("f", FieldType.TEXT),
            Money(Decimal(5), "RUB"),
            "5 RUB",
        ),
        (
            FieldSchema("a", FieldType.TEXT, multiple=True),
            FieldSchema("f", FieldType.TEXT),
            ("x", "y"),
            "x, y",
        ),
        (
            FieldSchema("a", FieldType.EMAIL, multiple=True),
            FieldSchema("f", FieldType.EMAIL),
            ("x", "y"),
            "x",
        ),
        (
            FieldSchema("a", FieldType.TEXT, multiple=True),
            FieldSchema("f", FieldType.LINK),
            ("x", "y"),
            Link("https://x"),
        ),
    ],
)
def test_the_conversion_table_gives_the_step_that_the_mapping_does_not_name(
    own, target, given_value, expected
):
    assert value("a", target, record(a=given_value), source=schema(own)) == expected


def test_several_source_fields_are_taken_together():
    entry = {"from": ["a", "b", "c"]}
    given_record = record(a="x", b=None, c=("y", "z"))
    assert value(entry, TEXT, given_record) == "x, y, z"
    assert value(entry, FieldSchema("f", FieldType.TEXT, multiple=True), given_record) == ("x", "y", "z")
    assert value(entry, ("f", FieldType.EMAIL), given_record) == "x"
    assert value(entry, TEXT, record()) is None


def test_a_dotted_path_reads_a_part():
    assert value("n.first", TEXT, record(n=PersonName("Ann"))) == "Ann"
    assert value("n.first", TEXT, record(n=None)) is None
    assert value("n.x", TEXT, record(n={"x": "y"})) == "y"
    assert value(
        "n.number", FieldSchema("f", FieldType.TEXT, multiple=True), record(n=(Phone("1"), None))
    ) == ("1",)


def test_a_field_whose_own_name_has_a_dot_is_read_whole():
    source = schema(FieldSchema("n.first", FieldType.TEXT))
    assert value("n.first", TEXT, record(**{"n.first": "Ann"}), source=source) == "Ann"


def test_a_path_through_a_reference_reads_the_other_record():
    ids = Ids(records={("src.groups", "g1"): {"title": "Big"}})
    given_record = record(group=Reference("src.groups", "g1"))
    assert value("group.title", TEXT, given_record, ids) == "Big"
    assert value("group.key", TEXT, given_record, ids) == "g1"
    assert value("group.title", TEXT, given_record) is None


def test_a_template_leaves_no_gaps():
    entry = {"template": "{last} {first} {middle}"}
    assert value(entry, TEXT, record(last="A", first="", middle="C")) == "A C"
    assert value(entry, TEXT, record(first="B")) == "B"
    assert value(entry, TEXT, record()) is None


def test_constants_take_the_type_of_their_field():
    assert value({"value": 1.5}, ("f", FieldType.DECIMAL), record()) == Decimal("1.5")
    assert value({"value": "2024-01-02"}, ("f", FieldType.DATE), record()) == date(2024, 1, 2)
    assert value({"value": "2024-01-02"}, ("f", FieldType.DATETIME), record()) == datetime(
        2024, 1, 2, tzinfo=UTC
    )
    assert value({"value": ["a"]}, FieldSchema("f", FieldType.TEXT, multiple=True), record()) == ("a",)
    assert value({"value": None}, TEXT, record()) is None
    assert one(route({"f": {"value": "x"}}), record()).values == {"f": "x"}


def test_a_default_stands_in_for_nothing():
    assert value({"from": "a", "default": "x"}, TEXT, record(a="")) == "x"
    assert value({"from": "a", "default": "x"}, TEXT, record(a="y")) == "y"


def test_a_required_field_that_is_empty_rejects():
    assert reasons({"from": "a", "required": True}, TEXT, record(a=" "[:0])) == ("f: is required and empty",)


def test_a_value_map_translates_whatever_can_be_its_key():
    entry = {"from": "a", "values": {"new": "NEW", True: "YES", 3: "THREE", None: "NONE"}}
    assert value(entry, TEXT, record(a="new")) == "NEW"
    assert value(entry, TEXT, record(a=True)) == "YES"
    assert value(entry, TEXT, record(a=Decimal(3))) == "THREE"
    assert value(entry, TEXT, record(a=None)) == "NONE"


def test_a_value_map_translates_each_of_several_values():
    several = FieldSchema("f", FieldType.SELECT, multiple=True, options=(Option("A"), Option("B")))
    entry = {"from": "a", "values": {"x": "A", "y": "B"}, "otherwise": None}
    assert value(entry, several, record(a=("y", "z", "x"))) == ("B", "A")


@pytest.mark.parametrize(
    ("otherwise", "expected"), [("keep", "q"), ("null", None), (None, None), ({"value": "Z"}, "Z")]
)
def test_a_value_that_the_map_does_not_know_follows_otherwise(otherwise, expected):
    assert value({"from": "a", "values": {"x": "A"}, "otherwise": otherwise}, TEXT, record(a="q")) == expected


def test_a_value_that_the_map_does_not_know_rejects_by_default():
    assert "knows: x" in reasons({"from": "a", "values": {"x": "A"}}, TEXT, record(a="q"))[0]


def test_all_reasons_are_given_at_once():
    mapping = route({"a": {"from": "x", "steps": ["integer"]}, "b": {"from": "y", "required": True}})
    target = schema(("a", FieldType.INTEGER), ("b", FieldType.TEXT))
    outcome = one(mapping, record(x="q"), target)
    assert outcome == Rejected("src.firms", "k1", ("a: 'q' is not a number", "b: is required and empty"))


def test_parts_of_a_composite_are_put_together():
    mapping = route({"name.first": "a", "name.last": "b", "home.city": "c", "sum.amount": {"value": 5}})
    target = schema(("name", FieldType.PERSON_NAME), ("home", FieldType.ADDRESS), ("sum", FieldType.MONEY))
    outcome = one(mapping, record(a="Ann", c="Town"), target)
    assert outcome.values == {
        "name": PersonName("Ann"),
        "home": Address(city="Town"),
        "sum": Money(Decimal(5)),
    }


def test_a_composite_without_any_part_is_nothing_and_half_an_amount_is_a_reason():
    target = schema(("name", FieldType.PERSON_NAME), ("sum", FieldType.MONEY))
    assert one(route({"name.first": "a"}), record(), target).values == {"name": None}
    outcome = one(route({"sum.currency": "a"}), record(a="RUB"), target)
    assert outcome.reasons == ("sum: has currency but not all that it needs",)


# --- references -------------------------------------------------------------------------------

LINKED = FieldSchema("f", FieldType.REFERENCE, references=("group",))
GROUP = Reference("src.groups", "g1")


def test_a_reference_becomes_the_target_id():
    ids = Ids({("src.groups", "g1", "group"): "id-1"})
    assert value({"from": "g", "reference": "group"}, LINKED, record(g=GROUP), ids) == "id-1"


def test_several_references_become_several_ids():
    ids = Ids({("src.groups", "g1", "group"): "id-1", ("src.groups", "g2", "group"): "id-2"})
    several = FieldSchema("f", FieldType.REFERENCE, multiple=True)
    given_record = record(g=(GROUP, Reference("src.groups", "g2")))
    assert value({"from": "g", "reference": "group"}, several, given_record, ids) == ("id-1", "id-2")


def test_of_several_references_the_first_is_taken_with_a_note():
    ids = Ids({("src.groups", "g1", "group"): "id-1"})
    outcome = one(
        route({"f": {"from": "g", "reference": "group"}}), record(g=(GROUP, GROUP)), schema(LINKED), ids=ids
    )
    assert outcome.values == {"f": "id-1"}
    assert outcome.notes == ("f: 1 further references left out",)


def test_a_reference_to_a_later_record_is_deferred():
    ids = Ids(statuses={("src.groups", "g1"): ReferenceStatus.PENDING})
    outcome = one(route({"f": {"from": "g", "reference": "group"}}), record(g=GROUP), schema(LINKED), ids=ids)
    assert outcome.deferred == ("f",)
    assert "f" not in outcome.values


def test_a_required_reference_cannot_be_deferred():
    ids = Ids(statuses={("src.groups", "g1"): ReferenceStatus.PENDING})
    entry = {"from": "g", "reference": "group", "required": True}
    outcome = one(route({"f": entry}), record(g=GROUP), schema(LINKED), ids=ids)
    assert outcome.queue == REFERENCES


@pytest.mark.parametrize("status", [ReferenceStatus.HELD, ReferenceStatus.ABSENT, ReferenceStatus.UNMAPPED])
def test_a_reference_that_leads_nowhere_holds_the_record(status):
    ids = Ids(statuses={("src.groups", "g1"): status})
    outcome = one(route({"f": {"from": "g", "reference": "group"}}), record(g=GROUP), schema(LINKED), ids=ids)
    assert outcome.queue == REFERENCES
    assert outcome.reasons == (f"f: src.groups/g1 is no group there ({status})",)


def test_a_record_with_another_fault_is_rejected_not_held():
    mapping = route({"f": {"from": "g", "reference": "group"}, "n": {"from": "n", "required": True}})
    assert one(mapping, record(g=GROUP), schema(LINKED, ("n", FieldType.TEXT))).queue == ""


def test_a_missing_reference_may_be_left_empty_with_a_note():
    entry = {"from": "g", "reference": "group", "missing": "null_with_finding"}
    outcome = one(route({"f": entry}), record(g=GROUP), schema(LINKED))
    assert outcome.values == {"f": None}
    assert outcome.notes == ("f: src.groups/g1 is no group there (absent), left empty",)


def test_a_fallback_takes_the_place_of_a_missing_reference():
    entry = {"from": "g", "reference": "group", "fallback": "misc"}
    outcome = one(
        route({"f": entry}), record(g=GROUP), schema(LINKED), ids=Ids(fallbacks={("misc", "group"): "id-9"})
    )
    assert outcome.values == {"f": "id-9"}
    assert "misc took its place" in outcome.notes[0]


def test_a_fallback_that_is_not_there_is_said():
    entry = {"from": "g", "reference": "group", "fallback": "misc"}
    assert "'misc' is not there either" in reasons(entry, LINKED, record(g=GROUP))[0]


def test_what_is_not_a_reference_is_a_reason():
    assert "not a reference" in reasons({"from": "g", "reference": "group"}, LINKED, record(g="g1"))[0]


def test_the_record_itself_can_be_referred_to():
    ids = Ids({("src.firms", "k1", "firm"): "id-self"})
    assert (
        value({"from": "__self", "reference": "firm"}, ("f", FieldType.REFERENCE), record(), ids) == "id-self"
    )


def test_an_author_has_the_name_at_the_source_and_the_id_there():
    ids = Ids(
        {("src.users", "u1", "member"): "id-u"},
        records={("src.users", "u1"): {"n": PersonName("Ann", "Lee")}},
    )
    entry = {"from": "by", "author": True, "reference": "member"}
    by = Reference("src.users", "u1")
    assert value(entry, ("f", FieldType.AUTHOR), record(by=by), ids) == Author("Ann Lee", "id-u")
    assert value(entry, ("f", FieldType.AUTHOR), record(by=(by,)), ids) == Author("Ann Lee", "id-u")


@pytest.mark.parametrize(
    ("values", "name"), [({"login": "ann"}, "ann"), ({"p": PersonName(), "name": "Ann"}, "Ann"), ({}, "u1")]
)
def test_an_author_without_a_person_name_has_the_next_best(values, name):
    ids = Ids(records={("src.users", "u1"): values})
    entry = {"from": "by", "author": True}
    assert value(entry, ("f", FieldType.AUTHOR), record(by=Reference("src.users", "u1")), ids) == Author(name)
    assert value(entry, ("f", FieldType.AUTHOR), record(by="Bob")) == Author("Bob")


# --- rules, elements, the hook ----------------------------------------------------------------


def test_a_record_that_the_rule_leaves_out_is_skipped_by_that_rule():
    mapping = route({"f": "a"}, where="not deleted and kind == 'client'")
    assert one(mapping, record(kind="other")) == Skipped(
        "src.firms", "k1", "not deleted and kind == 'client'"
    )
    assert isinstance(one(mapping, record(kind="client")), TargetRecord)


def test_a_deleted_record_takes_part_only_where_the_rule_speaks_of_it():
    assert one(route({"f": "a"}), record(deleted=True)) == Skipped("src.firms", "k1", "deleted at the source")
    assert isinstance(one(route({"f": "a"}, where="deleted || !deleted"), record(deleted=True)), TargetRecord)


def test_a_rule_without_an_answer_rejects():
    assert "has no answer" in one(route(where="size > 3"), record(size=None)).reasons[0]


def test_each_element_becomes_a_target_record_with_its_part():
    mapping = route({"f": {"from": "item", "reference": "group"}}, for_each="groups")
    ids = Ids({("src.groups", "g1", "group"): "id-1", ("src.groups", "g2", "group"): "id-2"})
    groups = (GROUP, Reference("src.groups", "g2"), GROUP)
    outcomes = compile_mapping(mapping, schema(LINKED))(record(groups=groups), ids)
    assert [o.origin.part for o in outcomes] == ["src.groups/g1", "src.groups/g2"]
    assert [o.values["f"] for o in outcomes] == ["id-1", "id-2"]
    assert len({o.target_id for o in outcomes}) == 2


def test_elements_that_are_no_references_have_their_index_as_part():
    outcomes = compile_mapping(route({"f": "item"}, for_each="tags"))(record(tags=("a", "", "b")), Ids())
    assert [(o.origin.part, o.values["f"]) for o in outcomes] == [("0", "a"), ("2", "b")]


def test_the_elements_that_fail_become_one_reject():
    mapping = route({"f": {"from": "item", "reference": "group"}}, for_each="groups")
    ids = Ids({("src.groups", "g1", "group"): "id-1"})
    groups = (GROUP, Reference("src.groups", "x"), Reference("src.groups", "y"))
    outcomes = compile_mapping(mapping, schema(LINKED))(record(groups=groups), ids)
    assert isinstance(outcomes[0], TargetRecord)
    assert outcomes[1].queue == REFERENCES
    assert len(outcomes[1].reasons) == 2


def test_a_record_without_elements_is_skipped():
    assert one(route(for_each="groups"), record()) == Skipped("src.firms", "k1", "for_each: groups is empty")


def test_one_of_the_required_links_is_enough():
    fields = {n: {"from": "owner", "reference": n} for n in ("firmLink", "personLink")}
    mapping = route(fields, require_one=["firmLink", "personLink"])
    target = schema(("firmLink", FieldType.REFERENCE), ("personLink", FieldType.REFERENCE))
    ids = Ids({("src.people", "p1", "personLink"): "id-p"}, {("src.people", "p1"): ReferenceStatus.UNMAPPED})
    outcome = one(mapping, record(owner=Reference("src.people", "p1")), target, ids=ids)
    assert outcome.values == {"firmLink": None, "personLink": "id-p"}


def test_none_of_the_required_links_rejects():
    mapping = route({"f": {"from": "g", "reference": "group"}}, require_one=["f"])
    assert one(mapping, record(), schema(LINKED)).reasons == ("none of f is filled",)


def test_a_deferred_link_counts_as_filled():
    mapping = route({"f": {"from": "g", "reference": "group"}}, require_one=["f"])
    ids = Ids(statuses={("src.groups", "g1"): ReferenceStatus.PENDING})
    assert one(mapping, record(g=GROUP), schema(LINKED), ids=ids).deferred == ("f",)


def test_unmapped_fields_can_be_written_down():
    source = schema(
        FieldSchema("title", FieldType.TEXT),
        FieldSchema("size", FieldType.INTEGER, "Size"),
        FieldSchema("g", FieldType.REFERENCE, multiple=True),
        FieldSchema("secret", FieldType.TEXT),
        FieldSchema("none", FieldType.TEXT),
    )
    mapping = route({"name": "title", "f": {"from": "__unmapped"}}, ignore=["secret"])
    target = schema(TEXT, ("name", FieldType.TEXT))
    given_record = record(title="T", size=5, g=(GROUP,), secret="x")
    assert one(mapping, given_record, target, source).values["f"] == "Size: 5\ng: src.groups/g1"
    assert one(mapping, given_record, target).values["f"] == "g: src.groups/g1\nsize: 5"
    assert one(mapping, record(title="T"), target).values["f"] is None


def test_a_mapping_that_cannot_work_names_every_field():
    with pytest.raises(MappingError) as caught:
        compile_mapping(
            route({"a": {"from": "x", "steps": ["nope"]}, "b": {"value": 5}}), schema(("b", FieldType.DATE))
        )
    assert [p.partition(":")[0] for p in caught.value.problems] == [
        "objects[src.firms>firm].fields.a",
        "objects[src.firms>firm].fields.b",
    ]


def test_the_hook_converts_a_batch_with_the_schemas_of_a_resolved_mapping():
    mapping = route({"f": "a"}).bound(
        schema(FieldSchema("a", FieldType.TEXT)), schema(("f", FieldType.INTEGER))
    )
    outcomes = transform([record("1", a="5"), record("2", a="x")], mapping, Ids())
    assert outcomes[0].values == {"f": 5}
    assert isinstance(outcomes[1], Rejected)
    assert transform([record("3", a="7")], mapping, Ids())[0].values == {"f": 7}


@given(st.dictionaries(st.sampled_from("abcd"), st.none() | st.text() | st.integers() | st.booleans()))
def test_a_record_always_gives_exactly_one_outcome_and_always_the_same(values):
    mapping = route({"f": "a", "g": {"from": "b", "steps": ["integer"]}, "h": {"template": "{c} {d}"}})
    convert = compile_mapping(mapping, schema(TEXT, ("g", FieldType.INTEGER), ("h", FieldType.TEXT)))
    first = convert(Record("src.firms", "k", values), Ids())
    assert len(first) == 1
    assert convert(Record("src.firms", "k", values), Ids()) == first
