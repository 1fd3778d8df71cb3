"""Rich text: markdown to the editor's blocks and back (block shapes measured on 2.21.0).

Covered: headings, paragraphs, lists, quotes, code, tables, links, bold, italic, strike, inline HTML of
`p`, `b`, `strong`, `i`, `em`. Everything else becomes its text (assumed).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import uuid4

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PROPS = {"backgroundColor": "default", "textColor": "default", "textAlignment": "left"}
_STYLES = {"strong": "bold", "em": "italic", "s": "strike", "b": "bold", "i": "italic"}
_TAG = re.compile(r"<(/?)(p|b|strong|i|em|s)\b[^>]*>|<[^>]+>", re.IGNORECASE)
_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

Block = dict[str, Any]


def block(kind: str, content: Any, props: Mapping[str, Any] = _PROPS) -> Block:
    """One block with a new id."""
    return {"id": str(uuid4()), "type": kind, "props": dict(props), "content": content, "children": []}


def to_blocks(markdown: str) -> list[Block]:
    """Markdown as the editor's blocks."""
    blocks: list[Block] = []
    lists: list[str] = []
    tokens = _PARSER.parse(markdown)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append("bulletListItem" if token.type.startswith("bullet") else "numberedListItem")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "table_open":
            end = next(i for i in range(at, len(tokens)) if tokens[i].type == "table_close")
            blocks.append(_table(tokens[at:end]))
            at = end
        else:
            blocks.extend(_single(token, tokens[at - 1] if at else None, lists))
        at += 1
    return blocks


def _single(token: Token, before: Token | None, lists: list[str]) -> Iterable[Block]:
    if token.type == "inline":
        content = inline(token.children or [])
        if before is not None and before.type == "heading_open":
            level = {"level": int(before.tag[1:]), "isToggleable": False}
            yield block("heading", content, _PROPS | level)
        else:
            yield block(lists[-1] if lists else "paragraph", content)
    elif token.type in ("fence", "code_block"):
        language = {"language": token.info or "text"}
        yield block("codeBlock", [_text(token.content.rstrip("\n"), {})], language)
    elif token.type == "html_block":
        yield block("paragraph", _html(token.content, {}))
    elif token.type == "hr":
        yield block("divider", [], {})


def _table(tokens: list[Token]) -> Block:
    rows: list[Any] = []
    cell_props = {"colspan": 1, "rowspan": 1} | _PROPS
    for token in tokens:
        if token.type == "tr_open":
            rows.append({"cells": []})
        elif token.type == "inline":
            cell = {"type": "tableCell", "content": inline(token.children or []), "props": cell_props}
            rows[-1]["cells"].append(cell)
    width = len(rows[0]["cells"]) if rows else 0
    content = {"type": "tableContent", "columnWidths": [None] * width, "headerRows": 1, "rows": rows}
    return block("table", content, {"textColor": "default"})


def _text(words: str, styles: Mapping[str, bool]) -> dict[str, Any]:
    return {"type": "text", "text": words, "styles": dict(styles)}


def inline(tokens: Iterable[Token]) -> list[dict[str, Any]]:
    """The runs of text inside a block."""
    styles: dict[str, bool] = {}
    found: list[dict[str, Any]] = []
    into = found
    for token in tokens:
        if token.type in ("text", "softbreak", "hardbreak"):
            _append(into, token.content if token.type == "text" else "\n", styles)
        elif token.type == "code_inline":
            _append(into, token.content, styles | {"code": True})
        elif token.type == "link_open":
            into = []
            found.append({"type": "link", "href": token.attrGet("href") or "", "content": into})
        elif token.type == "link_close":
            into = found
        elif token.type == "html_inline":
            into.extend(_html(token.content, styles))
        elif token.tag in _STYLES:
            _style(styles, _STYLES[token.tag], on=token.nesting > 0)
    return found


def _append(into: list[dict[str, Any]], words: str, styles: Mapping[str, bool]) -> None:
    if into and into[-1]["type"] == "text" and into[-1]["styles"] == styles:
        into[-1]["text"] += words
    elif words:
        into.append(_text(words, styles))


def _style(styles: dict[str, bool], name: str, *, on: bool) -> None:
    if on:
        styles[name] = True
    else:
        styles.pop(name, None)


def _html(source: str, styles: dict[str, bool]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    at = 0
    for tag in _TAG.finditer(source):
        _append(found, source[at : tag.start()], styles)
        name = (tag.group(2) or "").lower()
        if name in _STYLES:
            _style(styles, _STYLES[name], on=not tag.group(1))
        at = tag.end()
    _append(found, source[at:].rstrip("\n"), styles)
    return found


def to_markdown(blocks: Any) -> str:
    """The editor's blocks as markdown, each followed by a line break; styles are dropped (assumed)."""
    lines = []
    for item in blocks if isinstance(blocks, list) else []:
        if not isinstance(item, dict):
            continue
        words = _words(item.get("content"))
        level = (item.get("props") or {}).get("level", 1)
        marks = {"heading": "#" * level + " ", "bulletListItem": "* ", "numberedListItem": "1. "}
        lines.append(marks.get(str(item.get("type")), "") + words)
    return "\n\n".join(lines) + "\n" if lines else ""


def _words(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_words(part) for part in content)
    if isinstance(content, dict):
        return str(content["text"]) if "text" in content else _words(content.get("content"))
    return ""
