"""Names from a platform never become paths, and no name leads out of the folder that a file belongs into."""

import unicodedata
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.fieldtypes import FieldType
from crossdock.filenames import file_name
from crossdock.filestore import FileStore
from crossdock.model import FieldSchema, ObjectSchema, Origin, TargetRecord
from crossdock.tofiles.attached import Attached

HOSTILE = [
    *("../../etc/passwd", "/etc/passwd", "..", ".", "", " ", "...", "a/../../b", "..\\..\\evil", "C:\\evil"),
    *("\\\\server\\share", "a\0b", "con", "NUL.txt", "com1.pdf", "LPT¹", "aux .txt", "~/x", "-rf", ".bashrc"),
    *("invoice\u202efdp.exe", "a\u200bb", "x" * 5000, "я" * 300 + ".docx", "\U0001f4c4" * 200, "a\nb", "a:b"),
    *("file.txt::$DATA", "x." + "e" * 300, "trailing. ", "\ud800", "name\u2028line"),
]
DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}
NAMES = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=200))


def assert_harmless(name: str) -> None:
    """One plain component of a path on each of the usual systems."""
    assert name
    assert name not in (".", "..")
    assert not set(name) & set('/\\:*?"<>|\0')
    assert len(name.encode()) <= 220
    assert not [sign for sign in name if unicodedata.category(sign) in ("Cc", "Cf", "Cs")]
    assert name == name.strip(" .")
    assert name.partition(".")[0].strip().casefold() not in DEVICES


@given(NAMES)
def test_a_name_becomes_one_plain_component(text: str) -> None:
    assert_harmless(file_name(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_harmless(text: str) -> None:
    assert_harmless(file_name(text))


@pytest.mark.parametrize("text", ["Договор № 5.pdf", "Ромашка 12", "a-b_c.tar.gz", "Ünïcödé.txt"])
def test_an_ordinary_name_stays(text: str) -> None:
    assert file_name(text) == text


def test_the_ending_of_a_long_name_stays() -> None:
    assert file_name("я" * 300 + ".docx").endswith("я.docx")


class _Schema:
    def __init__(self, name: str) -> None:
        self.schema = ObjectSchema(name, (FieldSchema("file", FieldType.FILE, "File"),))


@pytest.mark.parametrize("field", ["file", "record", "object"])
@pytest.mark.parametrize("text", [text for text in HOSTILE if text != "\ud800"])
def test_files_that_go_beside_tables_stay_in_their_folder(tmp_path: Path, text: str, field: str) -> None:
    given: dict[str, Any] = {"file": "a.txt", "record": "Ромашка", "object": "attachment", field: text}
    store, folder = FileStore(tmp_path / "store"), tmp_path / "out" / "files"
    folder.mkdir(parents=True)
    stored = store.save([b"x"], name=given["file"], folder=text)
    schema = _Schema(given["object"]).schema
    attached = Attached(folder, store, lambda *_: "", lambda _schema: "")
    values = {"name": given["record"], "file": stored}
    record: Any = SimpleNamespace(
        values=values, target_id="../../12345678", origin=Origin("main", "o", "k"), object_name=text
    )

    attached.add(schema, record)
    attached.add(schema, record)

    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    outside = [p for p in found if not p.is_relative_to(folder) and not p.is_relative_to(tmp_path / "store")]
    assert outside == []
    assert len([p for p in found if p.is_relative_to(folder)]) == 3  # two files and the index
    for path in folder.rglob("*"):
        assert_harmless(path.name)


@given(name=NAMES, folder=NAMES, media=NAMES)
def test_the_file_store_writes_by_hash_alone(
    tmp_path_factory: pytest.TempPathFactory, name: str, folder: str, media: str
) -> None:
    root = tmp_path_factory.mktemp("store")
    store = FileStore(root / "files")

    stored = store.save([b"content"], name=name, folder=folder, media_type=media)

    [path] = [p for p in root.rglob("*") if p.is_file()]
    assert path == store.path(stored) == root / "files" / stored.sha256[:2] / stored.sha256


def test_a_record_for_these_tests_is_like_a_real_one() -> None:
    assert {"values", "target_id", "origin"} <= set(TargetRecord.__dataclass_fields__)
