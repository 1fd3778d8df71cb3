"""What a person writes in the project file to connect to an ELMA365 company or to MS Project files."""

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

from crossdock_elma365.filesettings import DocumentSettings, TableSettings

ApplicationName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$")]


class Elma365Settings(BaseModel):
    """Settings of an ELMA365 source.

    `url`: the company's address, with or without /pub/v1; `token`: a Web API token, best of an
    administrator (the platform shows only what the token's user may see). Both may be left out when
    only `mspdi` files are read.
    `calls_per_minute`: 90 is the documented limit of a SaaS company without extra licences.
    `page_size`: 100 is the documented maximum; newer versions take more.
    `timezone`: IANA name, for times without a zone (MS Project files, odd records).
    `applications`: "namespace.code" each; empty means all but the platform's own directories.
    `mspdi`: paths of MS Project XML files; `mspdi_max_bytes`: refuse larger ones.
    `file_hosts`: hosts, besides the API's own, that file links may point to (the object storage);
    `file_max_bytes`: a larger file is not fetched. `ca_file`: CA certificates of an own installation.
    `exports`: configuration exports (`.e365`); what cannot move is inventoried from them too.
    `robots`: the customer's list of robots (csv, or xlsx with python-calamine);
    `orchestrator`: an export of the robots' own server (json or csv).
    `feed`: whose messages and comments are read: all, none, or applications ("namespace.code"); one request
    an item. `feed_delta`: changed reads in a delta the feeds of items that changed since, all reads all.
    `activities`: the applications that hold calls, meetings and e-mails: auto (those of type EVENT), none
    (they are applications like any other), or a list.
    `people`: where people and companies are looked for that projects name in fields of their own: auto
    (applications of projects), none, or a list of applications.
    `tables` and `documents` stand in for what the Web API does not give: lists that people exported, with
    a declared layout, and a folder of documents. `exports` then also give the types of the fields.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = ""
    token: SecretStr | None = None
    calls_per_minute: float = Field(default=90, gt=0)
    page_size: int = Field(default=100, ge=1, le=10_000)
    timezone: str = "UTC"
    applications: tuple[ApplicationName, ...] = ()
    mspdi: tuple[Path, ...] = ()
    mspdi_max_bytes: int = Field(default=1_000_000_000, gt=0)
    file_hosts: tuple[str, ...] = ()
    file_max_bytes: int = Field(default=10_000_000_000, gt=0)
    ca_file: Path | None = None
    feed: Literal["all", "none"] | tuple[ApplicationName, ...] = "all"
    feed_delta: Literal["changed", "all"] = "changed"
    activities: Literal["auto", "none"] | tuple[ApplicationName, ...] = "auto"
    people: Literal["auto", "none"] | tuple[ApplicationName, ...] = "auto"
    exports: tuple[Path, ...] = ()
    robots: Path | None = None
    orchestrator: Path | None = None
    tables: TableSettings | None = None
    documents: DocumentSettings | None = None

    @field_validator("url")
    @classmethod
    def _bare_address(cls, url: str) -> str:
        return url.strip().rstrip("/").removesuffix("/pub/v1").rstrip("/")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone; write it like Europe/Moscow") from error
        return name

    @field_validator("file_hosts")
    @classmethod
    def _lower_case(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.strip().lower() for host in hosts)

    @model_validator(mode="after")
    def _something_to_read(self) -> "Elma365Settings":
        if not (self.url or self.mspdi or self.tables or self.documents or self.exports):
            raise ValueError("give `url` and `token` of a company, or files: `mspdi`, `tables`, `documents`")
        if self.url and self.token is None:
            raise ValueError("`url` needs a `token`")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone to assume for times that have none."""
        return ZoneInfo(self.timezone)
