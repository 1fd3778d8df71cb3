"""Files: their data, links to their bytes, and the object storage that the links point to.

A link is pre-signed and valid for a day (documented by clients). Object storage takes one way of proving
who asks: a request with an Authorization header beside the signature is refused with 403.
"""

import hashlib
import hmac
import re
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crossdock_elma365.sandbox.answers import Body, NotFoundError, endpoint, listed, ok
from crossdock_elma365.sandbox.company import TOKEN, Company
from crossdock_elma365.sandbox.fields import NIL
from crossdock_elma365.sandbox.store import Collection, Json
from crossdock_elma365.sandbox.times import nanoseconds, stamp

BUCKET = "romashka"
VALID_SECONDS = 86_400

_ERROR = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{text}</Message></Error>'


class Disk:
    """The operations under `/disk/`, and `/_s3/`."""

    def __init__(self, company: Company, base_url: str) -> None:
        self._company = company
        self._store = company.store
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """Give the routes, relative to `/pub/v1`."""
        both = ["GET", "POST"]
        return [
            Route("/disk/file/{id}", endpoint(self.file), methods=["GET"]),
            Route("/disk/file/{id}/get-link", endpoint(self.link), methods=both),
            Route("/disk/files", endpoint(self.files), methods=["POST"]),
            Route("/disk/directory/list", endpoint(self.directories), methods=both),
            Route("/disk/directory/{id}", endpoint(self.directory), methods=["GET"]),
        ]

    def storage_routes(self) -> list[Route]:
        """Give the routes of the object storage, from the root."""
        return [Route(f"/_s3/{BUCKET}/{{id}}/{{name:path}}", endpoint(self.content), methods=["GET"])]

    def file(self, request: Request, _body: Body) -> Response:
        """Give the data of one file, not its bytes."""
        return ok(file=self._file(request))

    def files(self, _request: Request, body: Body) -> Response:
        """Give the data of many files by `ids`."""
        return listed(self._store, Collection.FILES, body)

    def link(self, request: Request, _body: Body) -> Response:
        """Give a signed address of the bytes, valid for a day, under `Link`."""
        file = self._file(request)
        date = stamp(self._company.now(), fraction=False)
        query = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Date": re.sub("[-:]", "", date),
            "X-Amz-Expires": str(VALID_SECONDS),
            "X-Amz-SignedHeaders": "host",
            "X-Amz-Signature": _signature(file["__id"], re.sub("[-:]", "", date)),
        }
        path = f"/_s3/{BUCKET}/{file['__id']}/{quote(file['__name'])}"
        return ok(Link=f"{self._base_url}{path}?{urlencode(query)}")

    def content(self, request: Request, _body: Body) -> Response:
        """Give the bytes of a file to who brings the signature and nothing else."""
        identifier, query = request.path_params["id"], request.query_params
        date = query.get("X-Amz-Date", "")
        if "authorization" in request.headers:
            return _refuse("AccessDenied", "Only one auth mechanism allowed")
        if not hmac.compare_digest(query.get("X-Amz-Signature", ""), _signature(identifier, date)):
            return _refuse("SignatureDoesNotMatch", "The signature does not match")
        if self._company.now() > _signed_at(date) + VALID_SECONDS * 10**9:
            return _refuse("AccessDenied", "Request has expired")
        content, file = self._store.content(identifier), self._store.get(Collection.FILES, identifier)
        if content is None or file is None:
            return _refuse("NoSuchKey", "The specified key does not exist", 404)
        headers = {"ETag": f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'}
        return Response(content, headers=headers, media_type="application/octet-stream")

    def directories(self, _request: Request, body: Body) -> Response:
        """Give a page of folders."""
        return listed(self._store, Collection.DIRECTORIES, body)

    def directory(self, request: Request, _body: Body) -> Response:
        """Give one folder with the ids of its files (shape assumed)."""
        identifier = request.path_params["id"]
        folder = self._store.get(Collection.DIRECTORIES, identifier)
        if folder is None and identifier != NIL:
            raise NotFoundError("directory not found")
        files = [f["__id"] for f in self._store.items(Collection.FILES) if f.get("directory") == identifier]
        return ok(directory={"__id": NIL, "__name": "", **(folder or {}), "files": files})

    def _file(self, request: Request) -> Json:
        file = self._store.get(Collection.FILES, request.path_params["id"])
        if file is None or file.get("__deletedAt"):
            raise NotFoundError("file not found")
        return file


def _signature(identifier: str, date: str) -> str:
    return hmac.new(TOKEN.encode(), f"{identifier}/{date}".encode(), hashlib.sha256).hexdigest()


def _signed_at(date: str) -> int:
    parts = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", date)
    return nanoseconds("{}-{}-{}T{}:{}:{}Z".format(*parts.groups())) or 0 if parts else 0


def _refuse(code: str, text: str, status: int = 403) -> Response:
    return Response(_ERROR.format(code=code, text=text), status, media_type="application/xml")
