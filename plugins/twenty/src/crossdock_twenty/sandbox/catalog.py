"""The emulated schema in memory: objects, fields, relations. Saved by `store`, changed by `provisioning`."""

from dataclasses import asdict, dataclass, field
from functools import cached_property
from re import findall
from typing import Any

RELATIONS = frozenset({"RELATION", "MORPH_RELATION"})

# The part of a composite value that a unique constraint looks at (measured: e-mails and links).
UNIQUE_PART = {"EMAILS": "primaryEmail", "LINKS": "primaryLinkUrl", "PHONES": "primaryPhoneNumber"}


def capital(name: str) -> str:
    """`legacyDeal` -> `LegacyDeal`."""
    return name[:1].upper() + name[1:]


def words(name: str) -> list[str]:
    """The words of a name as the server's camel case sees them: `site4b` is `site`, `4`, `b`."""
    return findall(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+", name)


@dataclass(slots=True)
class Field:
    """One field. For a relation, `target_object` and `target_field` are metadata ids."""

    id: str
    object_id: str
    name: str
    type: str
    label: str
    universal_id: str
    application_id: str
    created_at: str
    updated_at: str
    description: str | None = None
    icon: str | None = None
    is_active: bool = True
    is_system: bool = False
    is_ui_editable: bool = True
    is_nullable: bool = True
    is_unique: bool = False
    label_synced: bool = False
    default: Any = None
    options: list[dict[str, Any]] | None = None
    settings: dict[str, Any] | None = None
    target_object: str | None = None
    target_field: str | None = None
    morph_id: str | None = None
    morph_name: str | None = None

    @property
    def is_relation(self) -> bool:
        """Whether the field points to, or is pointed to from, another object."""
        return self.type in RELATIONS

    @property
    def is_reference(self) -> bool:
        """Whether the field has a join column (many to one)."""
        return self.is_relation and (self.settings or {}).get("relationType") == "MANY_TO_ONE"

    @property
    def is_collection(self) -> bool:
        """Whether the field is the inverse side (one to many)."""
        return self.is_relation and not self.is_reference

    @property
    def column(self) -> str:
        """The name under which a value is written and read: the join column for a reference."""
        return str((self.settings or {}).get("joinColumnName", self.name)) if self.is_reference else self.name

    @property
    def cascades(self) -> bool:
        """Whether a row goes away with the row it points to."""
        return (self.settings or {}).get("onDelete") == "CASCADE"

    def option_values(self) -> list[str]:
        """The values of a SELECT, MULTI_SELECT or RATING, in order."""
        return [str(option["value"]) for option in self.options or ()]


@dataclass
class Object:
    """One object and its fields by name, in creation order."""

    id: str
    name: str
    plural: str
    label: str
    label_plural: str
    universal_id: str
    application_id: str
    created_at: str
    updated_at: str
    description: str | None = None
    icon: str | None = None
    is_active: bool = True
    is_system: bool = False
    is_searchable: bool = True
    is_ui_creatable: bool = True
    is_ui_editable: bool = True
    label_synced: bool = False
    label_field: str | None = None
    duplicate_criteria: list[list[str]] | None = None
    unique_sets: list[list[str]] = field(default_factory=list)
    indexed: list[str] = field(default_factory=list)
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def type_name(self) -> str:
        """The GraphQL type; a digit is a word of its own: `site4b` is `Site4B` (measured)."""
        return "".join(word.capitalize() for word in words(self.name))

    @property
    def plural_type(self) -> str:
        """The plural as part of a GraphQL operation name: `createPeople`."""
        return "".join(word.capitalize() for word in words(self.plural))

    @property
    def rest_name(self) -> str:
        """The name as part of a key in a REST answer: `createSite4b` (measured)."""
        return capital(self.name)

    @property
    def rest_plural(self) -> str:
        """The plural as part of a key in a REST answer."""
        return capital(self.plural)

    @cached_property
    def columns(self) -> dict[str, Field]:
        """Readable columns by name, join columns last; inverse sides have none."""
        plain = {f.name: f for f in self.fields.values() if not f.is_relation}
        return plain | {f.column: f for f in self.fields.values() if f.is_reference}

    @cached_property
    def references(self) -> dict[str, Field]:
        """Join columns."""
        return {f.column: f for f in self.fields.values() if f.is_reference}

    @cached_property
    def collections(self) -> dict[str, Field]:
        """Inverse sides by name."""
        return {f.name: f for f in self.fields.values() if f.is_collection}

    @cached_property
    def unique_keys(self) -> dict[str, tuple[tuple[str, str | None], ...]]:
        """Unique constraints: key -> its (column, part of the composite)."""
        found: dict[str, tuple[tuple[str, str | None], ...]] = {
            f.name: ((f.column, UNIQUE_PART.get(f.type)),) for f in self.fields.values() if f.is_unique
        }
        for columns in self.unique_sets:
            found["+".join(columns)] = tuple((column, None) for column in columns)
        return found

    def changed(self) -> None:
        """Forget what was derived from the fields."""
        for name in ("columns", "references", "collections", "unique_keys"):
            self.__dict__.pop(name, None)

    def document(self) -> dict[str, Any]:
        """What is saved of the object itself."""
        values = {k: v for k, v in self.__dict__.items() if k in self.__dataclass_fields__ and k != "fields"}
        return dict(values)


class Catalog:
    """All objects, by id, singular and plural name."""

    def __init__(self, standard_application: str, custom_application: str) -> None:
        self.standard_application = standard_application
        self.custom_application = custom_application
        self.objects: dict[str, Object] = {}
        self.by_name: dict[str, Object] = {}
        self.by_plural: dict[str, Object] = {}
        self.fields: dict[str, Field] = {}

    def add(self, obj: Object) -> None:
        """Take in an object; its fields follow."""
        self.objects[obj.id] = obj
        self.by_name[obj.name] = obj
        self.by_plural[obj.plural] = obj

    def add_field(self, item: Field) -> None:
        """Take in a field of a known object."""
        obj = self.objects[item.object_id]
        obj.fields[item.name] = item
        obj.changed()
        self.fields[item.id] = item

    def remove_field(self, item: Field) -> None:
        """Forget a field."""
        obj = self.objects[item.object_id]
        obj.fields = {name: f for name, f in obj.fields.items() if f.id != item.id}
        obj.changed()
        self.fields.pop(item.id, None)

    def remove(self, obj: Object) -> None:
        """Forget an object and its fields."""
        for item in obj.fields.values():
            self.fields.pop(item.id, None)
        self.objects.pop(obj.id, None)
        self.by_name.pop(obj.name, None)
        self.by_plural.pop(obj.plural, None)

    def rename(self, obj: Object, name: str, plural: str) -> None:
        """Change an object's API names."""
        self.by_name.pop(obj.name, None)
        self.by_plural.pop(obj.plural, None)
        obj.name, obj.plural = name, plural
        self.add(obj)

    def listed(self) -> list[Object]:
        """Objects in the order the metadata API lists them: by id, descending (measured)."""
        return sorted(self.objects.values(), key=lambda o: o.id, reverse=True)

    def target(self, item: Field) -> Object:
        """The object at the other end of a relation."""
        return self.objects[item.target_object or ""]

    def inverse(self, item: Field) -> Field:
        """The field at the other end of a relation."""
        return self.fields[item.target_field or ""]

    def morph_group(self, item: Field) -> list[Field]:
        """The fields that make up one morph relation, `item` among them."""
        siblings = self.objects[item.object_id].fields.values()
        return [f for f in siblings if f.morph_id is not None and f.morph_id == item.morph_id]

    def table(self, obj: Object) -> str:
        """The table name as the database's own messages give it (measured: custom ones get `_`)."""
        return obj.name if obj.application_id == self.standard_application else f"_{obj.name}"


def field_document(item: Field) -> dict[str, Any]:
    """What is saved of a field."""
    return asdict(item)
