"""YAML that other people may have written: read within bounds.

An alias repeats what its anchor holds, so that a few lines may stand for billions of values, or for
themselves; and what is nested without end takes the reader's stack.
"""

import re
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

MOST_VALUES: Final = 2_000_000
"""Values of one document, those that aliases repeat counted each time."""

LONGEST: Final = 50_000_000  # characters
DEEPEST: Final = 100
_MOST_OPEN: Final = 500  # brackets in the text, where it cannot be told which of them are quoted
_BRACKET: Final = re.compile(r"[\[\]{}]")


class BoundsError(YAMLError):
    """The document is larger than anything that a person writes."""


def load_yaml(yaml: YAML, text: str) -> Any:
    """The document as `yaml` reads it. Raises YAMLError, BoundsError among them."""
    if len(text) > LONGEST or _nested(text) > _MOST_OPEN:
        raise BoundsError("it is too long, or too much in it stands in brackets in brackets")
    try:
        document = yaml.load(text)
        _count(document, {}, set(), 0)
    except RecursionError:
        raise BoundsError("it is nested too deep") from None
    return document


def _nested(text: str) -> int:
    """How deep brackets stand in brackets, those in quotes and comments counted too."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth = max(0, depth + (1 if bracket in "[{" else -1))
        deepest = max(deepest, depth)
    return deepest


def _count(node: Any, known: dict[int, int], above: set[int], depth: int) -> int:
    """How many values a node stands for. Raises BoundsError."""
    if not isinstance(node, dict | list):
        return 1
    if id(node) in known:
        return known[id(node)]
    if id(node) in above or depth > DEEPEST:
        raise BoundsError("it holds itself, or is nested too deep")
    above.add(id(node))
    parts = [*node.keys(), *node.values()] if isinstance(node, dict) else node
    known[id(node)] = total = 1 + sum(_count(part, known, above, depth + 1) for part in parts)
    above.discard(id(node))
    if total > MOST_VALUES:
        raise BoundsError(f"its aliases repeat each other to more than {MOST_VALUES} values")
    return total
