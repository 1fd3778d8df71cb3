"""The layout file: which file and sheet holds which object, and how its columns are called and written.

timezone: Europe/Moscow
dates: [DD.MM.YYYY, "DD.MM.YYYY hh:mm"]
numbers: ["1 234,56"]
yes: [да]
no: [нет]
objects:
  crm.companies:
    files: ["companies*.xlsx"]
    sheet: "Компании.*"          # a regular expression; without it the first sheet
    key: [id]                    # several columns: joined with "/"; `key: row` if there is none
    columns:
      id: [Код, ID]
      name: {headers: [Название, Name], required: true}
      revenue: {headers: [Выручка], type: money, currency: RUB, digits: 2}
      owner: {headers: [Ответственный], type: reference, to: crm.users, by: [email, name]}
      name.last: [Фамилия]       # parts of one value: name.first, address.city, price.currency
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.layout.patterns import check_date_pattern, check_name_pattern, number_pattern
from crossdock.secrets import explain
from crossdock.yamltext import load_yaml

PARTS: Mapping[str, FieldType] = {
    **dict.fromkeys(("first", "last", "middle"), FieldType.PERSON_NAME),
    **dict.fromkeys(("street1", "street2", "city", "state", "postcode", "country"), FieldType.ADDRESS),
    **dict.fromkeys(("amount", "currency"), FieldType.MONEY),
}
"""What may stand behind the dot of a column name, and the type of the field that it is a part of."""

_UNREADABLE = {FieldType.AUTHOR, FieldType.FILE, FieldType.UNKNOWN}


def _listed(value: Any) -> Any:
    """A single word counts as a list of one."""
    return (value,) if isinstance(value, str) else value


def _checked_number(example: str) -> str:
    number_pattern(example)
    return example


_Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]
_Dates = Annotated[tuple[Annotated[str, AfterValidator(check_date_pattern)], ...], BeforeValidator(_listed)]
_Numbers = Annotated[tuple[Annotated[str, AfterValidator(_checked_number)], ...], BeforeValidator(_listed)]
_Currency = Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")]
_NamePart = Literal["first", "last", "middle"]


class ColumnLayout(BaseModel):
    """One column: its headers (any case, ё as е), and how its cells are read.

    `type`: a canonical field type; without one the schema of the object gives it, else `options`,
    `to` and `by` tell it, else it is text.
    `required`: the header has to be there. `filled`: a row without a value is rejected.
    `separator` parts several values of one cell. `options`: code -> the words that stand for it.
    `to` and `by`: the object that a reference points to, and the columns of it that are looked in, in this
    order; without `by` the cell holds the key. `unfound`: a text that names no record refuses its row, or is
    kept as a reference to a record that is not there. `digits`: decimals to keep; a value that has more than
    binary noise beyond them is refused. `unit`: of a duration given as a number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    headers: _Words = Field(min_length=1)
    type: FieldType | None = None
    label: str = ""
    required: bool = False
    filled: bool = False
    multiple: bool | None = None
    separator: str = Field(default=";", min_length=1)
    options: Mapping[str, _Words] = {}
    to: _Words = ()
    by: _Words = ()
    unfound: Literal["refuse", "keep"] = "refuse"
    dates: _Dates = ()
    numbers: _Numbers = ()
    digits: int | None = Field(default=None, ge=0, le=12)
    currency: _Currency = ""
    unit: Literal["seconds", "minutes", "hours", "days"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        """`name: Header` and `name: [Header, Other]` are short for `{headers: ...}`."""
        return {"headers": value} if isinstance(value, str | list | tuple) else value

    @field_validator("type")
    @classmethod
    def _readable(cls, kind: FieldType | None) -> FieldType | None:
        if kind in _UNREADABLE:
            raise ValueError(f"a cell cannot hold a value of type {kind}")
        return kind


class ObjectLayout(BaseModel):
    """One object: `files` are patterns of file names, `sheet` a regular expression of sheet names.

    `header_row` counts from 1; without it the first of `search_rows` rows with the required headers.
    `key`: columns that make the key, or `row` for file, sheet and row number. `unknown_columns`: keep them
    as text fields, report them with the number of their values, or refuse the file. `total_rows`: words
    that a row of totals begins with. `totals`: number and money columns that are summed up.
    `updated_at` and `deleted`: the columns that say when, and whether, a record was changed or deleted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    files: _Words = Field(min_length=1)
    sheet: str = ""
    label: str = ""
    label_plural: str = ""
    header_row: int | None = Field(default=None, ge=1)
    search_rows: int = Field(default=30, ge=1, le=1000)
    key: Literal["row"] | tuple[str, ...]
    unknown_columns: Literal["keep", "report", "refuse"] = "report"
    total_rows: _Words = ()
    totals: _Words = ()
    updated_at: str = ""
    deleted: str = ""
    match_only: bool = False
    columns: Mapping[str, ColumnLayout] = Field(min_length=1)

    @model_validator(mode="after")
    def _sound(self) -> "ObjectLayout":
        try:
            check_name_pattern(self.sheet)
        except ValueError as error:
            raise ValueError(f"sheet: {error}") from error
        named = [*(() if self.key == "row" else self.key), *self.totals]
        for name in [*named, *filter(None, (self.updated_at, self.deleted))]:
            if name not in self.columns:
                raise ValueError(f"there is no column {name!r}")
        if self.key == ():
            raise ValueError("key: name the columns that make the key, or write `key: row`")
        for name in self.columns:
            field, dot, part = name.partition(".")
            if not field or (dot and part not in PARTS):
                raise ValueError(f"column {name!r}: behind the dot stands one of {', '.join(PARTS)}")
        return self

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that make the key; none if it is the row number."""
        return () if self.key == "row" else self.key


class Layout(BaseModel):
    """A layout file. What stands at the top holds for every column that says nothing else.

    `timezone`: for times without a zone (None: the reader says). `empty`: words that mean no value.
    `encodings` of text files without a byte order mark, tried in this order. `name_order`: of the words of
    a person's name; what is left over goes to the last one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    timezone: str | None = None
    empty: _Words = ()
    dates: _Dates = ("YYYY-MM-DD", "ISO")
    numbers: _Numbers = ("1234.56",)
    yes: _Words = ("yes", "true", "1")
    no: _Words = ("no", "false", "0")
    currency: _Currency = ""
    name_order: tuple[_NamePart, ...] = ("first", "last")
    encodings: _Words = ("utf-8",)
    delimiter: Annotated[str, StringConstraints(max_length=1)] = ""
    objects: Mapping[str, ObjectLayout] = Field(min_length=1)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not a time zone; write it like Europe/Moscow") from error
        return name

    @field_validator("encodings")
    @classmethod
    def _known_encodings(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            try:
                b" ".decode(name)  # an empty one is decoded without a look at the name
            except UnicodeDecodeError:
                continue  # text that this byte alone is no part of: utf-16
            except (LookupError, ValueError) as error:
                raise ValueError(f"{name!r} is no encoding; write it like utf-8 or cp1251") from error
        return names


def load_layout(path: Path) -> Layout:
    """Read and check a layout file. Raises ConfigError that names every fault."""
    try:
        document = load_yaml(YAML(typ="safe"), path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the layout {path} cannot be read: {error}.") from error
    except YAMLError as error:
        raise ConfigError(f"the layout {path} is not valid YAML: {error}.") from error
    try:
        return Layout.model_validate(document)
    except ValidationError as error:
        raise ConfigError(
            f"the layout {path}: {explain(error)}.",
            hint="docs/schemas/files/layout.json says what it may hold.",
        ) from None
