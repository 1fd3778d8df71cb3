"""What a connection needs before its first request: certificates to trust, headers that can be sent."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from crossdock.errors import ConfigError

Verify = ssl.SSLContext | Path | str | None
"""An SSL context, or a file or folder of CA certificates (PEM); None: the system's."""


def trusted(verify: Verify) -> ssl.SSLContext | bool:
    """What an HTTP client verifies with; True: the system's certificates. Raises ConfigError."""
    if verify is None or isinstance(verify, ssl.SSLContext):
        return verify or True
    path = Path(verify)
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except OSError as error:
        raise ConfigError(
            f"the CA certificates in {path} cannot be read: {error}.", hint="Give a PEM file."
        ) from error


def sendable(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The same headers. Raises ConfigError, without the value, if one of them cannot be sent."""
    for name, value in headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ConfigError(
                f"what is to be sent as {name} holds signs that cannot be sent.",
                hint="Copy the key again, whole and on one line.",
            )
    return headers
