"""What a step is, where steps are found, and how one is bound to its arguments."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from importlib.metadata import entry_points
from typing import Any, TypeVar

from crossdock.errors import MappingError, PluginError
from crossdock.fieldtypes import FieldType

GROUP = "crossdock.steps"

Lost = Callable[[Any, Any], str]
Function = TypeVar("Function", bound=Callable[..., Any])


class StepError(ValueError):
    """The value cannot be converted; the message is the reason given for the record."""


@dataclass(frozen=True, slots=True)
class Step:
    """One conversion.

    gives: the field type of the result, None if it is not known or (`same_type`) that of what came in.
    whole: the step takes several values as one tuple; other steps are applied to each of them.
    loss: what may not survive, "" if nothing. `lost` says it for one value (before, after).
    """

    name: str
    function: Callable[..., Any]
    gives: FieldType | None = None
    whole: bool = False
    loss: str = ""
    lost: Lost | None = None
    same_type: bool = False

    @property
    def doc(self) -> str:
        """The first line of the function's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the arguments that a mapping may give."""
        return tuple(inspect.signature(self.function).parameters)[1:]


STEPS: dict[str, Step] = {}


def step(
    gives: FieldType | None = None,
    *,
    name: str = "",
    whole: bool = False,
    loss: str = "",
    lost: Lost | None = None,
) -> Callable[[Function], Function]:
    """Decorator: put a function into the registry under its own name, or `name`."""

    def register(function: Function) -> Function:
        word = name or function.__name__.rstrip("_")
        STEPS[word] = Step(word, function, gives, whole, loss, lost, same_type=gives is None)
        return function

    return register


def find_step(name: str) -> Step:
    """The step of that name; imports an installed extra step only now.

    Raises MappingError if there is none, PluginError if the installed one cannot be used.
    """
    found = STEPS.get(name)
    if found is not None:
        return found
    for point in entry_points(group=GROUP, name=name):
        try:
            loaded = point.load()  # may fail in any way
        except Exception as error:
            raise PluginError(
                f"step {name!r} from {point.value} cannot be loaded: {error}",
                hint="Install it again, or remove it.",
            ) from error
        extra = loaded if isinstance(loaded, Step) else Step(name, loaded)
        if not callable(extra.function):
            raise PluginError(f"step {name!r} from {point.value} is neither a function nor a Step.")
        STEPS[name] = extra
        return extra
    near = get_close_matches(name, STEPS, n=1)
    raise MappingError(f"there is no step {name!r}.", hint=f"Did you mean {near[0]!r}?" if near else "")


def bind(name: str, args: Mapping[str, Any]) -> tuple[Step, Callable[[Any], Any]]:
    """The step and its function with the arguments set. Raises MappingError if they do not fit."""
    found = find_step(name)
    given = dict(args)
    if "" in given:
        if not found.parameters:
            raise MappingError(f"step {name!r} takes no arguments.")
        given[found.parameters[0]] = given.pop("")
    try:
        inspect.signature(found.function).bind(None, **given)
    except TypeError as error:
        takes = ", ".join(found.parameters) or "none"
        raise MappingError(f"step {name!r}: {error}; its arguments are: {takes}.") from error
    return found, partial(found.function, **given) if given else found.function


def step_docs() -> dict[str, str]:
    """Every built-in step: name and what it does, for documentation and messages."""
    return {name: STEPS[name].doc for name in sorted(STEPS)}
