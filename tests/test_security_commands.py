"""No command writes or says a secret: in no file of the project, output, message or list of processes."""

import base64
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.harness import (
    CROSSDOCK,
    FOUND,
    OK,
    STOPPED,
    WRONG,
    Done,
    Launcher,
    Project,
    Sandbox,
    Scene,
)
from tests.test_security_secrets import PLUGINS, found_in
from tests.there_twenty import Twenty

from crossdock.config import load_project

PATCHES = Path(__file__).with_name("patches.py")
STORY = (
    "discover",
    "map propose --overwrite --automations pause",
    "map check",
    "map diff",
    "map confirm --by Test",
    "plan",
    "run --sample 3",
    "signoff --by Test --accept-findings",
    "provision",
    "run --dry-run",
    "run",
    "run --delta",
    "run --to-files",
    "reconcile --spot 5",
    "cutover --frozen-by Test",
    "report",
    "report --anonymise",
    "status",
    "handoff",
    "rollback --dry-run",
)

OTHER_STORY = ("discover", "map propose --automations pause", "plan")


def written(scene: Scene, done: Done) -> Iterator[tuple[str, str]]:
    """Each file of the project and what a command said, as text."""
    for path in scene.project.folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes().decode("utf-8", "replace")
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    yield f"{path}/{name}", archive.read(name).decode("utf-8", "replace")
    yield "stdout", done.out
    yield "stderr", done.err


def assert_kept(scene: Scene, done: Done) -> None:
    for secret in (scene.source.token, scene.destination.token):
        held = [place for place, text in written(scene, done) if found_in(text, secret)]
        assert held == []


def test_no_command_writes_or_says_a_secret(scene_at: Callable[[str], Scene]) -> None:
    scene = scene_at("confirmed")
    for line in STORY:
        each = scene.call("--log-level", "debug", *line.split())
        assert each.code in (OK, FOUND), (line, each.code, each.err[-2000:])
        assert_kept(scene, each)
    for side, text in ((scene.source, "source"), (scene.destination, "destination")):
        for status in (401, 302):
            body = f"{text}: {side.token} Basic {base64.b64encode(f'admin:{side.token}'.encode()).decode()}"
            side.fault(kind="status", status=status, text=body, headers={"Location": f"/?k={side.token}"})
            each = scene.call("--log-level", "debug", "reconcile", patch=f"{PATCHES}:no waiting")
            assert each.code in (WRONG, STOPPED, OK, FOUND), each.err
            side.hits()
            assert_kept(scene, each)
    for line in ("rollback", "purge --yes --force"):
        each = scene.call("--log-level", "debug", *line.split())
        assert each.code in (OK, FOUND), (line, each.err[-2000:])
        assert_kept(scene, each)


@pytest.mark.parametrize("platform", ["cetec", "ascora"])
def test_no_command_writes_or_says_the_secret_of_another_source(
    platform: str, launcher: Launcher, tmp_path: Path
) -> None:
    there, (_role, settings) = Twenty(), PLUGINS[platform]
    source = Sandbox.start(launcher, platform, tmp_path / "source.db")
    destination = Sandbox.start(launcher, there.platform, tmp_path / "destination.db")
    keys = {"CANARY": source.token, there.key_name: destination.token}
    scene = Scene(source, destination, Project(launcher, tmp_path / "acme", keys), there)
    Project(launcher, tmp_path).call("init", "acme", "--source", platform, "--destination", "twenty").must(OK)
    with scene.project.edited("crossdock.yaml") as document:
        document["sources"][0].update(url=source.url, **settings)
        document["destination"].update(url=destination.url, key=f"env:{there.key_name}")

    for line in OTHER_STORY:
        done = scene.call("--log-level", "debug", *line.split())
        assert done.code in (OK, FOUND), (line, done.err[-2000:])
        assert_kept(scene, done)
    source.fault(kind="status", status=401, text=f"no such key: {source.token}", times=None)
    done = scene.call("--log-level", "debug", "run", "--delta")
    assert source.hits() >= 1
    assert done.code in (WRONG, STOPPED), done.err
    assert_kept(scene, done)
    scene.close()


