"""The files that pages need: htmx as its authors published it, or none."""

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from crossdock.ui import scripts


@pytest.fixture(autouse=True)
def _read_anew():
    scripts.htmx.cache_clear()
    yield
    scripts.htmx.cache_clear()


def asked(name: str) -> Request:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "path_params": {"name": name}}
    return Request(scope | {"app": Starlette()})


def test_htmx_is_served_as_its_authors_published_it():
    answer = scripts.script(asked(scripts.HTMX))
    assert (answer.status_code, answer.media_type) == (200, "text/javascript")
    assert b"htmx" in answer.body


@pytest.mark.parametrize(
    ("word", "value"), [("_DIGEST", "of another release"), ("_PACKAGE", "not-installed")]
)
def test_another_htmx_or_none_is_not_served(monkeypatch, word, value):
    monkeypatch.setattr(scripts, word, value)
    assert scripts.script(asked(scripts.HTMX)).status_code == 404


@pytest.mark.parametrize("name", ["page.css", "ui.css", "icon.svg"])
def test_styles_and_the_icon_are_served(name):
    assert scripts.style(asked(name)).status_code == 200


@pytest.mark.parametrize("name", ["other.css", "../guard.py", "keys.py"])
def test_nothing_else_is_served(name):
    assert scripts.style(asked(name)).status_code == 404
    assert scripts.script(asked(name)).status_code == 404


def test_our_own_script_is_served():
    assert b"Escape" in scripts.script(asked("keys.js")).body
