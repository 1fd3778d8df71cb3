"""Contents of attachments: from the folder, or from hosts that the settings name, without any key."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock_ascora.attachmentplaces import hidden, is_address
from crossdock_ascora.client import Downloads
from crossdock_ascora.filesettings import AttachmentSettings

_CHUNK = 1 << 20
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


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

    def chunks(self, place: str) -> Iterator[bytes]:
        """The contents of a path or an address. Raises UnreadableError, ConfigError, RecordError."""
        source = self._fetched(place) if is_address(place) else self._read(place)
        size = 0
        for chunk in source:
            size += len(chunk)
            if size > self._settings.max_bytes:
                raise UnreadableError(f"{hidden(place)} is larger than {self._settings.max_bytes} bytes")
            yield chunk

    def _fetched(self, address: str) -> Iterator[bytes]:
        self.check(address)
        if self._downloads is None:
            self._downloads = Downloads(self._connection)
        return self._downloads.chunks(address, self.check)

    def check(self, address: str) -> None:
        """Refuse hosts that nobody named: neither an index nor a redirect may steer requests."""
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
        secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOOPBACK)
        if host not in self._settings.hosts or not secure or parts.username is not None:
            raise ConfigError(
                f"{hidden(address)} is at {host or 'no host'}, which is no allowed host of attachments.",
                hint=f"If it is the tenant's, add {host!r} to attachments.hosts (https only).",
            )

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
