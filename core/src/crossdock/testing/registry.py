"""What a check is, and the list of all of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock.capabilities import Capability
from crossdock.testing.target import Target

Reason = Callable[[Target], str]
"""Why a check is left out for a target; "" if it is not."""


@dataclass(frozen=True)
class Check:
    """One sentence about a destination, and the function that tries to break it.

    The function takes the kit and the values of one case. `needs`: capabilities without which the
    sentence means nothing.
    """

    name: str
    function: Callable[..., None]
    needs: Sequence[Capability] = ()
    cases: Mapping[str, Sequence[Any]] = field(default_factory=lambda: {"": ()})
    unless: Reason = lambda _: ""

    def reason(self, target: Target) -> str:
        """Why it is left out for this target, "" if it is not."""
        missing = [capability.value for capability in self.needs if capability not in target.can]
        if missing:
            return f"the destination does not claim {', '.join(missing)}"
        return self.unless(target)

    def titles(self) -> Iterator[tuple[str, Sequence[Any]]]:
        """A name and the values for each case: `test_NAME` or `test_NAME[CASE]`."""
        for case, values in self.cases.items():
            yield f"test_{self.name}[{case}]" if case else f"test_{self.name}", values


CHECKS: list[Check] = []
"""All checks, in the order of their modules."""


def check(
    *needs: Capability,
    cases: Mapping[str, Sequence[Any]] | None = None,
    unless: Reason | None = None,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator: put a function into the list, under its own name."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        more: dict[str, Any] = {"cases": cases} if cases else {}
        if unless is not None:
            more["unless"] = unless
        CHECKS.append(Check(function.__name__, function, needs, **more))
        return function

    return register
