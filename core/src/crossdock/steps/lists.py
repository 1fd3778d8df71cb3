"""Steps between one value and several."""

from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import step
from crossdock.steps.texts import text


def _left_out(before: Any, after: Any) -> str:
    del after
    return (
        f"{len(before) - 1} further values left out" if isinstance(before, tuple) and len(before) > 1 else ""
    )


@step(whole=True, loss="all values but the first", lost=_left_out)
def first(value: Any) -> Any:
    """The first value that is not empty."""
    if not isinstance(value, tuple):
        return value
    return next((element for element in value if element not in (None, "")), None)


@step(whole=True)
def either(value: Any) -> Any:
    """The first value that is not empty, where the others only say the same in another way, or are kept
    elsewhere."""
    return first(value)


@step(FieldType.TEXT, whole=True)
def join(value: Any, sep: str = ", ") -> str:
    """Several values as one text, empty ones left out."""
    elements = value if isinstance(value, tuple) else (value,)
    return sep.join(text(element) for element in elements if element not in (None, ""))


@step(whole=True)
def split(value: Any, sep: str = ",") -> tuple[str, ...]:
    """One text as several, cut at `sep`, without empty parts."""
    texts = value if isinstance(value, tuple) else (value,)
    return tuple(part for t in texts for part in (p.strip() for p in text(t).split(sep)) if part)
