"""One entry of a YAML text set, removed or commented; every other line stays as a person wrote it.

A path leads through maps (keys) and lists (numbers). Entries of a map that is written in lines of their own
are changed in these lines alone. What is written in braces, or stands for an alias, is written anew together
with the whole text, comments and order kept. Either way what comes out is read again and has to say exactly
what was wanted.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from io import StringIO
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from crossdock.errors import MappingError
from crossdock.mappingfile.document import as_document, document_of, plain_document, round_trip
from crossdock.yamltext import load_yaml

Path = Sequence[str | int]
_QUOTED: Final = re.compile("['\"]")
MISSING: Final = object()
"""In place of a value: no entry."""


def at(document: Any, path: Path) -> Any:
    """What a path leads to, MISSING if nothing is there."""
    node: Any = document
    for part in path:
        there = isinstance(node, Mapping) and part in node
        listed = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if not there and not listed:
            return MISSING
        node = cast(Any, node)[part]
    return node


def put(text: str, path: Path, value: Any, *, key: str = "", note: str | None = None) -> str:
    """The text with the entry at `path` set to a plain value, MISSING removes it.

    key: what the entry is called from now on, at the same place. note: what its comment says, None leaves
    the one that it has. Raises MappingError if the text cannot be changed like this.
    """
    document = document_of(text)
    called = key or str(path[-1])
    if not isinstance(at(document, path[:-1]) or {}, Mapping) and at(document, path[:-1]) is not MISSING:
        raise MappingError(f"{'.'.join(map(str, path))} has no place there: nothing was changed.")
    wanted = _changed(plain_document(document), path, value, called)
    for make in (_in_its_lines, _anew):
        try:
            made = make(text, path, value, called, note)
            if made is not None and plain_document(document_of(made)) == wanted:
                return made
        except YAMLError:
            continue
    place = ".".join(map(str, path))
    raise MappingError(f"{place} cannot be changed here.", hint="Change it in mapping.yaml with an editor.")


def comment_of(text: str, path: Path) -> str:
    """The comment at the end of an entry's line, without its mark; "" if there is none."""
    parent = at(document_of(text), path[:-1])
    if not isinstance(parent, CommentedMap) or path[-1] not in parent.lc.data:
        return ""
    return comments_in(text, parent).get(str(path[-1]), "")


def comments_in(text: str, parent: CommentedMap, lines: Sequence[str] | None = None) -> dict[str, str]:
    """The comments at the ends of the lines of a map's entries, by key."""
    lines = text.splitlines() if lines is None else lines
    found = {str(key): _said(lines, parent, key) for key in parent.lc.data or {}}
    return {key: comment for key, comment in found.items() if comment}


def _said(lines: Sequence[str], parent: CommentedMap, key: str) -> str:
    """The comment of one entry: at the end of its last line, of the first one if lines of its own follow."""
    first, column = parent.lc.data[key][:2]
    value = parent.get(key)
    in_block = isinstance(value, CommentedMap | CommentedSeq) and not value.fa.flow_style()
    line = lines[first] if in_block else lines[_end(lines, first, column) - 1]
    return _comment(line)[1].lstrip("# ").rstrip() if "#" in line else ""


def _changed(plain: Any, path: Path, value: Any, key: str) -> Any:
    """The plain document with the change made."""
    plain = deepcopy(plain)
    parent = plain
    for part in path[:-1]:
        if isinstance(parent, dict) and part not in parent:
            parent[part] = {}
        parent = parent[part]
    if key == path[-1] or isinstance(path[-1], int):
        if value is MISSING:
            del parent[path[-1]]
        else:
            parent[path[-1]] = value
        return plain
    renamed = {key if k == path[-1] else k: value if k == path[-1] else v for k, v in parent.items()}
    parent.clear()
    parent.update(renamed)
    return plain


# --- in its own lines ---------------------------------------------------------------------------


