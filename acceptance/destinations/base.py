"""What the rows ask of a destination in words that are no platform's.

A *kind* is what a record is to the rows: company, person, deal, task, project, event (call or meeting),
email, message, attachment, user. A *neutral row* has `id` (as the product writes it into its reports) and
fields with the same names and forms everywhere: references are ids, people of the destination their e-mails,
times `2021-03-04T05:06:07Z`, options their labels, money a `Money`. What was said or done has `about`, the
records that it stands beside, and `files`, those that it shows itself. A reader gets it by plain HTTP and
knows of the product only what it calls an object and how it marks its own records.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from acceptance.platforms import Row, Sandbox


class Money(NamedTuple):
    """An amount and its currency."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Column:
    """A field of an object that was made: its name there, its type in the platform's word, and the labels of
    its options by value."""

    name: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Made:
    """An object that was made for an application: its name there, and its fields by label."""

    name: str
    fields: Mapping[str, Column]

    def types(self, *labels: str) -> dict[str, str]:
        """The types of these fields."""
        return {label: self.fields[label].type for label in labels}


@dataclass
class Destination(Sandbox):
    """Reads and edits one destination, as a person there would. `known`: records that a row made there
    before the migration, by the name that the row gives them."""

    known: dict[str, str] = field(default_factory=dict)

    decisions: ClassVar[Mapping[str, Any]] = {}
    """What a customer with such a destination decides in every mapping."""
    objects_of: ClassVar[Mapping[str, str]]
    """By kind what the product calls the object."""
    fields_of: ClassVar[Mapping[str, Mapping[str, str]]]
    """By kind and neutral name what the product calls the field, where a report names it."""
    faults_of: ClassVar[Mapping[str, Row]]
    """The request to which a fault shall happen: `create company`, `read companies back` and so on."""

    def settings(self, variable: str) -> Row:
        """What the project file says of the connection, its key in the environment variable `variable`."""
        raise NotImplementedError

    def object_name(self, kind: str) -> str:
        """What the product calls the objects of a kind."""
        return self.objects_of[kind]

    def field_name(self, kind: str, name: str) -> str:
        """What the product calls a field of a kind."""
        return self.fields_of[kind][name]

    def rows(self, kind: str) -> list[Row]:
        """All live records of a kind, neutral; `crossdock` is the mark that the product left ("": none)."""
        raise NotImplementedError

    def trash(self, kind: str) -> list[Row]:
        """What the product put into the trash (or what is its stand-in there)."""
        raise NotImplementedError

    def arrived(self, kind: str, source_object: str, tenant: str = "") -> dict[str, Row]:
        """The records that came from a source object (of a tenant), by the key (and part) they have there."""
        return marked(self.rows(kind), source_object, tenant)

    def made(self, label: str) -> Made:
        """The object with this label that was made for an application."""
        raise NotImplementedError

    def made_rows(self, made: Made) -> list[Row]:
        """All live records of an object that was made: `id`, `name`, and the other fields by label."""
        raise NotImplementedError

    def arrived_in(self, label: str, source_object: str, tenant: str = "") -> dict[str, Row]:
        """The records that came from an application, by the key they have there."""
        return marked(self.made_rows(self.made(label)), source_object, tenant)

    def labelled(self, kind: str, source_object: str) -> dict[str, Row]:
        """The records of a kind that came from a source object, their fields by label."""
        made = Made(self.object_name(kind), self.fields(kind))
        return marked(self.made_rows(made), source_object, "")

    def fields(self, kind: str) -> dict[str, Column]:
        """The fields of a kind, by label."""
        raise NotImplementedError

    def count(self, dump: Any, kind: str) -> int:
        """How many live records of a kind a dump has."""
        raise NotImplementedError

    def fault_at(self, where: str, **values: str) -> Row:
        """The part of a fault that says to which request it happens."""
        return {"method": "POST"} | {
            name: text.replace("{value}", values.get("value", ""))
            for name, text in self.faults_of[where].items()
        }

    def has(self, object_name: str) -> bool:
        """Whether the destination has an object of that name."""
        raise NotImplementedError

    def make(self, kind: str, **values: Any) -> str:
        """Make a record as a person there would; its id."""
        raise NotImplementedError

    def edit(self, kind: str, identifier: str, **values: Any) -> None:
        """Change a record as a person there would."""
        raise NotImplementedError

    def remove(self, kind: str, identifier: str) -> None:
        """Delete a record as a person there would."""
        raise NotImplementedError

    def destroy(self, kind: str, identifier: str) -> None:
        """Take a record away for good."""
        raise NotImplementedError

    def invite(self, email: str) -> None:
        """What an administrator does first about somebody without an account; nothing where there is none."""

    def account(self, email: str) -> None:
        """Somebody has an account from now on."""
        raise NotImplementedError

    def content(self, attachment: Row) -> bytes:
        """The bytes of an attachment."""
        raise NotImplementedError

    def written(self, log: Sequence[Row], kind: str = "") -> list[Row]:
        """The requests of a log that write records (of one kind), in order."""
        raise NotImplementedError

    def trashing(self, log: Sequence[Row]) -> list[Row]:
        """The requests of a log that take records away."""
        raise NotImplementedError

    def shaped(self, log: Sequence[Row]) -> list[Row]:
        """The requests of a log that change the schema."""
        raise NotImplementedError

    def changing(self, log: Sequence[Row]) -> list[Row]:
        """The requests of a log that are no mere reading."""
        raise NotImplementedError

    def settled(self, dump: Any) -> Any:
        """A dump without what the platform itself keeps writing: the closed list of the rollback promise."""
        raise NotImplementedError

    def records(self, dump: Any) -> Any:
        """All records of a dump but those of automations, which are paused while something is loaded."""
        raise NotImplementedError


def marked(rows: Sequence[Row], source_object: str, tenant: str) -> dict[str, Row]:
    """The rows that came from a source object, by source key; a mark is `project:tenant/object/key#part`."""
    found: dict[str, Row] = {}
    for row in rows:
        own_tenant, _, origin = row["crossdock"].partition(":")[2].partition("/")
        owner, _, source_key = origin.partition("/")
        if owner == source_object and tenant in ("", own_tenant):
            found[source_key] = row
    return found


def differences(before: Any, after: Any, path: str = "") -> list[str]:
    """Where two dumps differ, for the reader of a failure."""
    if isinstance(before, dict) and isinstance(after, dict):
        names = [*before, *(name for name in after if name not in before)]
        return [d for n in names for d in differences(before.get(n), after.get(n), f"{path}/{n}")]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = zip(before, after, strict=True)
        return [d for n, (one, two) in enumerate(pairs) for d in differences(one, two, f"{path}/{n}")]
    return [] if before == after else [f"{path}: {before!r:.200} -> {after!r:.200}"]
