"""No secret is in anything that crossdock writes, says or keeps, however a platform answers."""

import base64
import gc
import html
import io
import json
import logging
import sys
import threading
import traceback
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from crossdock import log
from crossdock.checks import settings_type_of
from crossdock.connection import Connection
from crossdock.entrypoints import Role, load_plugin
from crossdock.errors import ConfigError, CrossdockError
from crossdock.filestore import FileStore
from crossdock.plugins import open_destination, open_source
from crossdock.retry import RetryPolicy
from crossdock.secrets import resolve_settings

NASTY = "Kanarie+/=\"<&'\\ %41-7f3a9c"
"""A secret with signs that every way of writing changes."""
WIDE = "Канарейка-ü-7f3a9c"
"""One that no header can hold."""
_CLAIMS = {"workspaceId": "20202020-1c25-4d02-bf25-6aeccf7ea419", "canary": NASTY}
_TOKEN = ".".join(
    base64.urlsafe_b64encode(part).decode().rstrip("=")
    for part in (b'{"alg":"HS256"}', json.dumps(_CLAIMS).encode(), b"signature-of-7f3a9c")
)
CANARIES = {"twenty": _TOKEN, "odoo": WIDE + NASTY, "cetec": WIDE + NASTY}
PLUGINS: dict[str, tuple[Role, dict[str, Any]]] = {
    "elma365": (Role.SOURCE, {"token": "env:CANARY"}),
    "cetec": (Role.SOURCE, {"token": "env:CANARY"}),
    "ascora": (Role.SOURCE, {"key": "env:CANARY", "timezone": "Australia/Sydney", "currency": "AUD"}),
    "twenty": (Role.DESTINATION, {"key": "env:CANARY"}),
    "odoo": (Role.DESTINATION, {"key": "env:CANARY", "login": "admin", "database": "acme"}),
}


def forms(secret: str) -> set[str]:
    """The ways in which a secret may be written; found by hand, not by what redaction knows."""
    found = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    found |= {html.escape(secret), urllib.parse.quote(secret), urllib.parse.quote(secret, safe="")}
    found |= {urllib.parse.quote_plus(secret), urllib.parse.quote(secret, safe="").lower()}
    for before in ("", "a", "ab"):  # the three ways in which it may fall into groups of three bytes
        coded = base64.b64encode(f"{before}{secret}".encode()).decode()
        found |= {coded[4:-4], coded[4:-4].replace("+", "-").replace("/", "_")}  # without what its ends share
    return {form.casefold() for form in found}


def found_in(text: str, secret: str) -> list[str]:
    """The forms of a secret that a text holds, whatever the case."""
    whole = text.casefold()
    return [form for form in forms(secret) if form in whole]


class Echo:
    """A platform that answers everything with what it was asked, key and all, in one of several ways."""

    def __init__(self) -> None:
        self.way, self.asked = "401", 0
        echo = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(errors="replace")
                echo.asked += 1
                said = f"{self.path}\n{urllib.parse.unquote_plus(self.path)}\n{self.headers}\n{body}"
                said += f"\n{echo.secret}\nBasic {base64.b64encode(f'admin:{echo.secret}'.encode()).decode()}"
                echo.answer(self, said)

            do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.secret = ""
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def answer(self, to: BaseHTTPRequestHandler, said: str) -> None:
        """Write the answer."""
        error = {"success": False, "message": said, "error": {"message": said, "data": {"debug": said}}}
        errors = {"errors": [{"message": said, "extensions": {"code": said}}], "data": None}
        ways: dict[str, tuple[int, str]] = {
            "401": (401, json.dumps(error)),
            "403 in words": (403, said),
            "400": (400, json.dumps({**error, "messages": [said]})),
            "500": (500, said),
            "refused with 200": (200, json.dumps({**error, **errors})),
            "no JSON": (200, said),
            "another shape": (200, json.dumps({said: [said, {said: said}]})),
            "a redirect": (302, said),
        }
        status, body = ways[self.way]
        content = body.encode()
        to.send_response(status)
        to.send_header("Content-Type", "application/json" if body.startswith("{") else "text/plain")
        to.send_header("Content-Length", str(len(content)))
        if self.way == "a redirect":
            to.send_header("Location", f"{self.url}/login?token={urllib.parse.quote(self.secret)}")
        to.end_headers()
        to.wfile.write(content)

    def close(self) -> None:
        """End it."""
        self._http.shutdown()
        self._http.server_close()


