"""Composite values: checked, and brought into the stored form (measured, unless said otherwise).

A function takes the field, a mapping of subfields and the path, and gives the stored subfields; only
what was sent is in the result, so that a partial value can be laid over the one that is there.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import orjson

from crossdock_twenty.sandbox.catalog import Field
from crossdock_twenty.sandbox.errors import RefusalError
from crossdock_twenty.sandbox.inspection import bad_input, is_number, number, shown
from crossdock_twenty.sandbox.phones import additional, split_phone
from crossdock_twenty.sandbox.richtext import to_blocks, to_markdown
from crossdock_twenty.sandbox.values import Normaliser, check_text, one_of, uuid_value
from crossdock_twenty.sandbox.weblinks import link

ACTOR_SOURCES = [
    "EMAIL",
    "CALENDAR",
    "WORKFLOW",
    "AGENT",
    "API",
    "IMPORT",
    "MANUAL",
    "SYSTEM",
    "WEBHOOK",
    "APPLICATION",
]

SUBFIELDS: Mapping[str, tuple[str, ...]] = {
    "CURRENCY": ("amountMicros", "currencyCode"),
    "LINKS": ("primaryLinkLabel", "primaryLinkUrl", "secondaryLinks"),
    "EMAILS": ("primaryEmail", "additionalEmails"),
    "PHONES": (
        "primaryPhoneNumber",
        "primaryPhoneCountryCode",
        "primaryPhoneCallingCode",
        "additionalPhones",
    ),
    "ADDRESS": (
        "addressStreet1",
        "addressStreet2",
        "addressCity",
        "addressPostcode",
        "addressState",
        "addressCountry",
        "addressLat",
        "addressLng",
    ),
    "FULL_NAME": ("firstName", "lastName"),
    "ACTOR": ("source", "workspaceMemberId", "name", "context"),
    "RICH_TEXT": ("blocknote", "markdown"),
}

LISTS = frozenset({"secondaryLinks", "additionalEmails", "additionalPhones"})
NULLS = frozenset(
    {
        "amountMicros",
        "currencyCode",
        "addressLat",
        "addressLng",
        "workspaceMemberId",
        "context",
        "blocknote",
        "source",
    }
)

_EMAIL = re.compile(r"[^\s@<>(),;:\\\"\[\]]{1,64}@([^\s@<>(),;:\\\"\[\]]+|\[[0-9.]+\])")


def composite(item: Field, value: Any, path: str) -> dict[str, Any]:
    """Any composite value: its subfields are checked first, then the type's own rules apply."""
    if not isinstance(value, dict):
        raise bad_input(f'Invalid object value {shown(value)} for field "{path}"')
    for name in value:
        if name not in SUBFIELDS[item.type]:
            kind = item.type.lower().replace("_", " ")
            raise bad_input(f'Invalid subfield {name} for {kind} field "{path}"')
    found: dict[str, Any] = _RULES[item.type](item, value, path)
    return found


