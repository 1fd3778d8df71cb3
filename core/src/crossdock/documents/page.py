"""A page: one HTML file that needs nothing else, rendered from a template of this package.

Templates escape what they are given, and a name that the data lacks is an error, not a gap.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crossdock.documents.figures import amount, moment, portion, size, span
from crossdock.errors import ConfigError
from crossdock.redaction import redact
from crossdock.wholefile import write_whole

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, data: Mapping[str, Any]) -> str:
    """The page as HTML, secrets taken out; `template` is a file name in `documents/templates`.

    Raises ConfigError if the extra `reports` is not installed, jinja2.UndefinedError for a name that
    `data` does not hold.
    """
    return redact(_environment().get_template(template).render(data))


def write_page(path: Path, html: str) -> Path:
    """Write a page for this user alone (mode 0600), its folder made if need be. Raises StorageError."""
    return write_whole(path, html.encode())


@cache
def _environment() -> "Environment":
    try:
        from jinja2 import Environment, PackageLoader, StrictUndefined
    except ImportError:
        raise ConfigError(
            "pages need the extra `reports`, which is not installed.",
            hint="pip install 'crossdock[reports]'",
        ) from None
    environment = Environment(
        loader=PackageLoader("crossdock.documents"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=amount, moment=moment, portion=portion, size=size, span=span)
    environment.globals["product"] = f"crossdock {version('crossdock')}"
    return environment
