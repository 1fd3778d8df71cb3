"""A person's confirmation, bound to everything it was given for.

The fingerprint has a part each for the mapping, the decisions, the destination, the two schemas and
the plugin versions, so that a refusal can say which of them changed. What this project itself adds
to the destination (wanted fields and objects, links back to them, the external id field) does not
count as a change of its schema.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from shutil import copyfile

import orjson

from crossdock.errors import RefusedError, StorageError
from crossdock.mappingfile.resolution import ResolvedMapping, digest
from crossdock.model import FieldSchema, ObjectSchema
from crossdock.schema import fingerprint as schema_fingerprint
from crossdock.wholefile import write_whole

PARTS: Mapping[str, str] = {
    "mapping": "the mapping",
    "decisions": "a decision",
    "destination": "the destination",
    "source_schema": "the source's schema",
    "destination_schema": "the destination's schema",
    "plugins": "a plugin's version",
}
_HINT = "Read `crossdock map diff`, then confirm with `crossdock map confirm --by NAME`."


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Who confirmed, when (ISO 8601), and the fingerprint of what."""

    by: str
    at: str
    parts: Mapping[str, str]


def fingerprint(
    resolved: ResolvedMapping,
    destination_identity: str,
    source_schemas: Iterable[ObjectSchema],
    destination_schemas: Iterable[ObjectSchema],
    plugin_versions: Mapping[str, str],
    own: Collection[str] = (),
    external_id_field: str = "",
) -> dict[str, str]:
    """One digest a part. `own` names further things this project made: `object` or `object.field`;
    `external_id_field` is the one that the destination gives every object for its own use."""
    return {
        "mapping": digest(
            [
                [r.model_dump(mode="json") for r in resolved.objects],
                resolved.wanted,
                dict(resolved.automations),
            ]
        ),
        "decisions": digest(dict(resolved.decisions)),
        "destination": digest([resolved.destination, destination_identity]),
        "source_schema": schema_fingerprint(source_schemas),
        "destination_schema": schema_fingerprint(
            _foreign(resolved, destination_schemas, own, external_id_field)
        ),
        "plugins": digest(dict(plugin_versions)),
    }


def _foreign(
    resolved: ResolvedMapping,
    schemas: Iterable[ObjectSchema],
    own: Collection[str],
    external_id_field: str,
) -> list[ObjectSchema]:
    """The destination's schema without what this project adds to it."""
    objects = {w.name for w in resolved.wanted if w.custom} | {name for name in own if "." not in name}
    fields = {f"{w.name}.{f.name}" for w in resolved.wanted for f in w.fields} | set(own)
    # A new reference gives the object it points to a field that leads back.
    back = {(name, (w.name,)) for w in resolved.wanted for f in w.fields for name in f.references}

    def foreign(schema: ObjectSchema, field: FieldSchema) -> bool:
        ours = field.name == external_id_field or f"{schema.name}.{field.name}" in fields
        to_ours = bool(field.references) and set(field.references) <= objects
        leads_back = field.custom and (schema.name, field.references) in back
        return not (ours or to_ours or leads_back)

    def without_ours(schema: ObjectSchema) -> ObjectSchema:
        kept = (f for f in schema.fields if foreign(schema, f))
        return replace(schema, fields=tuple(_without_own_links(f, objects) for f in kept))

    return [without_ours(schema) for schema in schemas if schema.name not in objects]


def _without_own_links(field: FieldSchema, objects: set[str]) -> FieldSchema:
    """A link that may point to many objects may point to ours too, once they are there."""
    if not objects & set(field.references):
        return field
    return replace(field, references=tuple(name for name in field.references if name not in objects))


def write(path: Path, by: str, at: datetime, parts: Mapping[str, str]) -> Confirmation:
    """Write the confirmation file. Raises RefusedError without a name, StorageError if it cannot."""
    if not by.strip():
        raise RefusedError("a confirmation needs the name of a person.", hint="Use --by NAME.")
    confirmation = Confirmation(by.strip(), at.isoformat(), dict(parts))
    write_whole(path, orjson.dumps(asdict(confirmation), option=orjson.OPT_INDENT_2))
    return confirmation


def keep(mapping: Path, copy: Path) -> None:
    """Keep the mapping file as it was confirmed, to be held against it later. Raises StorageError."""
    try:
        copyfile(mapping, copy)
    except OSError as error:
        raise StorageError(f"cannot write {copy}: {error.strerror}.") from error


def read(path: Path) -> Confirmation | None:
    """The confirmation, None if there is none. Raises RefusedError if the file is damaged."""
    try:
        content = orjson.loads(path.read_bytes())
        return Confirmation(str(content["by"]), str(content["at"]), dict(content["parts"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RefusedError(f"the confirmation {path} cannot be read.", hint=_HINT) from error


def changed_parts(confirmation: Confirmation, parts: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the parts that are no longer what was confirmed."""
    names = dict.fromkeys([*PARTS, *parts, *confirmation.parts])
    return tuple(name for name in names if confirmation.parts.get(name) != parts.get(name))


def verify(
    confirmation: Confirmation | None, parts: Mapping[str, str], destination: str | None = None
) -> Confirmation:
    """The confirmation, if it is for exactly this. Raises RefusedError saying what changed since.

    `destination`: the name of a destination beside the main one; it has a confirmation of its own.
    """
    to = f" --to {destination}" if destination else ""
    if confirmation is None:
        place = f" for {destination}" if destination else ""
        raise RefusedError(
            f"nobody has confirmed the mapping{place}.",
            hint=f"Read mapping.yaml, then confirm with `crossdock map confirm{to} --by NAME`.",
        )
    changed = changed_parts(confirmation, parts)
    if changed:
        words = ", ".join(PARTS.get(name, name) for name in changed)
        raise RefusedError(
            f"since {confirmation.by} confirmed at {confirmation.at}, this changed: {words}.",
            hint=_HINT.replace("map diff", f"map diff{to}").replace("map confirm", f"map confirm{to}"),
        )
    return confirmation
