"""What a person does with files in Twenty: its importer and its export, as the pages of the platform do them.

Written from the behaviour of the platform's own pages and not from the plugin: columns are found by the
labels that the server gives, empty cells are left out, the record is sent with `upsert`.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crossdock.testing.sandboxes import Json, Sandbox

JOINER = "\u200d"
PARTS: dict[str, dict[str, str]] = {
    "CURRENCY": {"amountMicros": "Amount", "currencyCode": "Currency"},
    "EMAILS": {"primaryEmail": "Primary Email", "additionalEmails": "Additional Emails"},
    "LINKS": {
        "primaryLinkLabel": "Link Label",
        "primaryLinkUrl": "Link URL",
        "secondaryLinks": "Secondary Links",
    },
    "PHONES": {
        "primaryPhoneNumber": "Primary Phone Number",
        "primaryPhoneCountryCode": "Primary Phone Country Code",
        "primaryPhoneCallingCode": "Primary Phone Calling Code",
        "additionalPhones": "Additional Phones",
    },
    "FULL_NAME": {"firstName": "First Name", "lastName": "Last Name"},
    "ADDRESS": {
        "addressStreet1": "Address 1",
        "addressStreet2": "Address 2",
        "addressCity": "City",
        "addressState": "State",
        "addressCountry": "Country",
        "addressPostcode": "Post Code",
    },
    "RICH_TEXT": {"markdown": "Markdown", "blocknote": "BlockNote"},
}
LISTS = {"additionalEmails", "secondaryLinks", "additionalPhones"}


def objects(sandbox: Sandbox) -> dict[str, Json]:
    """The metadata of every object by name."""
    query = (
        "{ objects(paging: {first: 1000}) { edges { node { nameSingular namePlural fieldsList "
        "{ name label type settings isActive } } } } }"
    )
    answer = sandbox.ask("POST", "/metadata", {"query": query})
    return {e["node"]["nameSingular"]: e["node"] for e in answer["data"]["objects"]["edges"]}


def import_file(sandbox: Sandbox, path: Path, object_name: str) -> None:
    """Import records: a file of one object. Raises AssertionError for what the page would not take."""
    node = objects(sandbox)[object_name]
    with path.open(newline="", encoding="utf-8-sig") as file:
        header, *rows = list(csv.reader(file))
    assert len(rows) <= 10_000, "Too many records. Up to 10000 allowed"
    offered = {heading: place for field in node["fieldsList"] for heading, place in _offered(field)}
    unknown = [heading for heading in header if heading not in offered]
    assert not unknown, f"{path.name}: no field for {unknown}"
    records = [_record([offered[h] for h in header], [_cleaned(cell) for cell in row]) for row in rows]
    for start in range(0, len(records), 200):
        batch = records[start : start + 200]
        sandbox.ask("POST", f"/rest/batch/{node['namePlural']}?upsert=true", batch)


def _offered(field: Json) -> Iterator[tuple[str, tuple[Json, str]]]:
    kind, label = field["type"], field["label"]
    if field["name"] == "id":
        yield "Id", (field, "")
    elif kind in PARTS:
        for part, shown in PARTS[kind].items():
            yield f"{label} / {shown}", (field, part)
    elif kind == "RELATION" and (field["settings"] or {}).get("relationType") == "MANY_TO_ONE":
        yield f"{label} / Id", (field, "id")
    elif kind not in ("ACTOR", "MORPH_RELATION", "RELATION", "FILES", "TS_VECTOR", "POSITION"):
        yield label, (field, "")


def _cleaned(cell: str) -> str:
    return cell[1:] if cell.startswith(JOINER) else cell


def _record(columns: list[tuple[Json, str]], cells: list[str]) -> Json:
    record: Json = {}
    for (field, part), cell in zip(columns, cells, strict=True):
        if cell == "":
            continue
        name, kind = field["name"], field["type"]
        if kind == "RELATION":
            record[name] = {"connect": {"where": {"id": cell}}}
        elif part:
            value: Any = json.loads(cell) if part in LISTS else cell
            if part == "amountMicros":
                value = round(float(cell) * 1_000_000)
            record.setdefault(name, {})[part] = value
        elif kind == "BOOLEAN":
            record[name] = cell == "true"
        elif kind in ("NUMBER", "NUMERIC"):
            record[name] = float(cell) if not cell.lstrip("-").isdigit() else int(cell)
        elif kind in ("MULTI_SELECT", "ARRAY", "RAW_JSON"):
            record[name] = json.loads(cell)
        else:
            record[name] = cell
    return record


def export(sandbox: Sandbox, object_name: str, path: Path, _columns: list[str]) -> None:
    """Export a view that shows every field."""
    node = objects(sandbox)[object_name]
    rows = list(_rows(sandbox, node["namePlural"]))
    columns = [column for field in node["fieldsList"] for column in _shown(field)]
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(["Id", *(heading for heading, _, _ in columns)])
        for row in rows:
            writer.writerow([row["id"], *(_cell(row, field, part) for _, field, part in columns)])


def _rows(sandbox: Sandbox, plural: str) -> Iterator[Json]:
    after = ""
    while True:
        answer = sandbox.ask("GET", f"/rest/{plural}?limit=60{after}")
        yield from answer["data"][plural]
        if not answer["pageInfo"]["hasNextPage"]:
            return
        after = f"&starting_after={answer['pageInfo']['endCursor']}"


def _shown(field: Json) -> Iterator[tuple[str, Json, str]]:
    kind, label = field["type"], field["label"]
    if field["name"] == "id" or kind in ("TS_VECTOR", "MORPH_RELATION"):
        return
    if kind in PARTS:
        for part, shown in PARTS[kind].items():
            yield f"{label} / {shown}", field, part
    elif kind == "RELATION":
        if (field["settings"] or {}).get("relationType") == "MANY_TO_ONE":
            yield f"{label} Id", field, ""
    else:
        yield label, field, ""


def _cell(row: Json, field: Json, part: str) -> str:
    name = field["name"]
    if field["type"] == "RELATION":
        name = (field["settings"] or {}).get("joinColumnName") or f"{name}Id"
    value = row.get(name)
    if part:
        value = (value or {}).get(part)
    if part == "amountMicros" and value is not None:
        value = value / 1_000_000
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return JOINER + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") and isinstance(value, str) else text
