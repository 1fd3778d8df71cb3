"""What of a configuration may be written down: no secret, and no text of a script.

Scripts of real exports hold hosts and tokens in plain text, so of a script only its size is told.
"""

import re
from collections.abc import Mapping
from typing import Any

MASK = "[secret]"
# Whole names, and what a name holds anywhere once its separators are gone.
_KEYS = frozenset({"security", "securitysettings"})
_PARTS = re.compile(
    r"password|passwd|passphrase|credential|authorization|парол"
    r"|(?:api|access|private|secret|auth|signing|encryption|ssh)key|connectionstring"
)
# A word of its own, or the end of one: `clientsecret` is secret, a `secretary` is not.
_WORDS = re.compile(r"\w*(?:secrets?|tokens?)|pwd|cookie|токен|секрет")
_SPLIT = re.compile(r"[A-ZА-ЯЁ]+(?![a-zа-яё])|[A-ZА-ЯЁ]?[a-zа-яё]+")
_SCRIPTS = frozenset({"script", "scripts", "clientscripts", "serverscripts", "scripttext", "source_code"})
_NAMING = ("name", "key", "code", "header")
_SHAPES = (
    re.compile(r"\b(?:bearer|basic|token)\s+[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*"),
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(
        r"(?<=[?&])(?:\w*token|(?:api|access)_?key|key|\w*password|\w*secret)=[^\s&\"']+", re.IGNORECASE
    ),
    re.compile(
        r"\b(?:\w*token|(?:api|access)[-_]?key|\w*password|\w*passwd|\w*secret)\s*[=:]\s*[^\s,;&\"']+",
        re.IGNORECASE,
    ),
)


def without_secrets(value: Any) -> Any:
    """`value` without what stands under a key that names a secret, at any depth.

    In a pair such as {name: "Authorization", value: ...} the value goes.
    """
    if isinstance(value, Mapping):
        named = any(isinstance(value.get(key), str) and _is_secret(value[key]) for key in _NAMING)
        return {
            key: MASK if named and key == "value" else without_secrets(inner)
            for key, inner in value.items()
            if not _is_secret(str(key))
        }
    return [without_secrets(inner) for inner in value] if isinstance(value, list) else value


def publishable(value: Any) -> Any:
    """`value` as it may be written into a file for people: scripts by their size, credentials masked."""
    if isinstance(value, Mapping):
        return {
            key: f"[script of {script_lines(inner)} lines left out]"
            if str(key).lower() in _SCRIPTS and isinstance(inner, str) and inner
            else publishable(inner)
            for key, inner in without_secrets(value).items()
        }
    if isinstance(value, list):
        return [publishable(inner) for inner in value]
    return plain(value) if isinstance(value, str) else value


def plain(text: str) -> str:
    """`text` with whatever looks like a credential masked."""
    for shape in _SHAPES:
        text = shape.sub(MASK, text)
    return text


def script_lines(text: Any) -> int:
    """The number of lines of a script that hold something."""
    return sum(1 for line in str(text or "").splitlines() if line.strip())


def _is_secret(name: str) -> bool:
    """By the words of a name in any spelling: smtpPassword, X-Api-Key, access_token; not key or keyboard."""
    words = [word.lower() for word in _SPLIT.findall(name)]
    joined = "".join(words)
    return joined in _KEYS or bool(_PARTS.search(joined)) or any(map(_WORDS.fullmatch, words))
