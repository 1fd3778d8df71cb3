"""Word templates: both syntaxes, wherever they stand, and files that do harm."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx.oxml.parser import parse_xml
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType as T
from crossdock_ascora.sandbox.demoforms import check_box, drop_down, simple_field, split_field
from crossdock_ascora.wordforms import FormCode, FormLibrary
from crossdock_ascora.wordforms.codes import paragraph_text, sightings

Build = Callable[[Any], None]
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TEXT_BOX = f"""
<w:r {W} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
 xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"
 xmlns:v="urn:schemas-microsoft-com:vml"><mc:AlternateContent>
 <mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>{{BoxCode}}</w:t></w:r></w:p>
 </w:txbxContent></wps:txbx></w:drawing></mc:Choice>
 <mc:Fallback><w:pict>
 <v:shape alt="FallbackOnly"><v:textbox><w:txbxContent><w:p><w:r><w:t>{{BoxCode}}</w:t></w:r>
 </w:p></w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r>"""
PICTURE = f"""
<w:r {W} xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><w:drawing><wp:inline>
<wp:docPr id="1" name="Picture 1" descr="{{CustomerSignature}}"/></wp:inline></w:drawing></w:r>"""


def codes(*paths: Path) -> dict[str, FormCode]:
    return {code.code: code for code in FormLibrary(paths).codes}


def test_merge_fields_are_found_whole_split_quoted_and_nested(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        made.add_paragraph()._p.append(simple_field("JobNumber"))
        split_field(made.add_paragraph()._p, " MERGE", 'FIELD "Project Sign', ' Off By" \\* MERGEFORMAT ')
        condition = made.add_paragraph()._p
        for kind, text in (
            ("begin", " IF "),
            ("begin", " MERGEFIELD Inner "),
            ("end", ""),
            ("", ' = 1 "a" '),
            ("end", ""),
        ):
            if kind:
                condition.append(parse_xml(f'<w:r {W}><w:fldChar w:fldCharType="{kind}"/></w:r>'))
            if text:
                quoted = text.replace('"', "&quot;")
                condition.append(parse_xml(f"<w:r {W}><w:instrText>{quoted}</w:instrText></w:r>"))

    found = codes(document("card.docx", build))

    assert {c: f.control for c, f in found.items()} == dict.fromkeys(
        ("JobNumber", "Project Sign Off By", "Inner"), "merge field"
    )
    assert found["JobNumber"].group == "standard"
    assert found["Project Sign Off By"].group == "custom"


def test_regions_are_no_fields(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        for name in ("TableStart:Supply", "TableEnd:Supply"):
            made.add_paragraph()._p.append(simple_field(name))

    library = FormLibrary([document("card.docx", build)])

    assert [code.group for code in library.codes] == ["region", "region"]
    assert list(library.fields()) == []


def test_headers_footers_and_text_boxes_are_read_once_each(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        made.sections[0].header.paragraphs[0].add_run("{HeaderCode}")
        made.sections[0].footer.paragraphs[0]._p.append(simple_field("FooterField"))
        made.add_paragraph("Around the box")._p.append(parse_xml(TEXT_BOX))

    found = codes(document("form.docx", build))

    assert found["HeaderCode"].places == ("form.docx (header)",)
    assert found["FooterField"].places == ("form.docx (footer)",)
    assert found["BoxCode"].places == ("form.docx",)
    assert "FallbackOnly" not in found


def test_a_code_in_pieces_is_one_code(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        paragraph = made.add_paragraph("Signed by ")
        for piece in ("{", "Project", " Sign Off", " By", "} on {Date"):
            paragraph.add_run(piece)
        paragraph.add_run("Signed}")

    assert set(codes(document("form.docx", build))) == {"Project Sign Off By", "DateSigned"}


@given(st.text("abc XYZ", min_size=1, max_size=12).filter(lambda t: t.strip() == t), st.data())
def test_wherever_a_code_is_cut_it_is_found(code: str, data: st.DataObject) -> None:
    text = f"Before {{{code}}} after"
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    runs = "".join(f'<w:r><w:t xml:space="preserve">{piece}</w:t></w:r>' for piece in pieces)
    body = parse_xml(f"<w:body {W}><w:p>{runs}</w:p></w:body>")

    assert paragraph_text(body[0]) == text
    assert [one.code for one in sightings(body)] == [code]


def test_check_boxes_with_a_common_prefix_are_one_question(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        for tag in ("pcon_Warning signs", "pcon_Barricades", "Isolated", "lone_Option"):
            made.add_paragraph()._p.append(check_box(tag))

    found = codes(document("form.docx", build))

    assert (found["pcon"].type, found["pcon"].multiple) == (T.SELECT, True)
    assert found["pcon"].options == ("Warning signs", "Barricades")
    assert found["Isolated"].type is T.BOOLEAN
    assert found["lone_Option"].type is T.BOOLEAN


def test_drop_downs_and_pictures_give_themselves_away(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        made.add_paragraph()._p.append(drop_down("HazardLevel", ("Low", "High")))
        made.add_paragraph()._p.append(parse_xml(PICTURE))

    library = FormLibrary([document("form.docx", build)])
    found = {code.code: code for code in library.codes}

    assert (found["HazardLevel"].type, found["HazardLevel"].options) == (T.SELECT, ("Low", "High"))
    assert found["CustomerSignature"].group == "picture"
    assert [code.field for code in library.fields()] == ["HazardLevel"]


def test_standard_codes_are_no_custom_fields(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        made.add_paragraph("{JobNumber} {SiteAddressSuburb} {JobCustomerOrder} {Gate Code} {gatecode}")

    library = FormLibrary([document("form.docx", build)])

    assert {code.code: code.group for code in library.codes} == {
        "JobNumber": "standard",
        "SiteAddressSuburb": "standard",
        "JobCustomerOrder": "probably standard",
        "Gate Code": "custom",
        "gatecode": "input",
    }
    assert [code.field for code in library.fields()] == ["Gate Code", "gatecode"]


def test_what_is_in_braces_and_no_code_is_told_apart(document: Callable[[str, Build], Path]) -> None:
    def build(made: Any) -> None:
        made.add_paragraph("{#loop}{/loop} {}")

    assert {code.group for code in FormLibrary([document("form.docx", build)]).codes} == {"unclear"}


def test_one_code_of_several_templates_says_where(document: Callable[[str, Build], Path]) -> None:
    first = document("a.docx", lambda made: made.add_paragraph("{Gate Code}"))
    second = document("b.docx", lambda made: made.add_paragraph("{Gate Code}"))

    assert codes(first, second)["Gate Code"].places == ("a.docx", "b.docx")


def rewritten(path: Path, target: Path, **entries: bytes) -> Path:
    """A copy of a package with more entries."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            if entry.filename not in entries:
                new.writestr(entry, old.read(entry.filename))
        for name, content in entries.items():
            new.writestr(name, content)
    return target


