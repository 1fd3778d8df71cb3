"""The checks of a destination, by what they are about. Each is one sentence, in the name of its function."""

from importlib import import_module
from typing import Final

_MODULES: Final = (
    "provisioning",
    "loading",
    "rerunning",
    "crashing",
    "transport",
    "deltas",
    "undoing",
    "finding",
    "switches",
    "access",
)


def load() -> None:
    """Have all checks put into the list, in this order."""
    for name in _MODULES:
        import_module(f"{__name__}.{name}")
