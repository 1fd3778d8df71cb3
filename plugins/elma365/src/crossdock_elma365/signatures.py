"""Electronic signatures in HR documents (KEDO) and elsewhere: found and named, not called valid afterwards.

HR documents are ordinary applications in namespaces of their own (documented); their files and the files of
their signatures move as attachments, and what is known of a signature (signer, time, certificate) as fields.
What makes it hold does not move. Which fields hold signatures is told by their codes and labels, which files
by the ends of their names (assumed).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from crossdock.values import Reference
from crossdock_elma365.directories import define
from crossdock_elma365.fieldtypes import Context, ShapeError, decode
from crossdock_elma365.markup import shown
from crossdock_elma365.schema import Application, wire_field

Json = Mapping[str, Any]

FIELD = "__signatures"
"""The field that records of an application with signatures have besides: what they are signed by."""

_FILE_NAME = re.compile(r"\.(sig|sgn|p7s|p7m|p7b|cms|cades|xades|tsr)$", re.IGNORECASE)
_CODE = re.compile(
    r"(?:^|_)(?:e?sign|signed|sgn|sig|kep|ukep|ecp)(?=_|[A-Z]|\d|$)|[Ss]ignature|[Cc]ertificate|[Pp]odpis"
)
_LABEL = re.compile(r"подпис|сертификат|\bКЭП\b|\bЭЦП\b|\bЭП\b|signature|certificate", re.IGNORECASE)
_HOLDERS = ("FILE", "TABLE", "SYS_COLLECTION")  # a signature's file, its data, or the record of it
_DEFINITION = define(FIELD, "STRING", "Signature")


def with_signatures(app: Application) -> Application:
    """The application with FIELD, if its records can hold signatures or are signatures themselves."""
    if not (signature_fields(app) or is_signature(app)):
        return app
    return replace(
        app,
        fields=(*app.fields, wire_field(_DEFINITION)),
        definitions=(*app.definitions, _DEFINITION),
    )


def signature_fields(app: Application) -> dict[str, str]:
    """Code and label of the fields that hold signatures."""
    return {
        field.code: field.label
        for field in app.fields
        if field.type in _HOLDERS and not field.code.startswith("__") and _told(field.code, field.label)
    }


def is_signature(app: Application) -> bool:
    """Whether the records of this application are signatures or certificates themselves."""
    return _told(app.code, app.label)


def signed_row(app: Application, item: Json) -> Json:
    """The item with FIELD filled in, if the application has it."""
    if not app.definitions or app.definitions[-1] is not _DEFINITION:
        return item
    named = [label for code, label in signature_fields(app).items() if _filled(item.get(code))]
    if is_signature(app):
        named.insert(0, app.label)
    return {**item, FIELD: ", ".join(named) or None}


def signature_data(app: Application, item: Json, names: Callable[[str], str], zone: tzinfo) -> str | None:
    """What a record says of its signature, `label: value` each: who signed, when, with which certificate.

    None for a record that says nothing. Its files are left out: they move themselves.
    """
    context = Context(Reference(app.name, str(item.get("__id") or "")), app.codes, zone)
    told = []
    for wire in app.fields:
        if wire.code.startswith("__") or wire.type in _HOLDERS or not _told(wire.code, wire.label):
            continue
        try:
            value = decode(item.get(wire.wire_key), wire, context)
        except ShapeError:
            continue  # the record itself is rejected for it
        if value not in (None, "", ()):
            several = value if isinstance(value, tuple) else (value,)
            words = (names(one.key) if isinstance(one, Reference) else shown(one) for one in several)
            told.append(f"{wire.label or wire.code}: {', '.join(words)}")
    return "; ".join(told) or None


def file_signature(name: str, field_code: str) -> str | None:
    """What a file is to a signature: None for an ordinary document."""
    if _FILE_NAME.search(name):
        return f"signature file ({name.rpartition('.')[2].lower()})"
    parts: Iterable[str] = field_code.split(".")
    return "file of a signature" if any(_CODE.search(part) for part in parts) else None


def _told(code: str, label: str) -> bool:
    return bool(_CODE.search(code) or _LABEL.search(label))


def _filled(value: Any) -> bool:
    rows = value.get("rows") if isinstance(value, Mapping) else value
    return rows not in (None, "", [], {})
