"""The fields of a line's form, and the words of the mapping that they stand for."""

from collections.abc import Mapping
from typing import Any

from crossdock.errors import MappingError
from crossdock.mapping import Constant, FieldMapping, OtherField
from crossdock.mappingfile.edits import ORIGINS, words_of
from crossdock.mappingfile.plain import plain_field
from crossdock.model import FieldSchema
from crossdock.ui.page import Form

_TEXTS = ("template", "where", "reference", "fallback")
"""Words whose value is the text as it is typed."""


def form_words(entry: FieldMapping) -> dict[str, str]:
    """An entry as the texts that its form begins with."""
    plain = plain_field(entry)
    words: Mapping[str, Any] = plain if isinstance(plain, Mapping) else {"from": plain}
    source = words.get("from", "")
    return {
        "from": source if isinstance(source, str) else ", ".join(source),
        "value": typed(words["value"]) if "value" in words else "",
        "default": typed(words["default"]) if "default" in words else "",
        "steps": "\n".join(_step(step) for step in words.get("steps", ())),
        "required": "yes" if words.get("required") else "",
        "otherwise": _otherwise(entry),
        **{word: str(words.get(word, "")) for word in _TEXTS},
    }


def typed(value: Any) -> str:
    """A value as one types it, so that `words_of` gives it again."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        same = words_of(text) == value
    except MappingError:
        same = False
    return text if same or not isinstance(value, str) else "'" + value.replace("'", "''") + "'"


def _step(step: Any) -> str:
    if isinstance(step, str):
        return step
    name, arguments = next(iter(step.items()))
    if isinstance(arguments, Mapping):
        inside = ", ".join(f"{key}: {typed(value)}" for key, value in arguments.items())
        return f"{name}: {{{inside}}}"
    return f"{name}: {typed(arguments)}"


def _otherwise(entry: FieldMapping) -> str:
    match entry.otherwise:
        case Constant(value=value):
            return f"= {typed(value)}"
        case OtherField(source=source):
            return f"from {source}"
        case word:
            return word


def edit_of(form: Form, known: Mapping[str, Any]) -> dict[str, Any]:
    """The words that a form changes; None takes one away. Raises MappingError for what cannot be read."""
    wanted: dict[str, Any] = {}
    wanted |= _origin(form)
    lines = [line.strip() for line in form.get("steps", "").split("\n") if line.strip()]
    wanted["steps"] = [words_of(line) for line in lines] or None
    if "default" in form:
        wanted["default"] = words_of(form["default"])
    wanted["required"] = True if form.get("required") == "yes" else None
    for word in ("where", "reference", "fallback"):
        if word in form:
            wanted[word] = form[word].strip() or None
    wanted["values"] = _values(form)
    if wanted["values"]:
        wanted["otherwise"] = _from_otherwise(form.get("otherwise", "reject"))
    return {word: value for word, value in wanted.items() if known.get(word) != value}


def _origin(form: Form) -> dict[str, Any]:
    given = {word: form[word].strip() for word in ORIGINS if form.get(word, "").strip()}
    if len(given) > 1:
        raise MappingError("a line has one origin: a source field, a constant or a text with fields in it.")
    if not given:
        raise MappingError("where does the value come from?", hint="Name a source field, or give a constant.")
    word, text = next(iter(given.items()))
    if word == "value":
        return {"value": words_of(text)}
    if word == "from" and "," in text:
        return {"from": [part.strip() for part in text.split(",") if part.strip()]}
    return {word: text}


def _values(form: Form) -> dict[str, Any] | None:
    """The value map: choices side by side, or lines `old = new`."""
    found = {
        old: words_of(new)
        for old, new in zip(form.several("old"), form.several("new"), strict=False)
        if new.strip()
    }
    for line in form.get("value_lines", "").split("\n"):
        old, sign, new = line.partition("=")
        if sign and old.strip():
            found[old.strip()] = words_of(new)
        elif line.strip():
            raise MappingError(f"{line!r}: a line of a value map is `old = new`.")
    return found or None


def _from_otherwise(text: str) -> Any:
    text = text.strip()
    if text.startswith("="):
        return {"value": words_of(text[1:])}
    if text.startswith("from "):
        return {"from": text[5:].strip()}
    return text if text and text != "reject" else None


def choices_of(
    entry: FieldMapping | None, own: FieldSchema | None, there: FieldSchema | None
) -> dict[str, Any]:
    """The value map as a form shows it: a row for each choice of the source, or lines to type."""
    values = {old: typed(new) for old, new in (entry.values or {}).items()} if entry else {}
    rows = [
        {"old": o.value, "label": o.label, "new": values.pop(o.value, "")}
        for o in (own.options if own else ())
    ]
    if rows:
        rows += [{"old": old, "label": "", "new": new} for old, new in values.items()]
        values = {}
    return {
        "rows": rows,
        "lines": "\n".join(f"{old} = {new}" for old, new in values.items()),
        "there": [{"value": o.value, "label": o.label} for o in (there.options if there else ())],
    }
