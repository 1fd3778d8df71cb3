"""Keys: wrong, revoked midway, unreachable servers; and no secret in anything that is written."""

import socket
from pathlib import Path

from crossdock.testing import source
from crossdock.testing.checks.crashing import nth_write, undisturbed
from crossdock.testing.commands import FOUND, OK, STOPPED, WRONG, Done
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, nothing, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.scene import KEY, Scene
from crossdock.testing.stages import CONFIRMED, LOADED, PROVISIONED

PATCHES = Path(__file__).with_name("patches.py")


def one_message(done: Done, *words: str) -> None:
    """One message with these words, and no traceback."""
    holds("Traceback" not in done.err, f"no traceback: {done.err[-1500:]}")
    messages = [line for line in done.err.splitlines() if line.startswith("crossdock: ")]
    same(len(messages), 1, f"messages in {done.err!r}")
    nothing([word for word in words if word not in done.err], f"words missing in {done.err!r}")


@check()
def a_wrong_key_writes_nothing(kit: Kit) -> None:
    """Wrong configuration, said in one message that does not hold the key."""
    scene = kit.scene(CONFIRMED)
    before = scene.sandbox.dump()
    wrong = scene.project.keys[KEY][:-8] + "77aa77aa"
    scene.project.keys[KEY] = wrong
    for command in ("discover", "provision", "run"):
        done = scene.call(command).must(WRONG)
        one_message(done)
        holds(wrong not in done.err, "the key is not shown")
    assert_same(scene.sandbox.dump(), before)


@check()
def a_key_that_is_revoked_midway_stops_the_run(kit: Kit) -> None:
    """It goes on when there is a key again, and ends as an undisturbed one."""
    skip = nth_write(kit, LOADED, 2, 6)
    scene = kit.scene(PROVISIONED)
    scene.sandbox.fault(**kit.target.lost_key, skip=skip, times=None)
    one_message(scene.call("run").must(STOPPED))
    scene.sandbox.hits()
    done = scene.call("run").must(FOUND)
    assert_same(scene.dump(), kit.stages.dump(LOADED))
    undisturbed(kit, done.json)


@check()
def a_server_that_is_not_there_stops_the_run(kit: Kit) -> None:
    """The message names the address."""
    scene = kit.scene(CONFIRMED)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with scene.project.edited("crossdock.yaml") as document:
        document["destination"]["url"] = address
    one_message(scene.call("discover", patch=f"{PATCHES}:no waiting").must(STOPPED), address)


@check()
def no_secret_is_in_any_file_or_output(kit: Kit) -> None:
    """Not even when the server says the key back in an error."""
    scene = kit.scene(LOADED)
    done = [scene.call("discover").must(OK), scene.call("--log-level", "debug", "reconcile").must(OK)]
    scene.sandbox.fault(kind="status", status=500, text=scene.sandbox.token, times=None)
    done.append(scene.call("run", patch=f"{PATCHES}:no waiting").must(STOPPED, FOUND))
    scene.sandbox.hits()
    _no_secrets(scene, done)


def _no_secrets(scene: Scene, done: list[Done]) -> None:
    said = [text.encode() for each in done for text in (each.out, each.err)]
    for secret in (source.TOKEN, scene.sandbox.token):
        found = [text for text in (*scene.project.written(), *said) if secret.encode() in text]
        nothing([text[:200] for text in found], "a secret is in")
