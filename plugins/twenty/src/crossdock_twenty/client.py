"""The only module of this plugin that speaks HTTP.

Data goes through GraphQL, except where an author is written: GraphQL's ActorCreateInput has no name
(measured on 2.21.0), so those writes use REST. Calls to `/metadata` are not limited by the server.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from crossdock.connection import Connection
from crossdock.errors import (
    AccessLostError,
    AuthError,
    ConfigError,
    ContractError,
    OutcomeUnknownError,
    RecordError,
)
from crossdock.http import FileHostError, FileHosts, HttpClient
from crossdock.model import Limits
from crossdock.values import StoredFile
from crossdock_twenty.answers import RefusalError, classify, read
from crossdock_twenty.graphql import type_name
from crossdock_twenty.settings import TwentySettings

_CHUNK = 1 << 16
_OBJECTS = """query($after: ConnectionCursor) {
  objects(paging: {first: 100, after: $after}, filter: {}) {
    pageInfo { hasNextPage endCursor }
    edges { node { id nameSingular namePlural labelSingular labelPlural applicationId isActive isSystem
      fieldsList { id name label type isActive isSystem isNullable isUnique defaultValue options settings
        applicationId
        relation { type targetObjectMetadata { nameSingular } targetFieldMetadata { id name } }
        morphRelations { type targetObjectMetadata { nameSingular } targetFieldMetadata { name } } } } }
  }
}"""
_BEGIN_UPLOAD = """mutation($name: String!, $size: Float!, $field: String) {
  createFileUpload(filename: $name, size: $size, fileFolder: FilesField, fieldMetadataId: $field) {
    fileId uploadUrl contentType } }"""
_END_UPLOAD = "mutation($id: String!) { completeFileUpload(fileId: $id) { id } }"


class TwentyClient:
    """Calls of one workspace. Raises AuthError for a key that never worked, AccessLostError afterwards."""

    def __init__(self, settings: TwentySettings, connection: Connection) -> None:
        key = settings.key.get_secret_value()
        self._claims = _claims(key)
        self.host = urlsplit(settings.url).netloc
        self.files = connection.files
        self.limits = Limits(
            scope=f"twenty:{self.host}/{self.workspace_id}",
            calls_per_minute=settings.calls_per_minute,
            batch_size=settings.batch_size,
            page_size=200,
        )
        headers = {"Authorization": f"Bearer {key}"}
        timeout = settings.timeout
        self._data = HttpClient(
            settings.url,
            connection=connection,
            headers=headers,
            secrets=(key,),
            limits=self.limits,
            timeout=timeout,
            classify=classify,
            verify=settings.ca_file,
        )
        self._schema = HttpClient(
            settings.url,
            connection=connection,
            headers=headers,
            secrets=(key,),
            limits=None,
            timeout=timeout,
            classify=classify,
            verify=settings.ca_file,
            # Where files are kept in S3, their signed addresses are on another host (documented).
            file_hosts=FileHosts(settings.url, settings.file_hosts, public=True),
        )
        self._worked = False

    @property
    def workspace_id(self) -> str:
        """The workspace that the key belongs to, from the key's own claims."""
        return str(self._claims["workspaceId"])

    def query(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A GraphQL read of records."""
        return self._graphql(self._data, "/graphql", query, variables)

    def mutate(self, query: str, variables: Mapping[str, Any], *, repeat: bool = False) -> dict[str, Any]:
        """A GraphQL write of records; `repeat` when doing it twice changes nothing."""
        return self._graphql(self._data, "/graphql", query, variables, repeat=repeat)

    def read_schema(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A GraphQL read of the schema API."""
        return self._graphql(self._schema, "/metadata", query, variables)

    def change_schema(
        self, query: str, variables: Mapping[str, Any], *, repeat: bool = False
    ) -> dict[str, Any]:
        """A GraphQL write of the schema API; `repeat` when doing it twice changes nothing."""
        return self._graphql(self._schema, "/metadata", query, variables, repeat=repeat)

    def objects(self) -> list[dict[str, Any]]:
        """The metadata of all objects, fields and relation targets included."""
        nodes: list[dict[str, Any]] = []
        after: str | None = None
        while True:
            page = self.read_schema(_OBJECTS, {"after": after})["objects"]
            nodes += [edge["node"] for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes
            after = page["pageInfo"]["endCursor"]

    def create(self, name: str, plural: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
        """Create records in one request, all or none; the ids that the server answers with.

        Raises RefusalError, BatchTooLargeError, OutcomeUnknownError.
        """
        if any(_names_author(row) for row in rows):
            body = self._send("POST", f"/rest/batch/{plural}", json=list(rows))
            made = body.get("data", {}).get("create" + plural[0].upper() + plural[1:])
        else:
            resolver = "create" + type_name(plural)
            declared = f"$rows: [{type_name(name)}CreateInput!]!"
            query = f"mutation({declared}) {{ {resolver}(data: $rows) {{ id }} }}"
            made = self.mutate(query, {"rows": list(rows)}).get(resolver)
        if not isinstance(made, list):
            raise ContractError(f"Twenty answered a create of {plural} without a list of records.")
        return [str(node["id"]) for node in made]

    def update(
        self, name: str, plural: str, record_id: str, data: Mapping[str, Any], *, repeat: bool = False
    ) -> None:
        """Change one record, trashed ones included. Raises GoneError, RefusalError.

        With `repeat` a lost answer makes it send again, else it raises OutcomeUnknownError.
        """
        if _names_author(data):
            path = f"/rest/{plural}/{quote(record_id, safe='')}"
            self._send("PATCH", path, json=dict(data), repeat=repeat)
            return
        kind = type_name(name)
        declared = f"$id: UUID!, $data: {kind}UpdateInput!"
        query = f"mutation({declared}) {{ update{kind}(id: $id, data: $data) {{ id }} }}"
        self.mutate(query, {"id": record_id, "data": dict(data)}, repeat=repeat)

    def trash(self, name: str, plural: str, ids: Sequence[str]) -> None:
        """Put the records with these ids (at most 200) into the trash.

        Raises ConfigError for no ids: a call without them would reach every record.
        """
        if not ids:
            raise ConfigError("trash was called without ids.")
        kind, resolver = type_name(name), "delete" + type_name(plural)
        query = f"mutation($filter: {kind}FilterInput!) {{ {resolver}(filter: $filter) {{ id }} }}"
        self.mutate(query, {"filter": {"id": {"in": list(ids)}}}, repeat=True)

    def destroy(self, name: str, plural: str, ids: Sequence[str]) -> None:
        """Destroy the records with these ids (at most 200), live or trashed. Ids that are gone are ignored.

        Raises ConfigError for no ids: a call without them would reach every record.
        """
        if not ids:
            raise ConfigError("destroy was called without ids.")
        kind = type_name(name)
        resolver = "destroy" + type_name(plural)
        query = f"mutation($filter: {kind}FilterInput!) {{ {resolver}(filter: $filter) {{ id }} }}"
        self.mutate(query, {"filter": {"id": {"in": list(ids)}}}, repeat=True)

    def upload(self, file: StoredFile, field_id: str) -> str:
        """Store the file's content for the FILES field with that metadata id; the new file id.

        An upload that is never attached is removed by the server after some time.
        """
        variables = {"name": file.name or "file", "size": file.size, "field": field_id}
        target = self.change_schema(_BEGIN_UPLOAD, variables)["createFileUpload"]
        headers = {"Content-Type": target["contentType"], "Content-Length": str(file.size)}
        try:
            answer = self._schema.upload(target["uploadUrl"], _Content(self, file), headers=headers)
        except FileHostError as error:
            raise RefusalError(f"{file.name!r} was not uploaded: {error}") from error
        if answer.status_code >= 500:
            raise OutcomeUnknownError(f"the upload of {file.name!r} was answered {answer.status_code}.")
        if answer.status_code >= 300:
            raise RefusalError(f"the upload of {file.name!r} was answered {answer.status_code}.")
        self.change_schema(_END_UPLOAD, {"id": target["fileId"]})
        return str(target["fileId"])

    def download(self, url: str) -> Iterator[bytes]:
        """Stream a file from its signed address, without the key.

        Raises ContractError if there is none: Twenty itself named the address a moment ago.
        """
        try:
            yield from self._schema.download(url)
        except RecordError as error:
            raise ContractError(
                f"a file of Twenty cannot be read back: {'; '.join(error.reasons)}.",
                hint="Run the same command again; if it says the same, look at the file in Twenty.",
            ) from error

    def version(self) -> str:
        """The server's version, "" if it does not say."""
        try:
            response = self._schema.send("GET", "/client-config", safe=True)
        except AuthError as error:  # the page is open to all (documented); what stands before it may not be
            raise self._refused_key(error) from error
        body = read(response, safe=True)
        return str(body.get("appVersion") or "") if isinstance(body, dict) else ""

    def close(self) -> None:
        """Close the connections."""
        self._data.close()
        self._schema.close()

    def _send(self, method: str, path: str, *, json: Any, repeat: bool = False) -> Any:
        try:
            response = self._data.send(method, path, safe=repeat, json=json)
        except AuthError as error:
            raise self._refused_key(error) from error
        self._worked = True
        return read(response, safe=False)

    def _graphql(
        self,
        http: HttpClient,
        path: str,
        query: str,
        variables: Mapping[str, Any] | None,
        *,
        repeat: bool | None = None,
    ) -> dict[str, Any]:
        """Send a query (`repeat` None) or a mutation and give its data."""
        payload = {"query": query, "variables": dict(variables or {})}
        try:
            response = http.send("POST", path, safe=repeat is not False, json=payload)
        except AuthError as error:
            raise self._refused_key(error) from error
        except RefusalError as error:
            if repeat is None:
                raise ContractError(f"Twenty does not understand a query: {error.message}") from error
            raise
        body = read(response, safe=repeat is None)
        self._worked = True
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, dict):
            raise ContractError("Twenty answered a query without data.")
        return data

    def _refused_key(self, error: AuthError) -> AuthError | AccessLostError:
        return AccessLostError(error.message, hint=error.hint) if self._worked else error


class _Content:
    """The content of a stored file; each iteration reads it from the start."""

    def __init__(self, client: TwentyClient, file: StoredFile) -> None:
        self._client, self._file = client, file

    def __iter__(self) -> Iterator[bytes]:
        with self._client.files.open(self._file) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk


def _names_author(row: Mapping[str, Any]) -> bool:
    return any(isinstance(v, dict) and "source" in v and "name" in v for v in row.values())


def _claims(key: str) -> dict[str, Any]:
    """The claims of an API key (a JWT), read and not verified. Raises AuthError."""
    parts = key.split(".")
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claims = orjson.loads(payload)
        if re.fullmatch(r"[0-9a-fA-F-]{36}", claims["workspaceId"]):
            return dict(claims)
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error):
        pass
    raise AuthError(
        "the key is not an API key of Twenty.",
        hint="Make one in Twenty under Settings, APIs & Webhooks; it starts with eyJ.",
    )
