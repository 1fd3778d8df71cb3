"""Word templates of a tenant, made piece by piece as Word makes them: real files."""

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.oxml.parser import parse_xml

_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
)


class Template:
    """A template in the making; its bytes with `whole`."""

    def __init__(self) -> None:
        self.document = Document()

    def header(self) -> Any:
        """A paragraph of the header."""
        return self.document.sections[0].header.add_paragraph()

    def footer(self) -> Any:
        """A paragraph of the footer."""
        return self.document.sections[0].footer.add_paragraph()

    def paragraph(self, text: str = "") -> Any:
        """A paragraph of the text."""
        return self.document.add_paragraph(text)

    def text_box(self, paragraph: Any) -> None:
        """Put a paragraph of the text into a text box."""
        element = paragraph._p
        box = _xml(
            "<w:p {ns}><w:r><w:pict><v:shape><v:textbox><w:txbxContent/></v:textbox></v:shape></w:pict></w:r>"
            "</w:p>"
        )
        element.addprevious(box)
        next(box.iter("{*}txbxContent")).append(element)

    def whole(self) -> bytes:
        """The file."""
        stream = io.BytesIO()
        self.document.save(stream)
        return stream.getvalue()


def simple_field(paragraph: Any, instruction: str) -> None:
    """A merge field in one element."""
    said = instruction.replace('"', "&quot;")
    paragraph._p.append(_xml(f'<w:fldSimple {{ns}} w:instr="{said}"><w:r><w:t>«»</w:t></w:r></w:fldSimple>'))


def split_field(paragraph: Any, *pieces: str) -> None:
    """A merge field whose instruction stands in several runs."""
    mark = '<w:r {{ns}}><w:fldChar w:fldCharType="{}"/></w:r>'.format
    paragraph._p.append(_xml(mark("begin")))
    for piece in pieces:
        said = piece.replace('"', "&quot;")
        paragraph._p.append(_xml(f'<w:r {{ns}}><w:instrText xml:space="preserve">{said}</w:instrText></w:r>'))
    for kind in ("separate", "end"):
        paragraph._p.append(_xml(mark(kind)))


def split_text(paragraph: Any, *pieces: str) -> None:
    """A text in several runs, as Word leaves it after an edit."""
    for piece in pieces:
        paragraph.add_run(piece)


def check_box(paragraph: Any, tag: str) -> None:
    """A check-box control with its code as the tag."""
    _control(paragraph, tag, '<w14:checkbox><w14:checked w14:val="0"/></w14:checkbox>')


def drop_down(paragraph: Any, tag: str, items: Sequence[str]) -> None:
    """A drop-down control."""
    listed = "".join(f'<w:listItem w:displayText="{item}" w:value="{item}"/>' for item in items)
    _control(paragraph, tag, f"<w:dropDownList>{listed}</w:dropDownList>")


def date_control(paragraph: Any, tag: str) -> None:
    """A date control."""
    _control(paragraph, tag, "<w:date/>")


def picture(paragraph: Any, description: str) -> None:
    """A placeholder picture with its code as the alternative text."""
    paragraph._p.append(
        _xml(
            f'<w:r {{ns}}><w:drawing><wp:inline><wp:docPr id="1" name="p" descr="{description}"/></wp:inline>'
            "</w:drawing></w:r>"
        )
    )


def _control(paragraph: Any, tag: str, kind: str) -> None:
    paragraph._p.append(
        _xml(
            f'<w:sdt {{ns}}><w:sdtPr><w:tag w:val="{tag}"/>{kind}</w:sdtPr>'
            "<w:sdtContent><w:r><w:t>?</w:t></w:r></w:sdtContent></w:sdt>"
        )
    )


def _xml(text: str) -> Any:
    return parse_xml(text.replace("{ns}", _NS))
