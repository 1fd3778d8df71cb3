"""A tenant in memory behind a mock transport, Word files made piece by piece, and tables of a tenant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import openpyxl
import orjson
import pytest
from docx import Document

from crossdock.connection import Connection
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected
from crossdock_ascora import catalog
from crossdock_ascora.client import AscoraClient
from crossdock_ascora.settings import AscoraSettings
from crossdock_ascora.source import AscoraSource

KEY = "ascora-key-2f9c1b7e"
BASE = {"timezone": "Australia/Sydney", "currency": "AUD"}


class FakeTenant:
    """Answers by path; `requests` keeps what was asked, `answers` may be functions of the query."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[httpx2.Request] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        found = self.answers.get(request.url.path)
        if callable(found):
            found = found(dict(request.url.params))
        if isinstance(found, httpx2.Response):
            return found
        if found is None:
            return httpx2.Response(404, json={"success": False, "message": "Not found"})
        return httpx2.Response(200, content=found if isinstance(found, bytes) else orjson.dumps(found))

    def list(self, path: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Serve a paged list."""

        def page(query: dict[str, str]) -> dict[str, Any]:
            size, number = int(query["PageSize"]), int(query["Page"])
            pages = -(-len(rows) // size)
            part = list(rows[(number - 1) * size : number * size])
            return {"success": True, "results": part, "totalPages": pages, "totalRecords": len(rows)}

        self.answers[path] = page


@pytest.fixture
def tenant() -> FakeTenant:
    return FakeTenant()


@pytest.fixture
def connection(tenant: FakeTenant, tmp_path: Path) -> Connection:
    transport = httpx2.MockTransport(tenant.answer)
    store = FileStore(tmp_path / "store")
    return Connection(
        name="ascora",
        project="p",
        tenant="main",
        files=store,
        transport=transport,
        handoff=tmp_path / "handoff",
    )


@pytest.fixture
def settings() -> AscoraSettings:
    return AscoraSettings.model_validate({**BASE, "url": "http://ascora.example", "key": KEY, "page_size": 2})


@pytest.fixture
def client(settings: AscoraSettings, connection: Connection) -> Iterator[AscoraClient]:
    made = AscoraClient(settings, connection, catalog.limits(settings))
    yield made
    made.close()


@pytest.fixture
def open_source(connection: Connection) -> Iterator[Callable[..., AscoraSource]]:
    """Makes a source of settings; time zone and currency are given."""
    made: list[AscoraSource] = []

    def opened(**settings: Any) -> AscoraSource:
        made.append(AscoraSource(AscoraSettings.model_validate({**BASE, **settings}), connection))
        return made[-1]

    yield opened
    for source in made:
        source.close()


@pytest.fixture
def read(connection: Connection) -> Callable[[AscoraSource, str], tuple[dict[str, Record], list[Rejected]]]:
    """Gives the records of an object by key, and its rejects."""

    def reading(source: AscoraSource, name: str) -> tuple[dict[str, Record], list[Rejected]]:
        batches = list(source.extract(name, None, None, connection.files))
        records = [record for batch in batches for record in batch.records]
        assert len({record.key for record in records}) == len(records)
        return {record.key: record for record in records}, [r for batch in batches for r in batch.rejected]

    return reading


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook: `{sheet: rows}`, the first row of each its header."""

    def write(name: str, **sheets: Sequence[Sequence[Any]]) -> Path:
        book = openpyxl.Workbook(write_only=True)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        path = tmp_path / name
        book.save(path)
        return path

    return write


@pytest.fixture
def document(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Word file; `build` is given the document."""

    def write(name: str, build: Callable[[Any], None]) -> Path:
        made = Document()
        build(made)
        path = tmp_path / name
        made.save(str(path))
        return path

    return write
