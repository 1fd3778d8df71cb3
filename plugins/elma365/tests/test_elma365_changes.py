"""What a delta asks of this source: what changed since a time, by the company's own clock."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crossdock.connection import Connection
from crossdock.filestore import FileStore
from crossdock.model import Batch
from crossdock.sandbox import SandboxProcess, start
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.source import Elma365Source

COMPANIES, FILES = "_clients._companies", "_system.files"
OLD, NEW = "2024-01-01T00:00:00Z", "2024-05-01T00:00:00Z"
SINCE = datetime(2024, 4, 1, tzinfo=UTC)


def _company(n: int, updated: str, **more: Any) -> dict[str, Any]:
    own = {"__id": f"c0000000-0000-4000-8000-00000000000{n}", "__name": f"Фирма {n}", "__createdAt": OLD}
    file = f"f0000000-0000-4000-8000-00000000000{n}"
    return own | {"__updatedAt": updated, "contract_files": [file]} | more


SEED = {
    "files": [
        {"__id": f"f0000000-0000-4000-8000-00000000000{n}", "__name": f"{n}.txt", "text": f"{n}"}
        for n in range(3)
    ],
    "items": {
        COMPANIES: [_company(0, OLD), _company(1, NEW), _company(2, NEW, __deletedAt=NEW)],
    },
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    data = tmp_path_factory.mktemp("elma365") / "data.db"
    process = start("elma365", data=data, rate="off", seed="empty")
    body = json.dumps(SEED).encode()
    headers = {"Authorization": f"Bearer {process.token}", "Content-Type": "application/json"}
    urllib.request.urlopen(urllib.request.Request(f"{process.url}/_seed", body, headers)).close()
    yield process
    process.stop()


@pytest.fixture
def source(sandbox: SandboxProcess, tmp_path: Path) -> Elma365Source:
    settings = {"url": sandbox.url, "token": sandbox.token, "calls_per_minute": 1e6}
    connection = Connection(name="crm", project="p", tenant="t", files=FileStore(tmp_path))
    return Elma365Source(Elma365Settings.model_validate(settings), connection)


def since(source: Elma365Source, object_name: str, tmp_path: Path) -> list[Batch]:
    return list(source.extract(object_name, None, SINCE, FileStore(tmp_path)))


def test_changed_and_deleted_records_are_given_and_no_others(source: Elma365Source, tmp_path: Path) -> None:
    records = [r for batch in since(source, COMPANIES, tmp_path) for r in batch.records]
    assert [(r.key[-1], r.deleted) for r in records] == [("1", False), ("2", True)]


def test_files_of_changed_records_are_given(source: Elma365Source, tmp_path: Path) -> None:
    records = [r for batch in since(source, FILES, tmp_path) for r in batch.records]
    assert [(r.values["owner"].key[-1], r.deleted) for r in records] == [("1", False), ("2", True)]


def test_a_batch_says_when_the_company_answered(source: Elma365Source, tmp_path: Path) -> None:
    [batch] = since(source, COMPANIES, tmp_path)
    assert batch.read_at is not None
    assert abs(batch.read_at - datetime.now(UTC)) < timedelta(hours=1)


def test_lists_that_do_not_show_what_is_gone_are_read_as_a_whole(source: Elma365Source) -> None:
    snapshots = {found.name: found.snapshot for found in source.discover().objects}
    assert (snapshots[COMPANIES], snapshots["_system.tasks"], snapshots[FILES]) == (False, False, True)
