"""Files that go along with the handoff: whole or not at all, and for this user alone."""

from collections.abc import Iterable
from pathlib import Path

from crossdock.errors import StorageError

_PRIVATE = 0o600  # they hold a company's data


def write_privately(path: Path, content: bytes | Iterable[bytes]) -> Path:
    """Write a file; gives its path. Raises StorageError."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.touch(mode=_PRIVATE, exist_ok=False)
        with partial.open("wb") as file:
            for chunk in (content,) if isinstance(content, bytes) else content:
                file.write(chunk)
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}.") from error
    return path
