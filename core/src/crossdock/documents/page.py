"""A page: one HTML file that needs nothing else, rendered from a template of this package.

Templates escape what they are given, and a name that the data lacks is an error, not a gap.
"""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from crossdock.documents.figures import amount, moment, portion, size, span
from crossdock.errors import ConfigError, StorageError
from crossdock.redaction import redact

if TYPE_CHECKING:
    from jinja2 import Environment

PRIVATE: Final = 0o600  # the pages hold personal data: for this user's eyes only


def render(template: str, data: Mapping[str, Any]) -> str:
    """The page as HTML, secrets taken out; `template` is a file name in `documents/templates`.

    Raises ConfigError if the extra `reports` is not installed, jinja2.UndefinedError for a name that
    `data` does not hold.
    """
    return redact(_environment().get_template(template).render(data))


def write_page(path: Path, html: str) -> Path:
    """Write a page for this user alone (mode 0600), its folder made if need be. Raises StorageError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.touch(mode=PRIVATE)
        partial.write_text(html, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
    return path


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
