"""The project file: made, read, changed and refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.config import FILE_NAME, edit_project, init_project, load_project
from crossdock.errors import ConfigError, SecretError

MINIMAL = """\
project: {id: acme-1a2b3c}
sources:
  - {platform: alpha, tenant: main, url: "https://a.example", token: "env:ALPHA_TOKEN"}
destination: {platform: beta, name: live, sandbox: demo}
destinations:
  rehearsal: {platform: beta, url: "https://r.example"}
options: {rate_share: 0.5, gate_allowance: 0.01, fallback_user: a@example.org, files: false}
"""


def write(folder: Path, text: str) -> Path:
    (folder / FILE_NAME).write_text(text, encoding="utf-8")
    return folder


def test_a_project_file_gives_connections_and_options(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, MINIMAL))

    assert project.id == "acme-1a2b3c"
    assert project.sources[0].platform == "alpha"
    assert project.sources[0].settings == {"url": "https://a.example", "token": "env:ALPHA_TOKEN"}
    assert (project.destination.sandbox, project.destination.settings) == ("demo", {})
    assert project.destinations["rehearsal"].name == "rehearsal"
    assert project.options.rate_share == 0.5
    assert project.options.fallback_user == "a@example.org"
    assert project.options.files is False


def test_every_part_of_a_project_has_its_place(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, MINIMAL))

    places = {
        "mapping.yaml": project.mapping,
        "queues": project.queues,
        "reports": project.reports,
        ".crossdock": project.state,
        ".crossdock/staging.db": project.staging_db,
        ".crossdock/ledger.db": project.ledger_db,
        ".crossdock/files": project.files,
        ".crossdock/sandboxes": project.sandboxes,
    }
    assert {str(path.relative_to(tmp_path)): path for path in places.values()} == places


def test_a_missing_project_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="crossdock init") as caught:
        load_project(tmp_path)
    assert caught.value.exit_code == 2


def test_a_project_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_project(tmp_path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("project: {id: x}\n  bad: [", "line 2, column"),
        ("token: hunter22\ntoken: hunter23\n", "line 2, column 1"),
    ],
)
def test_bad_yaml_is_reported_with_line_and_column_but_no_value(
    tmp_path: Path, text: str, place: str
) -> None:
    with pytest.raises(ConfigError, match=place) as caught:
        load_project(write(tmp_path, text))
    assert "hunter" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a list", "just words"])
def test_a_file_without_settings_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="does not hold settings"):
        load_project(write(tmp_path, text))


def test_bytes_that_no_yaml_may_hold_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_project(write(tmp_path, "a: \x07"))


@pytest.mark.parametrize(
    ("wrong", "right", "place"),
    [
        ("sorces:", "sources", FILE_NAME),
        ("rate_shar:", "rate_share", "options"),
        ("id_:", "id", "project"),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_valid_one(
    tmp_path: Path, wrong: str, right: str, place: str
) -> None:
    text = MINIMAL.replace(f"{right}:", wrong, 1)

    with pytest.raises(ConfigError, match=f"{place}.*no setting '{wrong[:-1]}'.*mean '{right}'"):
        load_project(write(tmp_path, text))


def test_an_unknown_key_like_no_other_lists_the_valid_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Valid keys: database, destination"):
        load_project(write(tmp_path, MINIMAL + "zzz: 1\n"))


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("rate_share: 0.5", "rate_share: 0", "options.rate_share"),
        ("id: acme-1a2b3c", "id: a/b", "project.id"),
        ("tenant: main", "tenant: 'a:b'", "sources.0.tenant"),
        ("platform: beta, name", "name", "destination.platform"),
        ("options: {", "options: [", "YAML"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(tmp_path: Path, old: str, new: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        load_project(write(tmp_path, MINIMAL.replace(old, new, 1)))


def test_two_sources_may_not_share_a_tenant(tmp_path: Path) -> None:
    text = MINIMAL.replace("sources:\n", "sources:\n  - {platform: gamma}\n")
    with pytest.raises(ConfigError, match="two sources have the tenant 'main'"):
        load_project(write(tmp_path, text))


def test_destinations_are_found_by_name(tmp_path: Path) -> None:
    project = load_project(write(tmp_path, MINIMAL))

    assert project.destination_named() is project.destination
    assert project.destination_named("live") is project.destination
    assert project.destination_named("rehearsal").settings == {"url": "https://r.example"}
    with pytest.raises(ConfigError, match="there are: live, rehearsal"):
        project.destination_named("other")


def test_a_database_url_with_a_password_is_refused_without_showing_it(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="`database` holds a password") as caught:
        load_project(write(tmp_path, MINIMAL + "database: postgresql://me:hunter22@db/x\n"))
    assert "hunter22" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("", None),
        ("database: sqlite:///x.db\n", "sqlite:///x.db"),
        ("database: postgresql://me@db/x\n", "postgresql://me@db/x"),
        ("database: env:DB_URL\n", "postgresql://me:pw@db/x"),
    ],
)
def test_the_database_url_is_resolved_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, url: str | None
) -> None:
    monkeypatch.setenv("DB_URL", "postgresql://me:pw@db/x")
    assert load_project(write(tmp_path, MINIMAL + line)).database_url() == url


def test_a_file_reference_counts_from_the_project_folder(tmp_path: Path) -> None:
    text = MINIMAL.replace("env:ALPHA_TOKEN", "file:token.txt")
    project = load_project(write(tmp_path, text))

    assert project.sources[0].settings["token"] == f"file:{tmp_path / 'token.txt'}"


def test_init_makes_a_folder_that_loads(tmp_path: Path) -> None:
    folder = tmp_path / "Möbel & Söhne"
    made = init_project(folder, "alpha", "beta", source_settings={"sandbox": "demo"})

    project = load_project(folder)

    assert project == made
    assert project.id.startswith("mobel-sohne-")
    assert project.sources[0].sandbox == "demo"
    assert project.destination.platform == "beta"
    assert (folder / "queues").is_dir()
    assert (folder / "reports").is_dir()
    assert (folder / ".crossdock" / ".gitignore").read_text() == "*\n"
    assert "# part of every id" in (folder / FILE_NAME).read_text()


def test_two_projects_of_a_name_have_different_ids(tmp_path: Path) -> None:
    one = init_project(tmp_path / "a" / "Склад", "alpha", "beta")
    two = init_project(tmp_path / "b" / "Склад", "alpha", "beta")

    assert one.id != two.id
    assert one.id.startswith("project-")


def test_init_does_not_overwrite(tmp_path: Path) -> None:
    init_project(tmp_path, "alpha", "beta")
    before = (tmp_path / FILE_NAME).read_text()

    with pytest.raises(ConfigError, match="exists already"):
        init_project(tmp_path, "gamma", "delta")
    assert (tmp_path / FILE_NAME).read_text() == before


def test_init_where_no_folder_can_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be made"):
        init_project(tmp_path / "file" / "project", "alpha", "beta")


def test_an_edit_keeps_comments_and_order(tmp_path: Path) -> None:
    init_project(tmp_path, "alpha", "beta")
    before = (tmp_path / FILE_NAME).read_text()

    project = edit_project(tmp_path, lambda file: file["options"].update(rate_share=0.25))

    after = (tmp_path / FILE_NAME).read_text()
    assert project.options.rate_share == 0.25
    assert after == before.replace("rate_share: 1.0 ", "rate_share: 0.25 ").replace("0.25  #", "0.25 #")


def test_an_edit_that_breaks_the_file_is_not_written(tmp_path: Path) -> None:
    init_project(tmp_path, "alpha", "beta")
    before = (tmp_path / FILE_NAME).read_text()

    with pytest.raises(ConfigError):
        edit_project(tmp_path, lambda file: file.update(nonsense=1))
    assert (tmp_path / FILE_NAME).read_text() == before


def test_reading_settings_imports_no_http_client() -> None:
    code = (
        "import sys, crossdock.config; print({'httpx2', 'pydantic_settings', 'keyring'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
