"""Where a reading of tables stands: how many rows were given, and of which files.

Rows are counted, so a position means nothing in another file: one that somebody replaced while a reading was
interrupted is read from its start.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from crossdock.errors import CursorLostError, StorageError

FILES: Final = "of"
"""The key of a position that tells the files: others of a position are the reader's own."""


def fingerprint(paths: Iterable[Path]) -> str:
    """What tells these files from all others: a digest of their names and contents. Raises StorageError."""
    digest = hashlib.blake2b(digest_size=12)
    for path in sorted(paths):
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()
        except OSError as error:
            raise StorageError(f"cannot read {path}: {error.strerror}.") from error
        digest.update(path.name.encode() + b"\0" + content)
    return digest.hexdigest()


def require_same(position: Mapping[str, Any], files: str) -> None:
    """Raises CursorLostError if a position is one in other files than those of this fingerprint."""
    if position.get(FILES, files) != files:
        raise CursorLostError("a table was replaced while it was being read; it is read from its start.")
