"""What a person writes in the project file about files: tables, documents, Word templates, accounting."""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_NEEDED = ("{object}", "{key}", "{name}")


class TableSettings(BaseModel):
    """`layout`: the file that says what the tables hold; `files`: paths, `*` and `**` allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layout: Path
    files: tuple[Path, ...] = Field(min_length=1)


class AttachmentSettings(BaseModel):
    """`index`: a table with a row for each attachment: path or address, entity, number, and where known
    name, folder, date, author. `folder` holds the files; without an index `rule` says how their paths name
    the record that they belong to. `hosts`: the only ones that addresses of the index may lead to.

    A plain path is short for `{folder: path}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path | None = None
    index: Path | None = None
    rule: str = "{object}/{key}/{folder}/{name}"
    hosts: tuple[str, ...] = ()
    max_bytes: int = Field(default=1_000_000_000, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"folder": value} if isinstance(value, str | Path) else value

    @field_validator("hosts")
    @classmethod
    def _lower_case(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.strip().lower() for host in hosts)

    @field_validator("rule")
    @classmethod
    def _whole(cls, rule: str) -> str:
        if any(rule.count(part) != 1 for part in _NEEDED) or rule.count("{folder}/") != rule.count(
            "{folder}"
        ):
            raise ValueError("a rule holds {object}, {key} and {name} once each, and may hold {folder}/")
        return rule

    @model_validator(mode="after")
    def _something(self) -> "AttachmentSettings":
        if self.folder is None and self.index is None:
            raise ValueError("give `folder`, `index` or both")
        return self


class AccountingSettings(BaseModel):
    """The accounting package that the tenant is linked to, and whether the link writes both ways."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Literal["xero", "quickbooks", "myob"]
    two_way: bool = True
