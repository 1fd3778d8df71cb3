"""Curated mappings from Cetec ERP to other platforms."""

from importlib.resources import files
from importlib.resources.abc import Traversable


def twenty() -> Traversable:
    """The curated mapping to Twenty CRM (YAML)."""
    return files(__package__) / "twenty.yaml"


def twenty_demo() -> Traversable:
    """What the demo of that pair has to find (JSON)."""
    return files(__package__) / "twenty.demo.json"


def odoo() -> Traversable:
    """The curated mapping to Odoo (YAML)."""
    return files(__package__) / "odoo.yaml"


def odoo_demo() -> Traversable:
    """What the demo of that pair has to find (JSON)."""
    return files(__package__) / "odoo.demo.json"
