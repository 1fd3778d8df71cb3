import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import StorageError
from crossdock.filestore import FileStore
from crossdock.values import StoredFile


@given(chunks=st.lists(st.binary(max_size=50), max_size=5))
def test_what_is_saved_can_be_read_back_and_is_named_by_its_hash(chunks, tmp_path_factory):
    store = FileStore(tmp_path_factory.mktemp("files") / "new")
    stored = store.save(iter(chunks), name="a.txt", media_type="text/plain", folder="x/y")
    content = b"".join(chunks)
    digest = hashlib.sha256(content).hexdigest()
    assert stored == StoredFile("a.txt", len(content), digest, "text/plain", "x/y")
    with store.open(stored) as file:
        assert file.read() == content


def test_the_same_content_is_stored_once(tmp_path):
    store = FileStore(tmp_path)
    first, second = store.save([b"x"], name="a"), store.save([b"x"], name="b")
    assert store.path(first) == store.path(second)
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def test_a_name_from_the_source_never_becomes_a_path(tmp_path):
    store = FileStore(tmp_path / "files")
    stored = store.save([b"x"], name="../../evil", folder="../..")
    assert store.path(stored).is_relative_to(tmp_path / "files")
    assert stored.name == "../../evil"


def test_a_stream_that_breaks_leaves_no_file(tmp_path):
    def broken():
        yield b"half"
        raise ValueError("the source went away")

    with pytest.raises(ValueError, match="went away"):
        FileStore(tmp_path).save(broken(), name="a")
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_full_disk_is_a_storage_error_that_leaves_no_file(tmp_path):
    def full():
        yield b"half"
        raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match=r"'a'.*No space left") as caught:
        FileStore(tmp_path).save(full(), name="a")
    assert caught.value.exit_code == 3
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_folder_that_cannot_be_made_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write to"):
        FileStore(tmp_path / "file" / "files").save([b"x"], name="a")


def test_content_that_is_gone_is_a_storage_error_naming_the_file(tmp_path):
    store = FileStore(tmp_path)
    stored = store.save([b"x"], name="contract.pdf")
    Path(store.path(stored)).unlink()
    with pytest.raises(StorageError, match=r"contract\.pdf"):
        store.open(stored)