WAYS = ("401", "403 in words", "400", "500", "refused with 200", "no JSON", "another shape", "a redirect")


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    """A platform that gives away what it is told."""
    platform = Echo()
    yield platform
    platform.close()


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """All that is logged, at the level of debug, on stderr and in the file."""
    root, before, shown = logging.getLogger(), logging.getLogger().handlers[:], io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    log.configure(json=False, level="DEBUG", file=tmp_path / "crossdock.log")
    yield lambda: shown.getvalue() + (tmp_path / "crossdock.log").read_text(encoding="utf-8")
    for handler in [each for each in root.handlers if each not in before]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(logging.WARNING)


def opened(platform: str, url: str, folder: Path, more: Mapping[str, Any] | None = None) -> Any:
    """A plugin object behind its facade, with a canary where its key belongs. `more`: other settings."""
    role, settings = PLUGINS[platform]
    connection = Connection(platform, "p", "main", FileStore(folder / "files"), paced=False)
    make: Callable[..., Any] = open_source if role is Role.SOURCE else open_destination
    return make(platform, {"url": url, **settings, **(more or {})}, connection)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error with all that led to it, as a trace shows it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        hidden = error.__suppress_context__
        error = error.__cause__ or (None if hidden else error.__context__)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("platform", PLUGINS)
