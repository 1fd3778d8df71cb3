"""Files that are written whole or not at all."""

import os
import stat

import pytest

from crossdock.errors import StorageError
from crossdock.wholefile import SHARED, whole_file, write_whole


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_for_this_user_alone_whoever_could_read_the_old_one(tmp_path):
    path = tmp_path / "new" / "file.json"
    write_whole(path, b"old")
    path.chmod(0o644)

    write_whole(path, b"new")

    assert (path.read_bytes(), mode(path)) == (b"new", 0o600)


def test_a_shared_file_is_as_the_user_wants_new_files_to_be(tmp_path):
    before = os.umask(0o027)
    try:
        path = write_whole(tmp_path / "mapping.yaml", b"x", SHARED)
    finally:
        os.umask(before)
    assert mode(path) == 0o640


def test_what_a_stop_left_behind_keeps_no_rights(tmp_path):
    left = tmp_path / "file.json.partial"
    left.write_text("half")
    left.chmod(0o666)
    assert mode(write_whole(tmp_path / "file.json", b"x")) == 0o600


def test_a_failure_keeps_the_old_file_and_says_which_could_not_be_written(tmp_path):
    path = write_whole(tmp_path / "file.json", b"old")

    def fill_the_disk() -> None:
        with whole_file(path, called="the report") as partial:
            partial.write_bytes(b"half")
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageError, match="cannot write the report: No space left") as caught:
        fill_the_disk()

    assert caught.value.hint == "Mend that and run the same command again."
    assert path.read_bytes() == b"old"


def test_a_folder_is_only_made_where_it_may_be(tmp_path):
    with pytest.raises(StorageError, match="No such file"):
        write_whole(tmp_path / "none" / "mapping.yaml", b"x", make_folder=False)
