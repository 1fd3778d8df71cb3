"""Keeps secrets out of every text that leaves the process: logs, errors, reports.

Two nets: every secret that this process has resolved is known by value (also URL-encoded and in
base64), and whatever looks like a credential is replaced even if nobody registered it.
"""

import base64
import html
import json
import re
import threading
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Final

MASK: Final = "[secret]"
QUOTE_LENGTH: Final = 300  # characters of a body that a message may quote
_SHORTEST: Final = 4  # a shorter "secret" would blank out ordinary words
_SURE: Final = 8  # signs of base64 that do not occur by chance
_QUOTINGS: Final = (urllib.parse.quote, urllib.parse.quote_plus)

_NAMES = (
    r"(?:access|refresh|id|auth|session|csrf|preshared|bot|x)?[-_]?token|api[-_]?key|apikey"
    r"|client[-_]?secret|secret|password|passwd|pwd|authorization|signature|x-amz-[a-z-]*"
    r"|credentials?|private[-_]?key|session[-_]?id"
)
_SHAPES: Final = (
    # header.payload.signature in base64url, as JSON Web Tokens are
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"), MASK),
    # a word after these is taken for a credential only if no plain word looks like it
    (
        re.compile(r"\b((?i:bearer|basic|token)\s+)(?=[\w.~+/=-]*[0-9A-Z_=])[\w.~+/=-]{8,}"),
        rf"\1{MASK}",
    ),
    (re.compile(r"([?&]key=)(?!\[secret\])[^\s\"'&]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(://[^/\s:@]*:)[^/\s@]+(@)"), rf"\1{MASK}\2"),
    # name=value, name: value and "name": "value"
    (
        re.compile(
            rf"(?<![A-Za-z0-9])((?:{_NAMES})[\"']?\s*[=:]\s*[\"']?)"
            r"(?!\[secret\]|bearer |basic )[^\s\"'&,;}\]]+",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
)


_CREDENTIAL_HEADERS: Final = frozenset(
    {"authorization", "proxy-authorization", "cookie", "auth", "x-token", "x-api-key", "api-key"}
)


def credentials_in(headers: Mapping[str, str]) -> list[str]:
    """The values of credential headers, and what follows the word `Bearer` or the like in them."""
    values = [value for name, value in headers.items() if name.lower() in _CREDENTIAL_HEADERS]
    return [*values, *(value.split(" ", 1)[1] for value in values if " " in value)]


class Redactor:
    """Replaces secrets in text. May be shared by threads; secrets can only be added."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._known: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn secrets. Those under 4 characters are ignored: they would blank out ordinary words."""
        forms = {form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)}
        with self._lock:
            if forms <= self._known:
                return
            self._known |= forms
            longest_first = sorted(self._known, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """`text` without secrets."""
        pattern = self._pattern
        if pattern is not None:
            text = pattern.sub(MASK, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text

    def quote(self, text: str, length: int = QUOTE_LENGTH) -> str:
        """`text` without secrets, on one line, cut at `length` characters: for use in a message."""
        line = " ".join(self(text).split())
        return line if len(line) <= length else line[:length] + "..."


def _forms(secret: str) -> set[str]:
    """How the secret may stand in a text: as it is, in an address, in JSON, in HTML, in base64."""
    raw = secret.encode(errors="surrogatepass")
    quoted = {quoting(secret, safe=safe, errors="replace") for quoting in _QUOTINGS for safe in ("", "/")}
    lower = {re.sub("%..", lambda found: found[0].lower(), form) for form in quoted}
    escaped = {json.dumps(secret, ensure_ascii=ascii_only)[1:-1] for ascii_only in (True, False)}
    shown = {html.escape(secret), html.escape(secret, quote=False), repr(secret)[1:-1]}
    jinja = html.escape(secret).replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    return {secret, jinja, *quoted, *lower, *escaped, *shown, *_in_base64(raw)}


def _in_base64(raw: bytes) -> set[str]:
    """Alone, and as the part of a longer text (`user:secret`) at each of the three places it can begin at."""
    forms = set()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        alone = encode(raw).decode()
        forms |= {alone, alone.rstrip("=")}
        for before in (1, 2):
            # The signs at both ends hold bits of the neighbours too.
            whole = encode(bytes(before) + raw).decode().rstrip("=")
            inner = whole[before + 1 : (before + len(raw)) * 8 // 6]
            forms |= {inner} if len(inner) >= _SURE else set()
        inner = alone[: len(raw) * 8 // 6]
        forms |= {inner} if len(inner) >= _SURE else set()
    return forms


REDACTOR: Final = Redactor()
"""The process-wide one: settings and clients add what they learn, logs and errors use it."""


def register_secrets(*secrets: str) -> None:
    """Make secrets known to the process-wide redactor."""
    REDACTOR.add(*secrets)


def redact(text: str) -> str:
    """`text` without any secret that this process knows or that looks like one."""
    return REDACTOR(text)


def quote(text: str, length: int = QUOTE_LENGTH) -> str:
    """`text` redacted, on one line and cut: for quoting a body in a message."""
    return REDACTOR.quote(text, length)
