"""What the kit's own source holds: objects, records and files, in one JSON file that a test may change."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter

from crossdock.model import ObjectSchema, Record
from crossdock.serial import dumps, loads

_SCHEMAS = TypeAdapter(list[ObjectSchema])
_BEGIN = datetime(2024, 1, 1, tzinfo=UTC)
_STEP = timedelta(days=2)
"""More than a delta reads back behind its mark."""


@dataclass
class Company:
    """Records by object and key, and file contents by SHA-256. `now` is the source's own time."""

    schemas: tuple[ObjectSchema, ...] = ()
    records: dict[str, dict[str, Record]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    now: datetime = _BEGIN

    def put(self, object_name: str, key: str, **values: Any) -> Record:
        """Add a record, or give one other values."""
        record = Record(object_name, key, values, updated_at=self.now)
        self.records.setdefault(object_name, {})[key] = record
        return record

    def change(self, object_name: str, key: str, **values: Any) -> None:
        """Change a record, as a user of the source would."""
        self.now += _STEP
        self.put(object_name, key, **{**self.records[object_name][key].values, **values})

    def delete(self, object_name: str, key: str) -> None:
        """Delete a record, as a user of the source would."""
        self.now += _STEP
        known = self.records[object_name][key]
        self.records[object_name][key] = replace(known, deleted=True, updated_at=self.now)

    def of(self, object_name: str) -> Iterator[Record]:
        """The records of an object, in their order."""
        yield from self.records.get(object_name, {}).values()

    def save(self, path: Path) -> None:
        """Write the file."""
        records = [
            {
                "object": record.object_name,
                "key": record.key,
                "values": dumps(record.values, record.key).decode(),
                "deleted": record.deleted,
                "at": record.updated_at and record.updated_at.isoformat(),
            }
            for table in self.records.values()
            for record in table.values()
        ]
        schemas = _SCHEMAS.dump_python(list(self.schemas), mode="json")
        whole = {"now": self.now.isoformat(), "schemas": schemas, "records": records, "files": self.files}
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file. Raises OSError, ValueError."""
        whole = json.loads(path.read_text(encoding="utf-8"))
        company = cls(
            tuple(_SCHEMAS.validate_python(whole["schemas"])),
            files=whole["files"],
            now=datetime.fromisoformat(whole["now"]),
        )
        for row in whole["records"]:
            record = Record(
                row["object"],
                row["key"],
                loads(row["values"]),
                row["deleted"],
                row["at"] and datetime.fromisoformat(row["at"]),
            )
            company.records.setdefault(record.object_name, {})[record.key] = record
        return company
