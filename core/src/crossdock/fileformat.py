"""What a destination says of the files that its own importer takes, and of the ones that it exports.

A destination that can be loaded by files declares the capability IMPORT_FILES and has a plain method
`file_format()` that gives one of these. The core owns the order, the splitting, the references by key and the
ledger; the format owns how columns are named and how a value is written and read. It does no I/O.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from crossdock.model import FieldSchema, ObjectSchema, TargetRecord


@dataclass(frozen=True, slots=True)
class FileRow:
    """One record as a row of an import file.

    `cells` by column. `later`: cells that the platform would change, or take wrongly, in the first import: a
    whole row of its own, key included, for a later file. `left_out`: the fields that the importer cannot
    take, each with the reason; a field that holds files is always left out, as the core puts them into
    folders. `notes`: by field, the declared rule that changed the form of the value.
    """

    cells: Mapping[str, str]
    later: Mapping[str, str] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """One row of an export: the target id ("" if the row says none), the external id, and canonical values.

    `unread`: fields whose cell cannot be told apart, each with the reason; they are not proven.
    """

    id: str
    values: Mapping[str, Any]
    external_id: str = ""
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guide:
    """What a person does, in sentences: before the first file, with each file, after the last one, and how
    the export is made that is checked afterwards. `never`: what files cannot bring at all."""

    before: tuple[str, ...]
    each: tuple[str, ...]
    after: tuple[str, ...]
    export: tuple[str, ...]
    never: tuple[str, ...] = ()


class FileFormat(Protocol):
    """The files of one platform. All methods are pure. Objects are given as `made` gave them.

    `row_limit`: the most rows of one import file, without the header; `export_limit`: an export with this
    many rows was cut off there, None if the platform has no such limit.
    """

    row_limit: int
    export_limit: int | None
    guide: Guide

    def made(self, schema: ObjectSchema) -> ObjectSchema:
        """The object as discover shows it once a person has made what is missing of it: with the settings
        that the platform gives, and the fields that a missing one brings along."""

    def refused(self, schema: ObjectSchema) -> str:
        """Why no record of this object can be imported by file, "" if it can."""

    def keyed(self, schema: ObjectSchema) -> bool:
        """Whether records of this object have a field of their own for the external id."""

    def automatic(self, schema: ObjectSchema) -> Mapping[str, str]:
        """The fields that the platform gives a new object by itself, with their labels: nobody makes them."""

    def place(self, schema: ObjectSchema) -> str:
        """Where a person starts the import of this object, as a path of clicks."""

    def kind(self, wanted: FieldSchema) -> str:
        """What the platform calls the type of a field that has to be made by hand."""

    def row(self, schema: ObjectSchema, record: TargetRecord) -> FileRow:
        """The record as a row; its key and its external id are among the cells.

        What a formula would begin with arrives unchanged.
        """

    def blank(self, schema: ObjectSchema, *, creating: bool) -> Collection[str]:
        """Columns whose empty cell, in a row of a new record or of one that is there, is as good as none:
        rows that differ in these alone go into one file."""

    def export_columns(
        self, schema: ObjectSchema, fields: Collection[str], written: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        """By field, the columns that an export needs to prove it; under "" those of the record's key.
        `written`: the columns that the object's files have."""

    def heading(self, schema: ObjectSchema, text: str) -> str:
        """The form in which all headings of one column of the object are equal, whatever words they use."""

    def read(self, schema: ObjectSchema, cells: Mapping[str, str], fields: Collection[str]) -> ReadBack:
        """A row of an export, by heading (see `heading`), decoded apart from what `row` does."""
