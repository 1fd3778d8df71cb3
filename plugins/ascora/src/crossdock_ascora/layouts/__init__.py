"""Examples of layouts, to be copied and filled with the headers of one's own exports."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def tables_alone() -> Traversable:
    """A layout for a tenant whose API is not used: every object from a table (YAML)."""
    return files(__package__) / "tables.yaml"


def demo_layout() -> Traversable:
    """The layout of the demo's tables, which stand beside the API (YAML)."""
    return files(__package__) / "beside-api.yaml"
