"""A company without its Web API: tables, configuration exports and a folder of documents."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

import httpx2
import pytest
from pydantic import ValidationError

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected, Selection
from crossdock.values import Reference
from crossdock_elma365.filesettings import DocumentSettings
from crossdock_elma365.settings import Elma365Settings
from crossdock_elma365.source import Elma365Source

COMPANIES, USERS, FILES = "_clients._companies", "_system.users", "_system.files"
LAYOUT = """
dates: [DD.MM.YYYY]
objects:
  _clients._companies:
    files: companies*
    key: [__id]
    columns:
      __id: ID
      __name: {headers: Название, required: true}
      __createdAt: Создано
      kind: Вид
      __status: Статус
      owner: {headers: Ответственный, by: [email, __name]}
  _system.users:
    files: users*
    key: [__id]
    columns: {__id: ID, __name: ФИО, email: Почта}
"""
EXPORT = {
    "namespace": "_clients",
    "code": "_companies",
    "name": "Компании",
    "fields": [
        {"code": "kind", "type": "ENUM", "array": True, "single": True, "view": {"name": "Вид"},
         "data": {"enumItems": [{"code": "vip", "name": "Ключевой"}]}},
        {"code": "owner", "type": "SYS_USER", "array": True, "single": True, "view": {"name": "Кто"}},
        {"code": "size", "type": "FLOAT", "view": {"name": "Размер", "data": {"additionalType": "integer"}}},
    ],
    "settings": {"status": {"enabled": True, "items": [{"id": 1, "code": "new", "name": "Новая"}]}},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "layout.yaml").write_text(LAYOUT, encoding="utf-8")
    rows = (
        "ID;Название;Создано;Вид;Статус;Ответственный\nc1;Ёлка;05.03.2021;ключевой;Новая;анна\nc2;Два;5;x;;\n"
    )
    (tmp_path / "companies.csv").write_text(rows, encoding="utf-8")
    (tmp_path / "users.csv").write_text("ID;ФИО;Почта\nu1;Анна;a@x.example\n", encoding="utf-8")
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        entity = {"namespace": "_clients", "code": "_companies", "name": "Компании", "path": "e/c.json"}
        archive.writestr("manifest.json", json.dumps({"Service": "s", "number": 1, "entities": [entity]}))
        archive.writestr("e/c.json", json.dumps(EXPORT))
    with zipfile.ZipFile(tmp_path / "company.e365", "w") as archive:
        archive.writestr("package.json", json.dumps({"services": {"appViews": {"path": "a.zip"}}}))
        archive.writestr("a.zip", inner.getvalue())
    return tmp_path


def opened(folder: Path, **more: object) -> Elma365Source:
    tables = {"layout": folder / "layout.yaml", "files": [folder / "*.csv"]}
    settings = Elma365Settings.model_validate(
        {"tables": tables, "exports": [folder / "company.e365"], **more}
    )
    return Elma365Source(settings, Connection("elma365", "p", "main", FileStore(folder / "store")))


def read(source: Elma365Source, name: str) -> tuple[dict[str, Record], dict[str, Rejected]]:
    batches = list(source.extract(name, None, None, source._connection.files))
    return {r.key: r for b in batches for r in b.records}, {r.key: r for b in batches for r in b.rejected}


def test_an_export_types_the_columns_and_translates_labels_to_codes(folder):
    records, rejected = read(opened(folder), COMPANIES)
    values = records["c1"].values
    assert (values["kind"], values["__status"], values["owner"]) == ("vip", "new", Reference(USERS, "u1"))
    assert values["__createdAt"].isoformat() == "2021-03-05T00:00:00+00:00"
    reasons = "; ".join(rejected["c2"].reasons)
    assert "companies.csv, row 3: column C 'Создано': '5' is not written like 'DD.MM.YYYY'" in reasons
    assert "column D 'Вид': 'x' is none of the options" in reasons


def test_the_catalog_has_the_names_and_types_of_the_web_api(folder):
    catalog = opened(folder).discover()
    schema = catalog.object(COMPANIES)
    assert (schema.count, schema.snapshot, schema.label) == (1, True, "Компании")
    assert schema.field("kind").type is FieldType.SELECT
    assert schema.field("size").type is FieldType.INTEGER  # no table has it; the field is there all the same
    assert schema.field("owner").references == (USERS,)
    assert catalog.object(USERS).match_only
    assert any("2 rows: 1 records, 1 rejected, 0 blank" in note for note in catalog.notes)


def test_the_second_read_gives_the_same_records(folder):
    source = opened(folder)
    records, _ = read(source, COMPANIES)
    (seen,) = source.reconcile(COMPANIES, Selection(owned=""))
    assert (seen.id, seen.values) == ("c1", records["c1"].values)
    assert list(source.reconcile(COMPANIES, Selection(ids=("nobody",)))) == []


def test_without_an_export_the_layout_says_what_a_link_points_to(folder):
    with pytest.raises(ConfigError, match="column 'owner': say in `to` what it points to"):
        opened(folder, exports=[]).discover()
    path = folder / "layout.yaml"
    path.write_text(LAYOUT.replace("by: [", "to: _system.users, by: ["), encoding="utf-8")
    source = opened(folder, exports=[])
    records, _ = read(source, COMPANIES)
    assert records["c1"].values["kind"] == "ключевой"
    assert records["c1"].values["owner"] == Reference(USERS, "u1")
    assert any("no configuration export describes it" in note for note in source.discover().notes)


def documents(folder: Path, **more: object) -> dict[str, object]:
    root = folder / "docs"
    (root / "компании" / "c1" / "Договоры" / "2020").mkdir(parents=True)
    (root / "компании" / "c1" / "Договоры" / "2020" / "a.txt").write_bytes(b"one")
    (root / "компании" / "c1" / "b.txt").write_bytes(b"two")
    (root / "лишний.txt").write_bytes(b"?")
    (root / "Thumbs.db").write_bytes(b"?")
    (root / "компании" / "c1" / "link.txt").symlink_to(folder / "layout.yaml")
    return {"documents": {"folder": root, **more}}


def test_documents_belong_to_the_record_that_their_path_names(folder):
    source = opened(folder, **documents(folder))
    records, rejected = read(source, FILES)
    deep = records[f"компании/c1/Договоры/2020/a.txt@{COMPANIES}/c1/"].values
    assert (deep["owner"], deep["folder"], deep["name"]) == (
        Reference(COMPANIES, "c1"),
        "Договоры/2020",
        "a.txt",
    )
    assert deep["content"].sha256 == hashlib.sha256(b"one").hexdigest()
    assert records[f"компании/c1/b.txt@{COMPANIES}/c1/"].values["folder"] is None
    assert "does not fit the rule" in rejected["лишний.txt"].reasons[0]
    assert "links are not followed" in rejected["компании/c1/link.txt"].reasons[0]
    assert source.discover().object(FILES).count == 2
    assert {o.id: o.values for o in source.reconcile(FILES, Selection(owned=""))} == {
        key: record.values for key, record in records.items()
    }


def test_an_index_says_whose_a_document_is_and_who_made_it(folder):
    rows = "путь;объект;ключ;автор;дата создания\nлишний.txt;Компании;c2;a@x.example;01.02.2020\n"
    rows += "../layout.yaml;Компании;c1;;\n"
    (folder / "index.txt").write_text(rows, encoding="utf-8")
    source = opened(folder, **documents(folder, index=folder / "index.txt"))
    records, rejected = read(source, FILES)
    values = records[f"лишний.txt@{COMPANIES}/c2/"].values
    assert values["created_by"] == Reference(USERS, "u1")
    assert values["created_at"].isoformat() == "2020-02-01T00:00:00+00:00"
    assert rejected["../layout.yaml"].reasons == ("../layout.yaml: no such file",)


@pytest.mark.parametrize(
    "rule", ["{object}/{name}", "{object}/{key}/{name}/{name}", "{object}/{key}/{nix}/{name}"]
)
def test_a_rule_that_cannot_name_a_record_is_refused(rule):
    with pytest.raises(ValidationError, match="a rule holds"):
        DocumentSettings(folder=Path("docs"), rule=rule)


def test_a_pattern_that_names_no_file_is_refused(folder):
    tables = {"layout": folder / "layout.yaml", "files": [folder / "nix*.xlsx"]}
    with pytest.raises(ConfigError, match="there is no file"):
        opened(folder, tables=tables).discover()


def test_the_web_api_goes_first_and_files_give_what_it_refuses(folder, company, make_source):
    company.add("_clients._companies", [{"code": "kind", "type": "STRING"}], [{"__name": "from the API"}])
    company.users.append({"__id": "u9", "__name": "Анна", "email": "a@x.example"})
    refused = ("/app/_clients/_companies/list",)
    company.change = lambda path, answer: httpx2.Response(403) if path.endswith(refused) else answer
    tables = {"layout": folder / "layout.yaml", "files": [folder / "*.csv"]}
    source = make_source(tables=tables, exports=[folder / "company.e365"])
    catalog = source.discover()
    notes = "\n".join(catalog.notes)
    assert [o.name for o in catalog.objects].count(COMPANIES) == 1
    assert catalog.object(COMPANIES).snapshot
    assert "_clients._companies is read from files: ELMA365 does not accept the token" in notes
    assert "_system.users is read through the Web API; the files that hold it too are not used." in notes
    assert list(read(source, USERS)[0]) == ["u9"]
    records, _ = read(source, COMPANIES)
    assert records["c1"].values["owner"] == Reference(USERS, "u9")  # the user as the Web API knows her
