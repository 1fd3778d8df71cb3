"""Settings of an Odoo connection."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class OdooSettings(BaseModel):
    """Where the database is, who loads, and how hard the server may be used.

    `database`: "" is the server's only one. `login` and `key`: a user of its own for the migration, and an
    API key of it (Odoo: preferences, account security). `calls_per_minute`: None does not pace; Odoo has no
    limit of its own, hosted ones do not say theirs. `batch_size` is where a load starts: slow calls make it
    smaller by themselves. `timeout` in seconds, beyond the server's own limit of 120 (its default).
    `protocol`: `auto` is JSON-RPC up to version 18 and JSON-2 from 19. `ca_file`: CA certificates of an
    installation of one's own.
    """

    model_config = ConfigDict(extra="forbid")

    url: str
    key: SecretStr
    database: str = ""
    login: str = "admin"
    calls_per_minute: float | None = Field(default=None, gt=0)
    batch_size: int = Field(default=200, ge=1, le=1000)
    timeout: float = Field(default=150.0, gt=0)
    protocol: Literal["auto", "jsonrpc", "json2"] = "auto"
    ca_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _trim(cls, url: str) -> str:
        """Accept an address with a trailing slash. Raises ValueError on anything but http(s)."""
        if not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/")
