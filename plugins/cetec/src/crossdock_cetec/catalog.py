"""discover: what a tenant and its exports hold, how much of it, and what to know about the reading."""

from collections.abc import Iterator
from dataclasses import replace

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.model import ObjectSchema
from crossdock_cetec import choices
from crossdock_cetec.library import Library
from crossdock_cetec.objects import (
    CUSTOMER,
    DOCUMENT,
    OBJECTS,
    ORDER,
    ORDER_LINE,
    PART,
    WORK_ORDER,
    WORK_ORDER_EXPORT,
)
from crossdock_cetec.qualitycodes import with_codes
from crossdock_cetec.tenant import LISTS

CAPABILITIES = Capabilities(
    {
        Capability.CHANGED_SINCE: Support.NO,
        Capability.DELETED_VISIBLE: Support.NO,
        # Lists come whole; nobody has seen what windows of dates do while lines move between them.
        Capability.STABLE_ORDER: Support.UNKNOWN,
        Capability.FILES: Support.YES,
    }
)

_NOTES = (
    "Cetec shows neither what changed since a time nor what was deleted: a delta reads everything again.",
    "Most names of the API's fields are known from clients, others assumed; what a row holds besides becomes"
    " a field of its own.",
)


def objects(library: Library) -> Iterator[ObjectSchema]:
    """Every object with the number of its records, where that is known without a request a record."""
    for name in library.objects:
        if name not in OBJECTS:
            yield schema(library, name)
        else:
            yield _object(library, name)


def schema(library: Library, name: str) -> ObjectSchema:
    """An object with typed fields."""
    if name == choices.CHOICE:
        return choices.schema(library.objects)
    return choices.with_choices(_schema(library, name))


def _schema(library: Library, name: str) -> ObjectSchema:
    if name in LISTS and library.by_api(name):
        own = library.tenant.own_fields(name)
        base = OBJECTS[name].schema()
        return replace(base, fields=(*base.fields, *own.values()))
    if name in library.tables.objects:
        return library.tables.schema(name)
    return with_codes({name: OBJECTS[name].schema()}, library.tables.codes)[name]


def _object(library: Library, name: str) -> ObjectSchema:
    if name in LISTS and library.by_api(name):
        rows = library.tenant.rows(name)
        library.tenant.own_fields(name, rows)
        return replace(schema(library, name), count=len(rows))
    found = schema(library, name)
    if name == ORDER_LINE:  # some are split
        orders = len(library.tenant.rows(ORDER)) if library.by_api(name) else None
        return replace(found, count=None, requests=orders)
    if name == PART and library.by_api(name):
        return replace(found, count=None)
    if name == WORK_ORDER_EXPORT and library.by_api(WORK_ORDER):
        return replace(found, requests=len(library.work(operations=False).part_of()))
    if name == DOCUMENT:
        return replace(found, count=None)  # some rows lead nowhere
    return found


def notes(library: Library) -> Iterator[str]:
    """What a reader of the catalog should know."""
    yield from _NOTES
    settings = library.settings
    yield f"Amounts are {settings.currency} unless they say otherwise (setting `currency`)."
    for name in OBJECTS:
        if library.by_api(name) and name in library.tables.objects and name != PART:
            yield f"{name} is read through the API; the table that holds it too is not used."
    if library.directory.has(CUSTOMER) and not library.internal_customers:
        yield "No internal customer was found: name it in internal_customers, if there is one."
    if library.by_api(ORDER_LINE) and library.tables.objects and WORK_ORDER not in library.tables.objects:
        yield "Work orders come from the API's list of order lines: one without a date is not in it."
    if library.settings.documents is None and DOCUMENT in library.tables.objects:
        yield "Documents are listed, but their folder is not given (`documents`): they are not read."
    yield from library.tables.notes([name for name in OBJECTS if library.by_api(name)])
