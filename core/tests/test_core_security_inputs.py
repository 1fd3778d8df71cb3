"""What others wrote is read within bounds: YAML, rules of a mapping, tables, patterns."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.config import load_project
from crossdock.errors import ConfigError, CrossdockError, MappingError
from crossdock.expressions import LONGEST_RULE, Condition
from crossdock.layout.declaration import load_layout
from crossdock.layout.patterns import PatternError, parse_date, repeats_repetition
from crossdock.mappingfile import document
from crossdock.model import Record

SECONDS = 20
"""Of the processor, not of a clock: far more than any of these takes, far less than they were made for."""


def bomb(levels: int = 12, width: int = 10) -> str:
    """A few lines that stand for `width ** levels` values."""
    lines = [f"a0: &a0 [{', '.join(['x'] * width)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(lines)


YAML_BOMBS = {
    "aliases of aliases": bomb(),
    "an alias of itself": "a: &a [*a]",
    "a map that holds itself": "a: &a {b: *a}",
    "brackets in brackets": "a: " + "[" * 100_000,
    "closed brackets in brackets": "a: " + "[" * 5_000 + "]" * 5_000,
    "maps in maps": "a: " + "{b: " * 600 + "1" + "}" * 600,
    "lists in lists": "a:\n  " + "- " * 400 + "x",
    "a tag that makes a Python object": "a: !!python/object/apply:os.system ['touch hacked']",
}
READERS: dict[str, Callable[[Path], Any]] = {
    "crossdock.yaml": lambda path: load_project(path.parent),
    "mapping.yaml": document.load,
    "layout.yaml": load_layout,
}


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("kind", YAML_BOMBS)
def test_yaml_that_swells_is_refused_in_one_sentence(
    tmp_path: Path, kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.write_text(YAML_BOMBS[kind], encoding="utf-8")
    began = time.process_time()

    with pytest.raises(CrossdockError) as refused:
        READERS[name](path)

    assert refused.value.exit_code == 2
    assert len(str(refused.value)) < 2000
    assert time.process_time() - began < SECONDS
    assert list(tmp_path.iterdir()) == [path]


def test_an_ordinary_alias_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "crossdock.yaml"
    path.write_text(
        "project: {id: x}\nsources:\n  - {platform: a, tenant: one, more: &more [1, 2]}\n"
        "  - {platform: a, tenant: two, more: *more}\ndestination: {platform: b}\n",
        encoding="utf-8",
    )

    assert load_project(tmp_path).sources[1].settings == {"more": [1, 2]}


# Rules ----------------------------------------------------------------------------------------------------

RECORD = Record("things", "1", {"name": "Ромашка", "list": ("a", "b"), "n": 5})
ESCAPES = [
    "name.__class__ == 1",
    "record.__class__.__mro__ == 1",
    "record['__class__'] == 1",
    "''.__class__.__base__.__subclasses__() == []",
    "__import__('os').system('id') == 0",
    "open('/etc/passwd') == ''",
    "eval('1') == 1",
    "record.values.keys() == []",
    "name.encode() == b''",
    "name.format(record) == ''",
    "globals() == {}",
    "type(name).mro() == []",
    "env('HOME') == ''",
    "name.__init__.__globals__ == 1",
    "{'a': open}.a('/etc/passwd') == ''",
]


@pytest.mark.parametrize("rule", ESCAPES)
def test_a_rule_gets_no_answer_out_of_python(rule: str) -> None:
    with pytest.raises((MappingError, ValueError)):
        Condition(rule).holds_for(RECORD)


@pytest.mark.parametrize("name", ["__builtins__", "cel", "os", "self", "Condition"])
def test_a_name_of_python_is_but_a_field_that_the_record_has_not_got(name: str) -> None:
    assert Condition(f"{name} == null").holds_for(RECORD)


@pytest.mark.parametrize(
    "rule",
    [
        "name.matches('(a+)+$')",
        "name.matches('((a{1,100}){1,100}){1,100}')",
        "name.matches('(.*)*(.*)*(.*)*x')",
        "1 / 0 == 0",
        "1 % 0 == 0",
        "9223372036854775807 + n == 0",
        "1e308 * 1e308 == 1.0",
        "[1][5] == 1",
        "{'a': 1}['b'] == 1",
        "timestamp('9999999-01-01T00:00:00Z') > timestamp('2020-01-01T00:00:00Z')",
        "duration('99999999999999999h') > duration('1s')",
        "int('x') == 1",
        "n",
        "'" + "a" * 5000 + "'.size() > 0",
        "!" * 5000 + "true",
        "(" * 4000 + "true" + ")" * 4000,
        "[" * 4000 + "]" * 4000 + " == []",
        "a" + ".a" * 3000 + " == 1",
    ],
)
def test_a_rule_ends_in_an_answer_or_one_error(rule: str) -> None:
    values = {**RECORD.values, "name": "a" * 5000 + "!"}
    began = time.process_time()

    with suppress(MappingError, ValueError):
        assert Condition(rule).holds(values) in (True, False)
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize(
    "rule",
    [
        "true || " * (LONGEST_RULE // 8) + "true || true",
        "list.map(a, list.map(b, list.map(c, 1))).size() > 0",
        "list.all(a, list.exists(b, list.filter(c, c == a).size() > 0))",
        "list.map(a, (list.map(b, (list.map(c, 1))))).size() > 0",
    ],
)
def test_a_rule_that_may_take_for_ever_is_refused(rule: str) -> None:
    with pytest.raises(MappingError, match="loops inside each other"):
        Condition(rule)


def test_loops_beside_and_two_inside_each_other_are_allowed() -> None:
    rule = (
        "list.exists(a, list.exists(b, a == b)) && list.all(c, c != ').map(') && list.map(d, d).size() == 2"
    )

    assert Condition(rule).holds_for(RECORD)


@settings(max_examples=200)
@given(st.text(max_size=80))
def test_any_text_is_a_rule_or_one_error(text: str) -> None:
    with suppress(MappingError, ValueError):
        Condition(text).holds_for(RECORD)


# Patterns -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("1" * 100_000, "DD.MM.YYYY"),
        (" " * 100_000 + "x", "DD  MM  YYYY"),
        ("1 " * 50_000, "YYYY MM DD hh mm ss"),
        ("9" * 100_000 + "-01-01", "ISO"),
    ],
)
def test_a_long_text_is_held_against_a_pattern_in_no_time(text: str, pattern: str) -> None:
    began = time.process_time()

    with pytest.raises(PatternError):
        parse_date(text, [pattern])
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("pattern", ["(a+)+$", "(.*)*x", "((a|b)+c?)*", "(?:x*){2,}", "((a+))+", "(a|aa)+$"])
def test_a_pattern_of_sheets_that_may_take_for_ever_is_refused(pattern: str) -> None:
    assert repeats_repetition(pattern)


@pytest.mark.parametrize(
    "pattern", ["Companies.*", "(Firmen|Kunden) \\d+", "[(+*]+", "(a)+", r"\(a+\)+", "(a+)"]
)
def test_an_ordinary_pattern_of_sheets_is_allowed(pattern: str) -> None:
    assert not repeats_repetition(pattern)


def test_a_layout_that_repeats_what_repeats_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "layout.yaml"
    path.write_text(
        "timezone: UTC\n"
        "objects: {company: {files: ['*.xlsx'], sheet: '(a+)+', key: [id], columns: {id: [ID]}}}\n",
        encoding="utf-8",
    )

    with pytest.raises(ConfigError, match="repeats what repeats"):
        load_layout(path)


def test_a_setting_is_no_format_string(tmp_path: Path) -> None:
    path = tmp_path / "crossdock.yaml"
    path.write_text(
        "project: {id: x}\nsources: [{platform: '{0.__class__}'}]\ndestination: {platform: b}\n",
        encoding="utf-8",
    )

    with pytest.raises(ConfigError, match=r"sources\.0"):
        load_project(tmp_path)
