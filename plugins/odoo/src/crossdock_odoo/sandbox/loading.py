"""`load`: rows of texts with external ids, all or nothing, with messages that name their row (measured).

Rows are read, converted (`loadcells`) and written in one batch; if that fails, one by one to find out
which rows are to blame, and everything is taken back. Errors of the database end after ten. The batch is
written early when a row refers to an external id, or by name to a model, that is still waiting in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from crossdock_odoo.sandbox import records
from crossdock_odoo.sandbox.catalog import Model
from crossdock_odoo.sandbox.domains import search
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import (
    AccessError,
    IntegrityError,
    PythonError,
    UserError,
    ValidationError,
)
from crossdock_odoo.sandbox.externalids import update_external_ids
from crossdock_odoo.sandbox.loadcells import Converter

Record = dict[str | None, Any]
Info = dict[str, Any]
INTERRUPTED = (
    "Found more than 10 errors and more than one error per 10 records,"
    " interrupted to avoid showing too many errors."
)


def load(env: Env, model: str, fields: Sequence[str], data: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Make and change records; `{ids, messages, nextrow}`, `ids` false when nothing was done."""
    shape = env.model(model)
    mark = env.store.mark()
    limit = env.context.get("_import_limit")
    batch = Batch(env.with_context(install_mode=True), shape, _creatable(shape, fields))
    converter = Converter(env, batch.flush, batch.creatable)
    paths = [path_of(name) for name in fields]
    last = -1
    for at, (record, rows) in enumerate(extracted(env, shape, paths, data, limit)):
        last = rows["to"]
        batch.add(converter, record, rows, at)
    batch.flush()
    failed = any(message["type"] == "error" for message in batch.messages)
    if failed:
        env.store.rewind(mark)
    after = last + 1
    return {
        "ids": False if failed else batch.ids,
        "messages": batch.messages,
        "nextrow": 0 if limit is None or after < limit else after,
    }


def path_of(name: str) -> list[str]:
    """A column as a path: `partner_id/id`, `partner_id.id` and `partner_id:id` are known."""
    name = re.sub(r"([^/])\.id", r"\1/.id", name)
    return re.sub(r"([^/]):id", r"\1/id", name).split("/")


def _creatable(shape: Model, fields: Sequence[str]) -> set[str]:
    """The models in which the call itself may make records: its own, and those of one2many columns."""
    found = {shape.name}
    for name in fields:
        item = shape.fields.get(path_of(name)[0])
        if item is not None and item.type == "one2many":
            found.add(item.relation)
    return found


def extracted(
    env: Env, shape: Model, paths: list[Any], data: Sequence[Sequence[Any]], limit: int | None = None
) -> Iterator[tuple[Record, dict[str, int]]]:
    """Records as they stand in the rows; rows that hold only one2many cells belong to the one above."""
    for path in paths:
        if path[0] not in (None, "id", ".id") and path[0] not in shape.fields:
            raise PythonError("ValueError", f"Invalid field name {path[0]!r}")
    many = [at for at, path in enumerate(paths) if _kind(shape, path[0]) == "one2many"]
    others = [at for at in range(len(paths)) if at not in many]
    at = 0
    while at < len(data) and (limit is None or at < limit):
        span = [data[at]]
        for row in data[at + 1 :]:
            if not many or not any(row[i] for i in many) or any(row[i] for i in others):
                break
            span.append(row)
        yield _record(env, shape, paths, span), {"from": at, "to": at + len(span) - 1}
        at += len(span)


def _kind(shape: Model, name: str | None) -> str:
    item = shape.fields.get(name or "")
    return item.type if item is not None else ""


def _record(env: Env, shape: Model, paths: list[Any], span: Sequence[Sequence[Any]]) -> Record:
    record: Record = {}
    for path, cell in zip(paths, span[0], strict=False):
        item = shape.fields.get(path[0] or "")
        if item is None or not item.relational:
            record[path[0]] = cell
    for name in dict.fromkeys(path[0] for path in paths):
        item = shape.fields.get(name or "")
        if item is None or not item.relational:
            continue
        columns = [(at, path[1:] or [None]) for at, path in enumerate(paths) if path[0] == name]
        cells = [[row[at] for at, _ in columns] for row in span]
        inner = [cell for cell in cells if any(cell)]
        beyond = env.model(item.relation)
        record[name] = [one for one, _ in extracted(env, beyond, [path for _, path in columns], inner)]
    return record


