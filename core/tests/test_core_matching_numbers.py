"""Assignment, regression and value patterns: the arithmetic of the matching."""

from itertools import permutations
from random import Random

import pytest

from crossdock.matching.assignment import assign
from crossdock.matching.regression import fit, probability, solve
from crossdock.matching.valuepatterns import is_inn, is_ogrn, pattern_of


def best_by_trying(worth, size):
    rows = range(size)
    return max(
        sum(max(0.0, worth.get((r, c), 0.0)) for r, c in zip(rows, p, strict=True))
        for p in permutations(rows)
    )


@pytest.mark.parametrize("seed", range(12))
def test_the_assignment_is_worth_as_much_as_the_best_of_all(seed):
    random = Random(seed)
    worth = {(r, c): random.uniform(-2, 4) for r in range(6) for c in range(6) if random.random() < 0.6}
    chosen = assign(worth)
    assert len(set(chosen.values())) == len(chosen)
    assert sum(worth[pair] for pair in chosen.items()) == pytest.approx(best_by_trying(worth, 6))


def test_a_pair_that_is_worth_nothing_is_left_unmapped():
    assert assign({("a", "x"): -1.0, ("b", "y"): 0.0}) == {}


def test_of_equal_choices_the_first_is_taken():
    assert assign({("a", "x"): 1.0, ("a", "y"): 1.0}) == {"a": "x"}


def test_the_surer_field_gets_the_place_and_the_other_its_second_choice():
    assert assign({("a", "x"): 3.0, ("a", "y"): 1.0, ("b", "x"): 2.5}) == {"a": "y", "b": "x"}


def test_equations_are_solved():
    assert solve([[2.0, 1.0], [1.0, 3.0]], [5.0, 10.0]) == pytest.approx([1.0, 3.0])


def test_the_regression_finds_what_separates_right_from_wrong():
    rows = [(float(i % 2), float(i % 3 == 0)) for i in range(60)]
    constant, first, second = fit(rows, [bool(r[0]) for r in rows], ridge=0.5)
    assert first > 2
    assert abs(second) < 1
    assert probability(constant + first) > 0.9
    assert probability(constant) < 0.1


@pytest.mark.parametrize(
    ("values", "name"),
    [
        (["a@b.ru", "c@d.com"], "email"),
        (["+7 (912) 345-67-89", "8 912 345 67 89"], "phone"),
        (["https://a.test", "www.b.test"], "url"),
        (["7707083893", "7736050003"], "inn"),
        (["1027700132195"], "ogrn"),
        (["2024-01-02", "2023-12-31"], "date"),
        (["2024-01-02 10:00:00"], "time"),
        (["Y", "N"], "flag"),
        (["12.5", "3"], "number"),
    ],
)
def test_values_are_known_by_their_form(values, name):
    assert pattern_of(values).name == name


def test_values_of_no_form_have_none():
    assert pattern_of(["Anna", "Boris"]) is None
    assert pattern_of(["", None]) is None or pattern_of([""]) is None


def test_check_digits_are_checked():
    assert is_inn("7707083893")
    assert is_inn("500100732259")
    assert not is_inn("7707083894")
    assert is_ogrn("1027700132195")
    assert not is_ogrn("1027700132196")
