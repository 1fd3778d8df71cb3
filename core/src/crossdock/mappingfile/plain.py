"""A mapping as plain maps and lists in their shortest form: what YAML shows and what is compared."""

from collections.abc import Mapping
from typing import Any

from crossdock.mapping import (
    Constant,
    FieldDefinition,
    FieldMapping,
    MappingFile,
    ObjectMapping,
    OtherField,
    OthersTemplate,
    PolymorphicTargets,
    StepUse,
)

_USUAL_OF_ROUTE: Mapping[str, Any] = {
    "duplicates": "hold",
    "existing": "fill",
    "keep": "report",
    "for_each": None,
    "beyond": 0,
}


def as_plain(mapping: MappingFile) -> dict[str, Any]:
    """The mapping as plain maps and lists in their shortest form, ready for YAML."""
    plain: dict[str, Any] = {"source": mapping.source, "destination": mapping.destination}
    if mapping.questions:
        plain["questions"] = {
            name: question.model_dump(mode="json", exclude_defaults=True)
            for name, question in mapping.questions.items()
        }
    if mapping.decisions:
        plain["decisions"] = dict(mapping.decisions)
    if isinstance(mapping.others, OthersTemplate):
        fields = {name: plain_field(entry) for name, entry in mapping.others.fields.items()}
        plain["others"] = {"fields": fields, "ignore": list(mapping.others.ignore)}
        if mapping.others.extend:
            plain["others"]["extend"] = _extended(mapping.others.extend)
    elif mapping.others != "report":
        plain["others"] = mapping.others
    if mapping.ignore:
        plain["ignore"] = list(mapping.ignore)
    if mapping.automations:
        plain["automations"] = dict(mapping.automations)
    plain["objects"] = [plain_route(route, mapping) for route in mapping.objects]
    return plain


def plain_route(route: ObjectMapping, mapping: MappingFile) -> dict[str, Any]:
    """One route of the mapping, without what is as usual."""
    target: Any = route.target
    if route.provision is not None:
        target = {"provision": route.provision.model_dump(mode="json", exclude_defaults=True)}
    plain: dict[str, Any] = {"from": route.source, "to": target}
    if route.name != _automatic_name(route, mapping):
        plain["name"] = route.name
    for word in ("when", "where", "deleted"):
        if getattr(route, word):
            plain[word] = getattr(route, word)
    if route.match:
        plain["match"] = [key[0] if len(key) == 1 else list(key) for key in route.match]
    if not route.create:
        plain["create"] = False
    for word, usual in _USUAL_OF_ROUTE.items():
        if getattr(route, word) != usual:
            plain[word] = getattr(route, word)
    for word in ("require_one", "ignore"):
        if getattr(route, word):
            plain[word] = list(getattr(route, word))
    if route.targets is not None:
        plain["targets"] = _polymorphic(route.targets)
    if route.belongs_to is not None:
        known = route.belongs_to
        plain["belongs_to"] = known.model_dump(mode="json", by_alias=True) if known.targets else known.source
    if route.extend:
        plain["extend"] = _extended(route.extend)
    if route.fields:
        plain["fields"] = {name: plain_field(entry) for name, entry in route.fields.items()}
    return plain


def _extended(fields: Mapping[str, FieldDefinition]) -> dict[str, Any]:
    return {name: field.model_dump(mode="json", exclude_defaults=True) for name, field in fields.items()}


def _automatic_name(route: ObjectMapping, mapping: MappingFile) -> str:
    pair = f"{route.source}>{route.target}"
    alike = [r.name for r in mapping.objects if (r.source, r.target) == (route.source, route.target)]
    number = alike.index(route.name) + 1
    return pair if number == 1 else f"{pair}#{number}"


def plain_field(entry: FieldMapping) -> Any:
    """One field mapping: the source field's name alone if it is a plain copy."""
    plain: dict[str, Any] = {}
    if entry.source is not None:
        plain["from"] = entry.source if isinstance(entry.source, str) else list(entry.source)
    if entry.constant:
        plain["value"] = entry.value
    if entry.template is not None:
        plain["template"] = entry.template
    if entry.where is not None:
        plain["where"] = entry.where
    if entry.steps:
        plain["steps"] = [_plain_step(use) for use in entry.steps]
    if entry.values is not None:
        plain["values"] = dict(entry.values)
    if entry.otherwise != "reject":
        plain["otherwise"] = _plain_otherwise(entry.otherwise)
    usual = {
        "default": None,
        "required": False,
        "reference": None,
        "fallback": None,
        "missing": "reject",
        "author": False,
        "flag": "",
        "optional": False,
    }
    plain |= {word: getattr(entry, word) for word, value in usual.items() if getattr(entry, word) != value}
    return plain["from"] if set(plain) == {"from"} and isinstance(plain["from"], str) else plain


def _plain_otherwise(otherwise: str | Constant | OtherField) -> Any:
    if isinstance(otherwise, Constant):
        return {"value": otherwise.value}
    return {"from": otherwise.source} if isinstance(otherwise, OtherField) else otherwise


def _polymorphic(link: PolymorphicTargets) -> dict[str, Any]:
    """The link with what is not as usual."""
    unusual = link.model_dump(mode="json", exclude={"source", "name"}, exclude_defaults=True)
    return {"from": link.source, "name": link.name, **unusual}


def _plain_step(use: StepUse) -> Any:
    if not use.args:
        return use.name
    return {use.name: use.args[""] if set(use.args) == {""} else dict(use.args)}
