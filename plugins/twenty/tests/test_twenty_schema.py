"""Metadata to schemas, and what a plan adds to them."""

from typing import Any

import pytest

from crossdock.errors import MappingError
from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema, Option
from crossdock_twenty.plan import Planner
from crossdock_twenty.schema import all_names, object_schema

Node = dict[str, Any]


def raw(name: str, kind: str, **extra: Any) -> Node:
    base = {
        "id": f"id-{name}",
        "name": name,
        "label": name,
        "type": kind,
        "isActive": True,
        "isSystem": False,
        "isNullable": True,
        "isUnique": False,
        "defaultValue": None,
        "options": None,
        "settings": None,
        "applicationId": "standard",
        "relation": None,
        "morphRelations": None,
    }
    return base | extra


def end(target: str, kind: str = "MANY_TO_ONE", inverse: str = "x") -> Node:
    return {
        "type": kind,
        "targetObjectMetadata": {"nameSingular": target},
        "targetFieldMetadata": {"name": inverse},
    }


def node(name: str, plural: str, *fields: Node, application: str = "standard") -> Node:
    return {
        "id": f"id-{name}",
        "nameSingular": name,
        "namePlural": plural,
        "labelSingular": name,
        "labelPlural": plural,
        "applicationId": application,
        "isActive": True,
        "isSystem": False,
        "fieldsList": list(fields),
    }


TO_ONE = {"relationType": "MANY_TO_ONE", "joinColumnName": "ownerId"}
TO_MANY = {"relationType": "ONE_TO_MANY"}
STAGES = [{"id": "1", "value": "NEW", "label": "New", "position": 0}]
COMPANY = node(
    "company",
    "companies",
    raw("id", "UUID", isNullable=False),
    raw("name", "TEXT"),
    raw("domainName", "LINKS", isUnique=True),
    raw("size", "NUMBER", settings={"dataType": "int"}, applicationId="custom"),
    raw("stage", "SELECT", options=STAGES),
    raw("searchVector", "TS_VECTOR"),
    raw("position", "POSITION"),
    raw("old", "TEXT", isActive=False),
    raw("people", "RELATION", settings=TO_MANY, relation=end("person", "ONE_TO_MANY")),
    raw(
        "owner",
        "RELATION",
        settings=TO_ONE,
        relation=end("person"),
    ),
)
PERSON = node("person", "people", raw("name", "FULL_NAME"))
TARGET = node(
    "taskTarget",
    "taskTargets",
    raw(
        "target",
        "MORPH_RELATION",
        settings={"joinColumnName": "targetCompanyId"},
        morphRelations=[end("company"), end("person")],
    ),
)
NODES = [COMPANY, PERSON, TARGET]


def test_columns_that_cannot_be_written_are_left_out() -> None:
    names = {f.name for f in object_schema(COMPANY, standard="standard").fields}
    assert names == {"id", "name", "domainName", "size", "stage", "owner"}


def test_a_relation_is_written_through_its_join_column() -> None:
    owner = object_schema(COMPANY, standard="standard").field("owner")
    assert owner is not None
    assert (owner.type, owner.references, owner.settings["column"]) == (T.REFERENCE, ("person",), "ownerId")


def test_each_target_of_a_morph_relation_is_a_field() -> None:
    fields = object_schema(TARGET, standard="standard").fields
    assert [(f.name, f.settings["column"], f.references) for f in fields] == [
        ("targetCompany", "targetCompanyId", ("company",)),
        ("targetPerson", "targetPersonId", ("person",)),
    ]


def test_custom_integer_unique_and_options_are_seen() -> None:
    schema = object_schema(COMPANY, standard="standard")
    size, domain, stage = schema.field("size"), schema.field("domainName"), schema.field("stage")
    assert size is not None
    assert domain is not None
    assert stage is not None
    assert (size.type, size.custom) == (T.INTEGER, True)
    assert (domain.unique, domain.multiple) == (True, True)
    assert stage.options == (Option("NEW", "New"),)


def test_names_taken_include_join_columns_and_inverse_fields() -> None:
    assert {"ownerId", "people", "searchVector", "old"} <= all_names(COMPANY)


def keys(*wanted: ObjectSchema) -> list[str]:
    return [c.key for a in Planner(NODES).plan(wanted) for c in a.changes]


def wanted(name: str, *fields: FieldSchema) -> ObjectSchema:
    return ObjectSchema(name, fields, label="Площадка", label_plural="Площадки")


def test_objects_come_before_fields_options_and_relations() -> None:
    company = wanted(
        "company",
        FieldSchema("site", T.REFERENCE, references=("site",)),
        FieldSchema("stage", T.SELECT, options=(Option("NEW"), Option("LOST"))),
    )
    site = wanted(
        "site", FieldSchema("company", T.REFERENCE, references=("company",)), FieldSchema("inn", T.TEXT)
    )
    assert keys(company, site) == [
        "object:site",
        "field:company.crossdockKey",
        "field:site.inn",
        "field:site.crossdockKey",
        "option:company.stage.LOST",
        "relation:company.site",
        "relation:site.company",
    ]


def test_what_a_new_object_brings_along_is_not_added() -> None:
    site = wanted("site", FieldSchema("name", T.TEXT), FieldSchema("createdAt", T.DATETIME))
    link = wanted("taskTarget", FieldSchema("targetSite", T.REFERENCE, references=("site",)))
    assert keys(site, link) == ["object:site", "field:site.crossdockKey", "field:taskTarget.crossdockKey"]


def to_company(name: str, inverse: str) -> FieldSchema:
    return FieldSchema(name, T.REFERENCE, references=("company",), settings={"inverse_label": inverse})


def test_inverse_fields_avoid_names_that_are_there_or_wanted() -> None:
    site = ObjectSchema(
        "site",
        (
            FieldSchema(
                "company", T.REFERENCE, references=("company",), settings={"inverse_label": "people"}
            ),
            FieldSchema(
                "second", T.REFERENCE, references=("company",), settings={"inverse_label": "Площадки"}
            ),
            FieldSchema(
                "third", T.REFERENCE, references=("company",), settings={"inverse_label": "Площадки"}
            ),
        ),
    )
    plan = Planner(NODES).plan([site])
    assert [a.ends[0].name for a in plan.relations] == ["people2", "ploshchadki", "ploshchadki2"]


def test_a_renamed_field_says_why() -> None:
    plan = Planner(NODES).plan([wanted("company", FieldSchema("type", T.TEXT, label="Тип"))])
    change = plan.fields[0].changes[0]
    assert (change.name, change.label) == ("typeCustom", "Тип")
    assert "'type' is reserved" in change.reason


def test_all_conflicts_are_named_at_once() -> None:
    with pytest.raises(MappingError) as caught:
        keys(
            wanted(
                "company",
                FieldSchema("name", T.INTEGER),
                FieldSchema("owner", T.REFERENCE, references=("company",)),
                FieldSchema("people", T.TEXT),
                FieldSchema("wait", T.DURATION),
                FieldSchema("kind", T.SELECT),
                FieldSchema("gone", T.REFERENCE, references=("nowhere",)),
            )
        )
    assert len(caught.value.problems) == 6


def test_options_whose_names_the_database_would_make_equal_are_a_conflict() -> None:
    name = "longobject" + "z" * 30
    first, second = (
        FieldSchema(f"commonprefixofthefield{tail}", T.SELECT, options=(Option("A"),)) for tail in "ab"
    )
    with pytest.raises(MappingError) as caught:
        keys(wanted(name, first, second))
    assert "cannot tell its options from those of commonprefixofthefielda" in caught.value.problems[0]
