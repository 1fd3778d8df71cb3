"""Files that are written whole or not at all, for this user alone: a failure keeps what was there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from crossdock.errors import StorageError

PRIVATE: Final = 0o600  # it holds personal data: for this user's eyes only
SHARED: Final = 0o666  # less what the umask of the user takes away
_AGAIN: Final = "Mend that and run the same command again."


def write_whole(
    path: Path, content: bytes, mode: int = PRIVATE, *, called: str = "", make_folder: bool = True
) -> Path:
    """Write a file; gives its path. Raises StorageError, which says `called` instead of the path if given."""
    with whole_file(path, mode, called=called, make_folder=make_folder) as partial:
        partial.write_bytes(content)
    return path


@contextmanager
def whole_file(
    path: Path, mode: int = PRIVATE, *, called: str = "", make_folder: bool = True
) -> Iterator[Path]:
    """An empty file to write into; it takes the place of `path` at the end, unless something is raised.

    The folder is made if need be. Raises StorageError for every OSError on the way.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        if make_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        partial.touch(mode=mode, exist_ok=False)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {called or path}: {error.strerror}.", hint=_AGAIN) from error
