"""A secret is known again in every way of writing that a platform or a library may choose."""

import base64
import html
import json
import urllib.parse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock import promises
from crossdock.errors import ConfigError, MappingError, RecordError
from crossdock.model import Batch, Origin, Outcome, Receipt, Rejected
from crossdock.redaction import MASK, Redactor, credentials_in, register_secrets

SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=8, max_size=40).filter(
    lambda text: len(set(text)) > 4 and text not in MASK
)
WAYS = {
    "as it is": lambda s: s,
    "in JSON": lambda s: json.dumps(s)[1:-1],
    "in JSON with its own letters": lambda s: json.dumps(s, ensure_ascii=False)[1:-1],
    "in HTML": html.escape,
    "in HTML without quotes": lambda s: html.escape(s, quote=False),
    "in a path": urllib.parse.quote,
    "in a query": urllib.parse.quote_plus,
    "in small hexadecimal digits": lambda s: _small(urllib.parse.quote(s, safe="")),
    "as Python shows it": lambda s: repr(s)[1:-1],
    "in base64": lambda s: base64.b64encode(s.encode()).decode(),
    "in base64 for addresses": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
}


def _small(quoted: str) -> str:
    parts = quoted.split("%")
    return parts[0] + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts[1:])


@pytest.mark.parametrize("way", WAYS)
@given(secret=SECRETS)
def test_a_secret_is_known_again(way: str, secret: str) -> None:
    written = WAYS[way](secret)

    assert written not in Redactor([secret])(f"before <{written}> after")


@given(secret=SECRETS, user=st.text(st.characters(codec="ascii"), max_size=5))
def test_a_secret_is_known_as_a_part_of_what_is_in_base64(secret: str, user: str) -> None:
    written = base64.b64encode(f"{user}:{secret}".encode()).decode()
    inner = written[((len(user) + 1) * 8 + 5) // 6 + 1 : -4]

    shown = Redactor([secret])(f"Header {written}")

    assert len(inner) < 8 or inner not in shown


def test_every_error_is_redacted_as_it_is_made() -> None:
    register_secrets("Kanarie-errors-7f3a9c")
    made = [
        ConfigError("with Kanarie-errors-7f3a9c", hint="and Kanarie-errors-7f3a9c"),
        RecordError("1", ["has Kanarie-errors-7f3a9c"]),
        MappingError("x", problems=["Kanarie-errors-7f3a9c"]),
    ]

    for error in made:
        held = f"{error} {error!r} {error.args} {vars(error)}"
        assert "Kanarie-errors" not in held
        assert MASK in held


def test_reasons_that_a_plugin_gives_are_redacted_before_anybody_keeps_them() -> None:
    register_secrets("Kanarie-reasons-7f3a9c")
    said = ("the platform said Kanarie-reasons-7f3a9c",)
    origin = Origin("main", "things", "1")
    given = Batch((), "c", rejected=(Rejected("things", "2", said),))

    [receipt] = promises.receipts(
        "p", "load", [origin], iter([Receipt(origin, Outcome.REJECTED, reasons=said)])
    )
    [batch] = promises.batches("p", "things", None, iter([given]))

    for reasons in (receipt.reasons, batch.rejected[0].reasons):
        assert reasons == (f"the platform said {MASK}",)


def test_the_headers_that_hold_keys_are_known() -> None:
    headers = {
        "Authorization": "Bearer abcdefgh",
        "Auth": "key-of-ascora",
        "X-Api-Key": "k",
        "Accept": "json",
    }

    assert credentials_in(headers) == ["Bearer abcdefgh", "key-of-ascora", "k", "abcdefgh"]
