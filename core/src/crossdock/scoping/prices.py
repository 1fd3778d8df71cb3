"""The price of a migration by the rules of whoever offers it: `prices:` in the project file.

    prices:
      currency: EUR
      fixed: 1500
      rules:
        - {figure: records, every: 10000, price: 120}
        - {figure: people_hours, every: 1, price: 95}
      factors: {D: 1.15, E: 1.3, F: 1.5}     # the whole, by the overall grade

Each line of the result says how it came about. Money is reckoned in decimals and never rounded.
"""

from collections.abc import Mapping
from decimal import ROUND_CEILING, Decimal
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

Grade = Literal["A", "B", "C", "D", "E", "F"]
_Price = Annotated[Decimal, Field(ge=0)]


class PriceRule(BaseModel):
    """So much for every begun `every` of a figure of the assessment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: str
    every: Annotated[Decimal, Field(gt=0)] = Decimal(1)
    price: _Price


class Prices(BaseModel):
    """A price table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: Annotated[str, Field(min_length=1, max_length=8)]
    fixed: _Price = Decimal(0)
    rules: tuple[PriceRule, ...] = ()
    factors: dict[Grade, Annotated[Decimal, Field(gt=0)]] = {}


class _Line(NamedTuple):
    """One line of the bill; `amount` None: it cannot be reckoned."""

    what: str
    amount: Decimal | None
    how: str


def priced(prices: Prices, assessment: Mapping[str, Any]) -> dict[str, Any]:
    """{currency, total, lines: [{what, amount, how}]}; amounts as text, None for a figure nobody counted."""
    known = {row["name"]: row for part in assessment["parts"] for row in part["figures"]}
    lines = [_Line("fixed", prices.fixed, "in any case")]
    lines += [_line(rule, known.get(rule.figure)) for rule in prices.rules]
    whole = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
    factor = prices.factors.get(assessment["grade"], Decimal(1))
    if factor != 1:
        how = f"grade {assessment['grade']}: {factor} times {_text(whole)}"
        lines.append(_Line("grade", whole * factor - whole, how))
    shown = [
        {"what": each.what, "amount": None if each.amount is None else _text(each.amount), "how": each.how}
        for each in lines
    ]
    return {"currency": prices.currency, "total": _text(whole * factor), "lines": shown}


def _line(rule: PriceRule, row: Mapping[str, Any] | None) -> _Line:
    if row is None:
        return _Line(rule.figure, None, "the assessment has no such figure")
    if row["value"] is None:
        return _Line(row["label"], None, "nobody counted it")
    begun = (Decimal(str(row["value"])) / rule.every).to_integral_value(ROUND_CEILING)
    how = f"{row['value']:,}: {begun} times {_text(rule.price)} for every {_text(rule.every)}"
    return _Line(row["label"], begun * rule.price, how)


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
