"""From a wanted label or name to a name that Twenty takes. Pure: the same input gives the same names.

Rules (measured on 2.21.0): a name is `[a-z][A-Za-z0-9]*`; an option value is upper snake case without
a leading digit; an option label has no comma. 63 characters is the database's limit for a column, and
columns are longer than names: `target<Name>Id` for an object, `<name>PrimaryPhoneCallingCode` for a
field (a PHONES field with a 57-character name fails inside the server's migration). Reserved words are
refused; here they get the suffix "Custom", the one that the server's own message names.
"""

import hashlib
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.model import Option

Kind = Literal["object", "field"]

LIMITS: dict[str, int] = {"object": 55, "field": 40}
OPTION_LIMIT = 63
RESERVED_SUFFIX = "Custom"

# Every object has these, and none of them takes a value of the source.
SYSTEM_FIELDS = frozenset(
    {
        *("id", "updatedAt", "updatedBy", "deletedAt", "position", "searchVector"),
        *("attachments", "noteTargets", "taskTargets", "timelineActivities"),
    }
)

_NAME = re.compile(r"[a-z][A-Za-z0-9]*")
_VALUE = re.compile(r"[A-Z_][A-Z0-9_]*")
_WORDS = re.compile(r"[A-Za-z0-9]+")

# The server's list of reserved metadata names (2.21.0); it is the same for objects and fields.
_RESERVED_WORDS = """
approvedAccessDomain approvedAccessDomains appToken appTokens billingCustomer billingCustomers
    billingEntitlement billingEntitlements billingMeter billingMeters billingProduct billingProducts
    billingSubscription billingSubscriptions billingSubscriptionItem billingSubscriptionItems
    featureFlag featureFlags job jobs keyValuePair keyValuePairs pageLayout pageLayouts pageLayoutTab
    pageLayoutTabs pageLayoutWidget pageLayoutWidgets twoFactorMethod twoFactorMethods user users
    userWorkspace userWorkspaces workspace workspaces role roles userWorkspaceRole userWorkspaceRoles
    plan plans event events field fields link links currency currencies fullNames address addresses
    type types object objects index relation relations aggregate search searches
"""
RESERVED = frozenset(_RESERVED_WORDS.split())

# Letters that Unicode does not take apart.
_LATIN = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
# GOST 7.79 system B in spirit, with the apostrophes left out; Ukrainian, Belarusian and Kazakh letters added.
_CYRILLIC = dict(
    zip("абвгдезийклмнопрстуфыэіґўёєїәғқңөұүһ", "abvgdeziyklmnoprstufyeigueeiagknouuh", strict=True)
) | {
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
    "ё": "yo",
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


def names_for(
    wanted: Sequence[str], *, kind: Kind = "field", taken: Collection[str] = ()
) -> tuple[Naming, ...]:
    """One legal name for each wanted label or name, in order, all different and none in `taken`.

    A wanted name that is legal and free is kept as it is. The result depends on nothing else, so that
    a mapping and provision come to the same names.
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


def plural_of(name: str) -> str:
    """An English plural of a legal object name; always another name and not a reserved one."""
    if name.endswith("y") and name[-2:-1] not in tuple("aeiou"):
        plural = name[:-1] + "ies"
    elif name.endswith(("s", "x", "z", "ch", "sh")):
        plural = name + "es"
    else:
        plural = name + "s"
    return plural + RESERVED_SUFFIX if plural in RESERVED else plural


def options_for(options: Sequence[Option], *, taken: Collection[str] = ()) -> tuple[OptionNaming, ...]:
    """One legal option for each wanted one, in order, values all different and none in `taken`."""
    used, result = set(taken), []
    for option in options:
        label = _option_label(option.label or option.value)
        value, reason = _option_value(option, used)
        if label != (option.label or option.value):
            reason = "; ".join(
                filter(None, [reason, f"label written {label!r}: no comma, at most 63 characters"])
            )
        used.add(value)
        result.append(OptionNaming(option, Option(value, label), reason))
    return tuple(result)


def _name_for(text: str, kind: Kind, used: Collection[str]) -> Naming:
    limit, reasons = LIMITS[kind], []
    name = text
    if not _NAME.fullmatch(text):
        name = _camel(text)
        reasons.append("only Latin letters and digits in camel case are allowed")
    if name in RESERVED or (kind == "field" and name in SYSTEM_FIELDS):
        name += RESERVED_SUFFIX
        reasons.append(f"{name.removesuffix(RESERVED_SUFFIX)!r} is reserved")
    if len(name) > limit:
        name = _cut(name, text, limit)
        reasons.append(f"longer than {limit} characters")
    if name in used:
        name = _numbered(name, used, limit)
        reasons.append("the name is taken")
    reason = f"renamed from {text!r} because " + " and ".join(reasons) if name != text else ""
    return Naming(text, name, reason)


def _camel(text: str) -> str:
    words = _WORDS.findall(transliterate(text))
    if not words:
        return "field" + _digest(text)
    head, *tail = words
    first: str = head.lower() if head.isupper() else head[0].lower() + head[1:]
    name = first + "".join(w[0].upper() + (w[1:].lower() if w.isupper() else w[1:]) for w in tail)
    return name if name[0].isalpha() else "n" + name


def _option_value(option: Option, used: Collection[str]) -> tuple[str, str]:
    wanted, reasons = option.value or option.label, []
    value = wanted
    if not _VALUE.fullmatch(wanted):
        value = "_".join(_WORDS.findall(transliterate(wanted))).upper() or "OPTION_" + _digest(wanted).upper()
        value = value if not value[0].isdigit() else "_" + value
        reasons.append("only upper snake case is allowed")
    if len(value) > OPTION_LIMIT:
        value = _cut(value, wanted, OPTION_LIMIT).upper()
        reasons.append(f"longer than {OPTION_LIMIT} characters")
    if value in used:
        value = _numbered(value, used, OPTION_LIMIT, separator="_")
        reasons.append("the value is taken")
    return value, f"renamed from {wanted!r} because " + " and ".join(reasons) if reasons else ""


def _option_label(label: str) -> str:
    clean = label.replace("\x00", "").replace(",", ";").strip() or "-"
    return clean if len(clean) <= OPTION_LIMIT else clean[: OPTION_LIMIT - 1] + "…"


def _numbered(name: str, used: Collection[str], limit: int, separator: str = "") -> str:
    number = 2
    while True:
        tail = f"{separator}{number}"
        candidate = name[: limit - len(tail)] + tail
        if candidate not in used:
            return candidate
        number += 1


def _cut(name: str, text: str, limit: int) -> str:
    return name[: limit - 6] + _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
