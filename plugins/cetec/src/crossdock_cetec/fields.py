"""What an object and a field of a tenant are, before anything is read of them."""

from dataclasses import dataclass

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance


@dataclass(frozen=True, slots=True)
class Field:
    """A field: `keys` are what the API calls it, the first one that is filled counts; none: it is derived
    or comes from tables alone."""

    name: str
    type: T
    label: str
    keys: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    multiple: bool = False

    def schema(self) -> FieldSchema:
        """The field as the catalog shows it."""
        return FieldSchema(
            self.name,
            self.type,
            self.label,
            multiple=self.multiple,
            options=self.options,
            references=self.references,
            provenance=Provenance.ASSUMED,
        )


@dataclass(frozen=True, slots=True)
class Object:
    """An object; `key` is the field that its API rows have as their id.

    people: its records are those who have an account.
    """

    name: str
    label: str
    label_plural: str
    fields: tuple[Field, ...]
    key: str = "id"
    people: bool = False

    def schema(self) -> ObjectSchema:
        """The object as the catalog shows it, without a count."""
        return ObjectSchema(
            self.name,
            tuple(f.schema() for f in self.fields),
            self.label,
            self.label_plural,
            match_only=self.people,
            snapshot=True,
        )

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((f for f in self.fields if f.name == name), None)


def text(name: str, label: str, *keys: str) -> Field:
    """A text field."""
    return Field(name, T.TEXT, label, keys)


def link(name: str, label: str, *objects: str, keys: tuple[str, ...] = ()) -> Field:
    """A reference to a record of one of these objects."""
    return Field(name, T.REFERENCE, label, keys, objects)


def of(kind: T, name: str, label: str, *keys: str, options: tuple[Option, ...] = ()) -> Field:
    """A field of any type."""
    return Field(name, kind, label, keys, options=options)
