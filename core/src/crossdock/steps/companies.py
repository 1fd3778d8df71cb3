"""Steps that tell a company from a person by what it is called, and say why."""

import re
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.steps.registry import step
from crossdock.steps.texts import text
from crossdock.values import PersonName

# Short forms count in capitals only: "as" and "se" are words, "ag" ends names.
_SHORT = (
    "ООО|ОАО|ЗАО|ПАО|НАО|АО|ИП|ГУП|МУП|ФГУП|ФГБУ|АНО|НКО|ТОО|ОсОО|ЧУП|ТДВ|ТОВ|ПрАТ"
    "|SAS|SARL|Sarl|Kft|Zrt|Oy|Oyj|ApS|A/S|AB|AG|AS|BV|B\\.V\\.|KG|NV|N\\.V\\.|OÜ|OHG|SA|S\\.A\\.|SE|SIA|UAB|UG|LP|CJSC|OJSC|PJSC|JSC"
)
_LONG = (
    "общество с ограниченной ответственностью|акционерное общество|индивидуальный предприниматель"
    "|gmbh|llc|l\\.l\\.c\\.|llp|plc|ltd|limited|inc|incorporated|corp|corporation|pty|pvt"
    "|s\\.?r\\.?l\\.?|s\\.?p\\.?a\\.?|s\\.r\\.o\\.|d\\.o\\.o\\.|sp\\. z o\\.o\\."
)
_FORM = re.compile(rf"(?<![\w.])(?:(?:{_SHORT})|(?i:{_LONG}))(?![\w])")


@step(FieldType.TEXT)
def company_form(value: Any) -> str | None:
    """The legal form in a name, as it is written there (`ООО`, `GmbH`); nothing if it has none."""
    found = _FORM.search(text(value))
    return found.group() if found else None


@step(FieldType.BOOLEAN, whole=True)
def is_company(value: Any) -> bool:
    """Whether these names are a company's: a legal form in one of them, and no person's first name."""
    return _person(value) is None and _form(value) is not None


@step(FieldType.TEXT, whole=True)
def company_evidence(value: Any) -> str:
    """Why `is_company` says what it says, in a sentence."""
    person, form = _person(value), _form(value)
    if person is not None:
        return f"a person: has the first name {person.first!r}"
    if form is not None:
        return f"a company: {form!r} in its name, and no person's first name"
    return "a person: neither a first name nor the form of a company in its name"


def _names(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _person(value: Any) -> PersonName | None:
    """The first of the names that has a first name and no form of a company."""
    names = (name for name in _names(value) if isinstance(name, PersonName) and name.first)
    return next((name for name in names if company_form(name) is None), None)


def _form(value: Any) -> str | None:
    return next((form for name in _names(value) if (form := company_form(name))), None)
