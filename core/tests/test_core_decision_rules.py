"""Decisions inside rules, questions that another answer makes necessary, links of objects to be made."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from crossdock.capabilities import Capabilities
from crossdock.errors import MappingError
from crossdock.expressions import Condition, with_answers
from crossdock.fieldtypes import FieldType
from crossdock.mapping import MappingFile
from crossdock.mappingfile.resolution import resolve
from crossdock.model import Catalog, FieldSchema, Limits, ObjectSchema


def catalog(platform: str, *objects: ObjectSchema) -> Catalog:
    return Catalog(platform, platform, objects, Capabilities({}), Limits(platform))


CASES = ObjectSchema(
    "cases",
    (
        FieldSchema("title", FieldType.TEXT),
        FieldSchema("changed", FieldType.DATETIME),
        FieldSchema("about", FieldType.REFERENCE, references=("firms", "people")),
    ),
)
FIRMS, PEOPLE = (ObjectSchema(name, (FieldSchema("title", FieldType.TEXT),)) for name in ("firms", "people"))
COMPANY, PERSON = (
    ObjectSchema(name, (FieldSchema("name", FieldType.TEXT),)) for name in ("company", "person")
)
DOCUMENT: dict[str, Any] = {
    "source": "old",
    "destination": "new",
    "questions": {
        "history": {"default": "full", "alternatives": ["full", "recent"]},
        "since": {"default": None, "required_when": "decisions.history == 'recent'"},
    },
    "objects": [
        {"from": "firms", "to": "company", "fields": {"name": "title"}},
        {"from": "people", "to": "person", "fields": {"name": "title"}},
        {
            "from": "cases",
            "to": {"provision": {"object": "log", "label": "Log", "fields": {}}},
            "where": "decisions.history == 'full' || changed >= decisions.since",
            "fields": {"name": "title"},
            "targets": {"from": "about", "name": "about{Object}"},
        },
    ],
}


def resolved(**decisions: Any) -> Any:
    mapping = MappingFile.model_validate(DOCUMENT)
    return resolve(mapping, decisions, catalog("old", CASES, FIRMS, PEOPLE), catalog("new", COMPANY, PERSON))


def test_a_decision_in_a_rule_is_its_answer() -> None:
    rule = with_answers("a == decisions.word && b > decisions.number", {"word": 'x"y', "number": 2})

    assert Condition(rule).holds({"a": 'x"y', "b": 3})


@pytest.mark.parametrize("answer", ["2024-05-01", date(2024, 5, 1), datetime(2024, 5, 1, tzinfo=UTC)])
def test_a_date_in_a_rule_can_be_compared_with_times(answer: Any) -> None:
    rule = Condition(with_answers("changed >= decisions.since", {"since": answer}))

    assert rule.holds({"changed": datetime(2024, 5, 1, tzinfo=UTC)})
    assert not rule.holds({"changed": datetime(2024, 4, 30, 23, 59, tzinfo=UTC)})


def test_quoted_text_that_looks_like_a_decision_stays() -> None:
    assert with_answers("a == 'decisions.x'", {"x": 1}) == "a == 'decisions.x'"


def test_a_rule_that_names_an_unknown_decision_is_refused() -> None:
    with pytest.raises(MappingError, match=r"decisions\.nothing, which is no decision"):
        with_answers("decisions.nothing == 1", {})


def test_the_resolved_route_holds_the_answer() -> None:
    route = resolved(history="recent", since="2024-05-01").objects[-1]

    assert route.where == '"recent" == \'full\' || changed >= timestamp("2024-05-01T00:00:00+00:00")'


def test_a_question_that_another_answer_makes_necessary_has_to_be_answered() -> None:
    with pytest.raises(MappingError, match=r"decisions\.since: needs an answer"):
        resolved(history="recent")


def test_an_object_to_be_made_gets_a_link_for_each_object_that_it_may_point_to() -> None:
    found = resolved()

    log = next(schema for schema in found.wanted if schema.name == "log")
    links = {f.name: f.references for f in log.fields if f.type is FieldType.REFERENCE}
    assert links == {"aboutCompany": ("company",), "aboutPerson": ("person",)}
    assert set(found.objects[-1].require_one) == {"aboutCompany", "aboutPerson"}
