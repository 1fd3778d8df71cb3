"""Cells of `load`: texts into values, references into ids. What cannot be read is noted, row by row."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson

from crossdock_odoo.sandbox.catalog import Field, Model
from crossdock_odoo.sandbox.clock import DAY, MOMENT
from crossdock_odoo.sandbox.columns import moment
from crossdock_odoo.sandbox.environment import Env
from crossdock_odoo.sandbox.errors import PythonError, ServerError
from crossdock_odoo.sandbox.names import by_name, name_create

REFERRING = (None, "id", ".id")
_TRUE, _FALSE = ("1", "true", "yes"), ("", "0", "false", "no")
_WORDS = {".id": "database id", "id": "external id", None: "name"}


class CellError(Exception):
    """A cell that cannot be read: text (`%(field)s` stands for the column), and more for a screen."""

    def __init__(self, text: str, more: Any = None) -> None:
        super().__init__(text)
        self.text = text
        self.more = more


@dataclass(slots=True)
class Converter:
    """Converts the cells of one call. `flush` writes rows that a reference may need."""

    env: Env
    flush: Callable[..., None]
    creatable: set[str]
    found: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    """Records found by name, of models that the call does not change."""

    def converted(
        self,
        shape: Model,
        record: Mapping[Any, Any],
        info: dict[str, Any],
        at: int,
        log: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """The values of a record; what is wrong is added to `log`."""
        found: dict[str, Any] = {}
        for name, cell in record.items():
            if name in REFERRING:
                continue
            if not cell:
                found[name] = False
                continue
            item = shape.fields[name]
            notes: list[tuple[str, CellError]] = []
            try:
                found[name] = self._value(item, cell, notes)
            except CellError as error:
                notes.append(("error", error))
            log += [_noted(item, info, at, kind, error) for kind, error in notes]
        return found

    def _value(self, item: Field, cell: Any, notes: list[tuple[str, CellError]]) -> Any:
        match item.type:
            case "many2one":
                return self._many2one(item, cell, notes)
            case "many2many":
                return self._many2many(item, cell, notes)
            case "one2many":
                return self._one2many(item, cell, notes)
            case "boolean":
                return _boolean(cell, notes)
            case "datetime":
                return self._datetime(cell)
            case _:
                return _SCALARS.get(item.type, _plain)(item, cell)

    def _datetime(self, cell: Any) -> str:
        try:
            plain = moment(cell)
        except (ValueError, TypeError) as error:
            text = f"'{cell}' does not seem to be a valid datetime for field '%(field)s'"
            raise CellError(text, "Use the format '2012-12-31 23:59:59'") from error
        zone = self.env.context.get("tz") or self.env.row("res.users", self.env.uid).get("tz") or "UTC"
        try:
            local = plain.replace(tzinfo=ZoneInfo(zone))
        except ZoneInfoNotFoundError:
            return plain.strftime(MOMENT)
        return local.astimezone(ZoneInfo("UTC")).strftime(MOMENT)

    def _many2one(self, item: Field, cell: Any, notes: list[tuple[str, CellError]]) -> Any:
        [record] = cell
        by = _referring(record)
        return self.database_id(item, by, record[by], notes)

    def _many2many(self, item: Field, cell: Any, notes: list[tuple[str, CellError]]) -> Any:
        [record] = cell
        by = _referring(record)
        if not isinstance(record[by], str):
            raise PythonError(
                "AttributeError", f"'{type(record[by]).__name__}' object has no attribute 'split'"
            )
        ids = [self.database_id(item, by, one, notes) for one in record[by].split(",")]
        if self.env.flag("update_many2many"):
            return [[4, key] for key in ids]
        return [[6, 0, ids]]

    def _one2many(self, item: Field, cell: Any, notes: list[tuple[str, CellError]]) -> Any:
        beyond = self.env.model(item.relation)
        if len(cell) == 1 and set(cell[0]) <= set(REFERRING):
            by = _referring(cell[0])
            cell = [{by: one} for one in cell[0][by].split(",")]
        commands: list[list[Any]] = []
        for record in cell:
            log: list[dict[str, Any]] = []
            vals = self.converted(beyond, record, {}, 0, log)
            if log:
                raise CellError(log[0]["message"].replace("%", "%%"), log[0].get("moreinfo"))
            refers = {key: record[key] for key in record if key in REFERRING and record[key]}
            if not refers:
                commands.append([0, 0, vals])
                continue
            by = _referring(refers)
            try:
                key = self.database_id(item, by, refers[by], notes)
            except CellError:
                if by != "id":
                    raise
                # A child that is not there yet is made; its external id is not kept (measured).
                commands.append([0, 0, vals])
                continue
            commands.append([4, key])
            if vals:
                commands.append([1, key, vals])
        return commands

    def database_id(self, item: Field, by: str | None, cell: Any, notes: list[tuple[str, CellError]]) -> Any:
        """The id of the record that a cell refers to; False for none. Raises CellError."""
        if by in ("id", ".id") and isinstance(cell, str) and cell.lower() in _FALSE:
            return False
        if by == ".id":
            key = self._by_number(item, cell)
        elif by == "id":
            key = self._by_external_id(item, cell)
        else:
            key = self._by_name(item, str(cell), notes)
        if key is None:
            text = f"No matching record found for {_WORDS[by]} '{cell}' in field '%(field)s'"
            raise CellError(text, _possible(item, by))
        return key

    def _by_number(self, item: Field, cell: Any) -> int | None:
        try:
            key = int(cell)
        except ValueError as error:
            text = f"Invalid database id '{cell}' for the field '%(field)s'"
            raise CellError(text, _possible(item, ".id")) from error
        return key if self.env.exists(item.relation, key) else None

    def _by_external_id(self, item: Field, cell: Any) -> int | None:
        if not isinstance(cell, str):
            raise PythonError("AttributeError", f"'{type(cell).__name__}' object has no attribute 'lower'")
        module = self.env.context.get("module", "__import__")
        name = cell if "." in cell else f"{module}.{cell}"
        self.flush(name=name)
        first, _, short = name.partition(".")
        for at in self.env.store.links["ir.model.data", "name"].get(short) or ():
            row = self.env.row("ir.model.data", at)
            if row.get("module") != first:
                continue
            # The row is looked for in the table of the model asked for, whatever model it is of (measured).
            if not self.env.exists(item.relation, row.get("res_id", 0)):
                return None
            if row["model"] != item.relation:
                text = f"Invalid external ID {name}: expected model {item.relation!r}, found {row['model']!r}"
                raise CellError(text.replace("%", "%%"), False)
            return int(row["res_id"])
        return None

    def _named(self, model: str, text: str) -> list[int]:
        if model in self.creatable:
            return by_name(self.env, model, text, limit=100)
        if (model, text) not in self.found:
            self.found[model, text] = by_name(self.env, model, text, limit=100)
        return self.found[model, text]

    def _by_name(self, item: Field, text: str, notes: list[tuple[str, CellError]]) -> int | None:
        self.flush(model=item.relation)
        ids = self._named(item.relation, text)
        if len(ids) > 1:
            found = f'Found multiple matches for value "{text}" in field "%(field)s" ({len(ids)} matches)'
            notes.append(("warning", CellError(found, False)))
        if ids:
            return ids[0]
        if not (self.env.context.get("name_create_enabled_fields") or {}).get(item.name):
            return None
        mark = self.env.store.mark()
        try:
            self.found.pop((item.relation, text), None)
            return int(name_create(self.env, item.relation, text)[0])
        except ServerError:
            self.env.store.rewind(mark)
            return None


def _referring(record: Mapping[Any, Any]) -> Any:
    if set(record) - set(REFERRING):
        raise CellError("Can not create Many-To-One records indirectly, import the field separately", False)
    if len(record) > 1:
        raise CellError(
            "Ambiguous specification for field '%(field)s',"
            " only provide one of name, external id or database id",
            False,
        )
    return next(iter(record))


def _possible(item: Field, by: str | None) -> dict[str, Any]:
    """What a screen would show of possible values."""
    found: dict[str, Any] = {
        "name": "Possible Values",
        "type": "ir.actions.act_window",
        "target": "new",
        "view_mode": "list,form",
        "views": [[False, "list"], [False, "form"]],
        "context": {"create": False},
        "help": "See all possible values",
        "res_model": item.relation if by is None else "ir.model.data",
    }
    return found | ({} if by is None else {"domain": [["model", "=", item.relation]]})


def _noted(item: Field, info: dict[str, Any], at: int, kind: str, error: CellError) -> dict[str, Any]:
    text = re.sub(r"%\(field\)s|%%", lambda m: item.string if m.group() != "%%" else "%", error.text)
    found = info | {"type": kind, "record": at, "field": item.name, "message": text}
    if error.more is not False:
        found |= ({"moreinfo": error.more} if error.more is not None else {}) | {"field_name": item.string}
    return found


def _boolean(cell: Any, notes: list[tuple[str, CellError]]) -> bool:
    if not isinstance(cell, str):
        raise PythonError("AttributeError", f"'{type(cell).__name__}' object has no attribute 'lower'")
    if cell.lower() in _TRUE or cell.lower() in _FALSE:
        return cell.lower() in _TRUE
    text = f"Unknown value '{cell}' for boolean field '%(field)s'"
    notes.append(("error", CellError(text, "Use '1' for yes and '0' for no")))
    return True


def _integer(_item: Field, cell: Any) -> int:
    try:
        return int(cell)
    except ValueError as error:
        raise CellError(f"'{cell}' does not seem to be an integer for field '%(field)s'") from error


def _float(_item: Field, cell: Any) -> float:
    try:
        return float(cell)
    except ValueError as error:
        raise CellError(f"'{cell}' does not seem to be a number for field '%(field)s'") from error


def _date(_item: Field, cell: Any) -> str:
    try:
        return datetime.strptime(cell[:10], DAY).date().isoformat()  # noqa: DTZ007
    except (ValueError, TypeError) as error:
        text = f"'{cell}' does not seem to be a valid date for field '%(field)s'"
        raise CellError(text, "Use the format '2012-12-31'") from error


def _selection(item: Field, cell: Any) -> str:
    if not isinstance(cell, str):
        raise PythonError("AttributeError", f"'{type(cell).__name__}' object has no attribute 'lower'")
    for value, label in item.selection or ():
        if cell.lower() in (str(value).lower(), label.lower()):
            return value
    labels = [label or value for value, label in item.selection or ()]
    raise CellError(f"Value '{cell}' not found in selection field '%(field)s'", labels)


def _json(_item: Field, cell: Any) -> Any:
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError as error:
        raise CellError(f"'{cell}' does not seem to be a valid JSON for field '%(field)s'") from error


def _plain(_item: Field, cell: Any) -> Any:
    return cell


_SCALARS: dict[str, Callable[[Field, Any], Any]] = {
    "integer": _integer,
    "many2one_reference": _integer,
    "float": _float,
    "monetary": _float,
    "date": _date,
    "selection": _selection,
    "json": _json,
}
