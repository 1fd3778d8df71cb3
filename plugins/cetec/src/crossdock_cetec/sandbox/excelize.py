"""Spreadsheets as Cetec's grid exports are, with the quirks that were measured in a real one.

One sheet `Sheet1`, header in the first row, no totals; the sheet says that it is one cell large, whatever it
is; a value that is not there has no cell at all, an empty text has one; days are numbers with the style
yyyy/mm/dd, times with a style of the program's own; numbers are written with the noise of binary numbers.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

_NS = "http://schemas.openxmlformats.org"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - day numbers have no zone
_TIME, _DAY, _MONEY = 1, 2, 3

_STYLES = (
    f'<styleSheet xmlns="{_NS}/spreadsheetml/2006/main"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy/mm/dd"/>'
    '<numFmt numFmtId="165" formatCode="[$USD]\\ #,##0.00"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4">'
    + "".join(
        f'<xf numFmtId="{n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n in (0, 22, 164, 165)
    )
    + "</cellXfs></styleSheet>"
)


class Amount(Decimal):
    """A number that a grid shows as money."""


def workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    """The file of some rows; None leaves a cell out."""
    texts: dict[str, int] = {}
    body = "".join(_row(number, row, texts) for number, row in enumerate(rows, start=1))
    sheet = (
        f'{_HEAD}<worksheet xmlns="{_NS}/spreadsheetml/2006/main"><dimension ref="A1"></dimension>'
        '<sheetViews><sheetView tabSelected="true" workbookViewId="0"></sheetView></sheetViews>'
        f'<sheetFormatPr defaultRowHeight="15"></sheetFormatPr><sheetData>{body}</sheetData></worksheet>'
    )
    shared = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in texts)
    strings = (
        f'{_HEAD}<sst xmlns="{_NS}/spreadsheetml/2006/main" count="{len(texts)}"'
        f' uniqueCount="{len(texts)}">{shared}</sst>'
    )
    return _packed({**_PARTS, "xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings})


def _row(number: int, row: Sequence[Any], texts: dict[str, int]) -> str:
    cells = "".join(
        _cell(f"{_letters(place)}{number}", value, texts)
        for place, value in enumerate(row)
        if value is not None
    )
    return f'<row r="{number}">{cells}</row>'


def _cell(place: str, value: Any, texts: dict[str, int]) -> str:
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    if isinstance(value, str):
        return f'<c r="{place}" t="s"><v>{texts.setdefault(value, len(texts))}</v></c>'
    if isinstance(value, datetime):
        return f'<c r="{place}" s="{_TIME}"><v>{(value - _EPOCH).total_seconds() / 86_400!r}</v></c>'
    if isinstance(value, date):
        days = (value - _EPOCH.date()).days
        return f'<c r="{place}" s="{_DAY}"><v>{days}</v></c>'
    style = f' s="{_MONEY}"' if isinstance(value, Amount) else ""
    number = value if isinstance(value, int) else float(value)
    return f'<c r="{place}"{style}><v>{number!r}</v></c>'


def _letters(place: int) -> str:
    text, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        text = chr(65 + rest) + text
    return text


def _packed(parts: Mapping[str, str]) -> bytes:
    """Without times, so that the same rows give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = f"{_NS}/officeDocument/2006/relationships"
_PARTS: Mapping[str, str] = {
    "[Content_Types].xml": (
        f'{_HEAD}<Types xmlns="{_NS}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_TYPES}.sharedStrings+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_HEAD}<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'{_HEAD}<workbook xmlns="{_NS}/spreadsheetml/2006/main" xmlns:r="{_RELATIONS}">'
        '<workbookPr filterPrivacy="true"/><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets>'
        "</workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_HEAD}<Relationships xmlns="{_NS}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/>'
        f'<Relationship Id="rId3" Type="{_RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": _HEAD + _STYLES,
}
