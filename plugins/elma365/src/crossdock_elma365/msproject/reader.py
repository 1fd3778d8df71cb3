"""Reads an MS Project XML file (MSPDI) as a stream, and refuses what could harm.

Not followed: entities, document types, the network. Bounded: file size, nesting, text length, elements
of one item, items of the file. What is wrong with a file is said with its name and line, as ConfigError.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast
from xml.parsers import expat

from lxml import etree

from crossdock.errors import ConfigError

NAMESPACE = "http://schemas.microsoft.com/project"
MAX_DEPTH = 24
MAX_TEXT = 1_000_000
MAX_ELEMENTS = 200_000
MAX_ITEMS = 1_000_000
_CHUNK = 1 << 16
_MAX_SILENCE = 32 << 20  # bytes that may pass before an element begins or ends
_MAX_PROLOG = 1 << 20
_OLE_FILE = bytes.fromhex("d0cf11e0a1b11ae1")  # .mpp and other binary Office files
_ITEM_DEPTH = 3  # Project / Tasks / Task
# The inner elements that are read; of all others only the tag is kept, so that it can be named.
_INNER = frozenset({"PredecessorLink", "ExtendedAttribute", "OutlineCode", "ValueList", "Values", "Value"})
_BULKY = frozenset({"TimephasedData", "Baseline", "TimePhasedData"})  # many, and not migrated
_CONTAINERS = {"Tasks": "tasks", "Resources": "resources", "Assignments": "assignments"} | {
    "ExtendedAttributes": "attributes",
    "OutlineCodes": "outline_codes",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One element: the texts of its leaves by tag, and its inner elements by tag, in file order.

    Empty leaves are left out; `others` are the tags of inner elements that nothing reads.
    """

    line: int
    values: Mapping[str, str]
    children: Mapping[str, tuple["Item", ...]] = field(default_factory=dict)
    others: frozenset[str] = frozenset()

    def text(self, tag: str) -> str:
        """The text of a leaf, "" if there is none."""
        return self.values.get(tag, "")

    def all(self, tag: str) -> tuple["Item", ...]:
        """The inner elements of that tag."""
        return self.children.get(tag, ())

    def size(self) -> int:
        """How many items it is made of, itself included."""
        return 1 + sum(child.size() for found in self.children.values() for child in found)


@dataclass(slots=True)
class RawPlan:
    """A file as read: the project's own leaves, and the items of the lists that matter.

    `other` counts the items of the lists that are not read (calendars, views).
    """

    path: Path
    properties: dict[str, str] = field(default_factory=dict)
    tasks: list[Item] = field(default_factory=list)
    resources: list[Item] = field(default_factory=list)
    assignments: list[Item] = field(default_factory=list)
    attributes: list[Item] = field(default_factory=list)
    outline_codes: list[Item] = field(default_factory=list)
    other: Counter[str] = field(default_factory=Counter)


class _RootReached(Exception):  # noqa: N818 - not an error
    """The root element begins: no document type was declared."""


def read(path: Path, max_bytes: int) -> RawPlan:
    """Read one file. Raises ConfigError, naming the file, for anything that is not a sound MSPDI file."""
    try:
        if path.stat().st_size > max_bytes:
            raise _refused(path, f"{path.stat().st_size} bytes are more than mspdi_max_bytes ({max_bytes})")
        with path.open("rb") as stream:
            _check_prolog(path, stream)
            stream.seek(0)
            return _parse(path, stream)
    except OSError as error:
        raise _refused(path, f"it cannot be read ({error.strerror})") from error
    except etree.XMLSyntaxError as error:
        why = " ".join(str(error.msg).split()).rpartition(", line ")[0]
        raise _refused(
            path, f"line {error.lineno}: {why}", "It may be cut off or damaged; save it again in MS Project."
        ) from error
    except (LookupError, ValueError) as error:  # encodings that the parser does not know
        raise _refused(path, f"its encoding cannot be read ({error})", "Save it in UTF-8.") from error


