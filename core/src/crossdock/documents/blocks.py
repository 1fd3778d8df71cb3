"""A page taken apart: the blocks that a printer lays out, read from the page's own HTML.

So a document has one text and two forms. Only what the templates of this package use is known: headings,
paragraphs, lists, tables, boxes of figures, bars, cards, pairs; inside a line: strong, code, marks, meters.

    {"title": text, "lead": [span], "foot": text, "blocks": [block]}
    span     {"text": text, "look": "" | strong | code | note | good | warn | bad} or {"meter": share}
    block    {"kind": heading, "level": 2, "spans": [span]}
             {"kind": text, "look": look, "spans": [span]}
             {"kind": list, "ordered": bool, "look": look, "items": [[block]]}
             {"kind": table, "caption": text, "total": bool, "numeric": [column], "widths": [share],
              "head": [[span]], "rows": [[[span]]]}
             {"kind": figures, "items": [[label, figure, note]]}
             {"kind": bars, "rows": [[label, share, figure]]}
             {"kind": pairs, "rows": [[text, [block]]]}
             {"kind": card, "blocks": [block]}
             {"kind": chart, "caption": text, "svg": text}
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag

Block = dict[str, Any]
Span = dict[str, Any]

_LOOKS: Final = ("good", "warn", "bad", "note")
_INLINE: Final = {"b", "strong", "code", "span", "a", "br", "i", "small"}
_LONG: Final = re.compile(r"\S{25,}")
_PIECE: Final = re.compile(r"(.{1,24}?[/._@:;,=&?-]|.{24})(?=.)")
_BREAK: Final = "\u200b"
_NARROW, _WIDE = 8, 42  # characters


def blocks_of(html: str) -> dict[str, Any]:
    """The page as blocks."""
    page = BeautifulSoup(html, "html.parser")
    title, lead, main, foot = (page.select_one(where) for where in ("h1", ".lead", "main", "footer"))
    return {
        "title": _text(title) if title else "",
        "lead": _spans(lead.children) if lead else [],
        "foot": _text(foot) if foot else "",
        "blocks": list(_blocks(main.children)) if main else [],
    }


def _blocks(nodes: Iterable[PageElement]) -> Iterator[Block]:
    """Blocks of these nodes; what stands between them on a line of its own becomes a paragraph."""
    line: list[PageElement] = []
    for node in nodes:
        if not isinstance(node, Tag) or node.name in _INLINE:
            line.append(node)
            continue
        yield from _paragraph(line)
        line = []
        yield from _block(node)
    yield from _paragraph(line)


def _paragraph(line: Sequence[PageElement], look: str = "") -> Iterator[Block]:
    if spans := _spans(line):
        yield {"kind": "text", "look": look, "spans": spans}


def _block(node: Tag) -> Iterator[Block]:
    classes = node.get_attribute_list("class")
    if node.name == "nav":  # a printed page has no links to click on
        return
    if node.name in ("h2", "h3"):
        yield {"kind": "heading", "level": int(node.name[1]), "spans": _spans(node.children)}
    elif node.name == "p":
        yield from _paragraph(list(node.children), _look(node))
    elif node.name in ("ol", "ul"):
        items = [list(_blocks(item.children)) for item in node.find_all("li", recursive=False)]
        if items:
            yield {"kind": "list", "ordered": node.name == "ol", "look": _look(node), "items": items}
    elif node.name == "table":
        yield _table(node)
    elif "chart" in classes:
        yield from _chart(node)
    elif "figures" in classes:
        yield {"kind": "figures", "items": [_figure(box) for box in node.find_all("div", recursive=False)]}
    elif "bars" in classes:
        yield {"kind": "bars", "rows": list(_bars(node))}
    elif node.name == "dl":
        yield {"kind": "pairs", "rows": list(_pairs(node))}
    elif "card" in classes:
        yield {"kind": "card", "blocks": list(_blocks(node.children))}
    else:
        yield from _blocks(node.children)


def _chart(node: Tag) -> Iterator[Block]:
    """A drawing as a document of its own: the parser writes names small, a page needs no namespace."""
    drawing, caption = node.find("svg"), node.find("figcaption")
    if isinstance(drawing, Tag):
        text = str(drawing).replace("viewbox=", "viewBox=", 1)
        svg = text.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
        yield {"kind": "chart", "caption": _text(caption) if isinstance(caption, Tag) else "", "svg": svg}


def _look(node: Tag) -> str:
    classes = node.get_attribute_list("class")
    return next((look for look in _LOOKS if look in classes), "")


def _spans(nodes: Iterable[PageElement], look: str = "") -> list[Span]:
    """The spans of a line: white space as a browser shows it, a line break as a line break."""
    spans = list(_raw_spans(nodes, look))
    for n, span in enumerate(spans):
        if "text" in span and (n == 0 or str(spans[n - 1].get("text", "")).endswith((" ", "\n"))):
            span["text"] = span["text"].lstrip(" ")
    while spans and not spans[-1].get("text", "-").rstrip():
        spans.pop()
    if spans and "text" in spans[-1]:
        spans[-1]["text"] = spans[-1]["text"].rstrip(" ")
    return [span for span in spans if span.get("text", "-")]


def _raw_spans(nodes: Iterable[PageElement], look: str) -> Iterator[Span]:
    for node in nodes:
        if isinstance(node, NavigableString):
            if type(node) is NavigableString:  # comments are not shown
                yield {"text": _breakable(re.sub(r"[ \t\r\n]+", " ", node)), "look": look}
        elif isinstance(node, Tag):
            yield from _tagged(node, look)


def _tagged(node: Tag, look: str) -> Iterator[Span]:
    if node.name == "br":
        yield {"text": "\n", "look": look}
    elif "meter" in node.get_attribute_list("class"):
        yield {"meter": _width(node)}
        yield {"text": " ", "look": look}
    else:
        own = {"b": "strong", "strong": "strong", "code": "code"}.get(node.name) or _look(node)
        yield from _raw_spans(node.children, own or look)


def _table(node: Tag) -> Block:
    caption = node.find("caption")
    head, numeric = [], []
    for n, cell in enumerate(node.select("thead th")):
        head.append(_spans(cell.children))
        if "number" in cell.get_attribute_list("class"):
            numeric.append(n)
    lines = node.select("tbody tr")
    rows = [[_spans(cell.children) for cell in line.find_all("td", recursive=False)] for line in lines]
    return {
        "kind": "table",
        "caption": _text(caption) if isinstance(caption, Tag) else "",
        "total": bool(lines) and "total" in lines[-1].get_attribute_list("class"),
        "numeric": numeric,
        "widths": _widths([head, *rows]),
        "head": head,
        "rows": rows,
    }


def _widths(rows: Sequence[Sequence[Sequence[Span]]]) -> list[float]:
    """How wide each column should be beside the others: by what most of its cells hold."""
    columns = max(map(len, rows), default=0)
    widths = []
    for n in range(columns):
        lengths = sorted(
            sum(len(span.get("text", "x" * 14)) for span in row[n]) for row in rows if n < len(row)
        )
        most = lengths[int(0.9 * (len(lengths) - 1))]
        widths.append(float(min(max(most, _NARROW), _WIDE)))
    return widths


def _figure(box: Tag) -> list[str]:
    note = box.find("small")
    small = _text(note.extract()) if isinstance(note, Tag) else ""
    return [_text(part) for part in box.find_all(("dt", "dd"))] + [small]


def _bars(node: Tag) -> Iterator[list[Any]]:
    cells = node.find_all("span", recursive=False)
    for label, bar, figure in zip(cells[::3], cells[1::3], cells[2::3], strict=True):
        yield [_text(label), _width(bar), _text(figure)]


def _pairs(node: Tag) -> Iterator[list[Any]]:
    names = node.find_all("dt", recursive=False)
    for name, value in zip(names, node.find_all("dd", recursive=False), strict=True):
        yield [_text(name), list(_blocks(value.children))]


def _width(node: Tag) -> float:
    """The share that a bar or a meter is filled."""
    filled = node.find("i")
    found = re.search(r"width:([\d.]+)%", str(filled.get("style"))) if isinstance(filled, Tag) else None
    return float(found[1]) / 100 if found else 0.0


def _text(node: Tag) -> str:
    return _breakable(" ".join(node.get_text().split()))


def _breakable(text: str) -> str:
    """Long words, ids and addresses may be broken where they can be read on."""
    return _LONG.sub(lambda word: _PIECE.sub(rf"\1{_BREAK}", word[0]), text)