def _words(value: Mapping[str, Any], path: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name, part in value.items():
        if part is not None and not isinstance(part, str):
            raise bad_input(f'Invalid string value {shown(part)} for text field "{path}.{name}"')
        found[name] = check_text(part) or None if part else None
    return found


def _full_name(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    return dict(_words(value, path))


def _amount(value: Any, path: str) -> int | float | None:
    """A number, or text that holds one (measured)."""
    if isinstance(value, str) and value.strip():
        try:
            value = int(value) if value.lstrip("-").isdecimal() else float(value)
        except ValueError:
            value = math.nan
    if value is None:
        return None
    if not is_number(value) or math.isnan(value):
        raise bad_input(f'Invalid number value NaN for field "{path}"')
    return number(value)


def _currency(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    found: dict[str, Any] = {}
    if "amountMicros" in value:
        amount = _amount(value["amountMicros"], f"{path}.amountMicros")
        found["amountMicros"] = None if amount is None else int(amount)
    return found | _words({k: v for k, v in value.items() if k == "currencyCode"}, path)


def _address(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    places = {k: _amount(v, f"{path}.{k}") for k, v in value.items() if k in ("addressLat", "addressLng")}
    return places | _words({k: v for k, v in value.items() if k not in places}, path)


def _parts(value: Any, path: str) -> list[Any]:
    """A list subfield, which may come as JSON text (measured: other text is a syntax error)."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            message = f"Unexpected token '{value[:1]}', \"{value}\" is not valid JSON"
            raise RefusalError(message, error="SyntaxError") from None
    if value is None:
        return []
    if not isinstance(value, list):
        raise bad_input(f'Invalid object value {shown(value)} for field "{path}"')
    return value


def _links(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    found: dict[str, Any] = dict(_words({k: v for k, v in value.items() if k not in LISTS}, path))
    if found.get("primaryLinkUrl"):
        found["primaryLinkUrl"] = link(found["primaryLinkUrl"])
    elif "primaryLinkUrl" in found:
        found["primaryLinkLabel"] = None  # a label without an address is dropped (measured)
    if "secondaryLinks" in value:
        others = _parts(value["secondaryLinks"], f"{path}.secondaryLinks")
        links = [{**o, "url": link(str(o.get("url") or ""))} for o in others]
        if links and not found.get("primaryLinkUrl"):
            first = links.pop(0)
            found |= {"primaryLinkUrl": first["url"], "primaryLinkLabel": first.get("label") or None}
        found["secondaryLinks"] = links or None
    return found


def _email(value: Any, path: str) -> str:
    if not isinstance(value, str) or not _EMAIL.fullmatch(check_text(value)):
        raise bad_input(f'Invalid string value {shown(value)} for email field "{path}"')
    return value.lower()


def _emails(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    found: dict[str, Any] = {}
    if "primaryEmail" in value:
        primary = value["primaryEmail"]
        found["primaryEmail"] = _email(primary, f"{path}.primaryEmail") if primary else None
    if "additionalEmails" in value:
        name = f"{path}.additionalEmails"
        found["additionalEmails"] = [_email(o, name) for o in _parts(value["additionalEmails"], name)] or None
    return found


def _phones(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    names = SUBFIELDS["PHONES"][:3]
    words = _words({k: v for k, v in value.items() if k in names}, path)
    found: dict[str, Any] = {}
    if words:
        split = split_phone(*(words.get(name) or "" for name in names))
        found = {name: part or None for name, part in zip(names, split, strict=True)}
    if "additionalPhones" in value:
        others = _parts(value["additionalPhones"], f"{path}.additionalPhones")
        found["additionalPhones"] = [additional(o) for o in others] or None
    return found


def _actor(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:
    found: dict[str, Any] = dict(_words({k: v for k, v in value.items() if k in ("source", "name")}, path))
    if found.get("source"):
        one_of(found["source"], ACTOR_SOURCES, f"{path}.source")
    member = value.get("workspaceMemberId")
    found["workspaceMemberId"] = uuid_value(item, member, f"{path}.workspaceMemberId") if member else None
    found["context"] = value.get("context") or None  # an empty one is dropped (measured)
    return found


def _rich_text(item: Field, value: dict[str, Any], path: str) -> dict[str, Any]:  # noqa: ARG001
    words = _words(value, path)
    markdown, blocks = words.get("markdown"), words.get("blocknote")
    if blocks:
        try:
            parsed = orjson.loads(blocks)
        except orjson.JSONDecodeError:
            raise bad_input(f'Invalid object value {shown(blocks)} for field "{path}"') from None
        return {
            "blocknote": orjson.dumps(parsed).decode(),
            "markdown": markdown or to_markdown(parsed) or None,
        }
    blocknote = orjson.dumps(to_blocks(markdown)).decode() if markdown else None
    return {"blocknote": blocknote, "markdown": markdown}


_RULES: Mapping[str, Normaliser] = {
    "CURRENCY": _currency,
    "LINKS": _links,
    "EMAILS": _emails,
    "PHONES": _phones,
    "ADDRESS": _address,
    "FULL_NAME": _full_name,
    "ACTOR": _actor,
    "RICH_TEXT": _rich_text,
}


def shown_composite(kind: str, stored: Mapping[str, Any] | None) -> dict[str, Any]:
    """A composite as read: every subfield is there; text is "" when empty, lists are []."""
    given = stored or {}
    found: dict[str, Any] = {}
    for name in SUBFIELDS[kind]:
        part = given.get(name)
        if part is None and name not in NULLS:
            part = [] if name in LISTS else ""
        found[name] = part
    return found