def test_an_answer_that_echoes_the_key_gets_into_no_error_and_no_log(
    platform: str,
    way: str,
    echo: Echo,
    said: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = CANARIES.get(platform, NASTY)
    monkeypatch.setenv("CANARY", secret)
    monkeypatch.setattr("crossdock.http.RetryPolicy", lambda: RetryPolicy(attempts=2, sleep=lambda s: None))
    echo.way, echo.secret, echo.asked = way, secret, 0

    with opened(platform, echo.url, tmp_path) as plugin, pytest.raises(CrossdockError) as caught:
        plugin.discover()
    try:
        raise RuntimeError("wrapped") from caught.value
    except RuntimeError as wrapped:
        log.get_logger().info("unexpected", exc_info=wrapped)
        logging.getLogger("third.party").debug("asked with %s", secret)

    assert echo.asked, caught.value
    assert "asked with" in (everything := said())
    assert found_in(everything, secret) == []
    for error in chain(caught.value):
        assert found_in(f"{error}\n{error!r}\n{error.args}", secret) == []
    assert found_in("".join(traceback.format_exception(caught.value)), secret) == []


@pytest.mark.parametrize("platform", PLUGINS)
def test_no_structure_that_can_be_reached_shows_the_key(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = CANARIES.get(platform, NASTY)
    monkeypatch.setenv("CANARY", secret)
    role, settings = PLUGINS[platform]
    found = load_plugin(role, platform)
    made = resolve_settings(settings_type_of(found, platform), {"url": "http://x.example", **settings})

    with opened(platform, "http://127.0.0.1:9", tmp_path) as plugin:
        shown = [repr(each) for each in reachable(plugin)]
    shown += [repr(made), str(made), repr(made.model_dump()), made.model_dump_json(), repr(vars(made))]

    assert len(shown) > 10
    assert [text[:200] for text in shown if found_in(text, secret)] == []


@pytest.mark.parametrize("platform", ["elma365", "ascora"])
@pytest.mark.parametrize("secret", [WIDE, "Kanarie-7f3a9c\nX-Other: 1"])
def test_a_key_that_cannot_be_sent_is_wrong_configuration_and_not_shown(
    platform: str, secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", secret)

    with pytest.raises(ConfigError, match="cannot be sent") as caught:
        opened(platform, "http://127.0.0.1:9", tmp_path).discover()

    assert found_in("".join(traceback.format_exception(caught.value)), secret) == []


@pytest.mark.parametrize("platform", PLUGINS)
def test_a_key_that_somebody_wrote_into_another_setting_too_is_not_shown(
    platform: str,
    echo: Echo,
    said: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = CANARIES.get(platform, NASTY)
    monkeypatch.setenv("CANARY", secret)
    monkeypatch.setattr("crossdock.http.RetryPolicy", lambda: RetryPolicy(attempts=1, sleep=lambda s: None))
    echo.way, echo.secret = "401", secret
    role, _settings = PLUGINS[platform]
    places = list(misplaced(settings_type_of(load_plugin(role, platform), platform), secret))
    assert len(places) > 8

    refused = []
    for misplacing in places:
        try:
            with opened(platform, echo.url, tmp_path, misplacing) as plugin:
                plugin.discover()
        except CrossdockError as error:
            refused.append(error)
    assert len(refused) > len(places) / 2
    for each in (cause for error in refused for cause in chain(error)):
        assert found_in(f"{each}\n{each!r}\n{each.args}", secret) == []
    assert found_in(said(), secret) == []


def misplaced(settings: type[BaseModel], secret: str) -> Iterator[dict[str, Any]]:
    """Settings with a secret in one place where it does not belong, each place once."""
    for name, field in settings.model_fields.items():
        nested = [k for k in kinds(field.annotation) if isinstance(k, type) and issubclass(k, BaseModel)]
        if SecretStr not in kinds(field.annotation):
            yield {name: secret}
            yield {name: [secret]}
        for each in (one for kind in nested for one in misplaced(kind, secret)):
            yield {name: each}


def reachable(root: Any) -> Iterator[Any]:
    """The objects of crossdock and of its plugins that hang on one: what a debugger or a trace would show."""
    waiting, seen = [root], set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        module = type(each).__module__
        if module.startswith(("crossdock", "pydantic.types")):
            yield each
        if module.startswith("crossdock"):
            waiting += [r for r in gc.get_referents(each) if not isinstance(r, type)]
            waiting += list(vars(each).values()) if hasattr(each, "__dict__") else []


def test_every_setting_that_holds_a_secret_is_of_the_type_that_hides_it() -> None:
    for platform, (role, _settings) in PLUGINS.items():
        found = 0
        for name, field in all_fields(settings_type_of(load_plugin(role, platform), platform)):
            if any(word in name for word in ("token", "key", "secret", "password")):
                assert SecretStr in kinds(field.annotation), (platform, name)
                found += 1
        assert found, f"{platform} has no secret at all"


@pytest.mark.parametrize("platform", PLUGINS)
def test_every_connection_may_trust_an_authority_of_its_own_by_the_same_setting(platform: str) -> None:
    role, _settings = PLUGINS[platform]
    fields = settings_type_of(load_plugin(role, platform), platform).model_fields

    assert Path in kinds(fields["ca_file"].annotation)


def all_fields(settings: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """The fields of settings, those of nested ones too."""
    for name, field in settings.model_fields.items():
        yield name, field
        for kind in kinds(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from all_fields(kind)


def kinds(annotation: Any) -> set[Any]:
    """The types that an annotation names."""
    parts = getattr(annotation, "__args__", ())
    return {annotation} | {kind for part in parts for kind in kinds(part)}


@pytest.mark.parametrize("platform", PLUGINS)
def test_a_secret_that_is_written_out_is_refused_and_not_shown(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "other")
    role, settings = PLUGINS[platform]
    kind = settings_type_of(load_plugin(role, platform), platform)
    written_out = {n: NASTY if v == "env:CANARY" else v for n, v in settings.items()}
    quoted = urllib.parse.quote(NASTY, safe="")

    for raw in (
        {"url": "http://x.example", **written_out},
        {**settings, "url": f"http://u:{quoted}@x.example"},
    ):
        with pytest.raises(CrossdockError) as caught:
            resolve_settings(kind, raw)
        assert found_in(f"{caught.value!r} {caught.value}", NASTY) == []
        assert found_in("".join(traceback.format_exception(caught.value)), NASTY) == []
