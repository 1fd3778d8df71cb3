"""`{Code}` of custom forms: in the text, as the tag of a content control, as the text of a picture."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock_ascora.wordforms.mergefields import W, walk

_W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_DOC_PROPERTIES = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_VML_SHAPE = "{urn:schemas-microsoft-com:vml}shape"

_CODE = re.compile(r"\{([^{}\r\n\t]{1,120})\}")
_SOUND = re.compile(r"[^\W_](?:[\w .,/&()'?:+-]*[\w)?])?")
_PICTURE = re.compile(r"\{?([A-Za-z][\w ]{0,60})\}?")
_BREAKS = frozenset({f"{W}br", f"{W}cr", f"{W}tab"})


@dataclass(frozen=True, slots=True)
class Sighting:
    """One place where a template asks for something. `control`: what kind of place it is."""

    code: str
    control: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormCode:
    """One thing that templates ask for.

    `code`: as it stands there; `field`: the custom field that holds it. `control`: merge field, code,
    check-box, check-boxes, drop-down, date, text control, picture or region. `group`: standard, probably
    standard, custom, input, picture or region. `evidence`: how the type is known; `suggestion`: what the
    name alone suggests, which nobody relies on.
    """

    code: str
    field: str
    control: str
    group: str
    places: tuple[str, ...] = ()
    type: FieldType = FieldType.TEXT
    options: tuple[str, ...] = ()
    multiple: bool = False
    evidence: str = ""
    suggestion: str = ""


def sightings(root: Any) -> Iterator[Sighting]:
    """Everything that one part of a form asks for, in its order."""
    for element in walk(root):
        if element.tag == f"{W}p":
            for found in _CODE.finditer(paragraph_text(element)):
                code = found[1].strip()
                yield Sighting(code, "code" if _SOUND.fullmatch(code) else "unclear")
        elif element.tag == f"{W}sdtPr":
            yield from _control(element)
        elif element.tag == _DOC_PROPERTIES:
            yield from _picture(element.get("descr") or element.get("title") or "")
        elif element.tag == _VML_SHAPE:
            yield from _picture(element.get("alt") or "")


def paragraph_text(paragraph: Any) -> str:
    """The text of a paragraph, its runs joined; paragraphs of text boxes inside it are their own."""
    pieces: list[str] = []
    _gather(paragraph, pieces)
    return "".join(pieces)


def _gather(element: Any, pieces: list[str]) -> None:
    for child in element:
        if child.tag == f"{W}t":
            pieces.append(child.text or "")
        elif child.tag in _BREAKS:
            pieces.append("\n")
        elif isinstance(child.tag, str) and child.tag != f"{W}p":
            _gather(child, pieces)


def _control(properties: Any) -> Iterator[Sighting]:
    tag = properties.find(f"{W}tag")
    code = ((tag.get(f"{W}val") if tag is not None else "") or "").strip().strip("{}").strip()
    if not code:
        return
    lists = [properties.find(f"{W}{kind}") for kind in ("dropDownList", "comboBox")]
    chosen = next((found for found in lists if found is not None), None)
    if properties.find(f"{_W14}checkbox") is not None:
        yield Sighting(code, "check-box")
    elif chosen is not None:
        items = (item.get(f"{W}displayText") or item.get(f"{W}value") for item in chosen.iter(f"{W}listItem"))
        yield Sighting(code, "drop-down", tuple(dict.fromkeys(text.strip() for text in items if text)))
    elif properties.find(f"{W}date") is not None:
        yield Sighting(code, "date")
    elif properties.find(f"{W}picture") is not None:
        yield Sighting(code, "picture")
    else:
        yield Sighting(code, "text control")


def _picture(description: str) -> Iterator[Sighting]:
    found = _PICTURE.fullmatch(description.strip())
    if found:
        yield Sighting(found[1].strip(), "picture")
