"""How far one field converts to another: by which step, and what is lost on the way.

The table is the single place for this; the mapping check warns with it, the transform takes the
step from it when a mapping names none.
"""

from dataclasses import dataclass

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema


@dataclass(frozen=True, slots=True)
class Conversion:
    """`step` is needed (None: the value fits as it is); `loss` says in words what may not survive."""

    loss: tuple[str, ...] = ()
    possible: bool = True
    step: str | None = None


IMPOSSIBLE = Conversion(possible=False)
_PLAIN_TEXT = (T.TEXT, T.MARKDOWN)
_FORMATTING = ("formatting that the target cannot show",)

# source -> target -> (step or None, losses)
_TABLE: dict[T, dict[T, tuple[str | None, tuple[str, ...]]]] = {
    T.TEXT: {
        T.HTML: ("text_to_html", ()),
        T.MARKDOWN: (None, ()),
        T.INTEGER: ("integer", ("text that is not a whole number is rejected",)),
        T.DECIMAL: ("decimal", ("text that is not a number is rejected",)),
        T.BOOLEAN: ("boolean", ("text that is neither yes nor no is rejected",)),
        T.DATE: ("date", ("text that is not a date is rejected",)),
        T.DATETIME: ("datetime", ("text that is not a time is rejected",)),
        T.MONEY: ("money", ("text that is not a number is rejected", "the currency is not known")),
        T.EMAIL: ("email", ("text that is not an e-mail address is rejected",)),
        T.PHONE: ("phone", ()),
        T.LINK: ("link", ()),
        T.ADDRESS: ("address", ("the parts of the address stay in one line",)),
        T.PERSON_NAME: ("name_parts", ("the order of the name's parts is guessed",)),
        T.SELECT: (None, ("text that is not one of the options is rejected",)),
        T.UUID: (None, ("text that is not a UUID is rejected",)),
        T.JSON: (None, ()),
    },
    T.HTML: {T.MARKDOWN: ("html_to_markdown", _FORMATTING), T.TEXT: ("html_to_text", _FORMATTING)},
    T.MARKDOWN: {T.TEXT: (None, ()), T.HTML: ("text_to_html", _FORMATTING)},
    T.INTEGER: {T.DECIMAL: ("decimal", ()), T.MONEY: ("money", ("the currency is not known",))},
    T.DECIMAL: {
        T.INTEGER: ("integer", ("a number with a fraction is rejected",)),
        T.MONEY: ("money", ("the currency is not known",)),
    },
    T.MONEY: {T.DECIMAL: ("decimal", ("the currency",)), T.INTEGER: ("integer", ("the currency",))},
    T.BOOLEAN: {T.INTEGER: ("integer", ())},
    T.DATE: {T.DATETIME: ("datetime", ())},
    T.DATETIME: {T.DATE: ("date", ("the time of day",))},
    T.DURATION: {T.INTEGER: ("integer", ("parts of a second",)), T.DECIMAL: ("decimal", ())},
    T.EMAIL: {T.LINK: ("link", ())},
    T.LINK: {T.TEXT: ("url", ("the link's label",))},
    T.PHONE: {},
    T.ADDRESS: {},
    T.PERSON_NAME: {},
    T.SELECT: {T.SELECT: (None, ()), T.BOOLEAN: ("boolean", ("options other than yes and no are rejected",))},
    T.REFERENCE: {T.AUTHOR: (None, ())},
    T.UUID: {},
    T.JSON: {},
    T.UNKNOWN: {T.JSON: (None, ("the type is not known",))},
}
_NEVER_TEXT = frozenset({T.REFERENCE, T.FILE, T.AUTHOR})
_ALREADY_TEXT = frozenset({T.TEXT, T.EMAIL, T.SELECT, T.UUID})


def convertible(source: FieldSchema, target: FieldSchema) -> Conversion:
    """Whether and how a value of `source` can become a value of `target`."""
    found = _by_type(source, target)
    if not found.possible:
        return found
    losses = [*found.loss, *_lost_options(source, target), *_lost_length(source, target)]
    step = found.step
    if source.multiple and not target.multiple and target.type not in _PLAIN_TEXT:
        losses.append("all values but the first")
        step = step or "first"
    return Conversion(tuple(losses), True, step)


def _by_type(source: FieldSchema, target: FieldSchema) -> Conversion:
    if source.type is target.type:
        joined = source.multiple and not target.multiple and target.type in _PLAIN_TEXT
        return Conversion(step="text" if joined else None)
    entry = _TABLE.get(source.type, {}).get(target.type)
    if entry is not None:
        return Conversion(entry[1], True, entry[0])
    if target.type in _PLAIN_TEXT and source.type not in _NEVER_TEXT:
        plain = source.type in _ALREADY_TEXT and not source.multiple
        return Conversion(step=None if plain else "text")
    if target.type is T.UNKNOWN:
        return Conversion(loss=("the target's type is not known",))
    return IMPOSSIBLE


def _lost_options(source: FieldSchema, target: FieldSchema) -> list[str]:
    if target.type is not T.SELECT or not target.options:
        return []
    known = {option.value for option in target.options}
    missing = [option.value for option in source.options if option.value not in known]
    return [f"options not at the target: {', '.join(missing)}"] if missing else []


def _lost_length(source: FieldSchema, target: FieldSchema) -> list[str]:
    if target.max_length is None or target.type not in (T.TEXT, T.HTML, T.MARKDOWN, T.EMAIL):
        return []
    if source.max_length is not None and source.max_length <= target.max_length:
        return []
    return [f"text longer than {target.max_length} characters is rejected"]
