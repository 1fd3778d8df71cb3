"""A tenant behind a mock transport for the client, a sandbox in a process of its own for all else."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from crossdock.connection import Connection
from crossdock.filestore import FileStore
from crossdock.model import Limits
from crossdock.sandbox import SandboxProcess, start
from crossdock_cetec.client import CetecClient
from crossdock_cetec.settings import CetecSettings
from crossdock_cetec.source import CetecSource

TOKEN = "K;e|y[1]!/+ =&%"
COLUMNS = ["domain", "priority_support", "itar", "intercompany", "status", "salesperson", "created_on"]


class FakeTenant:
    """Answers each path with what a test gave it; `requests` keeps what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.requests: list[httpx2.Request] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        given = self.answers[request.url.path]
        if callable(given):
            given = given(request)
        if isinstance(given, httpx2.Response):
            return given
        return httpx2.Response(200, content=given if isinstance(given, bytes) else orjson.dumps(given))


@pytest.fixture
def fake() -> FakeTenant:
    return FakeTenant()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def client(fake: FakeTenant, store: FileStore) -> Iterator[CetecClient]:
    settings = CetecSettings.model_validate({"url": "http://cetec.example", "token": TOKEN})
    transport = httpx2.MockTransport(fake.answer)
    connection = Connection(name="erp", project="p", tenant="t", files=store, transport=transport)
    made = CetecClient(settings, connection, Limits("test"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """The demo's tenant; its exports are in the folder `cetec-exports` beside its data. Read only."""
    process = start("cetec", data=tmp_path_factory.mktemp("demo") / "cetec.db", rate="off")
    yield process
    process.stop()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("cetec", data=tmp_path_factory.mktemp("empty") / "cetec.db", seed="empty", rate="off")
    yield process
    process.stop()


def exports(sandbox: SandboxProcess) -> Path:
    return sandbox.data.with_name("cetec-exports")


@pytest.fixture
def make_source(store: FileStore, tmp_path: Path) -> Iterator[Callable[..., CetecSource]]:
    made: list[CetecSource] = []

    def make(sandbox: SandboxProcess | None = None, **settings: Any) -> CetecSource:
        given: dict[str, Any] = {"calls_per_minute": 1e6, "timezone": "America/Chicago"}
        if sandbox is not None:
            given |= {"url": sandbox.url, "token": sandbox.token}
        connection = Connection(
            name="erp", project="p", tenant="t", files=store, handoff=tmp_path / "handoff"
        )
        made.append(CetecSource(CetecSettings.model_validate(given | settings), connection))
        return made[-1]

    yield make
    for source in made:
        source.close()


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    """Writes a text table."""

    def write(name: str, *rows: Sequence[Any], encoding: str = "utf-8", delimiter: str = ",") -> Path:
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter).writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write
