"""Pages: what a template may count on, and what must never be in one."""

import builtins
import re
import stat
import subprocess
import sys

import pytest

from crossdock.documents import page
from crossdock.documents.figures import amount, moment, portion, size, span
from crossdock.documents.page import render, write_page
from crossdock.errors import ConfigError, StorageError
from crossdock.redaction import register_secrets

PAGE = """{% extends "base.html" %}{% import "parts.html" as parts %}
{% block title %}{{ title }}{% endblock %}{% block lead %}A page{% endblock %}
{% block body %}
{{ parts.table(["name", "records"], rows, numeric=[1], total=true) }}
{{ parts.figures([("Records", "12", "of 13")]) }}
{{ parts.bars([("Firms", 10), ("People", 5), ("Calls", none)]) }}
{{ parts.meter(0.25) }}{{ parts.pairs({"by": "Anna"}) }}{{ parts.verdict(false, "held") }}
{% endblock %}"""


@pytest.fixture
def templates(monkeypatch):
    """A template of the test's own beside those of the package."""
    from jinja2 import ChoiceLoader, DictLoader

    page._environment.cache_clear()
    environment = page._environment()
    own = environment.loader
    assert own is not None
    environment.loader = ChoiceLoader([DictLoader({"toy.html": PAGE}), own])
    yield
    page._environment.cache_clear()


def test_what_a_page_is_given_is_text_and_never_markup(templates):
    html = render("toy.html", {"title": "<script>alert(1)</script>", "rows": [["<b>x</b>", 1]]})
    assert "<script" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_a_page_needs_nothing_from_anywhere(templates):
    html = render("toy.html", {"title": "T", "rows": [["a", 1]]})
    assert not re.search(r"(?:src|href)=\"(?!#)|@import|url\(", html)
    assert "default-src 'none'" in html


def test_numbers_stand_to_the_right_and_the_sum_is_marked(templates):
    html = render("toy.html", {"title": "T", "rows": [["a", 12345], ["sum", 12345]]})
    assert '<td class="number">12\u202f345</td>' in html
    assert html.count('<tr class="total">') == 1


def test_a_bar_is_as_long_as_its_share_of_the_largest(templates):
    html = render("toy.html", {"title": "T", "rows": []})
    assert re.findall(r"width:([\d.]+)%", html) == ["100.0", "50.0", "25"]


def test_a_name_that_the_data_lacks_is_an_error(templates):
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        render("toy.html", {"title": "T"})


def test_secrets_are_taken_out_of_a_page(templates):
    register_secrets("hidden-4711-secret")
    html = render("toy.html", {"title": "T", "rows": [["hidden-4711-secret", 1]]})
    assert "4711" not in html


def test_a_page_is_written_for_its_user_alone(tmp_path):
    path = write_page(tmp_path / "reports" / "page.html", "<p>Привет</p>")
    assert path.read_text(encoding="utf-8") == "<p>Привет</p>"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_page_that_was_there_is_replaced(tmp_path):
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o644)
    write_page(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o600)


def test_a_page_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "reports").write_text("a file, not a folder")
    with pytest.raises(StorageError, match=r"page\.html"):
        write_page(tmp_path / "reports" / "page.html", "x")


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    original = builtins.__import__

    def without(name, *rest):
        if name == "jinja2":
            raise ImportError(name)
        return original(name, *rest)

    page._environment.cache_clear()
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ConfigError, match=r"crossdock\[reports\]"):
        render("base.html", {})
    page._environment.cache_clear()


@pytest.mark.parametrize(
    ("form", "value", "shown"),
    [
        (amount, 1234567, "1\u202f234\u202f567"),
        (amount, 2.5, "2.5"),
        (amount, None, "?"),
        (amount, "n/a", "n/a"),
        (portion, 0.004, "<1\u202f%"),
        (portion, 0.996, ">99\u202f%"),
        (portion, 1.0, "100\u202f%"),
        (portion, None, "?"),
        (size, 999, "999 bytes"),
        (size, 1_400_000, "1.4 MB"),
        (size, None, "?"),
        (span, 0.2, "1 min"),
        (span, 90.0, "1.5 h"),
        (span, 4320.0, "3.0 days"),
        (span, None, "?"),
        (moment, "2026-03-01T10:30:59+01:00", "2026-03-01 09:30 UTC"),
        (moment, None, ""),
    ],
)
def test_figures_are_written_as_people_read_them(form, value, shown):
    assert form(value) == shown


def test_help_imports_no_templates():
    code = (
        "import sys; from typer.testing import CliRunner; from crossdock.cli import app;"
        "CliRunner().invoke(app, ['handoff', '--help']); sys.exit('jinja2' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