def _in_its_lines(text: str, path: Path, value: Any, key: str, note: str | None) -> str | None:
    """None where the entry has no lines of its own."""
    parent, lines = at(document_of(text), path[:-1]), text.splitlines(keepends=True)
    if not isinstance(parent, CommentedMap) or parent.fa.flow_style() or parent.merge:
        return None
    name = path[-1]
    if name in parent:
        first, column = parent.lc.data[name][:2]
        end = _end(lines, first, column)
        if note is None and value is not MISSING:
            note = _said(lines, parent, str(name))
        first_of_item = lines[first][:column].strip()
        if first_of_item and value is MISSING:
            return None
        new = [] if value is MISSING else [_entry(key, value, lines[first][:column], note)]
        return "".join([*lines[:first], *new, *lines[end:]])
    if value is MISSING or not parent:
        return None
    last = max(parent.lc.data, key=lambda k: parent.lc.data[k][0])
    first, column = parent.lc.data[last][:2]
    end = _end(lines, first, column)
    if lines[end - 1] and not lines[end - 1].endswith("\n"):
        lines[end - 1] += "\n"
    return "".join([*lines[:end], _entry(key, value, " " * column, note), *lines[end:]])


def _end(lines: Sequence[str], first: int, column: int) -> int:
    """The line after an entry: comments and empty lines before the next one belong to that."""
    end = first + 1
    for number in range(first + 1, len(lines)):
        line = lines[number].strip()
        if not line or line.startswith("#"):
            continue
        indent = len(lines[number]) - len(lines[number].lstrip(" "))
        if indent < column or (indent == column and not line.startswith("- ")):
            break
        end = number + 1
    return end


def _entry(key: str, value: Any, lead: str, note: str | None) -> str:
    """One line `key: value  # note`."""
    yaml = round_trip()
    yaml.width = 1_000_000
    out = StringIO()
    yaml.dump(CommentedMap({key: as_document(value, 4)}), out)
    said = f"  # {' '.join(note.split())}" if note and note.strip() else ""
    return f"{lead}{out.getvalue().rstrip()}{said}\n"


def _comment(line: str) -> tuple[str, str]:
    """A line of one entry as what it says and its comment with the mark, "" if it has none."""
    bare = line.rstrip("\n")
    before, sign, after = bare.partition(" #")
    if " #" not in after and not _QUOTED.search(before):
        return before.rstrip(), f"#{after}" if sign else ""
    yaml = YAML(typ="safe")
    whole = _read(yaml, bare)
    start = 0
    while (start := bare.find(" #", start)) >= 0:
        if _read(yaml, bare[:start]) == whole:
            return bare[:start].rstrip(), bare[start + 1 :]
        start += 1
    return bare, ""


def _read(yaml: YAML, line: str) -> Any:
    try:
        return yaml.load(line.strip())
    except YAMLError:
        return MISSING  # a bracket that the next line closes: alike for all that keeps it open


# --- the whole text anew ------------------------------------------------------------------------


def _anew(text: str, path: Path, value: Any, key: str, note: str | None) -> str:
    parent = document = load_yaml(round_trip(), text)
    for part in path[:-1]:
        if isinstance(parent, CommentedMap) and part not in parent:
            parent[part] = CommentedMap()
        parent = parent[part]
    name = path[-1]
    if isinstance(parent, CommentedSeq) and isinstance(name, int):
        parent[name] = as_document(value, 4)
    elif value is MISSING:
        del parent[name]
    elif name == key:
        parent[name] = as_document(value, 4)
    else:
        place = list(parent).index(name)
        del parent[name]
        parent.insert(place, key, as_document(value, 4))
    if note and value is not MISSING and isinstance(parent, CommentedMap):
        parent.yaml_add_eol_comment(" ".join(note.split()), key, column=0)
    out = StringIO()
    round_trip().dump(document, out)
    return out.getvalue()
