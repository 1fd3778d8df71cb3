"""Readers of the destinations, by plain HTTP without the plugins."""

from acceptance.destinations.base import Column, Destination, Made, Money, differences
from acceptance.destinations.odoo import Odoo
from acceptance.destinations.twenty import Twenty
from acceptance.platforms import Sandbox

READERS: dict[str, type[Sandbox]] = {"odoo": Odoo, "twenty": Twenty}

__all__ = ["READERS", "Column", "Destination", "Made", "Money", "Odoo", "Twenty", "differences"]
