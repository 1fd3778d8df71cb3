"""What a person writes in the project file about tables and documents that stand in for the Web API."""

import re
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_NEEDED = ("{object}", "{key}", "{name}")


class TableSettings(BaseModel):
    """`layout`: the file that says what the tables hold; `files`: paths, `*` and `**` allowed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    layout: Path
    files: tuple[Path, ...] = Field(min_length=1)


class DocumentSettings(BaseModel):
    """`folder` holds the documents, `rule` says how their paths name the record that they belong to.

    `index`: a table (csv, xlsx) with a row for each document: path, object, key, and where known field,
    name, folder, created at, created by. A plain path is short for `{folder: path}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: Path
    rule: str = "{object}/{key}/{folder}/{name}"
    index: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"folder": value} if isinstance(value, str | Path) else value

    @field_validator("rule")
    @classmethod
    def _whole(cls, rule: str) -> str:
        parts = re.findall(r"\{[^}]*\}", rule)
        unknown = sorted(set(parts) - {*_NEEDED, "{folder}", "{field}"})
        if unknown or len(set(parts)) != len(parts) or not set(_NEEDED) <= set(parts):
            raise ValueError(
                "a rule holds {object}, {key} and {name} once each, and may hold {folder} and {field}"
            )
        if "{folder}" in rule and "{folder}/" not in rule:
            raise ValueError("behind {folder} stands a /")
        return rule
