"""Contents of attachments: from the folder, or from hosts that the settings name, without any key."""

import re
from collections.abc import Iterator

from crossdock.connection import Connection
from crossdock_ascora.attachmentplaces import hidden, is_address
from crossdock_ascora.client import Downloads
from crossdock_ascora.filesettings import AttachmentSettings

_CHUNK = 1 << 20
_PAGE = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)


class UnreadableError(Exception):
    """An attachment cannot be read; the text says which and why."""


class Contents:
    """Reads files. Connections are opened when a file is first fetched."""

    def __init__(self, settings: AttachmentSettings, connection: Connection) -> None:
        self._settings = settings
        self._connection = connection
        self._downloads: Downloads | None = None

    def close(self) -> None:
        """Close the connections."""
        if self._downloads is not None:
            self._downloads.close()

    def chunks(self, place: str, name: str) -> Iterator[bytes]:
        """The contents of a path or an address; `name` is what the file is called.

        Raises UnreadableError, ConfigError, RecordError.
        """
        source = self._fetched(place, name) if is_address(place) else self._read(place)
        size = 0
        for chunk in source:
            size += len(chunk)
            if size > self._settings.max_bytes:
                raise UnreadableError(f"{hidden(place)} is larger than {self._settings.max_bytes} bytes")
            yield chunk

    def check(self, address: str) -> None:
        """Refuse hosts that nobody named: neither an index nor a redirect may steer requests."""
        self._opened().check(address)

    def _fetched(self, address: str, name: str) -> Iterator[bytes]:
        """A page to log in, or one that says that something is gone, is no file."""
        first = True
        for chunk in self._opened().chunks(address):
            if first and _PAGE.match(chunk) and not name.lower().endswith((".html", ".htm", ".xhtml")):
                raise UnreadableError(f"{hidden(address)} answered with a web page where {name!r} should be")
            first = False
            yield chunk

    def _opened(self) -> Downloads:
        if self._downloads is None:
            self._downloads = Downloads(self._settings, self._connection)
        return self._downloads

    def _read(self, path: str) -> Iterator[bytes]:
        assert self._settings.folder is not None  # noqa: S101 - only files of it have a path
        file = self._settings.folder / path
        if file.is_symlink():
            raise UnreadableError(f"{path} is a link, and links are not followed")
        try:
            with file.open("rb") as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except OSError as error:
            raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
