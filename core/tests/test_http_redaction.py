"""Redaction: known secrets in every form, and what merely looks like one."""

import base64
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.redaction import MASK, QUOTE_LENGTH, Redactor, quote, redact, register_secrets

SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=6, max_size=30).filter(
    lambda s: s not in MASK and len(set(s)) > 3
)


@given(SECRETS)
def test_a_known_secret_disappears_in_every_form(secret: str) -> None:
    redactor = Redactor([secret])
    forms = [
        secret,
        urllib.parse.quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode(),
        base64.urlsafe_b64encode(secret.encode()).decode(),
    ]
    for form in forms:
        assert form not in redactor(f"before <{form}> after")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abcdef123456",
        '{"token": "hunter22"}',
        "https://x.example/?api_key=hunter22&page=1",
        "https://user:hunter22@x.example/",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlaGVyZQ",
        "password=hunter22",
        "https://x.example/?key=hunter22",
        "X-Token: hunter22",
        "client_secret: 'hunter22'",
        "https://store.example/f?X-Amz-Signature=hunter22",
    ],
)
def test_what_looks_like_a_credential_disappears(text: str) -> None:
    shown = Redactor()(text)

    assert MASK in shown
    assert "hunter22" not in shown
    assert "abcdef123456" not in shown
    assert "c2lnbmF0" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "page=2&limit=10",
        "the tokens are counted",
        "basic information",
        "bearer instruments",
        "record key=42",
        "https://x.example:8080/a",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert Redactor()(text) == text


def test_redacting_twice_changes_nothing_more() -> None:
    once = Redactor()("token=hunter22 Bearer abcdefghijk")
    assert Redactor()(once) == once


def test_a_secret_that_contains_another_goes_whole() -> None:
    assert Redactor(["hunter", "hunter22"])("<hunter22>") == f"<{MASK}>"


def test_very_short_secrets_do_not_blank_out_words() -> None:
    assert Redactor(["a", ""])("a banana") == "a banana"


def test_quoted_bodies_are_redacted_first_and_cut_after() -> None:
    register_secrets("a-secret-at-the-cut")
    shown = quote("x" * (QUOTE_LENGTH - 5) + "a-secret-at-the-cut" + "y" * 500)

    assert len(shown) == QUOTE_LENGTH + 3
    assert "a-sec" not in shown
    assert quote("two\n lines") == "two lines"


def test_what_one_module_registers_every_module_redacts() -> None:
    register_secrets("registered-elsewhere")
    register_secrets("registered-elsewhere")

    assert redact("<registered-elsewhere>") == f"<{MASK}>"
