"""The checks as a test class, or run one after the other without a test runner."""

import traceback
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from crossdock.testing import checks
from crossdock.testing.kit import Kit, left_out
from crossdock.testing.registry import CHECKS, Check
from crossdock.testing.target import Target

__all__ = ["DestinationSuite", "Verdict", "destination_suite", "examine"]

checks.load()


class DestinationSuite:
    """What `destination_suite` makes a subclass of. `left_out`: checks that mean nothing here, and why."""

    target: ClassVar[Target]
    kit: ClassVar[Kit]
    left_out: ClassVar[dict[str, str]]


def destination_suite(
    target: Target, *, path: Collection[Path] = (), only: Collection[str] = ()
) -> type[DestinationSuite]:
    """A test class with a method for each check that means something for this target.

    Bind it to a name that begins with `Test`. `path`: see `Kit`; `only`: names of checks.
    """
    kit = Kit(target, tuple(path))
    body: dict[str, Any] = {"target": target, "kit": kit, "left_out": left_out(target)}
    body["__doc__"] = f"What crossdock promises of {target.platform} as a destination."
    for check in _meant(target, only):
        for title, values in check.titles():
            body[title] = _method(kit, check, values)
    return type("DestinationSuiteOfOne", (DestinationSuite,), body)


def _meant(target: Target, only: Collection[str]) -> Iterator[Check]:
    for check in CHECKS:
        if not check.reason(target) and (not only or check.name in only):
            yield check


def _method(kit: Kit, check: Check, values: Any) -> Callable[[Any], None]:
    def method(_self: Any) -> None:
        kit.run(check, *values)

    method.__doc__ = check.function.__doc__
    return method


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one check ended: `problem` is "" if it passed."""

    name: str
    problem: str = ""


def examine(
    target: Target, *, path: Collection[Path] = (), only: Collection[str] = (), quick: bool = False
) -> Iterator[Verdict]:
    """Run the checks one after the other and say how each ended; ends what it started.

    `quick`: only the first case of each.
    """
    kit = Kit(target, tuple(path))
    try:
        for check in _meant(target, only):
            for title, values in islice(check.titles(), 1 if quick else None):
                yield Verdict(title, _problem(kit, check, values))
    finally:
        kit.close()


def _problem(kit: Kit, check: Check, values: Any) -> str:
    try:
        kit.run(check, *values)
    except Exception as error:  # noqa: BLE001 a broken plugin may raise anything
        return "".join(traceback.format_exception_only(error)).strip() or type(error).__name__
    return ""