def test_a_refusal_of_records_that_echoes_the_key_is_written_without_it(
    scene_at: Callable[[str], Scene],
) -> None:
    scene = scene_at("provisioned")
    said = f"the value is bad: Bearer {scene.destination.token}, args=('{scene.destination.token}',)"
    odoo = {"name": "odoo.exceptions.ValidationError", "message": said, "debug": said, "arguments": [said]}
    body = {
        "jsonrpc": "2.0",
        "statusCode": 400,
        "messages": [said],
        "errors": [{"message": said, "extensions": {"code": "BAD_USER_INPUT", "userFriendlyMessage": said}}],
        "error": {"code": 200, "message": "Odoo Server Error", "data": odoo},
    }
    status = 200 if scene.there.platform == "odoo" else 400
    scene.destination.fault(
        **scene.there.people, kind="status", status=status, text=json.dumps(body), times=None
    )

    done = scene.call("--log-level", "debug", "run", patch=f"{PATCHES}:no waiting")

    assert scene.destination.hits() >= 1
    assert done.code in (FOUND, STOPPED), done.err
    told = done.out + scene.project.queue("rejects") + done.err
    assert "the value is bad" in told
    assert_kept(scene, done)
    assert_kept(scene, scene.call("report"))
    assert_kept(scene, scene.call("handoff"))


def test_the_process_list_shows_no_secret(scene_at: Callable[[str], Scene]) -> None:
    scene = scene_at("confirmed")
    scene.destination.fault(kind="slow", seconds=2)
    line = [str(CROSSDOCK), "-C", str(scene.project.folder), "discover"]
    quiet, env = subprocess.DEVNULL, {**os.environ, **scene.project.keys}
    with subprocess.Popen(line, stdout=quiet, stderr=quiet, env=env) as program:
        while not any(fault["hits"] for fault in scene.destination.ask("GET", "/_sandbox/faults")):
            assert program.poll() is None
        seen = dict(processes())
        assert program.poll() is None

    assert program.returncode == OK
    assert seen[program.pid].split("\0")[-4:-1] == line[1:]
    for secret in (scene.source.token, scene.destination.token):
        assert [line for line in seen.values() if found_in(line, secret)] == []


def processes() -> Iterator[tuple[int, str]]:
    """The id of every process, and the line that it was started with."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            yield int(path.parent.name), path.read_bytes().decode(errors="replace")


def test_a_database_address_with_a_password_is_in_no_output(tmp_path: Path) -> None:
    command = str(Path(sys.executable).with_name("crossdock"))
    password = "Kanarie-database-7f3a9c"
    env = {**os.environ, "CANARY_URL": f"postgresql+psycopg://crossdock:{password}@127.0.0.1:9/x"}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([command, *arguments], capture_output=True, text=True, env=env, check=False)

    call("-C", str(tmp_path), "init", "acme", "--source", "elma365", "--destination", "twenty")
    file = tmp_path / "acme" / "crossdock.yaml"
    text = file.read_text(encoding="utf-8")
    for line in ("database: env:CANARY_URL", f"database: {env['CANARY_URL']}"):
        file.write_text(f"{text}\n{line}\n", encoding="utf-8")
        for arguments in (("--log-level", "debug", "status"),):
            done = call("-C", str(tmp_path / "acme"), *arguments)
            assert done.returncode != 0
            file_texts = [
                p.read_text(errors="replace") for p in tmp_path.rglob("*") if p.is_file() and p != file
            ]
            assert found_in("\n".join([done.stdout, done.stderr, *file_texts]), password) == []
    file.write_text(f"{text}\ndatabase: env:CANARY_URL\n", encoding="utf-8")
    assert found_in(repr(load_project(tmp_path / "acme")), password) == []
