"""HTML reduced to what it says and shows, so that two ways of writing it compare equal.

Kept: words, breaks, links, pictures, and the tags that carry meaning (emphasis, headings, lists, tables,
quotations). Left out: how wrappers are nested, styles and classes, comments, which quotes or entities were
used. A text without any markup is one paragraph.
"""

from html.parser import HTMLParser
from urllib.parse import unquote

Token = tuple[str, ...]

_PARAGRAPHS = frozenset(
    {"p", "div", "section", "article", "header", "footer", "main", "center", "address", "form", "body"}
)
_MEANING = frozenset(
    {
        *("b", "strong", "i", "em", "u", "s", "strike", "del", "sub", "sup", "code", "pre", "mark"),
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "hr"),
        *("table", "tr", "td", "th", "caption"),
    }
)
_OWN_LINE = frozenset(
    {
        *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "hr", "pre"),
        *("table", "tr", "td", "th", "caption"),
    }
)
_VOID = frozenset({"hr", "input", "embed", "base", "link", "meta", "frame"})
_ACTIVE = frozenset(
    {
        *("script", "style", "iframe", "object", "embed", "svg", "noscript", "base", "link", "meta", "frame"),
        *("input", "button", "select", "textarea", "applet"),
    }
)
_NEVER_SHOWN = frozenset({"head", "title"})
_SAME = {"strong": "b", "em": "i", "strike": "s", "del": "s"}
_SAFE_SCHEMES = ("http:", "https:", "mailto:", "tel:", "ftp:", "data:image/")
_BREAK: Token = ("break",)


def content(html: str, *, passive: bool = False) -> tuple[Token, ...]:
    """The tokens of a text. With `passive` without scripts, styles, frames, form fields and unsafe links."""
    reader = _Reader(passive=passive)
    reader.feed(html)
    reader.close()
    return tuple(reader.tokens())


class _Reader(HTMLParser):
    def __init__(self, *, passive: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._passive = passive
        self._found: list[Token] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _NEVER_SHOWN or (tag in _ACTIVE and self._passive):
            self._hidden += tag not in _VOID
        elif self._hidden:
            return
        elif tag in _ACTIVE:
            self._found.append(("active", tag))
        elif tag == "a":
            self._found.append(("link", self._address(given.get("href", ""))))
        elif tag == "img":
            self._found.append(("image", self._address(given.get("src", ""))))
        else:
            self._mark("open", tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _NEVER_SHOWN or (tag in _ACTIVE and self._passive):
            self._hidden = max(0, self._hidden - (tag not in _VOID))
        elif not self._hidden and tag not in _VOID:
            self._mark("close", tag)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._found += [("text", word) for word in data.split()]

    def tokens(self) -> list[Token]:
        """What was found: no two breaks in a row, none at an end, nothing opened and closed empty."""
        kept: list[Token] = []
        for token in self._found:
            if token == _BREAK and (not kept or kept[-1] == _BREAK):
                continue
            kept.append(token)
        while kept and kept[-1] == _BREAK:
            kept.pop()
        return kept

    def _mark(self, word: str, tag: str) -> None:
        tag = _SAME.get(tag, tag)
        if tag == "br" or tag in _PARAGRAPHS or tag in _OWN_LINE:
            self._found.append(_BREAK)
        if tag in _MEANING:
            self._found.append((word, tag))
            if tag in _OWN_LINE:
                self._found.append(_BREAK)

    def _address(self, address: str) -> str:
        plain = unquote(address.strip())
        scheme, colon, _ = plain.partition(":")
        if self._passive and colon and "/" not in scheme and not plain.lower().startswith(_SAFE_SCHEMES):
            return ""
        return plain
