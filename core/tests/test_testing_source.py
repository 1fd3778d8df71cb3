"""The kit's own source keeps the promises of a source; its company is what a test makes of it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from core.tests.tiny_connector import CAN, SCALARS
from pydantic import SecretStr

from crossdock.connection import Connection
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import Selection
from crossdock.plugins import Source
from crossdock.testing import Existing, People, Target, samples
from crossdock.testing.company import Company
from crossdock.testing.source import TOKEN, KitSettings, KitSource

TARGET = Target(
    "tiny",
    Existing("client", title="name", match="code", known="K-7"),
    People("person", match="mail", known="anna@tiny.example"),
    frozenset(CAN),
    several=frozenset({FieldType.SELECT}),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "company.json"
    samples.made_for(TARGET, SCALARS, FieldType.TEXT).save(path)
    return path


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files")


@pytest.fixture
def source(path: Path, files: FileStore) -> Source:
    settings = KitSettings(data=path, token=SecretStr(TOKEN))
    return Source(KitSource(settings, Connection("kit", "p", "main", files)), name="kit")


def test_the_company_survives_its_file(path: Path):
    company = samples.made_for(TARGET, SCALARS, FieldType.TEXT)
    assert Company.load(path) == company


def test_every_type_that_the_destination_can_be_given_is_in_it(source: Source):
    thing = next(o for o in source.discover().objects if o.name == samples.THING)
    assert {f.type for f in thing.fields} >= SCALARS - {FieldType.REFERENCE}
    assert [f.name for f in thing.fields if f.multiple] == ["select_several", "parties"]


def test_counts_are_those_of_the_records(source: Source):
    counts = {o.name: o.count for o in source.discover().objects}
    assert counts == {samples.USER: 2, samples.PARTY: samples.PARTIES + 1, samples.THING: samples.THINGS + 2}


def test_it_goes_on_from_every_cursor(source: Source, files: FileStore):
    batches = list(source.extract(samples.THING, files=files))
    whole = [r.key for b in batches for r in b.records]
    for n, batch in enumerate(batches):
        rest = source.extract(samples.THING, batch.cursor, files=files)
        assert [r.key for b in rest for r in b.records] == whole[5 * (n + 1) :]


def changed(company: Company) -> None:
    company.change(samples.THING, samples.LEAF, title="Новое")


def deleted(company: Company) -> None:
    company.delete(samples.THING, samples.LEAF)


@pytest.mark.parametrize(("edit", "gone"), [(changed, False), (deleted, True)])
def test_a_delta_is_asked_for_what_changed_since(
    source: Source, files: FileStore, path: Path, edit: Callable[[Company], None], gone: bool
):
    company = Company.load(path)
    before = company.now
    edit(company)
    company.save(path)
    since = before + timedelta(hours=1)
    found = [r for b in source.extract(samples.THING, since=since, files=files) for r in b.records]
    assert [(r.key, r.deleted) for r in found] == [(samples.LEAF, gone)]


def test_the_second_reading_gives_the_same_values(source: Source, files: FileStore):
    first = {r.key: r.values for b in source.extract(samples.PARTY, files=files) for r in b.records}
    second = {o.id: o.values for o in source.reconcile(samples.PARTY, Selection(owned=""))}
    assert first == second
    [one] = source.reconcile(samples.PARTY, Selection(ids=(samples.THERE_BEFORE,)))
    assert one.values["match"] == "K-7"


def test_the_contents_of_files_go_into_the_store(path: Path, files: FileStore, source: Source):
    company = Company.load(path)
    stored: Any = samples.file_of(company, 1)
    company.change(samples.THING, samples.LEAF, file=stored)
    company.save(path)
    list(source.extract(samples.THING, files=files))
    with files.open(stored) as content:
        assert content.read().decode() == "Чертёж 1\n" * 2
