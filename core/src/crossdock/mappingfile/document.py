"""The mapping file on disk: YAML that keeps its comments and its order when it is written again."""

from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.scalarbool import ScalarBoolean

from crossdock.errors import MappingError
from crossdock.mapping import KEYS, MappingFile, ObjectMapping
from crossdock.mappingfile.plain import as_plain
from crossdock.wholefile import SHARED, write_whole
from crossdock.yamltext import load_yaml

_HEADER = """\
What goes where. Read it, change it, then: crossdock map check, crossdock map confirm --by NAME.

decisions       your answers to the `questions`; without one the question's default holds
objects         one route each: records of `from` become records of `to`
  when, where   a route that applies only if ..., only for the records for which ...
  match         a record that is there already with the same value here is the same record: it is
                filled up, not made a second time
  create: false  only find records that are there, make none
  existing: keep  a record that is there stays as it is, also for a second tenant that has it;
                otherwise it gets what differs
  duplicates    source records with the same match value: hold for you (default), keep, or merge into one
  extend        fields that are made at the destination
  keep          what happens to fields that no line maps: report (default), custom_fields, note
  ignore        fields that nobody wants
  fields        target field: source field, or {from, where, steps, values, reference, ...}
others          what objects that no route names become
automations     what would act at the destination while records are written: pause or keep; nothing is
                written while one is undecided, and what was paused is switched on again at the end
A number beside a line says how sure its proposal is (1.00: decided by a person), what follows it says why.
A record whose reference cannot be kept waits in a queue unless the line says missing: null_with_finding.
"""
"""What stands above a new mapping file."""

Comments = Mapping[tuple[str, str], str]
"""(route name, target field or "" for the route) -> what to write beside it; ("automations", name) too."""

BELOW = "#"
"""In place of a target field: lines to write above the fields of a route."""


def load(path: Path) -> MappingFile:
    """Read a mapping file. Raises MappingError with every fault, its path and its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise MappingError(
            f"there is no mapping yet: {path} is missing.", hint="Make one: crossdock map propose"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(
            f"cannot read {path}: {error}", hint="`crossdock map propose` makes a mapping."
        ) from error
    return parse(text, str(path))


def parse(text: str, name: str = "mapping.yaml") -> MappingFile:
    """A mapping from YAML text. Raises MappingError; `name` is what it calls the text."""
    try:
        document = document_of(text)
    except YAMLError as error:
        raise MappingError(f"{name} is not valid YAML{_yaml_fault(error)}.") from error
    if not isinstance(document, Mapping):
        raise MappingError(f"{name} has to be a map with source, destination and objects.")
    try:
        return MappingFile.model_validate(_plain(document))
    except ValidationError as error:
        problems = [_problem(document, fault) for fault in error.errors()]
        raise MappingError(f"{name} cannot be used.", problems=list(dict.fromkeys(problems))) from error


def save(path: Path, mapping: MappingFile, comments: Comments | None = None) -> None:
    """Write a mapping file; what the file says in comments stays where its entry stays.

    Raises StorageError if the folder cannot be written.
    """
    old = None
    if path.exists():
        try:
            old = load_yaml(_yaml(), path.read_text(encoding="utf-8"))
        except (YAMLError, UnicodeDecodeError):
            old = None
    text = dump(mapping, comments, old)
    write_whole(path, text.encode(), SHARED, make_folder=False)


def dump(mapping: MappingFile, comments: Comments | None = None, old: Any = None) -> str:
    """A mapping as YAML text, laid over the document `old` if there is one."""
    if isinstance(old, CommentedMap):
        document = _merged(old, as_plain(mapping))
    else:
        document = _fresh(as_plain(mapping))
        document.yaml_set_start_comment(_HEADER)
    for route, entry in zip(mapping.objects, document.get("objects", ()), strict=True):
        _comment(route, entry, comments or {})
    for name in mapping.automations:
        if text := (comments or {}).get(("automations", name)):
            document["automations"].yaml_add_eol_comment(text, name, column=0)
    out = StringIO()
    _yaml().dump(document, out)
    return out.getvalue()


def _yaml_fault(error: YAMLError) -> str:
    """Where and what, in one line."""
    if not isinstance(error, MarkedYAMLError):
        return f": {error}"
    mark = error.problem_mark or error.context_mark
    place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    return f"{place}: {error.problem or error.context}"


@lru_cache(maxsize=8)
def document_of(text: str) -> Any:
    """The text as a document with its comments, read once for all who look at it; nobody changes it.

    Raises YAMLError.
    """
    return load_yaml(_yaml(), text)


def round_trip() -> YAML:
    """What reads and writes YAML so that comments and order are kept."""
    return _yaml()


def as_document(plain: Any, depth: int = 0) -> Any:
    """Plain values as part of a document, in braces from the depth of a field's entry (4) on."""
    return _fresh(plain, depth)


