"""Rules for names, labels and options of objects and fields (measured on 2.21.0)."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from crossdock_twenty.sandbox.catalog import Object, capital, words
from crossdock_twenty.sandbox.composites import SUBFIELDS

LONGEST = 63
_NAME = re.compile(r"[a-z][a-zA-Z0-9]*")
_OPTION = re.compile(r"[A-Z_][A-Z0-9_]*")

_RESERVED_WORDS = (
    "address addresses aggregate appToken appTokens approvedAccessDomain approvedAccessDomains "
    "billingCustomer billingCustomers billingEntitlement billingEntitlements billingMeter "
    "billingMeters billingProduct billingProducts billingSubscription billingSubscriptionItem "
    "billingSubscriptionItems billingSubscriptions currencies currency event events featureFlag "
    "featureFlags field fields fullNames index job jobs keyValuePair keyValuePairs link links object "
    "objects pageLayout pageLayoutTab pageLayoutTabs pageLayoutWidget pageLayoutWidgets pageLayouts "
    "plan plans relation relations role roles search searches twoFactorMethod twoFactorMethods type "
    "types user userWorkspace userWorkspaceRole userWorkspaceRoles userWorkspaces users workspace "
    "workspaces"
)

RESERVED = frozenset(_RESERVED_WORDS.split())

Problem = dict[str, Any]

# Measured letter by letter.
_LATIN = "a b v g d e yo zh z i y k l m n o p r s t u f h c ch sh shch - y - e yu ya i yi ie g' u dj ss"
_CYRILLIC = {
    letter: latin.replace("-", "")
    for letter, latin in zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђß", _LATIN.split(), strict=True)
}


def problem(code: str, message: str, *, value: Any = ..., friendly: str | None = None) -> Problem:
    """One validation error; `value` is left out where the server leaves it out."""
    found = {"code": code, "message": message, "userFriendlyMessage": friendly or message}
    if value is not ...:
        found["value"] = value
    return found


def entry(kind: str, verb: str, problems: Sequence[Problem], about: Mapping[str, Any]) -> dict[str, Any]:
    """The errors of one piece of metadata."""
    return {
        "status": "fail",
        "errors": list(problems),
        "flatEntityMinimalInformation": dict(about),
        "metadataName": kind,
        "type": verb,
    }


def name_problems(name: str, *, code: str = "INVALID_FIELD_INPUT") -> list[Problem]:
    """What is wrong with an API name."""
    if len(name) > LONGEST:
        return [problem(code, "Name is too long", value=name)]
    if not _NAME.fullmatch(name):
        message = (
            "Name is not valid: it must start with lowercase letter and contain only alphanumeric letters"
        )
        return [problem(code, message, value=name)]
    if name in RESERVED:
        message = 'This name is reserved. Use a different name or the system will add "Custom" suffix.'
        return [problem(code, message, value=name)]
    return []


def taken(obj: Object, name: str) -> list[Problem]:
    """Whether a field name, or a column made of one, is in use in the object."""
    if any(name in (f.name, f.column) for f in obj.fields.values()):
        message = f'Name "{name}" is not available as it is already used by another field'
        return [problem("NOT_AVAILABLE", message, value=name)]
    columns = {f.name + capital(part) for f in obj.fields.values() for part in SUBFIELDS.get(f.type, ())}
    if name in columns:
        message = f'Name "{name}" is reserved composite field name'
        friendly = f'Name "{name}" is not available'
        return [problem("RESERVED_KEYWORD", message, value=name, friendly=friendly)]
    return []


def with_ids(options: Sequence[Mapping[str, Any]] | None) -> list[dict[str, Any]] | None:
    """Options as stored: each has an id; nothing else is added (measured)."""
    if options is None:
        return None
    return [{"id": str(uuid4()), **option} for option in options]


def option_problems(options: Sequence[Mapping[str, Any]] | None) -> list[Problem]:
    """What is wrong with the options of a SELECT or MULTI_SELECT."""
    code = "INVALID_FIELD_INPUT"
    if not options:
        return [problem(code, "Options are required for enum fields", value=[])]
    found: list[Problem] = []
    for option in options:
        value, label = str(option.get("value", "")), str(option.get("label", ""))
        if len(value) > LONGEST:
            found.append(problem(code, f"Option value exceeds {LONGEST} characters", value=value))
        elif not _OPTION.fullmatch(value):
            message = f'Value must be in UPPER_CASE and follow snake_case "{value}"'
            found.append(problem(code, message, value=value))
        if not label:
            found.append(problem(code, "Option label is required", value=label))
        elif len(label) > LONGEST:
            found.append(problem(code, f"Option label exceeds {LONGEST} characters", value=label))
        elif "," in label:
            found.append(problem(code, "Label must not contain a comma", value=label))
    values = [option.get("value") for option in options]
    if len(set(values)) < len(values):
        found.append(problem(code, "Duplicated option value", value=list(options)))
    return found


def default_problems(kind: str, default: Any, options: Sequence[Mapping[str, Any]] | None) -> list[Problem]:
    """What is wrong with the default of a SELECT: it must be a quoted option value."""
    if kind not in ("SELECT", "RATING") or default is None:
        return []
    quoted = isinstance(default, str) and len(default) > 1 and default[0] == default[-1] == "'"
    if not quoted:
        message = "Default value should be as quoted string"
        return [problem("INVALID_FIELD_INPUT", message, value=default)]
    if default[1:-1] not in [option.get("value") for option in options or ()]:
        message = f"Default value {default} must be one of the option values"
        return [problem("INVALID_FIELD_INPUT", message, value=default)]
    return []


def camel(label: str) -> str:
    """The field name made from a label: `Legacy deals owned` -> `legacyDealsOwned` (measured).

    Cyrillic is transliterated, marks are dropped, a digit is a word of its own, a leading one gets an
    `n`, a reserved name the suffix. Assumed: other scripts give nothing.
    """
    text = "n" + label if label[:1].isdigit() else label
    found = words(" ".join(re.findall(r"[A-Za-z0-9]+", _latin(text))))
    name = "".join(word.capitalize() for word in found)
    name = name[:1].lower() + name[1:]
    return name + "Custom" if name in RESERVED else name


def _latin(text: str) -> str:
    found = []
    for char in unicodedata.normalize("NFC", text):
        plain = _CYRILLIC.get(char.lower())
        if plain is None:
            plain = unicodedata.normalize("NFKD", char).encode("ascii", "ignore").decode()
        elif char.isupper():
            plain = capital(plain)
        found.append(plain)
    return "".join(found)
