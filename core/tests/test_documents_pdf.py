"""A page as blocks and as a PDF: the same words, whatever they are, and nothing from anywhere."""

import io
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from crossdock.documents.blocks import blocks_of
from crossdock.documents.filing import file_pdf
from crossdock.documents.page import render
from crossdock.documents.pdf import pdf_of
from crossdock.errors import ConfigError, StorageError

PAGE = (
    "<html><body><header><h1>{title}</h1><div class='lead'>Lead <b>line</b></div></header>"
    "<main>{main}</main><footer>Foot</footer></body></html>"
)


def blocks(main: str) -> list:
    return blocks_of(PAGE.format(title="T", main=main))["blocks"]


def words_of(pdf: bytes) -> str:
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    return re.sub(r"\s+", " ", text.replace("\u200b", ""))


def plain(text: str, look: str = "") -> dict:
    return {"text": text, "look": look}


def test_title_lead_and_foot_are_the_pages_own():
    page = blocks_of(PAGE.format(title="Отчёт", main=""))
    assert (page["title"], page["foot"]) == ("Отчёт", "Foot")
    assert page["lead"] == [plain("Lead "), plain("line", "strong")]


def test_a_paragraph_keeps_its_words_and_looks():
    [block] = blocks('<p class="note">See  <code>a.csv</code>\n and <span class="bad">this</span>.</p>')
    assert (block["kind"], block["look"]) == ("text", "note")
    assert block["spans"] == [
        plain("See "),
        plain("a.csv", "code"),
        plain(" and "),
        plain("this", "bad"),
        plain("."),
    ]


def test_a_table_has_its_head_its_numbers_and_its_sum():
    [table] = blocks(
        "<div class='scroll'><table><caption>C</caption><thead><tr><th>a</th><th class='number'>n</th></tr>"
        "</thead><tbody><tr><td>x<br>y</td><td>1</td></tr><tr class='total'><td>all</td><td>1</td></tr>"
        "</tbody></table></div>"
    )
    assert (table["caption"], table["numeric"], table["total"]) == ("C", [1], True)
    assert table["head"] == [[plain("a")], [plain("n")]]
    assert table["rows"][0] == [[plain("x"), plain("\n"), plain("y")], [plain("1")]]
    assert len(table["widths"]) == 2


def test_boxes_bars_pairs_cards_and_lists_are_told_apart():
    found = blocks(
        "<dl class='figures'><div><dt>L</dt><dd>5<small>of 6</small></dd></div></dl>"
        "<div class='bars'><span>B</span><span class='bar'><i style='width:25.0%'></i></span>"
        "<span>1</span></div>"
        "<dl><dt>by</dt><dd>Anna</dd></dl>"
        "<div class='card'><h3>H</h3></div><ol><li>one</li><li><p>two</p></li></ol>"
    )
    assert [block["kind"] for block in found] == ["figures", "bars", "pairs", "card", "list"]
    assert found[0]["items"] == [["L", "5", "of 6"]]
    assert found[1]["rows"] == [["B", 0.25, "1"]]
    assert found[2]["rows"][0][0] == "by"
    assert found[3]["blocks"][0]["kind"] == "heading"
    assert len(found[4]["items"]) == 2


def test_links_to_click_on_are_left_out_of_print():
    assert blocks("<nav><ul><li><a href='#x'>X</a></li></ul></nav>") == []


def test_a_long_word_may_be_broken_where_it_can_be_read_on():
    [block] = blocks("<p>handoff/main/boms/a-very-long-name-of-a-file.json</p>")
    text = block["spans"][0]["text"]
    assert text.replace("\u200b", "") == "handoff/main/boms/a-very-long-name-of-a-file.json"
    assert max(map(len, text.split("\u200b"))) <= 25


@given(
    st.lists(
        st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), min_size=1), min_size=1, max_size=4
    )
)
def test_no_word_is_lost_on_the_way_into_blocks(words):
    from markupsafe import escape

    [block] = blocks("<p>.</p>" + "".join(f"<p>x{escape(word)}</p>" for word in words))[:1]
    assert block["spans"] == [plain(".")]
    found = blocks("".join(f"<p>x{escape(word)}</p>" for word in words))
    texts = ["".join(span["text"] for span in each["spans"]).replace("\u200b", "") for each in found]
    assert texts == [re.sub(r"[ \t\r\n]+", " ", f"x{word}").rstrip(" ") for word in words]


@pytest.mark.parametrize(
    "text", ["Передача «ёлка»", "*not bold* _x_ #let $1$ <a> @b `c` \\d //e", "Ελληνικά"]
)
def test_what_a_pdf_is_given_is_text_and_never_markup(text):
    from markupsafe import escape

    pdf = pdf_of(
        PAGE.format(
            title=escape(text), main=f"<table><tbody><tr><td>{escape(text)}</td></tr></tbody></table>"
        )
    )
    assert words_of(pdf).count(text) >= 2


def test_the_same_page_gives_the_same_pdf():
    html = PAGE.format(title="T", main="<p>text</p>")
    assert pdf_of(html) == pdf_of(html)


def test_a_pdf_stands_beside_its_page_for_this_user_alone(tmp_path):
    page = tmp_path / "toy.html"
    page.write_text(PAGE.format(title="T", main="<p>text</p>"))
    path = file_pdf(page)
    assert (path.name, path.stat().st_mode & 0o777) == ("toy.pdf", 0o600)
    assert "text" in words_of(path.read_bytes())


def test_a_page_that_is_gone_is_named(tmp_path):
    with pytest.raises(StorageError, match=r"toy\.html"):
        file_pdf(tmp_path / "toy.html")


def test_without_the_extra_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ConfigError, match=r"crossdock\[reports\]"):
        pdf_of(PAGE.format(title="T", main=""))


def test_a_checklist_is_printed_as_it_is_shown():
    steps = [{"title": "Freeze", "state": "passed", "note": "", "at": "", "by": "Anna", "run": ""}]
    data = {"project": "acme", "destination": "toy", "started": "2026-03-01T09:30:00+00:00", "done": False}
    html = render("cutover.html", {**data, "steps": steps, "sheet": ""})
    text = words_of(pdf_of(html))
    assert "Cutover of acme" in text
    assert "1. Freeze: passed" in text