def plain_document(node: Any) -> Any:
    """A node of a document as plain values."""
    return _plain(node)


# --- YAML -------------------------------------------------------------------------------------


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.width = 110
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.allow_unicode = True
    return yaml


def _plain(node: Any) -> Any:
    """A node of the document without the library's own types."""
    if isinstance(node, Mapping):
        return {_plain(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_plain(value) for value in node]
    if isinstance(node, bool | ScalarBoolean):
        return bool(node)
    for kind in (str, int, float):
        if isinstance(node, kind):
            return kind(node)
    if isinstance(node, datetime):
        return datetime.fromisoformat(node.isoformat())
    return date.fromisoformat(node.isoformat()) if isinstance(node, date) else node


def _fresh(plain: Any, depth: int = 0) -> Any:
    """A document of plain values: fields on one line each, everything above them in blocks."""
    node: CommentedMap | CommentedSeq
    if isinstance(plain, dict):
        node = CommentedMap((key, _fresh(value, depth + 1)) for key, value in plain.items())
    elif isinstance(plain, list):
        node = CommentedSeq(_fresh(value, depth + 1) for value in plain)
    else:
        return plain
    if depth >= 4 or (depth == 3 and isinstance(plain, list)):
        node.fa.set_flow_style()
    return node


def _merged(old: Any, new: Any, depth: int = 0) -> Any:
    """`new` laid over `old` so that the comments of what stays do stay."""
    if isinstance(old, CommentedMap) and isinstance(new, dict):
        for key in [key for key in old if key not in new]:
            del old[key]
        for key, value in new.items():
            old[key] = _merged(old.get(key), value, depth + 1)
        return old
    if isinstance(old, CommentedSeq) and isinstance(new, list):
        return _merged_list(old, new, depth)
    same = _plain(old) == new and type(_plain(old)) is type(new)
    return old if same else _fresh(new, depth)


def _merged_list(old: CommentedSeq, new: list[Any], depth: int) -> Any:
    if _plain(old) == new:
        return old
    if not all(isinstance(item, dict) and "from" in item for item in new):
        return _fresh(new, depth)
    left = {id(item): item for item in old if isinstance(item, CommentedMap)}
    merged = []
    for item in new:
        match = next((o for o in left.values() if _plain(_pair(o)) == _pair(item)), None)
        if match is not None:
            del left[id(match)]
        merged.append(_merged(match, item, depth + 1))
    if len(merged) == len(old) and all(a is b for a, b in zip(merged, old, strict=True)):
        return old
    return CommentedSeq(merged)


def _pair(item: Mapping[str, Any]) -> Any:
    target = item.get("to")
    if isinstance(target, Mapping):
        target = (target.get("provision") or {}).get("object")
    return [item.get("from"), target]


def _comment(route: ObjectMapping, entry: Any, comments: Comments) -> None:
    if text := comments.get((route.name, "")):
        entry.yaml_add_eol_comment(text, "from", column=0)
    if text := comments.get((route.name, BELOW)):
        above = "fields" if "fields" in entry else "to"
        entry.yaml_set_comment_before_after_key(above, before=text, indent=4)
    for name in route.fields:
        if text := comments.get((route.name, name)):
            entry["fields"].yaml_add_eol_comment(text, name, column=0)


# --- problems ---------------------------------------------------------------------------------


def _problem(document: Any, fault: Any) -> str:
    """One fault of the models, with the path as the file has it and the line."""
    path, node, line = "", document, 0
    for part in fault["loc"]:
        if isinstance(part, int) and isinstance(node, CommentedSeq) and part < len(node):
            path += f"[{part}]"
            line = node.lc.item(part)[0] + 1
            node = node[part]
        elif isinstance(node, CommentedMap) and part in node:
            path += f".{part}" if path else str(part)
            line = node.lc.key(part)[0] + 1
            node = node[part]
        elif fault["type"] in ("missing", "extra_forbidden"):
            path += f".{part}" if path else str(part)
    message = str(fault["msg"]).removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        near = get_close_matches(str(fault["loc"][-1]), sorted(KEYS), n=1)
        message = "there is no such key" + (f"; did you mean {near[0]!r}?" if near else "")
    return f"{path or 'file'}{f' (line {line})' if line else ''}: {message}"
