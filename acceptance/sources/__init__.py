"""The sources, as the rows use them."""

from acceptance.sources.ascora import Ascora
from acceptance.sources.base import Source
from acceptance.sources.cetec import Cetec
from acceptance.sources.elma365 import Elma365

SOURCES: dict[str, type[Source]] = {"ascora": Ascora, "cetec": Cetec, "elma365": Elma365}

__all__ = ["SOURCES", "Ascora", "Cetec", "Elma365", "Source"]
