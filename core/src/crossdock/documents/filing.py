"""Files a document: JSON for programs, a page for people; for this user alone, no secret in either."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson

from crossdock.documents.page import PRIVATE, render, write_page
from crossdock.errors import StorageError
from crossdock.redaction import redact


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


def file_json(path: Path, data: Mapping[str, Any]) -> Path:
    """Write a document as JSON (mode 0600); gives its path. Raises StorageError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.touch(mode=PRIVATE)
        partial.write_bytes(orjson.dumps(without_secrets(data), option=orjson.OPT_INDENT_2))
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
    return path


def file_page(path: Path, template: str, data: Mapping[str, Any]) -> Path:
    """Write a document as a page; gives its path. Raises StorageError, ConfigError without `reports`."""
    return write_page(path, render(template, without_secrets(data)))
