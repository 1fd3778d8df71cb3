"""`choices`: every status of jobs and quotes as a record of its own.

What is a word here (a status) may be a record at a destination (a stage, a tag). The key is
`object.field:code`; the SELECT field itself leads here through its `references`.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from crossdock.fieldtypes import FieldType
from crossdock.model import Batch, ObjectSchema, Observation, Record
from crossdock_ascora.objects import CHOICES, KINDS
from crossdock_ascora.objects.kind import one
from crossdock_ascora.office import Office

_FIELDS = (
    one("field", FieldType.TEXT, "Field that it is a choice of, with its object"),
    one("code", FieldType.TEXT, "Code"),
    one("name", FieldType.TEXT, "Name"),
    one("position", FieldType.INTEGER, "Position among the choices of its field"),
)


class Choices:
    """The choices of one reading; `objects` are those that can be read."""

    def __init__(self, office: Office, objects: Collection[str]) -> None:
        self._office = office
        self._objects = objects

    def records(self) -> Iterator[Record]:
        """Every choice of these objects."""
        for name, kind in KINDS.items():
            for field, words in kind.choices.items() if name in self._objects else ():
                for position, word in enumerate(words(self._office), 1):
                    values = {"field": f"{name}.{field}", "code": word, "name": word, "position": position}
                    yield Record(CHOICES, f"{name}.{field}:{word}", values)

    def schema(self) -> ObjectSchema:
        """The schema, with the number of choices."""
        count = sum(1 for _ in self.records())
        return replace(ObjectSchema(CHOICES, _FIELDS, "Choice", "Choices"), count=count, snapshot=True)

    def batches(self, cursor: str | None) -> Iterator[Batch]:
        """All choices in one batch."""
        if cursor is None:
            found = tuple(self.records())
            yield Batch(found, "end", total=len(found))

    def observations(self, keys: set[str] | None) -> Iterator[Observation]:
        """The choices read again."""
        for record in self.records():
            if keys is None or record.key in keys:
                yield Observation(CHOICES, record.key, record.values)
