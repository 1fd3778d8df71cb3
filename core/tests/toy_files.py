"""Files of `beta`: columns are called by the names of fields, two rows a file, exports end at ten rows."""

from collections.abc import Collection, Mapping
from typing import Any

from crossdock.fileformat import FileRow, Guide, ReadBack
from crossdock.model import FieldSchema, ObjectSchema, TargetRecord


class ToyFiles:
    """Every value is text; `refusing` names objects that have no importer, `twice` a field that goes into a
    later file."""

    row_limit = 2
    export_limit: int | None = 10
    guide = Guide(("Sign in.",), ("Choose the file.",), ("Sign out.",), ("Export.",), ("No time is kept.",))
    refusing: frozenset[str] = frozenset()
    twice = ""

    def made(self, schema: ObjectSchema) -> ObjectSchema:
        return schema

    def refused(self, schema: ObjectSchema) -> str:
        return "it has no importer" if schema.name in self.refusing else ""

    def keyed(self, schema: ObjectSchema) -> bool:
        return not self.refused(schema)

    def automatic(self, schema: ObjectSchema) -> Mapping[str, str]:
        return {}

    def place(self, schema: ObjectSchema) -> str:
        return f"{schema.label} > Import"

    def kind(self, wanted: FieldSchema) -> str:
        return wanted.type.value

    def row(self, schema: ObjectSchema, record: TargetRecord) -> FileRow:
        cells = {n: str(v) for n, v in record.values.items() if v is not None}
        left = {n: "nobody is named" for n in ("secret",) if cells.pop(n, "")}
        key = {"key": record.target_id}
        later = {n: cells.pop(n) for n in (self.twice,) if n in cells}
        return FileRow({**key, "owner": record.external_id, **cells}, {**key, **later} if later else {}, left)

    def blank(self, schema: ObjectSchema, *, creating: bool) -> Collection[str]:
        return [f.name for f in schema.fields] if creating else []

    def export_columns(
        self, schema: ObjectSchema, fields: Collection[str], written: Collection[str]
    ) -> Mapping[str, tuple[str, ...]]:
        return {"": ("key",)} | {name: (name,) for name in fields}

    def heading(self, schema: ObjectSchema, text: str) -> str:
        return text.casefold()

    def read(self, schema: ObjectSchema, cells: Mapping[str, str], fields: Collection[str]) -> ReadBack:
        values: dict[str, Any] = {name: cells[name] or None for name in fields}
        unread = {name: "it is a riddle" for name, value in values.items() if value == "?"}
        return ReadBack(cells["key"], values, cells.get("owner", ""), unread)
