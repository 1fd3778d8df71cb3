"""Which copies of databases a purge takes away: those of its project, wherever they lie, and no others."""

import pytest

from crossdock.database import copies_at, sqlite_url

REHEARSAL = "\ndestinations:\n  rehearsal:\n    platform: beta\n    url: http://toy.example\n"


def configured(desk, url, more=""):
    desk.prepare(confirmed=False)
    with (desk.folder / "crossdock.yaml").open("a") as file:
        file.write(f"{more}\ndatabase: {url}\n")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    assert desk("run").code == 1


@pytest.mark.parametrize("name", ["a.db", "a.sqlite", "a", "a[1].db", "a*.db"])
def test_copies_beside_the_database_go_and_those_of_other_projects_stay(desk, tmp_path, name):
    path = tmp_path / "shared" / name
    own = [path.with_name(f"{path.stem}.version-{n}{path.suffix}") for n in (1, 12)]
    own.append(path.with_name(f"{path.stem}.version-2{path.suffix}.partial"))
    others = [
        path.with_name(f"{stem}.version-1{path.suffix}") for stem in ("b", "aa", "a1", f"{path.stem}-b")
    ]
    configured(desk, sqlite_url(path))
    others += [path.with_name(f"{path.stem}.version-1.{end}") for end in ("dbx", "notes")]
    for each in (*own, *others):
        each.write_text("of a person")

    answer = desk("purge", "--yes", "--force", json=True)

    assert answer.code == 0
    assert [each.name for each in own if each.exists()] == []
    assert [each.name for each in others if not each.exists()] == []


def test_copies_of_a_rehearsals_database_go_too(desk, tmp_path):
    path = tmp_path / "shared" / "a.sqlite"
    configured(desk, sqlite_url(path), REHEARSAL)
    copy = path.with_name("a-rehearsal.version-1.sqlite")
    other = path.with_name("a-elsewhere.version-1.sqlite")
    copy.write_text("of a person")
    other.write_text("of another project")

    assert desk("purge", "--yes", "--force").code == 0

    assert (copy.exists(), other.exists()) == (False, True)


def test_copies_of_a_database_in_the_project_folder_are_not_named_as_left_alone(desk):
    path = desk.folder / "own.db"
    configured(desk, sqlite_url(path))
    path.with_name("own.version-1.db").write_text("of a person")

    answer = desk("purge", "--dry-run", json=True)

    assert "own.version-1.db" in answer.json["files"]["paths"]
    assert "own.version-1.db" not in answer.json["left_alone"]


def test_a_purge_says_that_it_does_not_look_for_rehearsals_that_nobody_names(desk, tmp_path):
    configured(desk, sqlite_url(tmp_path / "a.db"))

    answer = desk("purge", "--dry-run", json=True)

    assert any("no longer names" in each for each in answer.json["left_alone"])


def test_a_server_has_no_copies():
    assert copies_at("postgresql://host/name", "p-1", "rehearsal") == []
