"""Encoders of values in parts: money, e-mails, phones, links, names, addresses, authors.

A composite is always sent whole: on update the server keeps the parts that are not sent.
"""

import re
from typing import Any

import phonenumbers

from crossdock.values import Address, Author, Link, Money, PersonName, Phone
from crossdock_twenty.encoding import (
    EMAIL_LOWERED,
    LINK_CANONICAL,
    LINK_SCHEME,
    MAX_EXACT,
    MIDDLE_JOINED,
    PHONE_E164,
    Context,
    Problem,
    clean_text,
    several,
)

_EMAIL = re.compile(r'[^\s@"]{1,64}@[^\s@]{1,255}')
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?!\d)")
_HOST = re.compile(r"(?:[^\W_](?:(?:[^\W_]|-)*[^\W_])?\.)+[^\W_](?:(?:[^\W_]|-)*[^\W_])?|localhost")
_PLAIN_LINK = re.compile(r"https?://[a-z0-9.-]+(?::\d+)?(?:/[!-~]*[!-.0-~])?")
_WORDS = re.compile(r"\D*[^\W\d_]")
_CURRENCY = re.compile(r"[A-Z]{3}")


def encode_currency(context: Context, value: Any) -> dict[str, Any]:
    """Money -> amountMicros, exact, and currencyCode; at most six decimals. Raises Problem."""
    if not isinstance(value, Money):
        raise Problem(f"wants an amount of money, got {type(value).__name__}")
    if not value.amount.is_finite():
        raise Problem("is not a finite amount")
    micros = value.amount.scaleb(6)
    if micros != micros.to_integral_value():
        raise Problem(f"{value.amount} has more than six decimal places")
    if abs(micros) > MAX_EXACT:
        raise Problem(f"{value.amount} is beyond 9007199254.740991, where the platform changes digits")
    code = clean_text(context, value.currency)
    if code and not _CURRENCY.fullmatch(code):
        raise Problem(f"{code!r} is not an ISO 4217 code")
    return {"amountMicros": int(micros), "currencyCode": code or None}


def encode_emails(context: Context, value: Any) -> dict[str, Any]:
    """Addresses -> primaryEmail and additionalEmails, trimmed, in lower case, each once. Raises Problem."""
    addresses: list[str] = []
    for item in several(value):
        text = clean_text(context, item)
        address = text.strip().lower()
        if not _EMAIL.fullmatch(address):
            raise Problem(f"{text!r} is not an e-mail address")
        if address != text:
            context.note(EMAIL_LOWERED)
        if address not in addresses:
            addresses.append(address)
    return {"primaryEmail": addresses[0], "additionalEmails": addresses[1:]}


def encode_phones(context: Context, value: Any) -> dict[str, Any]:
    """Phone numbers -> the first and the others, each in international form. Raises Problem."""
    numbers = [_phone(context, item) for item in several(value)]
    first, *others = numbers
    # The server splits an international number into country, calling code and number by itself.
    return {"primaryPhoneNumber": first, "additionalPhones": [{"number": n} for n in others]}


def _phone(context: Context, item: Any) -> str:
    if not isinstance(item, Phone):
        raise Problem(f"wants a phone number, got {type(item).__name__}")
    text = clean_text(context, item.number).strip()
    try:
        parsed = phonenumbers.parse(text, context.phone_region)
    except phonenumbers.NumberParseException:
        raise Problem(f"{item.number!r} is not a phone number") from None
    if _WORDS.match(text) or (_WORDS.search(text) and not parsed.extension):
        raise Problem(f"{item.number!r} holds more than a phone number")
    if not phonenumbers.is_possible_number(parsed):
        raise Problem(f"{item.number!r} is too short or too long for a phone number")
    extension = item.extension or parsed.extension
    if extension:
        parsed.extension = None
        context.note(f"extension {extension} left out: the platform has no place for it")
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if number != text:
        context.note(PHONE_E164)
    return number


def encode_links(context: Context, value: Any) -> dict[str, Any]:
    """Links or addresses -> the first and secondaryLinks. Raises Problem."""
    links = [_link(context, item) for item in several(value)]
    first, *others = links
    return {"primaryLinkUrl": first["url"], "primaryLinkLabel": first["label"], "secondaryLinks": others}


def _link(context: Context, item: Any) -> dict[str, str]:
    link = Link(item) if isinstance(item, str) else item
    if not isinstance(link, Link):
        raise Problem(f"wants a link, got {type(item).__name__}")
    return {"url": link_url(context, link.url), "label": clean_text(context, link.label)}


def link_url(context: Context, text: str) -> str:
    """An address with a scheme and a host that the server accepts. Raises Problem."""
    url = clean_text(context, text).strip()
    scheme = _SCHEME.match(url)
    if scheme is None:
        url = "https://" + url.removeprefix("//")
        context.note(LINK_SCHEME)
    elif scheme[1].lower() not in ("http", "https") or url[scheme.end() : scheme.end() + 2] != "//":
        raise Problem(f"{text!r} is not a web address (http or https)")
    authority = re.split(r"[/?#\\]", url.split("://", 1)[1], maxsplit=1)[0]
    credentials, _, host = authority.rpartition("@")
    if credentials:
        raise Problem("holds a user name in the web address, which the platform drops")
    if not _HOST.fullmatch(re.sub(r":\d+$", "", host)):
        raise Problem(f"{text!r} is not a web address")
    if not _PLAIN_LINK.fullmatch(url):
        context.note(LINK_CANONICAL)
    return url


def encode_full_name(context: Context, value: Any) -> dict[str, str]:
    """PersonName -> firstName and lastName; the middle name goes behind the first. Raises Problem."""
    if not isinstance(value, PersonName):
        raise Problem(f"wants a person's name, got {type(value).__name__}")
    first, middle = clean_text(context, value.first), clean_text(context, value.middle)
    if middle:
        context.note(MIDDLE_JOINED)
    return {"firstName": " ".join(filter(None, [first, middle])), "lastName": clean_text(context, value.last)}


def encode_address(context: Context, value: Any) -> dict[str, Any]:
    """Address -> its six parts; the position on the map is left alone. Raises Problem."""
    if not isinstance(value, Address):
        raise Problem(f"wants an address, got {type(value).__name__}")
    parts = ("street1", "street2", "city", "state", "postcode", "country")
    return {"address" + p.capitalize(): clean_text(context, getattr(value, p)) for p in parts}


def encode_actor(context: Context, value: Any) -> dict[str, Any]:
    """Author -> an actor with source IMPORT. Raises Problem."""
    if not isinstance(value, Author):
        raise Problem(f"wants an author, got {type(value).__name__}")
    name = clean_text(context, value.name)
    return {"source": "IMPORT", "name": name, "workspaceMemberId": value.target_id or None}
