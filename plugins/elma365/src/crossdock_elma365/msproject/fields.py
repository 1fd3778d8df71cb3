"""The custom fields of MS Project by FieldID, and the kinds of value that they hold.

A FieldID is the same in every file, but what a customer keeps in Text1 is not: the alias tells. Values
may come without a definition in the file's header, so the table is built in. Ranges as in the XML schema
of MS Project; checked against a file that defines all 260.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crossdock.fieldtypes import FieldType

TASK, RESOURCE, ASSIGNMENT = "task", "resource", "assignment"
IN_DAYS = "InDays"
"""Follows the name of a custom duration to make the name of the same in days."""

# kind, first number, last number, FieldID of the first, distance of the FieldIDs
_TASK_RANGES = (
    ("Text", 1, 5, 188743731, 3),
    ("Text", 6, 10, 188743746, 1),
    ("Text", 11, 30, 188743997, 1),
    ("Start", 1, 5, 188743732, 3),
    ("Start", 6, 10, 188743962, 2),
    ("Finish", 1, 5, 188743733, 3),
    ("Finish", 6, 10, 188743963, 2),
    ("Flag", 1, 10, 188743752, 1),
    ("Flag", 11, 20, 188743972, 1),
    ("Number", 1, 5, 188743767, 1),
    ("Number", 6, 20, 188743982, 1),
    ("Duration", 1, 3, 188743783, 1),
    ("Duration", 4, 10, 188743955, 1),
    ("Cost", 1, 3, 188743786, 1),
    ("Cost", 4, 10, 188743938, 1),
    ("Date", 1, 10, 188743945, 1),
    ("OutlineCode", 1, 10, 188744096, 2),
)
_RESOURCE_RANGES = (
    ("Text", 1, 2, 205520904, 1),
    ("Text", 3, 5, 205520926, 1),
    ("Text", 6, 10, 205520993, 1),
    ("Text", 11, 30, 205521121, 1),
    ("Start", 1, 5, 205520998, 1),
    ("Start", 6, 10, 205521116, 1),
    ("Finish", 1, 5, 205521003, 1),
    ("Finish", 6, 10, 205521086, 1),
    ("Flag", 10, 10, 205521022, 1),
    ("Flag", 1, 9, 205521023, 1),
    ("Flag", 11, 20, 205521091, 1),
    ("Number", 1, 5, 205521008, 1),
    ("Number", 6, 20, 205521101, 1),
    ("Duration", 1, 3, 205521013, 1),
    ("Duration", 4, 10, 205521079, 1),
    ("Cost", 1, 3, 205521019, 1),
    ("Cost", 4, 10, 205521062, 1),
    ("Date", 1, 10, 205521069, 1),
    ("OutlineCode", 1, 10, 205521174, 2),
)

TYPES: Mapping[str, FieldType] = {
    "Text": FieldType.TEXT,
    "Start": FieldType.DATETIME,
    "Finish": FieldType.DATETIME,
    "Date": FieldType.DATETIME,
    "Flag": FieldType.BOOLEAN,
    "Number": FieldType.DECIMAL,
    "Duration": FieldType.TEXT,  # as written; the same in days is a field of its own
    "Cost": FieldType.MONEY,
    "OutlineCode": FieldType.TEXT,
}


@dataclass(frozen=True, slots=True)
class CustomField:
    """A custom field: whose it is, its kind (a key of TYPES, or "" if unknown) and its name (`Text1`)."""

    owner: str
    kind: str
    name: str

    @property
    def type(self) -> FieldType:
        """The canonical type; text for enterprise and other fields that the table does not know."""
        return TYPES.get(self.kind, FieldType.TEXT)


def _expand() -> Iterator[tuple[int, CustomField]]:
    for owner, ranges in ((TASK, _TASK_RANGES), (RESOURCE, _RESOURCE_RANGES)):
        for kind, first, last, field_id, step in ranges:
            for number in range(first, last + 1):
                yield field_id + (number - first) * step, CustomField(owner, kind, f"{kind}{number}")


BUILT_IN: Mapping[int, CustomField] = dict(_expand())


def custom_field(field_id: int, owner: str) -> CustomField:
    """The field behind a FieldID; one that nobody knows keeps its number as its name."""
    return BUILT_IN.get(field_id) or CustomField(owner, "", f"Field{field_id}")
