"""The name by which a person knows a record."""

import pytest

from crossdock.names import shown_name
from crossdock.values import PersonName


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"code": "7", "__name": "ООО  Ромашка"}, "ООО Ромашка"),
        ({"_fullname": PersonName("Иван", "Петров", "Ильич")}, "Петров Иван Ильич"),
        ({"amount": 3, "code": "A-1"}, "A-1"),
        ({"name": None, "amount": 3}, ""),
    ],
)
def test_a_record_is_shown_by_its_name_else_by_its_first_text(values, name):
    assert shown_name(values) == name
