import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType
from crossdock.mapping import ObjectMapping
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.order import plan, referenced_objects


def route(source, target, **links):
    fields = {name: {"from": name, "reference": to} for name, to in links.items()}
    return ObjectMapping.model_validate({"from": source, "to": target, "fields": fields})


def names(phases):
    return [phase.mapping.name for phase in phases]


def test_what_is_referred_to_comes_first():
    phases = plan(
        [
            route("deals", "deal", firm="firm", person="person"),
            route("people", "person", firm="firm"),
            route("firms", "firm"),
        ]
    )
    assert names(phases) == ["firms>firm", "people>person", "deals>deal"]
    assert phases[2].after == ("people>person", "firms>firm")
    assert all(not phase.deferred for phase in phases)


def test_objects_that_are_only_found_come_first():
    users = ObjectMapping.model_validate(
        {"from": "users", "to": "member", "create": False, "match": ["email"]}
    )
    assert names(plan([route("firms", "firm"), users])) == ["users>member", "firms>firm"]
    found_only = route("users", "member").bound(None, ObjectSchema("member", (), match_only=True))
    assert names(plan([route("firms", "firm"), found_only])) == ["users>member", "firms>firm"]


def test_a_reference_to_the_own_object_is_deferred():
    (phase,) = plan([route("firms", "firm", parent="firm")])
    assert phase.deferred == ("parent",)
    assert phase.after == ()


def test_a_cycle_is_broken_at_a_field_that_is_not_required():
    firm = ObjectMapping.model_validate(
        {
            "from": "firms",
            "to": "firm",
            "fields": {"head": {"from": "head", "reference": "person", "required": True}},
        }
    )
    phases = plan([firm, route("people", "person", firm="firm")])
    assert names(phases) == ["people>person", "firms>firm"]
    assert phases[0].deferred == ("firm",)


def test_a_field_that_the_target_requires_does_not_wait():
    target = ObjectSchema("firm", (FieldSchema("head", FieldType.REFERENCE, required=True),))
    phases = plan(
        [route("firms", "firm", head="person").bound(None, target), route("people", "person", firm="firm")]
    )
    assert names(phases) == ["people>person", "firms>firm"]


def test_a_cycle_of_required_fields_is_refused():
    def needing(source, target, name, to):
        entry = {"from": name, "reference": to, "required": True}
        return ObjectMapping.model_validate({"from": source, "to": target, "fields": {name: entry}})

    with pytest.raises(MappingError, match="a>x, b>y"):
        plan([needing("a", "x", "f", "y"), needing("b", "y", "f", "x")])


def test_a_reference_depends_only_on_the_objects_it_may_point_to():
    schemas = {
        "deals": ObjectSchema("deals", (FieldSchema("firm", FieldType.REFERENCE, references=("firms",)),))
    }
    phases = plan(
        [route("deals", "deal", firm="company"), route("leads", "company"), route("firms", "company")],
        schemas,
    )
    assert next(p for p in phases if p.mapping.source == "deals").after == ("firms>company",)


def test_an_author_is_ordered_after_users_but_never_deferred():
    author = {"from": "by", "reference": "member", "author": True}
    users = ObjectMapping.model_validate({"from": "users", "to": "member", "fields": {"createdBy": author}})
    firms = ObjectMapping.model_validate({"from": "firms", "to": "firm", "fields": {"createdBy": author}})
    phases = plan([firms, users])
    assert names(phases) == ["users>member", "firms>firm"]
    assert phases[0].deferred == ()


def test_the_objects_of_a_reference_are_known_from_its_field():
    schema = ObjectSchema(
        "s", (FieldSchema("links", FieldType.REFERENCE, multiple=True, references=("a", "b")),)
    )
    mapping = ObjectMapping.model_validate(
        {
            "from": "s",
            "to": "t",
            "for_each": "links",
            "fields": {
                "own": {"from": "__self", "reference": "t"},
                "one": {"from": "item", "reference": "t"},
                "far": {"from": "links.owner", "reference": "t"},
            },
        }
    )
    assert referenced_objects(mapping.fields["own"], mapping, schema) == {"s"}
    assert referenced_objects(mapping.fields["one"], mapping, schema) == {"a", "b"}
    assert referenced_objects(mapping.fields["far"], mapping, schema) is None


graphs = st.integers(1, 7).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), max_size=4), min_size=size, max_size=size)
)


@given(graphs)
def test_every_reference_points_to_an_earlier_phase_or_is_deferred(graph):
    routes = [
        route(f"s{i}", f"t{i}", **{f"f{k}": f"t{j}" for k, j in enumerate(row)})
        for i, row in enumerate(graph)
    ]
    phases = plan(routes)
    position = {phase.mapping.target: i for i, phase in enumerate(phases)}
    assert sorted(position.values()) == list(range(len(routes)))
    for i, phase in enumerate(phases):
        for name, entry in phase.mapping.fields.items():
            assert name in phase.deferred or position[entry.reference] < i
    assert plan(routes) == phases


@given(graphs)
def test_without_cycles_nothing_is_deferred(graph):
    routes = [
        route(f"s{i}", f"t{i}", **{f"f{k}": f"t{j}" for k, j in enumerate(row) if j < i})
        for i, row in enumerate(graph)
    ]
    assert all(not phase.deferred for phase in plan(list(reversed(routes))))
