"""The checklist of an import by hand: what to make first, which file when, and what is not in them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.documents.filing import file_json, file_page, file_text, pages_possible, without_secrets
from crossdock.fileformat import FileFormat
from crossdock.ledger import Run
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Change, ChangeKind, FieldSchema, ObjectSchema, TargetRecord
from crossdock.tofiles.attached import FOLDER, INDEX, Attached
from crossdock.tofiles.sheets import Leftovers, SheetFile

NAME = "checklist"
_SHOWN = 1000
Schemas = Callable[[str], ObjectSchema]


def checklist_of(
    migration: Migration,
    resolved: ResolvedMapping,
    run: Run,
    file_format: FileFormat,
    schemas: Schemas,
    *,
    closed: str,
    files: Sequence[SheetFile],
    changes: Sequence[Change],
    left: Leftovers,
    removals: Sequence[TargetRecord],
    attached: Attached,
    fields: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """The checklist as plain data. `fields`: by object, the fields that the files write."""
    catalog, guide = migration.destination_catalog, file_format.guide
    return {
        "project": migration.project.id,
        "run": run.id,
        "destination": catalog.identity,
        "platform": catalog.platform,
        "asked": not closed,
        "why_not_asked": closed,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "row_limit": file_format.row_limit,
        "make_first": [_made(change, file_format, schemas) for change in changes],
        "switch_off": _automations(migration, resolved),
        "before": list(guide.before),
        "with_each": list(guide.each),
        "files": [_file(file, file_format, schemas(file.object_name)) for file in files],
        "after": list(guide.after),
        "never": list(guide.never),
        "left_out": _left(left, schemas),
        "removals": [_removal(record) for record in removals[:_SHOWN]],
        "removals_in_all": len(removals),
        "attachments": {
            "count": attached.count,
            "bytes": attached.bytes,
            "folder": FOLDER if attached.count else "",
            "index": f"{FOLDER}/{INDEX}" if attached.count else "",
        },
        "export": list(guide.export),
        "exports": [
            _export(schemas(name), names, written_columns(files, name), file_format)
            for name, names in fields.items()
        ],
        "export_limit": file_format.export_limit,
    }


def write_checklist(folder: Path, data: Mapping[str, Any]) -> None:
    """Write `checklist.json`, `.txt` and, if pages are possible, `.html`. Raises StorageError."""
    plain = without_secrets(data)
    file_json(folder / f"{NAME}.json", plain)
    file_text(folder / f"{NAME}.txt", as_text(plain))
    if pages_possible():
        file_page(folder / f"{NAME}.html", "tofiles.html", plain)


def page_of(folder: Path) -> Path:
    """The checklist that a person reads."""
    page = folder / f"{NAME}.html"
    return page if page.exists() else folder / f"{NAME}.txt"


def _made(change: Change, file_format: FileFormat, schemas: Schemas) -> dict[str, Any]:
    schema = schemas(change.object_name)
    base, _, _ = change.name.partition(".")
    field = schema.field(change.name) or schema.field(base)
    made: dict[str, Any] = {
        "what": change.kind.value,
        "object": change.object_name,
        "object_label": schema.label or schema.name,
        "name": change.name,
        "label": change.label or change.name,
        "type": "",
        "options": [],
        "unique": False,
        "refers_to": "",
        "reason": change.reason,
    }
    if change.kind is ChangeKind.OBJECT or field is None:
        return made
    if change.kind is ChangeKind.OPTION:
        return made | {
            "name": change.name.removeprefix(f"{field.name}."),
            "type": f"of {field.label or field.name}",
        }
    return made | _field(field, file_format, schemas)


def _field(field: FieldSchema, file_format: FileFormat, schemas: Schemas) -> dict[str, Any]:
    target = schemas(field.references[0]) if field.references else None
    return {
        "type": file_format.kind(field),
        "options": [f"{option.label or option.value} ({option.value})" for option in field.options],
        "unique": field.unique,
        "refers_to": (target.label or target.name) if target else "",
    }


def _automations(migration: Migration, resolved: ResolvedMapping) -> list[dict[str, Any]]:
    active = [
        artifact
        for report in migration.destination_catalog.artifacts
        for artifact in report.found
        if artifact.active
    ]
    return [
        {"kind": a.kind, "name": a.name, "decision": str(resolved.automations.get(a.name, "undecided"))}
        for a in active
    ]


def _file(file: SheetFile, file_format: FileFormat, schema: ObjectSchema) -> dict[str, Any]:
    return {
        "n": file.n,
        "file": file.name,
        "object": schema.name,
        "label": schema.label_plural or schema.label or schema.name,
        "rows": file.rows,
        "columns": list(file.columns),
        "completes": file.completes,
        "place": file_format.place(schema),
    }


def _left(left: Leftovers, schemas: Schemas) -> list[dict[str, Any]]:
    rows = []
    for (object_name, name, reason), count in left.fields.items():
        schema = schemas(object_name)
        field = schema.field(name)
        label = (field.label or field.name) if field else ""
        rows.append(
            {
                "object": object_name,
                "object_label": schema.label or object_name,
                "field": name,
                "label": label,
                "count": count,
                "reason": reason,
            }
        )
    return sorted(rows, key=lambda row: (row["field"] != "", row["object"], row["field"]))


def _removal(record: TargetRecord) -> dict[str, str]:
    return {
        "object": record.object_name,
        "id": record.target_id,
        "source": str(record.origin),
        "action": record.action.value,
    }


def written_columns(files: Sequence[SheetFile], object_name: str) -> list[str]:
    """All columns that the files of an object have."""
    return list(dict.fromkeys(c for file in files if file.object_name == object_name for c in file.columns))


def _export(
    schema: ObjectSchema, names: Sequence[str], written: Sequence[str], file_format: FileFormat
) -> dict[str, Any]:
    columns = [c for group in file_format.export_columns(schema, names, written).values() for c in group]
    return {
        "object": schema.name,
        "label": schema.label_plural or schema.label or schema.name,
        "save_as": f"{schema.name}.csv",
        "columns": list(dict.fromkeys(columns)),
    }


def as_text(data: Mapping[str, Any]) -> str:
    """The checklist as text."""
    lines = [f"Import by hand into {data['platform']} {data['destination']}", f"run {data['run']}", ""]
    if not data["asked"]:
        lines += [f"The destination was not asked: {data['why_not_asked']}", NOT_ASKED, ""]
    lines += _numbered("Before the first file", data["before"])
    if data["make_first"]:
        lines += ["Make first", *(f"  [ ] {made_line(each)}" for each in data["make_first"]), ""]
    if data["switch_off"]:
        named = (f"  [ ] {a['kind']} {a['name']} (decided: {a['decision']})" for a in data["switch_off"])
        lines += ["Switch off, and on again afterwards", *named, ""]
    lines += _numbered("With each file", data["with_each"])
    lines += ["Files, in this order", *(f"  [ ] {file_line(file)}" for file in data["files"]), ""]
    lines += _numbered("After the last file", data["after"])
    if data["left_out"] or data["never"]:
        lines += ["Not in the files", *(f"  {left_line(each)}" for each in data["left_out"])]
        lines += [*(f"  {sentence}" for sentence in data["never"]), ""]
    if data["removals"]:
        gone = (f"  [ ] {r['object']} {r['id']} ({r['source']}): {r['action']}" for r in data["removals"])
        lines += [f"Take away by hand ({data['removals_in_all']})", *gone, ""]
    if data["attachments"]["count"]:
        found = data["attachments"]
        lines += [f"Files to attach: {found['count']} in {found['folder']}/, listed in {found['index']}", ""]
    lines += _numbered("Export, to prove it", data["export"])
    lines += [f"  [ ] {x['save_as']}: {', '.join(x['columns'])}" for x in data["exports"]]
    return "\n".join([*lines, "", "then: crossdock reconcile --from-files FOLDER", ""])


NOT_ASKED = (
    "Its objects and fields are those that were kept when it was last looked at. No record of it was looked"
    " up: what is there already is not found by a match key, and nobody's account is."
)


def made_line(each: Mapping[str, Any]) -> str:
    """What is to be made, in a line."""
    if each["what"] == ChangeKind.OBJECT.value:
        return f"object {each['label']} (name {each['name']})"
    place = f"{each['object_label']}: {each['what']} {each['label']} (name {each['name']})"
    refers = f" to {each['refers_to']}" if each["refers_to"] else ""
    options = f"; options: {', '.join(each['options'])}" if each["options"] else ""
    return f"{place}, {each['type']}{refers}{', unique' if each['unique'] else ''}{options}"


def file_line(file: Mapping[str, Any]) -> str:
    """A file, in a line."""
    more = ", completes records that are there by then" if file["completes"] else ""
    return f"{file['n']}. {file['file']}: {file['rows']} rows of {file['label']}{more}. {file['place']}"


def left_line(each: Mapping[str, Any]) -> str:
    """What is in no file, in a line."""
    place = f"{each['object_label']}.{each['label']}" if each["field"] else each["object_label"]
    what = "values" if each["field"] else "records"
    return f"{place}: {each['count']} {what}: {each['reason']}"


def _numbered(title: str, sentences: Sequence[str]) -> list[str]:
    if not sentences:
        return []
    return [title, *(f"  {n}. {sentence}" for n, sentence in enumerate(sentences, start=1)), ""]
