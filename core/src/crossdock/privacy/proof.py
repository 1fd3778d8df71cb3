"""Hashes that prove what a purged ledger held, without holding it.

A hash is an HMAC-SHA-256 (128 bits of it, hex) of one field's value and its place, keyed with 256 random bits
of the project. Without the key nobody can guess a value, or see that two records hold the same one. With the
key who has a value can prove that it was so. The key is a file of its own: archive it apart, or delete it,
and the hashes prove nothing any more and give nothing away.
"""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from crossdock.errors import ConfigError
from crossdock.serial import content_hash
from crossdock.wholefile import write_whole

_BYTES: Final = 32
_DIGITS: Final = 32  # of the hex form that is kept


class Proof:
    """Makes the hashes of one project."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def hashes(self, target_object: str, target_id: str, values: Mapping[str, Any]) -> dict[str, str]:
        """A hash a field; equal values (12.50 and 12.5, one instant in two zones) hash alike."""
        return {name: self.hash(target_object, target_id, name, value) for name, value in values.items()}

    def hash(self, target_object: str, target_id: str, field: str, value: Any) -> str:
        """The hash of one value in its place."""
        place = "\0".join((target_object, target_id, field, content_hash({field: value}, target_id)))
        return hmac.digest(self._key, place.encode(), hashlib.sha256).hex()[:_DIGITS]


def key_file(state: Path) -> Path:
    """Where the key of a project lies after its purge."""
    return state / "proof.key"


def read_proof(path: Path) -> Proof | None:
    """The proof with the key that lies there, None if it was taken away. Raises ConfigError if damaged."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ConfigError(f"the key {path} cannot be read.", hint="Put back the one you archived.") from error
    if len(key) != _BYTES:
        raise ConfigError(f"the key {path} is damaged.", hint="Put back the one you archived.")
    return Proof(key)


def make_proof(path: Path) -> Proof:
    """The proof of a project that is about to be purged; one that was killed meanwhile keeps its key."""
    known = read_proof(path)
    if known is not None:
        return known
    key = secrets.token_bytes(_BYTES)
    write_whole(path, f"{key.hex()}\n".encode())
    return Proof(key)
