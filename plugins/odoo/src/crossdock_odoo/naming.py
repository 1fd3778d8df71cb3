"""From a wanted label or name to a name that Odoo takes. Pure: the same input gives the same names.

Names of custom models and fields begin with `x_` and hold lower-case letters, digits and underscores
(measured on 18.0: a model with a capital letter is refused; a field with one is taken, and avoided here).
63 characters is the database's limit for tables and columns, and the server refuses longer ones (measured).
The limits here are smaller: an index is named after its table and its column, and up to 16 the database
cuts that name (documented), so that an indexed column of a long table meets the table itself.

An option may be any text (measured), so it is kept. Two options that differ in case alone are one for a
load, which compares without it (measured), and an index over the values takes no more than 2,700 bytes.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.model import Option
from crossdock_odoo.objects import KEY_FIELD

Kind = Literal["object", "field"]

PREFIX = "x_"
NAME_FIELD = "x_name"
ACTIVE_FIELD = "x_active"

AUTOMATIC = frozenset({NAME_FIELD, ACTIVE_FIELD, KEY_FIELD})
"""Fields that every provisioned model gets by itself; none of them takes a copied field."""

LIMITS: dict[str, int] = {"object": 40, "field": 50}
OPTION_LIMIT = 255
LONGEST_IDENTIFIER = 63  # of the database

_NAME = re.compile(r"x_[a-z0-9][a-z0-9_]*")
_WORDS = re.compile(r"[A-Za-z0-9]+")
_DIGEST = 6

# Letters that Unicode does not take apart.
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
# GOST 7.79 system B in spirit, with the apostrophes left out; Ukrainian, Belarusian and Kazakh letters added.
_CYRILLIC = dict(
    zip("абвгдезийклмнопрстуфыэіґўәғқңөұүһ", "abvgdeziyklmnoprstufyeiguagknouuh", strict=True)
) | {
    "ё": "yo",
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "є": "ye",
    "ї": "yi",
}
_LETTERS = _CYRILLIC | _LATIN


@dataclass(frozen=True, slots=True)
class Naming:
    """A wanted name and the name it gets; `reason` is "" when they are equal."""

    wanted: str
    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OptionNaming:
    """A wanted option and the option it becomes; `reason` is "" when value and label are unchanged."""

    wanted: Option
    option: Option
    reason: str = ""


def transliterate(text: str) -> str:
    """ASCII for Latin letters with marks and for Cyrillic; anything else becomes a space."""
    out: list[str] = []
    for char in unicodedata.normalize("NFC", text):
        small = _LETTERS.get(char.lower())
        if small is None:
            plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
            out.append(plain if plain or unicodedata.combining(char) else " ")
        else:
            out.append(small.capitalize() if char != char.lower() else small)
    return "".join(out)


def is_legal(name: str, kind: Kind = "field") -> bool:
    """Whether the name can be given to something new as it is. Longer ones than `LIMITS` may exist."""
    return _NAME.fullmatch(name) is not None and len(name) <= LIMITS[kind]


def names_for(
    wanted: Sequence[str], *, kind: Kind = "field", taken: Collection[str] = ()
) -> tuple[Naming, ...]:
    """One legal name for each wanted label or name, in order, all different and none in `taken`.

    A wanted name that is legal and free is kept as it is. The result depends on nothing else, so that a
    mapping and provision come to the same names.
    """
    used, result = set(taken), []
    for text in wanted:
        naming = _name_for(text, kind, used)
        used.add(naming.name)
        result.append(naming)
    return tuple(result)


def name_for(wanted: str, *, kind: Kind = "field", taken: Collection[str] = ()) -> Naming:
    """`names_for` for one."""
    return names_for([wanted], kind=kind, taken=taken)[0]


def options_for(options: Sequence[Option], *, taken: Collection[str] = ()) -> tuple[OptionNaming, ...]:
    """One option that Odoo takes for each wanted one, in order, all told apart without case."""
    used, result = {value.lower() for value in taken}, []
    for wanted in options:
        value, reason = _option_value(wanted, used)
        used.add(value.lower())
        label = _clean(wanted.label or wanted.value) or value
        result.append(OptionNaming(wanted, Option(value, label), reason))
    return tuple(result)


def relation_table(model: str, field: str) -> str:
    """The table of a many2many field.

    The server's own default is one table for each pair of models, which two such fields of one model
    share with all they hold (measured on 18.0).
    """
    return cut(f"{model.replace('.', '_')}_{field}_rel", LONGEST_IDENTIFIER)


def currency_field(name: str) -> str:
    """The field that holds the currency of a monetary field."""
    return cut(f"{name}_currency", LONGEST_IDENTIFIER)


def cut(name: str, limit: int) -> str:
    """The name, or its beginning and a digest of it."""
    return name if len(name) <= limit else name[: limit - _DIGEST] + _digest(name)


def option_naming(wanted: str, taken: Collection[str] = ()) -> str:
    """The value that a wanted option gets."""
    return options_for([Option(wanted)], taken=taken)[0].option.value


def _name_for(text: str, kind: Kind, used: Collection[str]) -> Naming:
    limit, reasons = LIMITS[kind], []
    name = text
    if not _NAME.fullmatch(text):
        name = _snake(text, kind)
        reasons.append("names begin with x_ and hold lower-case Latin letters, digits and underscores")
    if len(name) > limit:
        name = name[: limit - _DIGEST] + _digest(text)
        reasons.append(f"it is longer than {limit} characters")
    if name in used:
        name = _numbered(name, used, limit)
        reasons.append("the name is taken")
    reason = f"renamed from {text!r} because " + " and ".join(reasons) if name != text else ""
    return Naming(text, name, reason)


def _snake(text: str, kind: Kind) -> str:
    words = _WORDS.findall(transliterate(_parted(text.removeprefix(PREFIX))))
    return PREFIX + "_".join(words or [kind, _digest(text)]).lower()


def _parted(text: str) -> str:
    """A space where a capital begins another word: `annualRevenue`, `TZКлиента`."""
    out = []
    for before, char, after in zip(" " + text, text, text[1:] + " ", strict=False):
        begins = char.isupper() and (before.islower() or (before.isupper() and after.islower()))
        out.append(" " + char if begins else char)
    return "".join(out)


def _option_value(option: Option, used: Collection[str]) -> tuple[str, str]:
    wanted, reasons = option.value or option.label, []
    value = _clean(wanted)
    if not value.strip():
        value = "option_" + _digest(wanted)
        reasons.append("it is empty")
    elif value != wanted:
        reasons.append(f"a value has no NUL and at most {OPTION_LIMIT} characters")
    if value.lower() in used:
        value = _numbered(value, used, OPTION_LIMIT, separator=" ")
        reasons.append("the value is taken, be it in other case")
    return value, f"renamed from {wanted!r} because " + " and ".join(reasons) if reasons else ""


def _clean(text: str) -> str:
    text = text.replace("\x00", "")
    return text if len(text) <= OPTION_LIMIT else text[: OPTION_LIMIT - _DIGEST] + _digest(text)


def _numbered(name: str, used: Collection[str], limit: int, separator: str = "_") -> str:
    number = 2
    while True:
        tail = f"{separator}{number}"
        candidate = name[: limit - len(tail)] + tail
        if candidate.lower() not in used:
            return candidate
        number += 1


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
