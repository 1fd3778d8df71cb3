"""What a proposal knows beside the two schemas: samples, what plugins say of fields, what was confirmed.

Samples are looked at for their form alone; none is kept, written or shown.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from crossdock.entrypoints import Role, load_plugin
from crossdock.errors import PluginError
from crossdock.mappingfile.resolution import merged_schemas
from crossdock.migration import Migration
from crossdock.proposing.memory import remembered
from crossdock.proposing.plain import Knowledge, Meanings
from crossdock.proposing.remembering import kept_elsewhere
from crossdock.proposing.usage import scope_usage

_SAMPLES = 25
"""Records of an object whose values are looked at."""


def knowledge_of(migration: Migration) -> Knowledge:
    """What is known for the pair of an open project."""
    own: dict[str, str] = {}
    for config in migration.project.sources:
        own |= _meanings(Role.SOURCE, config.platform)
    there = migration.project.destination_named(migration.destination_name).platform
    confirmed = remembered(migration.confirmed_mapping, migration.confirmation_file)
    elsewhere = [
        memory
        for platform in dict.fromkeys(config.platform for config in migration.project.sources)
        for memory in kept_elsewhere(
            migration.project,
            platform,
            there,
            merged_schemas(list(migration.source_catalogs.values())),
            {schema.name: schema for schema in migration.destination_catalog.objects},
        )
    ]
    return Knowledge(
        samples=_samples(migration),
        own=own,
        there=_meanings(Role.DESTINATION, there),
        memories=(*((confirmed,) if confirmed else ()), *elsewhere),
        usage=scope_usage(migration.project.reports / "scope.json"),
    )


def _meanings(role: Role, platform: str) -> Meanings:
    """What a plugin says that its platform's own fields mean (`meanings` of its class), {} if nothing."""
    try:
        found: Meanings = getattr(load_plugin(role, platform), "meanings", {})
    except PluginError:
        return {}  # who needs the plugin will say so
    return found


def _samples(migration: Migration) -> dict[str, Mapping[str, list[Any]]]:
    """Values of the first staged records by object and field; none where nothing is staged yet."""
    if migration.project.database_url() is None and not migration.project.staging_db.exists():
        return {}
    found: dict[str, Mapping[str, list[Any]]] = {}
    for tenant, name in migration.staging.objects():
        page = next(migration.staging.scan(tenant, name, size=_SAMPLES), [])
        values: dict[str, list[Any]] = {}
        for staged in page:
            for field, value in staged.record.values.items():
                values.setdefault(field, []).extend(_texts(value))
        found.setdefault(name, values)
    return found


def _texts(value: Any) -> list[str]:
    """A value as texts, the first part of one that has several (the number of a phone)."""
    if value is None or value == "":
        return []
    if isinstance(value, list | tuple):
        return [text for each in value for text in _texts(each)]
    if is_dataclass(value):
        return _texts(getattr(value, fields(value)[0].name))
    return [str(value).lower() if isinstance(value, bool) else str(value)]
