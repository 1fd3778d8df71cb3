"""Steps for web addresses, e-mail, phones, names and postal addresses."""

import re
from typing import Any
from urllib.parse import urlsplit

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import StepError, step
from crossdock.steps.texts import text
from crossdock.values import Address, Link, PersonName, Phone

_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")
_EXTENSION = re.compile(r"\s*(?:,|;)?\s*(?:ext\.?|доб\.?|x|#)\s*(\d+)\s*$", re.IGNORECASE)
# The shape only: an old address that today's rules forbid still has to move.
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")


@step(FieldType.TEXT, loss="the text of a link")
def url(value: Any) -> str:
    """A web address with its scheme: `https://` is added where none is written."""
    written = (value.url if isinstance(value, Link) else text(value)).strip()
    if re.search(r"\s", written) or not written:
        raise StepError(f"{written!r} is not a web address")
    return written if _SCHEME.match(written) else f"https://{written.lstrip('/')}"


@step(FieldType.LINK)
def link(value: Any, label: str = "") -> Link:
    """A link, with `label` as its text if it has none."""
    if isinstance(value, Link):
        return Link(value.url, value.label or label)
    return Link(url(value), label)


@step(FieldType.TEXT)
def domain(value: Any) -> str:
    """The bare host of a web or e-mail address, in lower case, without `www.`."""
    written = (value.url if isinstance(value, Link) else text(value)).strip()
    if "@" in written and not _SCHEME.match(written):
        host = written.rpartition("@")[2]
    else:
        try:
            host = urlsplit(url(written)).hostname or ""
        except ValueError as error:
            raise StepError(f"{written!r} is not a web address") from error
    host = host.lower().removeprefix("www.")
    if "." not in host:
        raise StepError(f"{written!r} has no domain")
    return host


@step(FieldType.EMAIL)
def email(value: Any) -> str:
    """One e-mail address; `mailto:` and the name around it are taken off, capitals stay."""
    written = text(value).strip().removeprefix("mailto:")
    if "<" in written:
        written = written.partition("<")[2].rstrip("> ")
    if not _EMAIL.fullmatch(written):
        raise StepError(f"{written!r} is not an e-mail address")
    return written


@step(FieldType.EMAIL, whole=True)
def emails(value: Any) -> tuple[str, ...]:
    """All e-mail addresses of a text or of several, each once, in order."""
    return _each(value, r"[,;\n]", email)


@step(FieldType.PHONE)
def phone(value: Any, kind: str = "") -> Phone:
    """A phone number as it is written, its extension (`доб. 12`, `ext 12`) apart."""
    if isinstance(value, Phone):
        return value if value.kind else Phone(value.number, value.extension, kind)
    written = text(value).strip()
    found = _EXTENSION.search(written)
    number = written[: found.start()].rstrip() if found else written
    if not any(sign.isdigit() for sign in number):
        raise StepError(f"{written!r} is not a phone number")
    return Phone(number, found.group(1) if found else "", kind)


@step(FieldType.PHONE, whole=True)
def phones(value: Any, kind: str = "") -> tuple[Phone, ...]:
    """All phone numbers of a text (cut at ; or line ends) or of several values, each once."""
    return _each(value, r"[;\n]", lambda element: phone(element, kind))


@step(FieldType.TEXT, whole=True)
def extensions(value: Any) -> str | None:
    """`number ext. 12`, a line each, of the numbers that have one: many platforms have no place for it."""
    with_extension = (number for number in phones(value) if number.extension)
    return "\n".join(f"{number.number} ext. {number.extension}" for number in with_extension) or None


def _each(value: Any, cut: str, convert: Any) -> tuple[Any, ...]:
    several = value if isinstance(value, tuple) else (value,)
    parts = [p for v in several for p in (re.split(cut, v) if isinstance(v, str) else [v])]
    kept = [p for p in parts if p is not None and not (isinstance(p, str) and not p.strip())]
    return tuple(dict.fromkeys(convert(part) for part in kept))


@step(FieldType.PERSON_NAME)
def name_parts(value: Any, order: str = "last first middle") -> PersonName:
    """A full name in its parts: `Иванов Иван Иванович`. The last part of `order` takes the rest."""
    if isinstance(value, PersonName):
        return value
    names = _name_order(order)
    words = text(value).split()
    if len(words) == 1 and "first" in names:
        return PersonName(first=words[0])
    parts = dict(zip(names, words, strict=False))
    if len(words) > len(names):
        parts[names[-1]] = " ".join(words[len(names) - 1 :])
    return PersonName(**parts)


@step(FieldType.TEXT)
def full_name(value: Any, order: str = "first middle last") -> str:
    """A person's name as one text, its parts in that order; any other value is written as it is."""
    if not isinstance(value, PersonName):
        return text(value)
    return " ".join(part for name in _name_order(order) if (part := getattr(value, name).strip()))


def _name_order(order: str) -> list[str]:
    names = order.split()
    if not names or set(names) - {"first", "last", "middle"}:
        raise StepError(f"order {order!r} may only hold first, last and middle")
    return names


@step(FieldType.ADDRESS)
def address(value: Any) -> Address:
    """A postal address that was not parsed, whole in its first line."""
    return value if isinstance(value, Address) else Address(street1=text(value))
