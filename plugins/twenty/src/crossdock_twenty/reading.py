"""Reading records back: by id, by match key, or all that a project owns.

Reads never go through the loader's encoder. Trashed rows become visible as soon as a filter speaks of
`deletedAt` (measured on 2.21.0).
"""

import hashlib
import mimetypes
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from crossdock.errors import ConfigError, ContractError
from crossdock.model import FieldSchema, ObjectSchema, Observation, Selection
from crossdock.values import StoredFile
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.graphql import resolver_name, type_name
from crossdock_twenty.matching import Filter, condition, same
from crossdock_twenty.readback import decode_record
from crossdock_twenty.schema import KEY_FIELD

_Item = TypeVar("_Item")

PAGE = 200
_MATCHES_A_QUERY = 50
_BEGIN = 100  # bytes
_PAGE_OF_A_PROXY = re.compile(rb"\s*<(!doctype html|html)", re.IGNORECASE)
_PAGES = ("text/html", "application/xhtml+xml")
_WITH_TRASH: Filter = {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}
_PARTS = {
    "CURRENCY": "amountMicros currencyCode",
    "EMAILS": "primaryEmail additionalEmails",
    "PHONES": "primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones",
    "LINKS": "primaryLinkUrl primaryLinkLabel secondaryLinks",
    "ADDRESS": "addressStreet1 addressStreet2 addressCity addressState addressPostcode addressCountry"
    " addressLat addressLng",
    "FULL_NAME": "firstName lastName",
    "ACTOR": "source workspaceMemberId name context",
    "RICH_TEXT": "markdown blocknote",
    "FILES": "fileId label url",
}


