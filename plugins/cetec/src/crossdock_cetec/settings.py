"""What a person writes in the project file to read a tenant of Cetec ERP, its exports, or both."""

from pathlib import Path
from typing import Annotated, Any, Literal
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

ApiObject = Literal["customer", "contact", "order", "orderline", "invoice", "part", "workorder"]
API_OBJECTS: tuple[ApiObject, ...] = (
    "customer",
    "contact",
    "order",
    "orderline",
    "invoice",
    "part",
    "workorder",
)
CustomType = Literal["text", "integer", "decimal", "boolean", "date", "select"]


class TableSettings(BaseModel):
    """Exported spreadsheets: `files` are paths (`*` and `**` allowed), `layout` says what they hold.

    Without a `layout` the example is used that comes with this package: its headers are what a tenant may
    have, not what every tenant has.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: tuple[Path, ...] = Field(min_length=1)
    layout: Path | None = None


class DocumentSettings(BaseModel):
    """The folder that holds the documents; which record each belongs to says the table `document`.

    A plain path is short for `{folder: path}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"folder": value} if isinstance(value, str | Path) else value


class CetecSettings(BaseModel):
    """Settings of a Cetec ERP source.

    `url`: the tenant's whole address (https://acme.cetecerp.com, or the host of a resident installation);
    `token`: the value of its configuration "JSON API Token", which has full power over the tenant. Both may
    be left out when only exports are read.
    `api`: the objects that are read through the API; a table stands in for those that are not named here.
    `customer_columns`: the tenant's own columns of customers, which come only when they are asked for.
    `custom_fields`: types of the tenant's own columns, as `customer.ok_to_bill: boolean`; without one the
    values tell. `internal_customers`: names or numbers of customers that stand for the company itself.
    `history_from`: how far back work orders are looked for.
    `timezone`: IANA name, for times without a zone. `currency`: of amounts that name none.
    `shop_floor`: permission sets whose people work on the shop floor.
    `control_totals`: a table (csv) or list (yaml) of totals that the tenant's own reports gave.
    `ca_file`: CA certificates of a resident installation. `calls_per_minute`, `timeout` (seconds): Cetec
    documents no limit; these are polite guesses.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = ""
    token: SecretStr | None = None
    api: tuple[ApiObject, ...] = API_OBJECTS
    customer_columns: tuple[str, ...] = ()
    custom_fields: dict[str, CustomType] = {}
    internal_customers: tuple[str, ...] = ()
    history_from: str = Field(default="2000-01-01", pattern=r"^\d{4}-\d\d-\d\d$")
    timezone: str | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"
    shop_floor: tuple[str, ...] = ("Shop Floor", "Production", "Time Clock")
    tables: TableSettings | None = None
    documents: DocumentSettings | None = None
    control_totals: Path | None = None
    ca_file: Path | None = None
    calls_per_minute: float = Field(default=300, gt=0)
    timeout: float = Field(default=120, gt=0)

    @field_validator("url")
    @classmethod
    def _bare_address(cls, url: str) -> str:
        return url.strip().rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone; write it like America/Chicago") from error
        return name

    @model_validator(mode="after")
    def _something_to_read(self) -> "CetecSettings":
        if not (self.url or self.tables):
            raise ValueError("give `url` and `token` of a tenant, or exported `tables`, or both")
        if self.url and self.token is None:
            raise ValueError("`url` needs a `token`")
        if self.documents and not self.tables:
            raise ValueError("`documents` needs a table `document` that says what they belong to")
        return self

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone to assume for times that have none; None if nobody said one."""
        return ZoneInfo(self.timezone) if self.timezone else None
