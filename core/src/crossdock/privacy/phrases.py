"""The program's own words: which two words stand next to each other in its messages.

A sentence about a record is made of the program's text and of what the record holds. What stands in the
source code of crossdock and of its plugins cannot come from a record.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Final

from crossdock.entrypoints import Role
from crossdock.model import Outcome

_WORD: Final = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
_RUN: Final = re.compile(rf"{_WORD.pattern}(?: {_WORD.pattern})+")
_MADE_UP: Final = ("demo", "seed", "sample", "test", "story")  # modules that hold names of people
_SMALL: Final = (
    "a an and are as at be been but by can for from had has have here holds if in into is it its more no none"
    " not nothing of on one or other same some than that the their them then there these they this to too"
    " two was were what when which while who why with without"
)


@cache
def phrases(packages: tuple[str, ...] | None = None) -> frozenset[str]:
    """Pairs of neighbouring words (`left empty`), and small words that say nothing alone.

    `packages`: import names; crossdock and every installed plugin if not given.
    """
    found = {outcome.value for outcome in Outcome} | set(_SMALL.split())
    for name in packages if packages is not None else _packages():
        for path in _modules(name):
            found.update(_pairs(path))
    return frozenset(found)


def _packages() -> set[str]:
    groups = (point for role in Role for point in entry_points(group=role.group))
    return {"crossdock"} | {point.module.partition(".")[0] for point in groups}


def _modules(package: str) -> Iterator[Path]:
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for path in Path(folder).rglob("*.py"):
            if not any(word in part for part in path.relative_to(folder).parts for word in _MADE_UP):
                yield path


def _pairs(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_bytes())
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            for run in _RUN.findall(node.value):
                words = run.split(" ")
                # A capital in the middle of a sentence may begin somebody's name.
                pairs = pairwise(words)
                yield from (f"{a} {b}" for a, b in pairs if not b[0].isupper() or b.isupper())