class _Guarded:
    """A stream that ends the parse when the parser only swallows: a tag or comment without an end."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path, self._stream = path, stream
        self.silent = 0  # bytes given since the last event

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self.silent += len(chunk)
        if self.silent > _MAX_SILENCE:
            raise _refused(
                self._path, "a tag, text or comment in it is longer than any that MS Project writes"
            )
        return chunk


def _check_prolog(path: Path, stream: BinaryIO) -> None:
    """Refuse a document type before anything is parsed; entities cannot be declared without one."""
    if stream.read(len(_OLE_FILE)) == _OLE_FILE:
        raise _refused(path, "it is a binary file", "In MS Project, save the plan as XML.")
    stream.seek(0)

    def doctype(*_: object) -> None:
        raise _refused(path, "it declares a document type, which MS Project never writes")

    def root(*_: object) -> None:
        raise _RootReached

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = root
    try:
        while stream.tell() < _MAX_PROLOG:
            chunk = stream.read(_CHUNK)
            parser.Parse(chunk, not chunk)
    except _RootReached:
        return
    except expat.ExpatError as error:
        raise _refused(
            path, f"line {error.lineno}: it is not XML ({expat.ErrorString(error.code)})"
        ) from error
    raise _refused(path, "it has no root element in its first megabyte")


def _parse(path: Path, stream: BinaryIO) -> RawPlan:
    plan, depth, elements, items, container = RawPlan(path), 0, 0, 0, ""
    guarded = _Guarded(path, stream)
    events = etree.iterparse(
        cast("BinaryIO", guarded),  # it needs read() and nothing else
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    for event, element in events:
        guarded.silent = 0
        tag = _local(element)
        if event == "start":
            depth, elements = depth + 1, elements + 1
            if depth == 1:
                _check_root(path, element)
            elif depth == _ITEM_DEPTH - 1:
                container = tag
            if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
                what = f"nested deeper than {MAX_DEPTH}" if depth > MAX_DEPTH else "too large an element"
                raise _refused(path, f"line {element.sourceline}: {what}")
            continue
        depth -= 1
        if len(element.text or "") > MAX_TEXT:
            raise _refused(path, f"line {element.sourceline}: text longer than {MAX_TEXT} characters")
        if tag in _BULKY:  # what stands before it in its item is still needed
            elements -= sum(1 for _ in element.iterdescendants())
            element.clear()
        elif depth in (1, 2):
            items += _keep(plan, container, tag, element, depth)
            if items > MAX_ITEMS:
                raise _refused(path, f"line {element.sourceline}: more than {MAX_ITEMS} items")
            _forget(element)
            elements = 0
    return plan


def _keep(plan: RawPlan, container: str, tag: str, element: etree._Element, depth: int) -> int:
    """Keep what is read of an element; how many items that are."""
    if depth == 1 and container not in _CONTAINERS and len(element) == 0:
        plan.properties.setdefault(tag, element.text or "")
    elif depth == _ITEM_DEPTH - 1 and container in _CONTAINERS:
        target: list[Item] = getattr(plan, _CONTAINERS[container])
        target.append(_item(element))
        return target[-1].size()
    elif depth == _ITEM_DEPTH - 1:
        plan.other[container] += 1
    return 1


def _item(element: etree._Element) -> Item:
    values: dict[str, str] = {}
    children: dict[str, list[Item]] = {}
    others: set[str] = set()
    for child in element.iterchildren(etree.Element):
        tag = _local(child)
        if tag in _BULKY or (len(child) and tag not in _INNER):
            others.add(tag)
        elif len(child):
            children.setdefault(tag, []).append(_item(child))
        elif child.text:
            values.setdefault(tag, child.text)
    inner = {tag: tuple(found) for tag, found in children.items()}
    return Item(element.sourceline or 0, values, inner, frozenset(others))


def _forget(element: etree._Element) -> None:
    """Free an element that was read, and the ones before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _check_root(path: Path, element: etree._Element) -> None:
    if element.tag != f"{{{NAMESPACE}}}Project":
        raise _refused(
            path,
            f"its root is {element.tag!r}, not Project of {NAMESPACE}",
            "In MS Project, save the plan as XML.",
        )
    if element.getroottree().docinfo.doctype:
        raise _refused(path, "it declares a document type, which MS Project never writes")


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _refused(path: Path, why: str, hint: str = "") -> ConfigError:
    return ConfigError(f"MS Project file {path.name}: {why}.", hint=hint)
