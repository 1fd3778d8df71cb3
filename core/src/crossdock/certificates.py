"""Which certificates a connection trusts."""

import ssl
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
