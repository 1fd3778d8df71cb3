"""HTML reduced to what it says and shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.markup import content


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("plain text", "<p>plain text</p>"),
        ("a<br/>b", "<p>a</p><p>b</p>"),
        ("<div><p>n</p>text</div>", "<p>n</p>text"),
        ("<p style='color:red'>x</p>", "<p>x</p>"),
        ("<html><head><title>t</title></head><body><p>b</p></body></html>", "<p>b</p>"),
        ("<!-- c --><p>d&nbsp;e</p>", "<p>d\u00a0e</p>"),
        ("<em>a</em>", "<i>a</i>"),
        ("<a href='http://x.test/?a=1&b=%20c'>l</a>", '<a href="http://x.test/?a=1&amp;b= c">l</a>'),
        ("<hr><p>x</p>", "<hr/>x"),
    ],
)
def test_markup_written_in_another_way_says_the_same(one: str, other: str) -> None:
    assert content(one) == content(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"),
        ("a b", "a<br>b"),
        ("<b>a</b>", "a"),
        ("<ul><li>a</li><li>b</li></ul>", "<p>a</p><p>b</p>"),
        ("<a href='http://x.test'>l</a>", "l"),
        ("x<script>a()</script>", "x"),
        ("<img src='http://x.test/1.png'>", ""),
    ],
)
def test_what_was_lost_shows(one: str, other: str) -> None:
    assert content(one) != content(other)


@pytest.mark.parametrize(
    "active",
    [
        "x<script>a()</script>",
        "<style>p{}</style>x",
        "<iframe src='http://y.test'></iframe>x",
        "<form><input name='a'>x</form>",
        "<svg><circle/></svg>x",
        "<meta charset='utf-8'>x",
    ],
)
def test_without_what_acts_the_rest_stays(active: str) -> None:
    assert content(active, passive=True) == content("x")


def test_an_unsafe_link_leads_nowhere_once_it_is_passive() -> None:
    unsafe, mail = "<a href='javascript:a()'>l</a>", "<a href='mailto:a@b.test'>l</a>"
    assert content(unsafe, passive=True) == content("<a href=''>l</a>")
    assert content(mail, passive=True) == content(mail)


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    assert all(token and all(isinstance(part, str) for part in token) for token in content(text))
