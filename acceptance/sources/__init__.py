"""The sources, as the rows use them."""

from acceptance.platforms import Sandbox
from acceptance.sources.elma365 import Elma365

SOURCES: dict[str, type[Sandbox]] = {"elma365": Elma365}

__all__ = ["SOURCES", "Elma365"]
