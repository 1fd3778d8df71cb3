"""References that the platform adds by itself to those that were wanted."""

import pytest

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema
from crossdock.normalisations import OTHERS_ADDED, normalisation


def groups(**more):
    return FieldSchema("groups", FieldType.REFERENCE, references=("group",), multiple=True, **more)


def test_more_references_than_wanted_are_a_rule_where_the_platform_fills_the_field():
    assert normalisation(("a",), ("a", "implied"), groups(filled=True)) == OTHERS_ADDED


@pytest.mark.parametrize(
    ("expected", "actual", "field"),
    [
        (("a",), ("a", "more"), groups()),  # somebody added it
        (("a", "b"), ("a", "more"), groups(filled=True)),  # one of them is missing
        (("a",), ("b",), groups(filled=True)),
        ("a", "b", FieldSchema("owner", FieldType.REFERENCE, references=("user",), filled=True)),
    ],
)
def test_any_other_difference_is_one(expected, actual, field):
    assert normalisation(expected, actual, field) == ""
