"""Files a document: JSON for programs, a page and a PDF for people; for this user alone, no secret in any."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from crossdock.documents.page import render, write_page
from crossdock.documents.pdf import write_pdf
from crossdock.errors import StorageError
from crossdock.redaction import redact
from crossdock.wholefile import write_whole


def pages_possible() -> bool:
    """Whether the extra `reports` is installed."""
    return find_spec("jinja2") is not None


def without_secrets(data: Any) -> Any:
    """Plain data with every text redacted."""
    if isinstance(data, str):
        return redact(data)
    if isinstance(data, Mapping):
        return {name: without_secrets(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [without_secrets(value) for value in data]
    return data


def json_of(data: Mapping[str, Any]) -> bytes:
    """A document as JSON, secrets taken out."""
    return orjson.dumps(without_secrets(data), option=orjson.OPT_INDENT_2)


def file_json(path: Path, data: Mapping[str, Any], *, called: str = "") -> Path:
    """Write a document as JSON (mode 0600); gives its path. Raises StorageError, naming it as `called`."""
    return write_whole(path, json_of(data), called=called)


def file_text(path: Path, text: str, *, called: str = "") -> Path:
    """Write a document as text (mode 0600); gives its path. Raises StorageError, naming it as `called`."""
    return write_whole(path, redact(text).encode(), called=called)


def file_pdf(page: Path) -> Path:
    """Write the PDF of a filed page beside it; gives its path. Raises StorageError, ConfigError without
    `reports`."""
    try:
        html = page.read_text(encoding="utf-8")
    except OSError as error:
        raise StorageError(f"cannot read {page}: {error.strerror}.") from error
    return write_pdf(page.with_suffix(".pdf"), html)


def file_page(path: Path, template: str, data: Mapping[str, Any]) -> Path:
    """Write a document as a page; gives its path. Raises StorageError, ConfigError without `reports`."""
    return write_page(path, render(template, without_secrets(data)))
