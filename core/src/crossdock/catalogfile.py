"""A destination's catalog at rest, for the time when its API does not answer any more.

Kept where a person confirmed the mapping, and when the destination was looked at. What is read back says less
than the platform itself: no counts are renewed, and no automation is looked for.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import orjson

from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.model import (
    Artifact,
    ArtifactReport,
    Catalog,
    FieldSchema,
    Limits,
    ObjectSchema,
    Option,
    Provenance,
)
from crossdock.serial import dump_value, load_value
from crossdock.wholefile import write_whole

_LOOSE = ("default", "blank", "settings")  # anything that a plugin puts there


def keep_catalog(path: Path, catalog: Catalog) -> Path:
    """Write a catalog; gives its path. Raises StorageError."""
    limits = catalog.limits
    data = {
        "platform": catalog.platform,
        "identity": catalog.identity,
        "version": catalog.version,
        "objects": [object_data(schema) for schema in catalog.objects],
        "capabilities": catalog.capabilities.as_dict(),
        "limits": [limits.scope, limits.calls_per_minute, limits.batch_size, limits.page_size],
        "artifacts": [_report_data(report) for report in catalog.artifacts],
        "notes": list(catalog.notes),
        "provisionable": sorted(kind.value for kind in catalog.provisionable),
        "provisionable_several": sorted(kind.value for kind in catalog.provisionable_several),
        "external_id_field": catalog.external_id_field,
        "equivalents": dict(catalog.equivalents),
    }
    return write_whole(path, orjson.dumps(data))


def kept_catalog(path: Path) -> Catalog | None:
    """The catalog that was written there, None if none was. Raises ConfigError if it cannot be read."""
    try:
        data = orjson.loads(path.read_bytes())
        support = {Capability(name): Support(word) for name, word in data["capabilities"].items()}
        return Catalog(
            platform=data["platform"],
            identity=data["identity"],
            version=data["version"],
            objects=tuple(object_of(each) for each in data["objects"]),
            capabilities=Capabilities(support),
            limits=Limits(*data["limits"]),
            artifacts=tuple(_report_of(each) for each in data["artifacts"]),
            notes=tuple(data["notes"]),
            provisionable=frozenset(map(FieldType, data["provisionable"])),
            provisionable_several=frozenset(map(FieldType, data["provisionable_several"])),
            external_id_field=data["external_id_field"],
            equivalents=data["equivalents"],
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"the catalog {path} cannot be read.", hint="Make it anew: crossdock discover"
        ) from error


def catalog_names(folder: Path) -> set[str]:
    """Names of objects and fields in the catalogs that are kept in a folder. Raises ConfigError."""
    names: set[str] = set()
    for path in sorted(folder.glob("catalog*.json")):
        catalog = kept_catalog(path)
        for schema in catalog.objects if catalog else ():
            names.add(schema.name)
            names.update(each.name for each in schema.fields)
    return names


def object_data(schema: ObjectSchema) -> dict[str, Any]:
    """A schema as plain data, ready for JSON."""
    data = _plain(schema)
    return data | {"fields": [_plain(field) for field in schema.fields]}


def object_of(data: Mapping[str, Any]) -> ObjectSchema:
    """The schema of what `object_data` gave."""
    given = dict(data) | {"fields": tuple(_field_of(each) for each in data["fields"])}
    return ObjectSchema(**given | {"settings": load_value(data["settings"])})


def _field_of(data: Mapping[str, Any]) -> FieldSchema:
    given = dict(data) | {name: load_value(data[name]) for name in _LOOSE}
    given["type"], given["provenance"] = FieldType(data["type"]), Provenance(data["provenance"])
    given["options"] = tuple(Option(*each) for each in data["options"])
    given["references"] = tuple(data["references"])
    return FieldSchema(**given)


def _plain(schema: ObjectSchema | FieldSchema) -> dict[str, Any]:
    data = {}
    for each in fields(schema):
        value = getattr(schema, each.name)
        if each.name in _LOOSE:
            value = dump_value(dict(value) if each.name == "settings" else value)
        elif each.name == "options":
            value = [[option.value, option.label] for option in value]
        elif isinstance(value, tuple) and each.name != "fields":
            value = list(value)
        data[each.name] = value
    return data


def _report_data(report: ArtifactReport) -> dict[str, Any]:
    found = [[a.kind, a.name, a.id, a.active] for a in report.found]
    return {"kind": report.kind, "found": found, "not_examined": report.not_examined}


def _report_of(data: Mapping[str, Any]) -> ArtifactReport:
    found = tuple(Artifact(*each) for each in data["found"])
    return ArtifactReport(data["kind"], found, data["not_examined"])