def test_a_bomb_is_refused_before_it_is_unpacked(
    tmp_path: Path, document: Callable[[str, Build], Path]
) -> None:
    plain = document("plain.docx", lambda made: made.add_paragraph("x"))
    bomb = rewritten(plain, tmp_path / "bomb.docx", **{"word/media/big.xml": b"\0" * 30_000_000})

    with pytest.raises(ConfigError, match="a trap"):
        codes(bomb)


def test_macros_are_refused(tmp_path: Path, document: Callable[[str, Build], Path]) -> None:
    plain = document("plain.docx", lambda made: made.add_paragraph("x"))
    macro = rewritten(plain, tmp_path / "macro.docx", **{"word/vbaProject.bin": b"code"})

    with pytest.raises(ConfigError, match="holds macros"):
        codes(macro)


def test_a_document_type_is_refused(tmp_path: Path, document: Callable[[str, Build], Path]) -> None:
    plain = document("plain.docx", lambda made: made.add_paragraph("x"))
    with zipfile.ZipFile(plain) as archive:
        text = archive.read("word/document.xml")
    laughs = text.replace(b"?>", b'?><!DOCTYPE w [<!ENTITY a "ha">]>', 1)
    hostile = rewritten(plain, tmp_path / "hostile.docx", **{"word/document.xml": laughs})

    with pytest.raises(ConfigError, match="document type"):
        codes(hostile)


def spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500, "protected by a password, or an old .doc"),
        (b"not a document", "no Word document"),
        (b"", "no Word document"),
        (spreadsheet(), "it has no text"),
    ],
)
def test_a_file_that_is_no_template_says_what_it_is(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "form.docx"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=said):
        codes(path)


def test_a_pattern_that_names_nothing_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        codes(tmp_path / "*.docx")