class Reader:
    """Reads records of one workspace."""

    def __init__(self, client: TwentyClient) -> None:
        self._client = client

    def observe(self, schema: ObjectSchema, selection: Selection) -> Iterator[Observation]:
        """The selected records. Contents of files are hashed for ids and match, not for owned."""
        if selection.ids is not None:
            yield from self._by_ids(schema, selection.ids)
        elif selection.match is not None:
            yield from self._by_match(schema, *selection.match)
        elif selection.owned is not None:
            yield from self._owned(schema, selection.owned)

    def presence(self, schema: ObjectSchema, record_id: str) -> tuple[bool, bool]:
        """Whether a record with that id exists, and whether it is in the trash."""
        nodes = list(self._nodes(schema, {"id": {"in": [record_id]}}, trash=True, selection="id deletedAt"))
        return bool(nodes), bool(nodes and nodes[0]["deletedAt"])

    def rival(self, schema: ObjectSchema, wire: Mapping[str, Any]) -> str:
        """The id of a record that holds one of the unique values of `wire`, "" if none is found."""
        for field in schema.fields:
            value = wire.get(field.settings["column"]) if field.unique and not field.read_only else None
            if isinstance(value, Mapping):
                value = value.get("primaryEmail") or value.get("primaryLinkUrl")
            wanted = condition(field, value) if value else None
            if wanted is None:
                continue
            column = _column(field.settings["column"], field.settings["twenty_type"])
            for node in self._nodes(schema, wanted, trash=True, selection=f"id {column}"):
                if same(field, value, node[field.settings["column"]]):
                    return str(node["id"])
        return ""

    def existing(self, schema: ObjectSchema, ids: Sequence[str]) -> set[str]:
        """Which of the ids exist, live or in the trash."""
        found: set[str] = set()
        for chunk in chunks([i for i in dict.fromkeys(ids) if _is_uuid(i)], PAGE):
            nodes = self._nodes(schema, {"id": {"in": chunk}}, trash=True, selection="id")
            found.update(node["id"] for node in nodes)
        return found

    def live(self, schema: ObjectSchema, ids: Sequence[str]) -> set[str]:
        """Which of the ids exist and are not in the trash."""
        found: set[str] = set()
        for chunk in chunks([i for i in dict.fromkeys(ids) if _is_uuid(i)], PAGE):
            nodes = self._nodes(schema, {"id": {"in": chunk}}, trash=False, selection="id")
            found.update(node["id"] for node in nodes)
        return found

    def pointing(
        self, schema: ObjectSchema, field: FieldSchema, ids: Sequence[str]
    ) -> Iterator[tuple[str, str]]:
        """(id of a record, one of `ids` that its reference `field` points to), trashed records included."""
        column = field.settings["column"]
        wanted: Filter = {column: {"in": list(ids)}}
        for node in self._nodes(schema, wanted, trash=True, selection=f"id {column}"):
            yield node["id"], node[column]

    def referring(self, schema: ObjectSchema, field: FieldSchema, ids: Sequence[str]) -> Iterator[str]:
        """The ids of all records whose reference `field` points to one of `ids`."""
        wanted: Filter = {field.settings["column"]: {"in": list(ids)}}
        yield from (node["id"] for node in self._nodes(schema, wanted, trash=True, selection="id"))

    def outside(self, schema: ObjectSchema, own: frozenset[str]) -> int:
        """How many records of the object, trash included, are not among the ids `own`."""
        nodes = self._nodes(schema, {}, trash=True, selection="id")
        return sum(node["id"] not in own for node in nodes)

    def holders(self, schema: ObjectSchema, field: FieldSchema) -> Iterator[dict[str, Any]]:
        """Id and wire value of every record, trash included, that may hold something in `field`."""
        column, kind = field.settings["column"], field.settings["twenty_type"]
        simple = kind not in _PARTS and kind not in ("MULTI_SELECT", "ARRAY", "RAW_JSON")
        wanted: Filter = {column: {"is": "NOT_NULL"}} if simple else {}
        yield from self._nodes(schema, wanted, trash=True, selection=f"id {_column(column, kind)}")

    def _by_ids(self, schema: ObjectSchema, ids: Sequence[str]) -> Iterator[Observation]:
        for chunk in chunks([i for i in dict.fromkeys(ids) if _is_uuid(i)], PAGE):
            for node in self._nodes(schema, {"id": {"in": chunk}}, trash=True):
                yield self._observation(schema, node, files=True)

    def _by_match(self, schema: ObjectSchema, name: str, values: Sequence[Any]) -> Iterator[Observation]:
        field = schema.field(name)
        if field is None:
            raise ConfigError(f"Twenty's {schema.name} has no field {name} to match by.")
        wanted = [v for value in values for v in (value if isinstance(value, tuple) else (value,))]
        seen: set[str] = set()
        for chunk in chunks(wanted, _MATCHES_A_QUERY):
            found = [c for c in (condition(field, value) for value in chunk) if c is not None]
            if not found:
                continue
            for node in self._nodes(schema, {"or": found}, trash=True):
                held = node[field.settings["column"]]
                if node["id"] not in seen and any(same(field, value, held) for value in chunk):
                    seen.add(node["id"])
                    yield self._observation(schema, node, files=True)

    def _owned(self, schema: ObjectSchema, prefix: str) -> Iterator[Observation]:
        if schema.field(KEY_FIELD) is None:
            return  # provision adds the field to every object that records are loaded into
        for node in self._nodes(schema, {KEY_FIELD: {"startsWith": prefix}}, trash=False):
            if str(node[KEY_FIELD]).startswith(prefix):  # the filter knows wildcards, a prefix does not
                yield self._observation(schema, node, files=False)

    def _nodes(
        self, schema: ObjectSchema, wanted: Filter, *, trash: bool, selection: str = ""
    ) -> Iterator[dict[str, Any]]:
        kind, plural = type_name(schema.name), resolver_name(schema.settings["plural"])
        query = f"""query($filter: {kind}FilterInput, $first: Int, $after: String) {{
  {plural}(filter: $filter, first: $first, after: $after, orderBy: [{{id: AscNullsFirst}}]) {{
    pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {selection or _selection(schema)} }} }} }} }}"""
        asked = {"and": [wanted, _WITH_TRASH]} if trash and wanted else _WITH_TRASH if trash else wanted
        after: str | None = None
        while True:
            page = self._client.query(query, {"filter": asked, "first": PAGE, "after": after})[plural]
            for edge in page["edges"]:
                yield edge["node"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            if page["pageInfo"]["endCursor"] in (None, after):
                raise ContractError(f"Twenty's paging of {plural} does not advance.")
            after = page["pageInfo"]["endCursor"]

    def _observation(self, schema: ObjectSchema, node: dict[str, Any], *, files: bool) -> Observation:
        values = decode_record(schema, node)
        if files:
            values |= self._files(schema, node)
        updated = node.get("updatedAt")
        return Observation(
            object_name=schema.name,
            id=node["id"],
            values=values,
            trashed=node.get("deletedAt") is not None,
            external_id=str(node.get(KEY_FIELD) or ""),
            image=_image(schema, node),
            updated_at=datetime.fromisoformat(updated) if updated else None,
        )

    def _files(self, schema: ObjectSchema, node: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in schema.fields:
            if field.settings["twenty_type"] == "FILES":
                held = node.get(field.settings["column"]) or []
                values[field.name] = tuple(self._file(item) for item in held) or None
        return values

    def _file(self, item: Mapping[str, Any]) -> StoredFile:
        media = mimetypes.guess_type(item["label"])[0] or "application/octet-stream"
        digest, size, begin = hashlib.sha256(), 0, b""
        for chunk in self._client.download(item["url"]):
            digest.update(chunk)
            size += len(chunk)
            begin += chunk[: _BEGIN - len(begin)]
        if _PAGE_OF_A_PROXY.match(begin) and media not in _PAGES:
            raise ContractError(
                f"where the file {item['label']!r} should be, a web page was answered.",
                hint="Something between here and Twenty answers for it; run the same command again.",
            )
        return StoredFile(item["label"], size, digest.hexdigest(), media)


def chunks(items: Sequence[_Item], size: int) -> Iterator[list[_Item]]:
    """The items in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _selection(schema: ObjectSchema) -> str:
    columns = [_column(f.settings["column"], f.settings["twenty_type"]) for f in schema.fields]
    return " ".join(dict.fromkeys(["id", "createdAt", "updatedAt", "deletedAt", *columns]))


def _column(column: str, kind: str) -> str:
    return f"{column} {{ {_PARTS[kind]} }}" if kind in _PARTS else column


def _image(schema: ObjectSchema, node: Mapping[str, Any]) -> dict[str, Any]:
    """The wire values of every column that can be written back, and deletedAt."""
    image: dict[str, Any] = {"deletedAt": node.get("deletedAt")}
    for field in schema.fields:
        column = field.settings["column"]
        if field.read_only or column not in node:
            continue
        held = node[column]
        if field.settings["twenty_type"] == "FILES":
            held = [{"fileId": f["fileId"], "label": f["label"]} for f in held or []]
        image[column] = held
    return image


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
