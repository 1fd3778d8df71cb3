"""Word templates of the demo tenant: a job card with merge fields, a safety form with codes."""

from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.parser import parse_xml

_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)


def write_forms(folder: Path) -> None:
    """Write both templates."""
    folder.mkdir(parents=True, exist_ok=True)
    _job_card(folder / "Job Card.docx")
    _safety_form(folder / "Site safety form.docx")


def _job_card(path: Path) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0]._p.append(simple_field("CompanyName"))
    for name in ("GroupStart:Job", "JobNumber", "JobDescription"):
        document.add_paragraph()._p.append(simple_field(name))
    split_field(document.add_paragraph()._p, ' MERGEFIELD "Roof', ' Type" \\* MERGEFORMAT ')
    for name in ("TableStart:Supply", "TableEnd:Supply", "GroupEnd:Job"):
        document.add_paragraph()._p.append(simple_field(name))
    document.save(str(path))


def _safety_form(path: Path) -> None:
    document = Document()
    document.sections[0].footer.paragraphs[0].add_run("Form of {SiteCustomerName}")
    sign_off = document.add_paragraph("Signed off by ")
    for piece in ("{", "Project Sign", " Off By", "}"):
        sign_off.add_run(piece)
    document.add_paragraph("Meter reading: {MeterReading}  Job {JobNumber}")
    for option in ("Warning signs", "Barricades", "Spotter"):
        document.add_paragraph(option)._p.append(check_box(f"pcon_{option}"))
    document.add_paragraph("Isolated")._p.append(check_box("Isolated"))
    document.add_paragraph("Hazard")._p.append(drop_down("HazardLevel", ("Low", "Medium", "High")))
    document.save(str(path))


def simple_field(name: str) -> Any:
    """A merge field in one element."""
    return parse_xml(
        f'<w:fldSimple {_NS} w:instr=" MERGEFIELD {name} \\* MERGEFORMAT ">'
        f"<w:r><w:t>«{name}»</w:t></w:r></w:fldSimple>"
    )


def split_field(paragraph: Any, *pieces: str) -> None:
    """A merge field whose instruction stands in several runs."""
    paragraph.append(_char("begin"))
    for piece in pieces:
        text = piece.replace('"', "&quot;")
        paragraph.append(
            parse_xml(f'<w:r {_NS}><w:instrText xml:space="preserve">{text}</w:instrText></w:r>')
        )
    for kind in ("separate", "end"):
        paragraph.append(_char(kind))


def _char(kind: str) -> Any:
    return parse_xml(f'<w:r {_NS}><w:fldChar w:fldCharType="{kind}"/></w:r>')


def check_box(tag: str) -> Any:
    """A check-box control with its code as the tag."""
    return parse_xml(
        f'<w:sdt {_NS}><w:sdtPr><w:tag w:val="{tag}"/><w14:checkbox><w14:checked w14:val="0"/></w14:checkbox>'
        "</w:sdtPr><w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt>"
    )


def drop_down(tag: str, items: tuple[str, ...]) -> Any:
    """A drop-down control."""
    listed = "".join(f'<w:listItem w:displayText="{item}" w:value="{item}"/>' for item in items)
    return parse_xml(
        f'<w:sdt {_NS}><w:sdtPr><w:tag w:val="{tag}"/><w:dropDownList>{listed}</w:dropDownList></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>Choose</w:t></w:r></w:sdtContent></w:sdt>"
    )
