"""A price by rules: begun units, a factor by grade, and each line with its arithmetic."""

from typing import get_args

import pytest
from pydantic import ValidationError

from crossdock.config import edit_project, init_project, load_project
from crossdock.errors import ConfigError
from crossdock.scoping.assessment import GRADES, PARTS, assess
from crossdock.scoping.prices import Grade, Prices, priced

NOTHING = dict.fromkeys((figure.name for figures in PARTS.values() for figure in figures), 0)


def table(**more) -> Prices:
    return Prices.model_validate({"currency": "EUR", **more})


def test_begun_units_of_a_figure_are_paid():
    prices = table(fixed="1500", rules=[{"figure": "records", "every": 10_000, "price": "120.50"}])
    result = priced(prices, assess(NOTHING | {"records": 20_001}, 0))
    assert result["total"] == "1861.5"
    assert result["lines"][1] == {
        "what": "Records",
        "amount": "361.5",
        "how": "20,001: 3 times 120.5 for every 10000",
    }


def test_the_grade_may_weigh():
    prices = table(fixed=1000, factors={"A": "1.1"})
    result = priced(prices, assess(NOTHING, 0))
    assert (result["total"], result["lines"][-1]["amount"]) == ("1100", "100")


@pytest.mark.parametrize(
    ("figure", "how"), [("nonsense", "the assessment has no such figure"), ("records", "nobody counted it")]
)
def test_what_cannot_be_reckoned_is_said_and_costs_nothing(figure, how):
    result = priced(table(rules=[{"figure": figure, "price": 1}]), assess(NOTHING | {"records": None}, 0))
    assert (result["lines"][1]["amount"], result["lines"][1]["how"]) == (None, how)
    assert result["total"] == "0"


def test_a_price_below_nothing_is_refused():
    with pytest.raises(ValidationError):
        table(fixed=-1)


@pytest.mark.parametrize("grade", ["G", "d", "Everything"])
def test_a_factor_of_a_grade_that_is_none_is_refused(grade):
    with pytest.raises(ValidationError, match="factors"):
        table(factors={grade: "1.1"})


def test_every_grade_that_is_given_may_have_a_factor():
    assert set(table(factors=dict.fromkeys((name for _, name in GRADES), 2)).factors) == set(get_args(Grade))


def test_prices_stand_in_the_project_file(tmp_path):
    init_project(tmp_path / "acme", "toy", "toy")
    edit_project(tmp_path / "acme", lambda d: d.update(prices={"currency": "RUB", "fixed": 90_000}))
    prices = load_project(tmp_path / "acme").prices
    assert prices is not None
    assert (prices.currency, prices.fixed) == ("RUB", 90_000)


def test_a_wrong_price_table_is_named(tmp_path):
    init_project(tmp_path / "acme", "toy", "toy")
    with pytest.raises(ConfigError, match="prices"):
        edit_project(tmp_path / "acme", lambda d: d.update(prices={"fixed": 1}))
