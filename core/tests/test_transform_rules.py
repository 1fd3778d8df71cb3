from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crossdock.errors import MappingError
from crossdock.expressions import Condition
from crossdock.model import Record
from crossdock.values import Money, Reference


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        ("a == 'x'", {"a": "x"}),
        ("a == null", {}),
        ("a > 1.5", {"a": Decimal("1.75")}),
        ("a == 12", {"a": Decimal("12.00")}),
        ("a > timestamp('2024-01-01T00:00:00Z')", {"a": datetime(2024, 5, 1, tzinfo=UTC)}),
        ("a > timestamp('2024-01-01T00:00:00Z')", {"a": datetime(2024, 5, 1)}),  # noqa: DTZ001
        ("a == timestamp('2024-01-02T00:00:00Z')", {"a": date(2024, 1, 2)}),
        ("a.currency == 'RUB' and a.amount >= 5", {"a": Money(Decimal(5), "RUB")}),
        ("a.object_name == 'o'", {"a": Reference("o", "k")}),
        ("'x' in a", {"a": ("x", "y")}),
        ("a.b == 1", {"a": {"b": 1}}),
        ("a == 'not this and that'", {"a": "not this and that"}),
        ("not (a or b)", {"a": False, "b": False}),
    ],
)
def test_a_rule_sees_canonical_values(rule, values):
    assert Condition(rule).holds(values)


def test_a_rule_sees_the_record_its_key_and_whether_it_is_deleted():
    record = Record("o", "k1", {"имя": "x"}, deleted=True)
    assert Condition("deleted && key == 'k1' && record['имя'] == 'x'").holds_for(record)


def test_a_rule_that_cannot_be_read_is_refused():
    with pytest.raises(MappingError, match="a =="):
        Condition("a ==")


@pytest.mark.parametrize(("rule", "values"), [("a > 3", {"a": "x"}), ("a", {"a": "x"}), ("a", {"a": 1j})])
def test_a_rule_without_a_yes_or_no_says_so(rule, values):
    with pytest.raises(ValueError, match=r"has no answer|gives"):
        Condition(rule).holds(values)