@dataclass(slots=True)
class Batch:
    """The converted rows that wait to be written."""

    env: Env
    shape: Model
    creatable: set[str]
    ids: list[int] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[tuple[str, dict[str, Any], Info]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def add(self, converter: Converter, record: Record, rows: dict[str, int], at: int) -> None:
        """Convert a record and let it wait."""
        name = record.get("id") or ""
        key = self._database_id(record.get(".id"), rows, at)
        vals = converter.converted(self.shape, record, {"rows": rows}, at, self.messages)
        if name:
            module = self.env.context.get("module", "__import__")
            name = name if "." in name else f"{module}.{name}"
            self.names.add(name)
        elif key:
            vals["id"] = key
        self.waiting.append((name, vals, {"rows": rows, "record": at}))

    def _database_id(self, given: Any, rows: dict[str, int], at: int) -> int:
        if not given:
            return 0
        key = int(given) if str(given).isdecimal() else given
        if isinstance(key, int) and search(self.env, self.shape.name, [["id", "=", key]]):
            return key
        message = f"Unknown database identifier '{key}'"
        self.messages.append(
            {"rows": rows, "type": "error", "record": at, "field": ".id", "message": message}
        )
        return 0

    def flush(self, *, name: str = "", model: str = "") -> None:
        """Write what waits; with a name or model, only when that is among what waits."""
        if not self.waiting or (name and name not in self.names) or (model and model not in self.creatable):
            return
        rows, self.waiting = self.waiting, []
        self.names.clear()
        mark = self.env.store.mark()
        first: dict[str, Any] | None = None
        try:
            self.ids += self._write(rows)
        except AccessError:
            raise
        except UserError as error:
            first = rows[0][2] | {"type": "error", "message": _text(error)}
        except (IntegrityError, PythonError):
            pass
        else:
            return
        self.env.store.rewind(mark)
        errors = self._one_by_one(rows)
        if errors and first and first not in self.messages:
            # Measured: the message of the whole batch is put at its first row, whichever row is to blame.
            self.messages.insert(0, first)

    def _one_by_one(self, rows: list[tuple[str, dict[str, Any], Info]]) -> int:
        errors = 0
        for count, row in enumerate(rows, 1):
            mark = self.env.store.mark()
            try:
                self.ids += self._write([row])
            except (UserError, IntegrityError, PythonError) as error:
                self.env.store.rewind(mark)
                self.messages.append(row[2] | _message(error))
                errors += 1
            if errors >= 10 and errors >= count / 10:
                self.messages.append({"type": "warning", "message": INTERRUPTED})
                break
        return errors

    def _write(self, rows: list[tuple[str, dict[str, Any], Info]]) -> list[int]:
        """Update what is there by external or database id, then create the rest; ids in order."""
        env, model = self.env, self.shape.name
        only_update = env.context.get("mode") == "update"
        ids: dict[int, int] = {}
        updates: list[tuple[int, dict[str, Any]]] = []
        creates: list[int] = []
        kept: list[tuple[str, str, int]] = []
        for at, (name, vals, _) in enumerate(rows):
            row_id, row = _data_row(env, name) if name else (0, None)
            if not name and vals.get("id"):
                ids[at] = vals["id"]
                updates.append((ids[at], vals))
            elif row is None:
                creates.append(at)
            elif row["model"] != model:
                raise ValidationError(
                    f"For external id {name} when trying to create/update a record of model {model}"
                    f" found record of different model {row['model']} ({row_id})"
                )
            elif env.exists(model, row.get("res_id", 0)):
                ids[at] = row["res_id"]
                kept.append((name, model, ids[at]))
                if not (only_update and row.get("noupdate")):
                    updates.append((ids[at], vals))
            else:
                env.store.remove("ir.model.data", row_id)
                creates.append(at)
        for key, vals in updates:
            records.write(env, model, [key], {n: v for n, v in vals.items() if n != "id"})
        if creates:
            made = records.create(env, model, [rows[at][1] for at in creates])
            for at, key in zip(creates, made, strict=True):
                ids[at] = key
                kept += self._named(rows[at][0], rows[at][1], key)
        update_external_ids(env, kept, noupdate=env.flag("noupdate"))
        return [ids[at] for at in range(len(rows)) if at in ids]

    def _named(self, name: str, vals: dict[str, Any], key: int) -> list[tuple[str, str, int]]:
        """The external ids of a new record: its own, and one for a record that it is built on (measured)."""
        if not name:
            return []
        found = [
            (f"{name}_{parent.replace('.', '_')}", parent, self.env.row(self.shape.name, key)[through])
            for parent, through in self.shape.inherits.items()
            if not vals.get(through)
        ]
        return [*found, (name, self.shape.name, key)]


def _data_row(env: Env, name: str) -> tuple[int, dict[str, Any] | None]:
    module, _, short = name.partition(".")
    for key in env.store.links["ir.model.data", "name"].get(short) or ():
        row = env.row("ir.model.data", key)
        if row.get("module") == module:
            return key, row
    return 0, None


def _text(error: UserError) -> str:
    return error.message


def _message(error: UserError | IntegrityError | PythonError) -> dict[str, Any]:
    if isinstance(error, IntegrityError):
        column = {"field": error.column} if error.column else {}
        return {"type": "error", "message": error.short} | column
    if isinstance(error, UserError):
        return {"type": "error", "message": _text(error)}
    kind = error.name.removeprefix("builtins.")
    text = f"Unknown error during import: <class '{kind}'>: {error.message}"
    return {"type": "error", "message": text, "moreinfo": "Resolve other errors first"}
