"""Merge fields of a part: `fldSimple`, and `fldChar` with its instruction in pieces.

An instruction may be split over runs, a field may stand inside another one (IF), and a name may be quoted
because of its blanks. Names of Ascora's region markers hold a colon: `TableStart:Supply`.
"""

import re
from collections.abc import Iterator
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_MERGE = re.compile(r'\s*MERGEFIELD\s+(?:["“”]([^"“”]*)["“”]|(\S+))', re.I)
REGION = re.compile(r"(Group|Table)(Start|End):(.+)")


def merge_fields(root: Any) -> Iterator[str]:
    """The names of all merge fields, in the order in which they end."""
    open_fields: list[list[str] | None] = []
    for element in walk(root):
        if element.tag == f"{W}fldSimple":
            yield from _named(element.get(f"{W}instr") or "")
        elif element.tag == f"{W}instrText" and open_fields and open_fields[-1] is not None:
            open_fields[-1].append(element.text or "")
        elif element.tag == f"{W}fldChar":
            yield from _step(element.get(f"{W}fldCharType"), open_fields)


def _step(kind: str | None, open_fields: list[list[str] | None]) -> Iterator[str]:
    """Begin, separate or end a field; the instruction is whole where its result begins, or it ends."""
    if kind == "begin":
        open_fields.append([])
    elif open_fields and kind in ("separate", "end"):
        pieces = open_fields.pop()
        if pieces is not None:
            yield from _named("".join(pieces))
        if kind == "separate":
            open_fields.append(None)


def _named(instruction: str) -> Iterator[str]:
    found = _MERGE.match(instruction)
    name = (found[1] if found[1] is not None else found[2]).strip() if found else ""
    if name:
        yield name


def walk(root: Any) -> Iterator[Any]:
    """All elements in their order; what is there a second time for older programs is passed over."""
    for element in root:
        if isinstance(element.tag, str) and element.tag != FALLBACK:
            yield element
            yield from walk(element)
