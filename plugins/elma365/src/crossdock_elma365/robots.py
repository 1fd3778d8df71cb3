"""Robots: what a customer's list, an export of the robots' own server and process nodes say of them.

ELMA RPA is a separate product with its own server and keys; the Web API shows nothing of it (documented).
Assumed, as no sample was found: the layout of the server's export (JSON: a list, or an object with `robots`
or `processes`, of {id, name, description, schedule, machine, active}; CSV: the same as columns), and the
types of nodes that call a robot. The columns of a customer's list may have English or Russian headers.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from crossdock.errors import ConfigError
from crossdock.layout import look_through
from crossdock.model import Artifact, ArtifactReport
from crossdock_elma365.definitions import nodes
from crossdock_elma365.secrecy import plain, publishable, without_secrets

Json = Mapping[str, Any]

_COLUMNS = {
    "id": ("id", "код", "идентификатор"),
    "name": ("name", "robot", "название", "робот", "наименование", "имя"),
    "purpose": ("purpose", "description", "назначение", "описание", "цель"),
    "trigger": ("trigger", "schedule", "запуск", "расписание", "триггер"),
    "steps": ("steps", "шаги", "действия"),
    "people": ("people", "owner", "responsible", "владелец", "ответственный", "пользователи"),
    "where": ("where", "machine", "system", "process", "система", "машина", "процесс", "где"),
    "conditions": ("conditions", "condition", "условия", "условие"),
}
_LISTS = ("steps", "people", "conditions")
_ON = {
    "yes": True,
    "true": True,
    "1": True,
    "да": True,
    "no": False,
    "false": False,
    "0": False,
    "нет": False,
}
_ACTIVE = ("active", "enabled", "status", "активен", "включён", "включен")
_NODE_TYPES = re.compile(r"rpa(_.*)?|(.*_)?robot(_.*)?")
_NODE_NAMES = re.compile(r"\brpa\b|\brobot\b|робот", re.IGNORECASE)
_OPEN_TYPES = ("ca", "extension", "module_action")  # activities of modules: only their name tells

WHY = (
    "ELMA RPA is a separate product with its own server and keys; the Web API does not show it. "
    "Give a list in `robots` or an export of its server in `orchestrator`"
)


def robot_report(
    listed: Path | None, orchestrator: Path | None, definitions: Iterable[tuple[str, Json]] | None
) -> ArtifactReport:
    """All robots by name. `definitions` are (process, definition); None if none could be read.

    Never `none found`: that nothing names a robot does not mean that there is none. Raises ConfigError.
    """
    found: dict[str, dict[str, Any]] = {}
    empty: list[str] = []
    for path, source in ((listed, "the customer's list"), (orchestrator, "the export of its server")):
        rows = _table(path) if path else []
        if path and not rows:
            empty.append(f"{path.name} has no rows")
        for row in rows:
            _add(found, row, source)
    looked = 0
    for process, definition in definitions or ():
        looked += 1
        for node in nodes(definition):
            if _calls_robot(node):
                _add(found, _from_node(process, node), "a step of a process")
    if found:
        return ArtifactReport("robot", tuple(_artifact(row) for row in found.values()))
    said = [*empty, WHY]
    if definitions is not None:
        said.append(f"{looked} process definitions name none")
    return ArtifactReport("robot", not_examined="; ".join(said))


def _calls_robot(node: Json) -> bool:
    kind, name = str(node.get("type") or "").lower(), str(node.get("name") or "")
    return bool(_NODE_TYPES.fullmatch(kind)) or (kind in _OPEN_TYPES and bool(_NODE_NAMES.search(name)))


def _from_node(process: str, node: Json) -> dict[str, Any]:
    """A robot as a node knows it: by `settings.robot` (a name, or {id, name}), else by the node's name."""
    settings = node.get("settings") or {}
    robot = settings.get("robot") or settings.get("robotName") or {}
    named = robot if isinstance(robot, Mapping) else {"name": robot}
    name = str(named.get("name") or node.get("name") or node.get("id"))
    return {"name": name, "id": str(named.get("id") or ""), "called_by": f"{process}: {node.get('name')}"}


def _add(found: dict[str, dict[str, Any]], row: Mapping[str, Any], source: str) -> None:
    key = re.sub(r"\W+", " ", str(row.get("name") or row.get("id"))).strip().casefold()
    known = found.setdefault(key, {"said_by": [], "called_by": []})
    if source not in known["said_by"]:
        known["said_by"].append(source)
    if row.get("called_by"):
        known["called_by"].append(row["called_by"])
    for name, value in row.items():
        if name != "called_by" and value not in (None, "", []):
            known.setdefault(name, value)


def _artifact(row: Mapping[str, Any]) -> Artifact:
    details = {k: v for k, v in row.items() if k not in ("id", "name", "active") and v}
    name = str(row.get("name") or row.get("id"))
    return Artifact("robot", name, str(row.get("id") or ""), row.get("active"), details)


def _table(path: Path) -> list[dict[str, Any]]:
    """The rows of a list as {name, purpose, ...}. Raises ConfigError if it cannot be read."""
    try:
        match path.suffix.lower():
            case ".json":
                rows: Iterable[Mapping[str, Any]] = _json_rows(path)
            case ".xlsx" | ".xls" | ".ods":
                rows = _sheet_rows(path)
            case _:
                rows = _csv_rows(path)
        found = [_row(row) for row in rows]
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise ConfigError(f"the list of robots {path} cannot be read: {error}.") from error
    if found and not any(row.get("name") or row.get("id") for row in found):
        raise ConfigError(
            f"the list of robots {path} has no column with their names.",
            hint="Call one of its columns name, robot, название or робот.",
        )
    return [row for row in found if row.get("name") or row.get("id")]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row by our names; unknown columns keep their own, those that name a secret are left out."""
    told: dict[str, Any] = {}
    for header, value in without_secrets(row).items():
        word = str(header or "").strip().casefold()
        if not word or value in (None, ""):
            continue
        if word in _ACTIVE and str(value).strip().casefold() in _ON:
            told["active"] = _ON[str(value).strip().casefold()]
            continue
        name = next((ours for ours, words in _COLUMNS.items() if word in words), str(header).strip())
        text = plain(value if isinstance(value, str) else str(publishable(value))).strip()
        several = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
        told.setdefault(name, [{"name": s} for s in several] if name == "steps" else text)
        if name in _LISTS and name != "steps":
            told[name] = several
    return told


def _csv_rows(path: Path) -> Sequence[Mapping[str, Any]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1251")  # what a Russian spreadsheet writes
    head = text.partition("\n")[0]
    delimiter = max(";,\t", key=head.count)
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def _json_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    found = orjson.loads(path.read_bytes())
    if isinstance(found, Mapping):
        found = next((found[key] for key in ("robots", "processes", "items") if key in found), None)
    if not isinstance(found, list) or not all(isinstance(row, Mapping) for row in found):
        raise ValueError("expected a list of objects, or one under `robots`")
    yield from found


def _sheet_rows(path: Path) -> Sequence[Mapping[str, Any]]:
    try:
        from python_calamine import CalamineWorkbook
    except ImportError as error:
        raise ConfigError(
            f"{path} is a spreadsheet, and nothing that reads one is installed.",
            hint="pip install 'crossdock[excel]', or save the list as csv.",
        ) from error
    look_through(path)
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    except Exception as error:  # calamine has error classes of its own
        raise ValueError(str(error)) from error
    return [dict(zip(map(str, rows[0]), row, strict=False)) for row in rows[1:]] if rows else []
