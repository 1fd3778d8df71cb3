"""Conditions of a mapping (`when:` over decisions, `where:` over a record), in CEL.

Besides CEL's own `!`, `&&` and `||` the words `not`, `and` and `or` may be written. A field that a
record does not have is null; numbers with a fraction are doubles, dates are timestamps at midnight
UTC, composites and references are maps of their parts.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from types import ModuleType
from typing import Any

import orjson

from crossdock.errors import MappingError
from crossdock.model import Record


def _cel() -> Any:
    """The library without its interactive console, which it imports with itself: half a second a command."""
    sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))
    return import_module("cel")


cel: Any = _cel()
_RAW = r"\b(?:[bB]?[rR]|[rR][bB])"  # before a text in which a backslash is one
_MARKS = ('"""', "'''", '"', "'")
_QUOTED = re.compile(
    "(//[^\\n]*"  # a comment is no part of a rule either
    + "".join(rf"|{_RAW}{mark}[\s\S]*?{mark}" for mark in _MARKS)
    + "".join(rf"|{mark}(?:\\[\s\S]|(?!{mark})[^\\])*{mark}" for mark in _MARKS)
    + ")"
)
_WORDS = {"not": "!", "and": "&&", "or": "||"}
_MACRO = r"\.\s*(?:all|exists|exists_one|existsOne|map|filter)\s*\(\s*"
_DECISION = re.compile(r"\bdecisions\.(\w+)")
_BOUND = re.compile(rf"{_MACRO}(\w+)\s*,")
_WORD = re.compile(r"\b(not|and|or)\b")
_LOOP = re.compile(rf"{_MACRO}|[()]")

LONGEST_RULE = 10_000
"""Characters of a rule."""

MOST_LOOPS = 2
"""Loops over lists inside each other: each takes as many steps as the lists are long, multiplied."""


RULE_NAMES = frozenset({"deleted", "key", "record", "decisions"})
"""What a rule may look at besides the fields of a record."""


def bound_names(rule: str) -> frozenset[str]:
    """What a rule names itself while it goes over a list: `g` in `groups.exists(g, g.key == 'x')`."""
    return frozenset(_BOUND.findall("".join(_QUOTED.split(rule)[::2])))


class Condition:
    """A compiled rule. `variables` are the names it looks at, `rule` is its text in the mapping."""

    __slots__ = ("_program", "rule", "variables")

    def __init__(self, rule: str) -> None:
        """Compile `rule`. Raises MappingError with what the parser says, or for one that may never end."""
        if len(rule) > LONGEST_RULE or _loops(rule) > MOST_LOOPS:
            raise MappingError(
                f"rule {rule[:60]!r}... is longer than {LONGEST_RULE} signs, or has more than"
                f" {MOST_LOOPS} loops inside each other.",
                hint="Say it in several rules.",
            )
        pieces = _QUOTED.split(rule)
        plain = [p if i % 2 else _WORD.sub(lambda m: _WORDS[m.group()], p) for i, p in enumerate(pieces)]
        try:
            self._program = cel.compile("".join(plain))
        except ValueError as error:
            said = str(error).partition("\n")[0]
            raise MappingError(f"rule {rule!r} cannot be read: {said}") from error
        self.rule = rule
        self.variables = tuple(self._program.variables())

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the rule is true. Raises ValueError with the reason if it has no answer."""
        context = {name: cel_value(values.get(name)) for name in self.variables}
        try:
            answer = self._program.execute(context)
        except KeyError as error:
            raise ValueError(f"rule {self.rule!r} has no answer: there is no {error.args[0]!r}") from error
        except (TypeError, RuntimeError, ValueError, ArithmeticError, LookupError) as error:
            said = str(error).partition(". ")[0]
            raise ValueError(f"rule {self.rule!r} has no answer: {said}") from error
        if not isinstance(answer, bool):
            raise ValueError(f"rule {self.rule!r} gives {answer!r}, not true or false")
        return answer

    def holds_for(self, record: Record) -> bool:
        """Whether the rule is true for a record: its fields, `deleted`, `key` and `record` (a map)."""
        values: dict[str, Any] = {**record.values, "deleted": record.deleted, "key": record.key}
        if "record" in self.variables:
            values["record"] = dict(record.values)
        return self.holds(values)


def _loops(rule: str) -> int:
    """How many loops stand inside each other at most."""
    opened: list[bool] = []
    deepest = 0
    for sign in _LOOP.findall("".join(_QUOTED.split(rule)[::2])):
        if sign == ")":
            opened[-1:] = []
        else:
            opened.append(sign != "(")
            deepest = max(deepest, sum(opened))
    return deepest


def with_answers(rule: str, answers: Mapping[str, Any]) -> str:
    """The rule with the answer in the place of each `decisions.NAME` outside quotes.

    A date (or a text that is one) becomes a timestamp, so that it can be compared with times.
    Raises MappingError for a decision that nobody knows.
    """

    def literal(found: re.Match[str]) -> str:
        return _literal(answer_to(found.group(1), answers, f"rule {rule!r}"))

    pieces = _QUOTED.split(rule)
    return "".join(p if i % 2 else _DECISION.sub(literal, p) for i, p in enumerate(pieces))


def answer_to(name: str, answers: Mapping[str, Any], place: str) -> Any:
    """The answer to a decision that `place` names. Raises MappingError for one that nobody knows."""
    if name not in answers:
        raise MappingError(f"{place} names decisions.{name}, which is no decision.")
    return answers[name]


def _literal(answer: Any) -> str:
    if answer is None or isinstance(answer, bool):
        return "null" if answer is None else str(answer).lower()
    if isinstance(answer, int | float):
        return str(answer)
    try:
        day = datetime.fromisoformat(str(answer))
    except ValueError:
        return orjson.dumps(str(answer)).decode()
    stamp = (day if day.tzinfo else day.replace(tzinfo=UTC)).isoformat()
    return f"timestamp({orjson.dumps(stamp).decode()})"


def cel_value(value: Any) -> Any:
    """A canonical value as CEL knows it."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        whole = value.is_finite() and value == value.to_integral_value() and abs(value) < 2**63
        return int(value) if whole else float(value)
    if isinstance(value, datetime):
        # The library takes no zone with a name.
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, tuple | list):
        return [cel_value(element) for element in value]
    if isinstance(value, Mapping):
        return {name: cel_value(element) for name, element in value.items()}
    if is_dataclass(value):
        return {part.name: cel_value(getattr(value, part.name)) for part in fields(value)}
    return value
