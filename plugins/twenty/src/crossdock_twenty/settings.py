"""Settings of a Twenty connection."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class TwentySettings(BaseModel):
    """Where the workspace is and how hard it may be used.

    `calls_per_minute` is the server's default budget for a workspace (measured on 2.21.0: a burst of
    100 calls, then one each 0.6 s). `batch_size` is the server's own maximum. `phone_region` is the
    ISO 3166 country of telephone numbers that are written without a country. `ca_file`: CA certificates
    of an installation of one's own. `file_hosts`: hosts inside a network where it keeps its files.
    """

    model_config = ConfigDict(extra="forbid")

    url: str
    key: SecretStr
    calls_per_minute: float = Field(default=100.0, gt=0)
    batch_size: int = Field(default=200, ge=1, le=200)
    connections: int = Field(default=1, ge=1, le=8)
    phone_region: str = Field(default="RU", pattern="^[A-Z]{2}$")
    timeout: float = Field(default=120.0, gt=0)
    ca_file: Path | None = None
    file_hosts: tuple[str, ...] = ()

    @field_validator("url")
    @classmethod
    def _trim(cls, url: str) -> str:
        """Accept an address with a trailing slash. Raises ValueError on anything but http(s)."""
        if not url.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return url.rstrip("/")
