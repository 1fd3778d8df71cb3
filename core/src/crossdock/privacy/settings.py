"""What support has to know of a project's settings, without hosts, secrets and names."""

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from crossdock.config import ConnectionConfig, Project
from crossdock.entrypoints import list_plugins
from crossdock.errors import MappingError
from crossdock.mapping import FieldMapping, MappingFile, ObjectMapping
from crossdock.mappingfile.document import load
from crossdock.privacy.pseudonyms import Pseudonyms
from crossdock.secrets import is_reference

_LIBRARIES: Final = ("sqlalchemy", "pydantic", "httpx2", "typer", "structlog", "orjson", "ruamel.yaml")
_WORDS: Final = ("create", "duplicates", "existing", "deleted", "beyond")
_FIELD_WORDS: Final = ("required", "missing", "author", "optional", "reference")


@dataclass
class MappingShape:
    """The mapping without what a person wrote into it about people or records.

    `names`: all objects and fields that it names; `choices`: by source object and field, the values that its
    value maps know.
    """

    data: dict[str, Any] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    choices: dict[str, dict[str, frozenset[str]]] = field(default_factory=dict)


def versions(project: Project) -> dict[str, Any]:
    """What is installed, and on what it runs."""
    plugins = [
        {"role": p.role.value, "name": p.name, "distribution": p.distribution, "version": p.version}
        for p in list_plugins()
    ]
    return {
        "crossdock": _version("crossdock"),
        "plugins": plugins,
        "libraries": {name: _version(name) for name in _LIBRARIES},
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "database": "SQLite files" if project.database is None else "by URL",
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def project_shape(project: Project, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """Connections by platform, their settings by kind alone, and the options."""
    options = project.options.model_dump()
    if options["fallback_user"]:
        options["fallback_user"] = pseudonyms.text(options["fallback_user"])
    return {
        "sources": [_connection(each, pseudonyms) for each in project.sources],
        "destination": _connection(project.destination, pseudonyms),
        "destinations": [_connection(each, pseudonyms) for each in project.destinations.values()],
        "options": options,
    }


def _connection(config: ConnectionConfig, pseudonyms: Pseudonyms) -> dict[str, Any]:
    return {
        "platform": config.platform,
        "tenant": pseudonyms.tenant(config.tenant),
        "sandbox": config.sandbox is not None,
        "settings": {name: _kind(value) for name, value in config.settings.items()},
    }


def _kind(value: Any) -> Any:
    """A switch or a number as it is; of all else only what it is."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return "a secret's reference" if is_reference(value) else "a text"
    return f"a {type(value).__name__} of {len(value)}" if hasattr(value, "__len__") else "something else"


def mapping_shape(project: Project, pseudonyms: Pseudonyms) -> MappingShape:
    """The mapping file as data; empty if there is none, or it cannot be read."""
    try:
        mapping = load(project.mapping)
    except MappingError:
        return MappingShape()
    shape = MappingShape()
    shape.data = {
        "source": mapping.source,
        "destination": mapping.destination,
        "decisions": _decisions(mapping, pseudonyms),
        "automations": list(mapping.automations.values()),
        "objects": [_route(route, shape, pseudonyms) for route in mapping.objects],
    }
    return shape


def _decisions(mapping: MappingFile, pseudonyms: Pseudonyms) -> dict[str, Any]:
    """Answers that the curated mapping offers as they are; what a person wrote has a stand-in."""
    offered = {name: question.alternatives for name, question in mapping.questions.items()}
    return {
        name: answer if answer in offered.get(name, ()) else pseudonyms.value(answer)
        for name, answer in mapping.decisions.items()
    }


def _route(route: ObjectMapping, shape: MappingShape, pseudonyms: Pseudonyms) -> dict[str, Any]:
    shape.names |= {route.source, route.target, *route.fields, *route.extend}
    return {
        "from": route.source,
        "to": route.target,
        "match": [list(key) for key in route.match],
        "where": route.where is not None,
        "for_each": route.for_each,
        **{word: getattr(route, word) for word in _WORDS},
        "fields": {name: dict(_field(route, each, shape, pseudonyms)) for name, each in route.fields.items()},
        "extend": {name: each.type.value for name, each in route.extend.items()},
    }


def _field(
    route: ObjectMapping, each: FieldMapping, shape: MappingShape, pseudonyms: Pseudonyms
) -> Iterator[tuple[str, Any]]:
    shape.names.update(part for source in each.sources for part in (source, *source.split(".")))
    if each.sources:
        yield "from", list(each.sources)
    if each.constant or each.default is not None:
        yield "value", pseudonyms.value(each.value if each.constant else each.default)
    if each.steps:
        yield "steps", [step.name for step in each.steps]
    if each.values is not None:
        yield "values", dict(each.values)
        _choose(shape.choices.setdefault(route.source, {}), each)
    if each.where or each.template:
        yield "conditions", [word for word in ("where", "template") if getattr(each, word)]
    yield from ((w, getattr(each, w)) for w in _FIELD_WORDS if getattr(each, w) not in (None, False))


def _choose(choices: dict[str, frozenset[str]], each: FieldMapping) -> None:
    known: Mapping[str, Any] = each.values or {}
    for source in each.sources:
        choices[source] = choices.get(source, frozenset()) | frozenset(known)
