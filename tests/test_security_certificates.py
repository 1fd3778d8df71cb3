"""Every plugin asks a platform only if somebody that it trusts vouches for its certificate."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from core.tests.secure_server import Authority, Server
from tests.test_security_secrets import CANARIES, NASTY, PLUGINS

from crossdock.connection import Connection
from crossdock.entrypoints import Role
from crossdock.errors import ConfigError, CrossdockError
from crossdock.filestore import FileStore
from crossdock.plugins import open_destination, open_source
from crossdock.retry import RetryPolicy


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that no system knows."""
    return Authority(tmp_path)


@pytest.fixture
def platform(authority: Authority) -> Iterator[Server]:
    """A platform with a certificate of that authority; what it answers makes no sense."""
    server = Server(authority.context(["127.0.0.1"]))
    yield server
    server.close()


@pytest.fixture
def discover(platform: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Opens a plugin at the platform and asks what is there."""
    monkeypatch.setattr("crossdock.http.RetryPolicy", lambda: RetryPolicy(attempts=1, sleep=lambda s: None))

    def discovered(name: str, **more: Any) -> Any:
        monkeypatch.setenv("CANARY", CANARIES.get(name, NASTY))
        role, settings = PLUGINS[name]
        connection = Connection(name, "p", "main", FileStore(tmp_path / "files"), paced=False)
        make: Callable[..., Any] = open_source if role is Role.SOURCE else open_destination
        with make(name, {"url": platform.url, **settings, **more}, connection) as plugin:
            return plugin.discover()

    return discovered


@pytest.mark.parametrize("name", PLUGINS)
def test_a_platform_whose_certificate_nobody_vouches_for_is_told_nothing(
    name: str, discover: Callable[..., Any], platform: Server
) -> None:
    with pytest.raises(ConfigError, match="does not verify") as refused:
        discover(name)

    assert "`ca_file`" in refused.value.hint
    assert platform.asked == []


@pytest.mark.parametrize("name", PLUGINS)
def test_a_platform_is_asked_whose_authority_is_in_the_settings(
    name: str, discover: Callable[..., Any], platform: Server, authority: Authority
) -> None:
    with pytest.raises(CrossdockError) as puzzled:
        discover(name, ca_file=str(authority.file))

    assert "does not verify" not in str(puzzled.value)
    assert platform.asked
