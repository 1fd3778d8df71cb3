"""What a person declares about custom fields, in a file of its own.

custom_fields:
  - {name: Roof Type, of: jobs, type: dropdown list, options: [Tile, Metal]}
  - {name: pcon, of: jobs, type: checkbox, options: [Warning signs, Barricades]}
"""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from crossdock.errors import ConfigError
from crossdock_ascora.customfields import TYPES

OWNERS = ("customers", "contacts", "jobs", "quotes", "invoices", "equipment")
"""The objects that may have custom fields here."""


class Declaration(BaseModel):
    """One custom field: its name exactly as in Ascora, its object, and its type in Ascora's words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    of: Literal["customers", "contacts", "jobs", "quotes", "invoices", "equipment"] = "jobs"
    type: str
    options: tuple[str, ...] = ()
    multiple: bool = False

    @property
    def several(self) -> bool:
        """Whether it holds several of its options: a check-box with options is a group of check-boxes."""
        return self.multiple or (self.type == "checkbox" and bool(self.options))

    @field_validator("type")
    @classmethod
    def _known(cls, word: str) -> str:
        plain = " ".join(word.lower().split())
        if plain not in TYPES:
            raise ValueError(f"{word!r} is no type of Ascora; there are {', '.join(TYPES)}")
        return plain


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    custom_fields: tuple[Declaration, ...]


def load_declarations(path: Path | None) -> tuple[Declaration, ...]:
    """The declarations of a file, none without one. Raises ConfigError that names every fault."""
    if path is None:
        return ()
    try:
        document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        return _File.model_validate(document).custom_fields
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", hint="Correct `custom_fields`.") from error
    except ValidationError as error:
        faults = (
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise ConfigError(f"{path}: {'; '.join(faults)}.", hint="Correct `custom_fields`.") from None
