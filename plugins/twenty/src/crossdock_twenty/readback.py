"""Wire values back to canonical values, for observations.

Written apart from the encoder and sharing nothing with it, so that a fault in one shows as a difference.
An empty string is how the server gives back a text that was never set: it is read as nothing.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crossdock.errors import ContractError
from crossdock.model import ObjectSchema
from crossdock.values import Address, Author, Link, Money, PersonName, Phone


def decode_record(schema: ObjectSchema, node: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values of all fields that `node` holds, files left out. Raises ContractError."""
    values: dict[str, Any] = {}
    for field in schema.fields:
        column = field.settings["column"]
        kind = field.settings["twenty_type"]
        if column not in node or kind == "FILES":
            continue
        try:
            values[field.name] = decode(kind, node[column], integer=bool(field.settings.get("integer")))
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
            raise ContractError(
                f"{schema.name} {node.get('id')}: field {field.name} ({kind}) came back in an unknown form."
            ) from error
    return values


def decode(kind: str, wire: Any, *, integer: bool = False) -> Any:
    """One wire value of Twenty field type `kind` as a canonical value; nothing is None."""
    if wire is None or wire == "":
        return None
    if kind == "NUMBER":
        return int(wire) if integer and wire == int(wire) else Decimal(str(wire))
    reader = _READERS.get(kind)
    return reader(wire) if reader else wire


def _money(wire: Mapping[str, Any]) -> Money | None:
    micros = wire["amountMicros"]
    if micros is None:
        return None
    return Money(Decimal(str(micros)) / 1_000_000, wire.get("currencyCode") or "")


def _emails(wire: Mapping[str, Any]) -> tuple[str, ...] | None:
    found = [wire["primaryEmail"], *(wire.get("additionalEmails") or [])]
    return tuple(e for e in found if e) or None


def _phones(wire: Mapping[str, Any]) -> tuple[Phone, ...] | None:
    found = (
        [Phone(wire["primaryPhoneCallingCode"] + wire["primaryPhoneNumber"])]
        if wire["primaryPhoneNumber"]
        else []
    )
    for other in wire.get("additionalPhones") or []:
        found.append(Phone((other.get("callingCode") or "") + other["number"]))
    return tuple(found) or None


def _links(wire: Mapping[str, Any]) -> tuple[Link, ...] | None:
    found = (
        [Link(wire["primaryLinkUrl"], wire.get("primaryLinkLabel") or "")] if wire["primaryLinkUrl"] else []
    )
    for other in wire.get("secondaryLinks") or []:
        found.append(Link(other["url"], other.get("label") or ""))
    return tuple(found) or None


def _name(wire: Mapping[str, Any]) -> PersonName | None:
    name = PersonName(first=wire["firstName"] or "", last=wire["lastName"] or "")
    return name if name != PersonName() else None


def _address(wire: Mapping[str, Any]) -> Address | None:
    address = Address(
        street1=wire["addressStreet1"] or "",
        street2=wire["addressStreet2"] or "",
        city=wire["addressCity"] or "",
        state=wire["addressState"] or "",
        postcode=wire["addressPostcode"] or "",
        country=wire["addressCountry"] or "",
    )
    return address if address != Address() else None


def _author(wire: Mapping[str, Any]) -> Author:
    return Author(wire["name"], wire.get("workspaceMemberId") or "")


def _markdown(wire: Mapping[str, Any]) -> str | None:
    return wire["markdown"] or None


def _list(wire: list[Any]) -> tuple[Any, ...] | None:
    return tuple(wire) or None


_READERS: dict[str, Callable[[Any], Any]] = {
    "CURRENCY": _money,
    "EMAILS": _emails,
    "PHONES": _phones,
    "LINKS": _links,
    "FULL_NAME": _name,
    "ADDRESS": _address,
    "ACTOR": _author,
    "RICH_TEXT": _markdown,
    "MULTI_SELECT": _list,
    "ARRAY": _list,
    "DATE": date.fromisoformat,
    "DATE_TIME": datetime.fromisoformat,
}
