"""What a person writes in the project file to connect to an Ascora tenant, or to files of it."""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from crossdock_ascora.filesettings import AccountingSettings, AttachmentSettings, TableSettings


class AscoraSettings(BaseModel):
    """Settings of an Ascora source.

    `timezone` (IANA name) and `currency` (ISO 4217) are those of the tenant: neither the API nor an export
    says them, so both are required.
    `url` and `key` (Administration, API Settings) open the API; without them `tables` alone are read. An
    object that a table holds is read from the table, the others through the API.
    `ca_file`: CA certificates to trust instead of the system's. `calls_per_minute`: no limit is
    documented; there is never more than one request at a time.
    `quote_details`: one request a quote, for the status that the list leaves out. `job_labour`: one request a
    job, for labour as line items (the shape of the answer is not settled).
    `customer_kinds`: a table (number or name, kind) that says who is a person and who is a business;
    `unclear_customers`: what a customer is taken for when nothing says it.
    `custom_fields`: the file that declares their types; `forms`: Word templates (paths, `*` allowed);
    `form_fields`: whether every field of a form becomes a field, or only declared ones and those with values.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    url: str = ""
    key: SecretStr | None = None
    page_size: int = Field(default=100, ge=1, le=1000)
    calls_per_minute: float | None = Field(default=None, gt=0)
    timeout: float = Field(default=45.0, gt=0)
    ca_file: Path | None = None
    quote_details: bool = True
    job_labour: bool = False
    tables: TableSettings | None = None
    attachments: AttachmentSettings | None = None
    customer_kinds: Path | None = None
    unclear_customers: Literal["business", "person"] = "business"
    custom_fields: Path | None = None
    forms: tuple[Path, ...] = ()
    form_fields: Literal["all", "known"] = "all"
    accounting: AccountingSettings | None = None

    @field_validator("url")
    @classmethod
    def _bare_address(cls, url: str) -> str:
        return url.strip().rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone; write it like Australia/Sydney") from error
        return name

    @model_validator(mode="after")
    def _something_to_read(self) -> "AscoraSettings":
        if self.url and self.key is None:
            raise ValueError("`url` needs a `key` (Administration, API Settings)")
        if not (self.url or self.tables):
            raise ValueError("give `url` (https://api.ascora.com.au) and `key`, or exported `tables`")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The tenant's time zone: that of times which name none."""
        return ZoneInfo(self.timezone)
