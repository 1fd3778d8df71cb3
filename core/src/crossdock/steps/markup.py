"""Steps between HTML, Markdown and plain text."""

from html import escape
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import step
from crossdock.steps.texts import text

_BLOCKS = (
    "p",
    "div",
    "li",
    "tr",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "table",
    "ul",
    "ol",
)
_FORMATTING = "formatting that the target cannot show"


@step(FieldType.MARKDOWN, loss=_FORMATTING)
def html_to_markdown(value: Any) -> str:
    """Markdown of an HTML text; comments, scripts and style sheets are left out."""
    from markdownify import markdownify

    for part in (tree := _parsed(text(value))).find_all(["script", "style"]):
        part.decompose()
    converted = markdownify(str(tree), heading_style="ATX", bullets="-")
    return str(converted).strip()


@step(FieldType.TEXT, loss=_FORMATTING)
def html_to_text(value: Any) -> str:
    """The text of an HTML text, one line a block; comments, scripts and style sheets are left out."""
    tree = _parsed(text(value))
    for part in tree.find_all(["script", "style"]):
        part.decompose()
    for line_break in tree.find_all("br"):
        line_break.replace_with("\n")
    for block in tree.find_all(list(_BLOCKS)):
        block.append("\n")
    lines = (line.strip() for line in tree.get_text().splitlines())
    return "\n".join(line for line in lines if line)


def _parsed(html: str) -> Any:
    """The parsed text without its comments. The parser is imported only when a mapping needs it."""
    from bs4 import BeautifulSoup
    from bs4.element import PreformattedString

    tree = BeautifulSoup(html, "html.parser")
    for node in tree.find_all(string=lambda found: isinstance(found, PreformattedString)):
        node.extract()
    return tree


@step(FieldType.HTML)
def text_to_html(value: Any) -> str:
    """Plain text as HTML: signs escaped, one paragraph a line."""
    return "".join(f"<p>{escape(line, quote=False)}</p>" for line in text(value).splitlines())
