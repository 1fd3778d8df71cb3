"""The ASGI app: routes, bodies, authentication, envelopes."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from crossdock_twenty.sandbox import graphql, metadata_graphql, metadata_rest, openapi, rest, uploads
from crossdock_twenty.sandbox.access import MissingTokenError, authenticate, missing_token
from crossdock_twenty.sandbox.accounts import forbidden_resource
from crossdock_twenty.sandbox.documents import read
from crossdock_twenty.sandbox.errors import RefusalError, RequestShapeError
from crossdock_twenty.sandbox.limits import BODY, HEADERS
from crossdock_twenty.sandbox.rest import Call
from crossdock_twenty.sandbox.sessions import OPEN
from crossdock_twenty.sandbox.signing import file_allowed
from crossdock_twenty.sandbox.workspace import Workspace

METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


class BadJsonError(Exception):
    """A body that is no JSON."""


def reply(body: Any, status: int = 200) -> Response:
    """A JSON answer with the server's content type."""
    content = orjson.dumps(body, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return Response(content, status, media_type="application/json; charset=utf-8")


def parsed(content: bytes) -> Any:
    """The JSON body; None if there is none. Big integers and lone surrogates pass. Raises BadJsonError."""
    if not content:
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            return json.loads(content)
        except ValueError as error:
            raise BadJsonError(str(error)) from error


def build(current: Callable[[], Workspace]) -> Starlette:
    """The app over the workspace that `current` gives."""

    async def core(request: Request) -> Response:
        return await _rest(current(), request, metadata=False)

    async def schema(request: Request) -> Response:
        return await _rest(current(), request, metadata=True)

    async def data_graphql(request: Request) -> Response:
        return await _graphql(current(), request, metadata=False)

    async def metadata(request: Request) -> Response:
        return await _graphql(current(), request, metadata=True)

    async def put_file(request: Request) -> Response:
        return await _put_file(current(), request)

    async def get_file(request: Request) -> Response:
        return _get_file(current(), request)

    async def config(request: Request) -> Response:
        del request
        return reply(client_config())

    async def health(request: Request) -> Response:
        del request
        return reply({"status": "ok", "info": {}, "error": {}, "details": {}})

    return Starlette(
        routes=[
            Route("/client-config", config),
            Route("/healthz", health),
            Route("/graphql", data_graphql, methods=["POST"]),
            Route("/metadata", metadata, methods=["POST"]),
            Route("/rest/metadata/{path:path}", schema, methods=METHODS),
            Route("/rest/{path:path}", core, methods=METHODS),
            Route("/file-upload/{id}", put_file, methods=["PUT"]),
            Route("/file/files-field/{id}", get_file),
        ]
    )


def client_config() -> dict[str, Any]:
    """What the public configuration says; `appVersion` as in official images (documented)."""
    return {
        "appVersion": "2.21.0",
        "isWorkspaceSchemaDDLLocked": False,
        "isMultiWorkspaceEnabled": False,
        "signInPrefilled": False,
        "api": {"mutationMaximumAffectedRecords": 100},
    }


async def _body(request: Request) -> bytes | None:
    """The body, None if it is over 10 MB."""
    length = request.headers.get("content-length", "0")
    if length.isdecimal() and int(length) > BODY:
        return None
    content = await request.body()
    return None if len(content) > BODY else content


def _too_large() -> Response:
    return PlainTextResponse("request entity too large", 500)


def _half(request: Request) -> bool:
    fault = request.scope.get("crossdock.fault")
    return isinstance(fault, Mapping) and fault.get("kind") == "half_batch"


def _headers_too_large(request: Request) -> bool:
    """Whether request line and headers are over 16 KB (measured: 450 ids in a filter are)."""
    size = len(request.url.path) + len(request.url.query)
    return size + sum(len(name) + len(value) + 4 for name, value in request.headers.raw) > HEADERS


async def _rest(ws: Workspace, request: Request, *, metadata: bool) -> Response:
    if _headers_too_large(request):
        return Response(status_code=431)
    content = await _body(request)
    if content is None:
        return _too_large()
    try:
        body = parsed(content)
        authenticate(ws, request.headers.get("authorization"))
        segments = tuple(part for part in request.path_params["path"].split("/") if part)
        if segments[:1] == ("open-api",):
            return reply(openapi.document(ws, segments[-1]))
        call = Call(request.method, segments or ("",), request.url.query, body, _half(request))
        status, result = metadata_rest.answer(ws, call) if metadata else rest.answer(ws, call)
    except BadJsonError as error:
        return reply({"message": str(error), "error": "Bad Request", "statusCode": 400}, 400)
    except MissingTokenError:
        return reply(missing_token(), 403)
    except RefusalError as error:
        return reply(error.rest(), error.status)
    return reply(result, status)


async def _graphql(ws: Workspace, request: Request, *, metadata: bool) -> Response:
    content = await _body(request)
    if content is None and "multipart" not in request.headers.get("content-type", ""):
        return _too_large()
    try:
        payload = await _payload(request, content)
        operation = read(str(payload.get("query") or ""), payload.get("operationName"))
        variables = payload.get("variables") or {}
        try:
            authenticate(ws, request.headers.get("authorization"), metadata=metadata)
        except MissingTokenError:
            if metadata and not OPEN.issuperset(root.name for root in operation.roots):
                return reply({"errors": [forbidden_resource().graphql()], "data": None})
            if not metadata:
                raise graphql.not_signed_in(operation) from None
        if metadata:
            return reply(metadata_graphql.execute(ws, operation, variables))
        half = _half(request)
        result = graphql.execute(ws, operation, variables, half=half)
        return reply(result, 500 if half and "errors" in result else 200)
    except BadJsonError as error:
        return reply({"message": str(error), "error": "Bad Request", "statusCode": 400}, 400)
    except RequestShapeError as error:
        return reply({"errors": [error.graphql()]}, error.status)
    except RefusalError as error:
        return reply({"errors": [error.graphql()]})


async def _payload(request: Request, content: bytes | None) -> Mapping[str, Any]:
    """The GraphQL request; of a multipart one, files are put into the variables as (name, bytes)."""
    if "multipart" not in request.headers.get("content-type", ""):
        payload = parsed(content or b"")
        return payload if isinstance(payload, Mapping) else {}
    async with request.form() as form:
        payload = parsed(str(form["operations"]).encode())
        for key, paths in parsed(str(form["map"]).encode()).items():
            upload = form[key]
            if isinstance(upload, UploadFile):
                value = (upload.filename or "file", await upload.read())
                for path in paths:
                    payload["variables"][path.partition(".")[2]] = value
    return dict(payload)


async def _put_file(ws: Workspace, request: Request) -> Response:
    file_id = request.path_params["id"]
    if not file_allowed(ws, request.query_params.get("token", ""), file_id, "UPLOAD"):
        return reply(missing_token(), 403)
    try:
        uploads.put(ws, file_id, await request.body())
    except RefusalError as error:
        return reply(error.rest(), error.status)
    return Response(status_code=204)


def _get_file(ws: Workspace, request: Request) -> Response:
    file_id = request.path_params["id"]
    if not file_allowed(ws, request.query_params.get("token", ""), file_id, "FILE"):
        return reply(missing_token(), 403)
    found = uploads.content_of(ws, file_id)
    if found is None:
        return reply({"statusCode": 404, "messages": ["File not found"], "error": "NotFoundException"}, 404)
    return Response(found[1], media_type="application/octet-stream")
