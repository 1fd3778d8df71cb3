"""What a check says when it fails. Plain functions: the kit is used without a test runner too."""

from typing import Any


def same(found: Any, wanted: Any, what: str) -> None:
    """Raise AssertionError unless both are equal."""
    if found != wanted:
        raise AssertionError(f"{what}: found {found!r}, wanted {wanted!r}")


def holds(truth: object, what: str) -> None:
    """Raise AssertionError unless it holds; `what` says what should have been."""
    if not truth:
        raise AssertionError(what)


def nothing(found: Any, what: str) -> None:
    """Raise AssertionError if there is anything."""
    if found:
        raise AssertionError(f"{what}: {found!r}")
