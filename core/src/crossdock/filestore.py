"""Files at rest, addressed by content: a file that is linked twice is stored once.

Layout: `<root>/ab/abcdef...` (SHA-256 in hex). Names from a source never become paths.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from crossdock.errors import StorageError
from crossdock.values import StoredFile


class FileStore:
    """A folder of files named by their SHA-256."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(
        self,
        chunks: Iterable[bytes],
        *,
        name: str,
        media_type: str = "application/octet-stream",
        folder: str = "",
    ) -> StoredFile:
        """Stream `chunks` to disk, hashing on the way. Raises StorageError if the disk refuses."""
        digest, size = hashlib.sha256(), 0
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=self._root, prefix="partial-")
        except OSError as error:
            raise StorageError(
                f"cannot write to {self._root}: {error.strerror}.",
                hint="Mend that and run the same command again.",
            ) from error
        try:
            with os.fdopen(handle, "wb") as out:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())  # the cursor that is committed next says that it is there
            stored = StoredFile(name, size, digest.hexdigest(), media_type, folder)
            target = self.path(stored)
            target.parent.mkdir(exist_ok=True)
            Path(partial).replace(target)
        except OSError as error:
            Path(partial).unlink(missing_ok=True)
            raise StorageError(
                f"cannot store file {name!r} in {self._root}: {error.strerror}.",
                hint="Free disk space and run the same command again.",
            ) from error
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
        return stored

    def path(self, file: StoredFile) -> Path:
        """Where the content lies."""
        return self._root / file.sha256[:2] / file.sha256

    def open(self, file: StoredFile) -> BinaryIO:
        """Open the content for reading. Raises StorageError if it is gone."""
        try:
            return self.path(file).open("rb")
        except OSError as error:
            raise StorageError(f"file {file.name!r} ({file.sha256}) is not in the store: {error}") from error
