"""The source against the ELMA365 sandbox over real HTTP: the demo company arrives whole, the same twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crossdock.connection import Connection
from crossdock.errors import AuthError
from crossdock.filestore import FileStore
from crossdock.model import Selection
from crossdock.sandbox import SandboxProcess, start
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.source import Elma365Source


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("elma365", data=tmp_path_factory.mktemp("elma365") / "data.db", rate="off")
    yield process
    process.stop()


def make(sandbox: SandboxProcess, store: FileStore, token: str) -> Elma365Source:
    settings = Elma365Settings.model_validate({"url": sandbox.url, "token": token, "calls_per_minute": 1e6})
    return Elma365Source(settings, Connection(name="crm", project="p", tenant="t", files=store))


def test_the_demo_company_is_read_whole_and_the_same_twice(sandbox: SandboxProcess, tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    source = make(sandbox, store, sandbox.token)

    for described in source.discover().objects:
        batches = list(source.extract(described.name, None, None, store))
        first = {r.key: r.values for b in batches for r in b.records}
        second = {o.id: o.values for o in source.reconcile(described.name, Selection(owned=""))}

        assert [r for b in batches for r in b.rejected] == []
        assert first == second, described.name
        assert first, described.name
        if described.count is not None:
            assert described.count == sum(not r.deleted for b in batches for r in b.records)


def test_a_wrong_token_is_refused(sandbox: SandboxProcess, tmp_path: Path) -> None:
    with pytest.raises(AuthError):
        make(sandbox, FileStore(tmp_path), "11111111-1111-4111-8111-111111111111").discover()
