"""What the server keeps of HTML (measured on 18.0 for the cases in the tests, else assumed).

Scripts, event handlers and other active content go; text that no tag opens becomes a paragraph; quotations
are marked as such.
"""

from html import escape, unescape
from html.parser import HTMLParser

_DROPPED = {"script", "style", "iframe", "object", "embed", "link", "meta", "base", "title", "head"}
_UNWRAPPED = {"html", "body", "form", "input", "button", "select", "textarea", "option", "label"}
_VOID = {"br", "img", "hr", "col", "wbr", "area", "source", "track", "embed", "link", "meta", "base"}
_KEPT = frozenset(
    {"align", "alt", "border", "cite", "class", "colspan", "color", "datetime", "dir", "height", "href", "id"}
    | {"lang", "name", "rel", "rowspan", "scope", "size", "span", "src", "start", "style", "summary"}
    | {"target", "title", "type", "valign", "value", "width"}
)
_SCHEMES = ("javascript:", "vbscript:", "data:text")
_BLOCKS = {"p", "div", "ul", "ol", "table", "blockquote", "pre", "hr", "h1", "h2", "h3", "h4", "h5", "h6"}
_ENDS = {"li": ({"li"}, {"ul", "ol"}), "tr": ({"tr", "td", "th"}, {"table"}), "td": ({"td", "th"}, {"tr"})}
_ENDS |= {"th": ({"td", "th"}, {"tr"}), "dt": ({"dt", "dd"}, {"dl"}), "dd": ({"dt", "dd"}, {"dl"})}
"""By tag: the open elements that it ends, and those beyond which it ends nothing."""
_QUOTED = ' data-o-mail-quote-node="1" data-o-mail-quote="1"'


class _Filter(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts: list[str] = []
        self.open: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self.hidden += tag not in _VOID
            return
        if self.hidden or tag in _UNWRAPPED:
            return
        if tag in _BLOCKS and "p" in self.open:
            self._close("p")
        ended, beyond = _ENDS.get(tag, (set(), set()))
        while ended and self.open and self.open[-1] not in beyond and ended & set(self.open):
            self.parts.append(f"</{self.open.pop()}>")
        kept = "".join(_attribute(name, value or "") for name, value in attrs)
        self.parts.append(f"<{tag}{kept}{_QUOTED if tag == 'blockquote' else ''}>")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self.hidden = max(0, self.hidden - 1)
        elif not self.hidden and tag in self.open:
            self._close(tag)

    def _close(self, tag: str) -> None:
        while self.open:
            last = self.open.pop()
            self.parts.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        self._text(data.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))

    def handle_entityref(self, name: str) -> None:
        self._entity(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._entity(f"&#{name};")

    def _entity(self, text: str) -> None:
        plain = unescape(text)
        special = {"\xa0": "&nbsp;", "&": "&amp;", "<": "&lt;", ">": "&gt;"}
        self._text(special.get(plain, plain))

    def _text(self, text: str) -> None:
        if self.hidden:
            return
        if not self.parts and text.strip():
            self.parts.append("<p>")
            self.open.append("p")
        self.parts.append(text)


def _attribute(name: str, value: str) -> str:
    if name not in _KEPT and not name.startswith("data-"):
        return ""
    active = value.strip().lower().startswith(_SCHEMES)
    return f' {name}="{"" if active else escape(value)}"'


def sanitised(text: str) -> str:
    """The text as a field of HTML keeps it."""
    parser = _Filter()
    parser.feed(text.lstrip())
    parser.close()
    parts = [*parser.parts, *(f"</{tag}>" for tag in reversed(parser.open))]
    return "".join(parts[1:-1] if _boxed(parts) else parts)


def _boxed(parts: list[str]) -> bool:
    """Whether one plain `div` stands around everything: it is taken away (measured)."""
    if len(parts) < 2 or parts[0] != "<div>" or parts[-1] != "</div>":
        return False
    depth = 0
    for part in parts[:-1]:
        depth += (part == "<div>" or part.startswith("<div ")) - (part == "</div>")
        if depth == 0:
            return False
    return True
