"""The custom fields of each object: those that hold values, those of Word templates, those declared.

The type that a person declares counts before that of a layout, that before what a Word template gives away,
and that before what the values have in common. What the templates of a tenant ask for is a field of a job.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, Provenance
from crossdock_ascora.customfields import (
    TYPES,
    CustomField,
    Profile,
    evidence_of,
    field_names,
    profiles,
)
from crossdock_ascora.declarations import Declaration, load_declarations
from crossdock_ascora.people import records
from crossdock_ascora.rawdata import RawData
from crossdock_ascora.rows import fold
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.tables import ADDITIONS
from crossdock_ascora.wire import OWN_NAMES
from crossdock_ascora.wordforms import FormCode, FormLibrary

HOLDERS = ("customers", "contacts", "jobs", "quotes", "invoices", "equipment")
"""Raw objects whose records may have custom fields."""
_FORMS = "jobs"


class CustomFields:
    """Custom fields by object, in the order in which they are met."""

    def __init__(self, raw: RawData, settings: AscoraSettings) -> None:
        self._raw = raw
        self._settings = settings
        self._known: dict[str, dict[str, CustomField]] = {}

    def of(self, name: str) -> Mapping[str, CustomField]:
        """The custom fields of a raw object, by their name in Ascora."""
        if name not in self._known:
            self._known[name] = self._find(name) if name in HOLDERS else {}
        return self._known[name]

    def schemas(self, name: str) -> tuple[FieldSchema, ...]:
        """The custom fields of a raw object as the catalog shows them."""
        return tuple(own.schema(self._settings.currency) for own in self.of(name).values())

    @cached_property
    def forms(self) -> FormLibrary:
        """The Word templates of the settings."""
        return FormLibrary(self._settings.forms)

    @cached_property
    def answers(self) -> Mapping[str, Mapping[str, Any]]:
        """Answers of forms by what they are about (number or id, folded): code -> value."""
        found: dict[str, dict[str, Any]] = {}
        for row in records(self._raw, "form_answers"):
            named = row.named("about")
            if named is not None and row.text("code"):
                own = found.setdefault(fold(named.name or named.key), {})
                value = row.values.get("value")
                known = own.get(row.text("code"))
                own[row.text("code")] = value if known in (None, value) else f"{known}; {value}"
        return found

    @cached_property
    def declared(self) -> Mapping[str, Mapping[str, Declaration]]:
        """What a person declared, by object and name."""
        found: dict[str, dict[str, Declaration]] = {}
        for one in load_declarations(self._settings.custom_fields):
            found.setdefault(one.of, {})[one.name] = one
        return found

    def _find(self, name: str) -> dict[str, CustomField]:
        answers = self.answers.values() if name == _FORMS else ()
        seen = profiles(chain((row.custom for row in records(self._raw, name)), answers))
        declared = self.declared.get(name, {})
        codes = self._form_codes(seen, declared) if name == _FORMS else {}
        tables = self._raw.tables
        typed = {
            title: own
            for table in (name, name + ADDITIONS)
            if table in tables.objects
            for title, own in tables.typed_fields(table).items()
        }
        every = list(dict.fromkeys([*seen, *typed, *declared, *codes]))
        return {
            title: _resolved(
                title, own, declared.get(title), typed.get(title), codes.get(title), seen.get(title)
            )
            for title, own in field_names(every, OWN_NAMES).items()
        }

    def _form_codes(self, seen: Iterable[str], declared: Iterable[str]) -> Mapping[str, FormCode]:
        found = {code.field: code for code in self.forms.fields()}
        if self._settings.form_fields == "all":
            return found
        known = {*seen, *declared}
        return {name: code for name, code in found.items() if name in known}


def _resolved(
    title: str,
    field_name: str,
    declared: Declaration | None,
    typed: FieldSchema | None,
    code: FormCode | None,
    profile: Profile | None,
) -> CustomField:
    """One custom field with the best that is known of its type."""
    if declared is not None:
        return CustomField(
            title,
            field_name,
            _with_options(TYPES[declared.type], declared.options, declared.several),
            declared.options,
            declared.several,
            Provenance.DECLARED,
            f"declared as {declared.type}",
        )
    if typed is not None:
        options = tuple(option.value for option in typed.options)
        return CustomField(
            title,
            field_name,
            typed.type,
            options,
            typed.multiple,
            Provenance.DECLARED,
            "the layout",
            ready=True,
        )
    if code is not None and code.type is not FieldType.TEXT:
        return CustomField(
            title, field_name, code.type, code.options, code.multiple, Provenance.ASSUMED, code.evidence
        )
    known = profile is not None and profile.values > 0
    return CustomField(
        title,
        field_name,
        profile.type if profile is not None else FieldType.TEXT,
        provenance=Provenance.PROFILED if known else Provenance.ASSUMED,
        evidence="; ".join([*evidence_of(profile), *([code.evidence] if code else [])]),
    )


def _with_options(kind: FieldType, options: tuple[str, ...], multiple: bool) -> FieldType:
    """A check-box with options is a choice of several; a choice without options is text."""
    if options and (kind is FieldType.SELECT or multiple):
        return FieldType.SELECT
    return FieldType.TEXT if kind is FieldType.SELECT else kind
