"""The destinations that the house's tests run against."""

from collections.abc import Sequence
from typing import Final

from tests.there import There
from tests.there_odoo import Odoo
from tests.there_twenty import Twenty

DESTINATIONS: Final[Sequence[There]] = (Twenty(), Odoo())
