"""Plugin settings: secrets by reference only, every message without them."""

import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from crossdock.errors import ConfigError, SecretError
from crossdock.redaction import redact
from crossdock.secrets import is_reference, path_fields, resolve_secret, resolve_settings, secret_fields


class Login(BaseModel):
    model_config = ConfigDict(extra="forbid")
    user: str = ""
    password: SecretStr | None = None


class Settings(BaseModel):
    model_config = ConfigDict(extra="forbid")
    url: str
    token: SecretStr = Field(alias="apiToken", default=SecretStr(""))
    login: Login | None = None
    names: list[str] = []

    @field_validator("url")
    @classmethod
    def _web(cls, value: str) -> str:
        if not value.startswith("http"):
            raise ValueError(f"{value} is no address")
        return value


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Keyring:
    class errors:  # noqa: N801
        class KeyringError(Exception):
            pass

    def __init__(self, held: dict[tuple[str, str], str], broken: bool = False) -> None:
        self.held, self.broken = held, broken

    def get_password(self, service: str, name: str) -> str | None:
        if self.broken:
            raise self.errors.KeyringError("no backend")
        return self.held.get((service, name))


def test_an_environment_reference_is_resolved_and_known_to_the_redactor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ACME_TOKEN", "from-environment\n")

    settings = resolve_settings(Settings, {"url": "https://a", "apiToken": "env:ACME_TOKEN"})

    assert settings.token.get_secret_value() == "from-environment"
    assert "from-environment" not in redact("x from-environment x")


def test_a_file_reference_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("from-file\n")
    assert resolve_secret(f"file:{tmp_path / 't'}").get_secret_value() == "from-file"


def test_a_keyring_reference_is_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", Keyring({("acme", "me/api"): "from-ring"}))
    assert resolve_secret("keyring:acme/me/api").get_secret_value() == "from-ring"


@pytest.mark.parametrize(
    ("ring", "message"),
    [
        (Keyring({}), "holds nothing under acme/me"),
        (Keyring({}, broken=True), "cannot be read: no backend"),
        (None, "not installed.*crossdock\\[keyring\\]"),
    ],
)
def test_a_keyring_that_gives_nothing_says_why(
    monkeypatch: pytest.MonkeyPatch, ring: Keyring | None, message: str
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", ring)
    with pytest.raises(SecretError, match=message):
        resolve_secret("keyring:acme/me")


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "t"
    if content:
        path.write_bytes(content)
    with pytest.raises(SecretError, match="cannot be read"):
        resolve_secret(f"file:{path}")


def test_an_empty_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY", " ")
    with pytest.raises(SecretError, match="env:EMPTY leads to an empty text"):
        resolve_secret("env:EMPTY")


def test_a_variable_that_is_not_set_is_named_with_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(
        SecretError, match="alpha: apiToken cannot be read: the environment variable NOT_SET is not set"
    ):
        resolve_settings(Settings, {"url": "https://a", "apiToken": "env:NOT_SET"}, where="alpha")


@pytest.mark.parametrize("literal", ["hunter22hunter", 1234567, "http://x", "vault:xyz"])
def test_a_secret_that_is_written_out_is_refused_and_not_shown(literal: Any) -> None:
    with pytest.raises(SecretError, match="apiToken holds the secret itself") as caught:
        resolve_settings(Settings, {"url": "https://a", "apiToken": literal})
    assert str(literal) not in str(caught.value)
    with pytest.raises(SecretError):
        resolve_secret(str(literal))


def test_a_reference_without_a_name_is_no_reference() -> None:
    with pytest.raises(SecretError, match="holds the secret itself"):
        resolve_settings(Settings, {"url": "https://a", "apiToken": "env:"})
    assert redact("write env:NAME") == "write env:NAME"


def test_a_nested_secret_is_refused_and_resolved_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD_HERE", "nested-secret")

    settings = resolve_settings(
        Settings, {"url": "https://a", "login": {"user": "me", "password": "env:PASSWORD_HERE"}}
    )

    assert settings.login is not None
    assert settings.login.password == SecretStr("nested-secret")
    with pytest.raises(SecretError, match=r"login\.password holds the secret itself"):
        resolve_settings(Settings, {"url": "https://a", "login": {"password": "hunter22"}})


def test_a_ready_secret_and_an_absent_one_are_taken_as_they_are() -> None:
    ready = resolve_settings(
        Settings, {"url": "https://a", "apiToken": SecretStr("ready"), "login": {"password": None}}
    )
    assert ready.token.get_secret_value() == "ready"
    assert ready.login == Login()


def test_an_unknown_setting_is_named_with_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"alpha: there is no setting 'ulr'\. Did you mean 'url'\?"):
        resolve_settings(Settings, {"ulr": "https://a"}, where="alpha")


def test_a_plugin_may_take_any_setting() -> None:
    assert resolve_settings(Open, {"anything": 1}).model_extra == {"anything": 1}


def test_all_wrong_settings_are_listed_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOWN", "do-not-show-me")
    resolve_secret("env:SHOWN")

    with pytest.raises(ConfigError) as caught:
        resolve_settings(Settings, {"url": "do-not-show-me", "names": 5})

    assert "url: [secret] is no address" in str(caught.value)
    assert "names: Input should be" in str(caught.value)
    assert "do-not-show-me" not in str(caught.value)


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="url: Field required"):
        resolve_settings(Settings, {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [("env:X", True), ("file:/x", True), ("keyring:a/b", True), ("file:///x", False), ("plain", False)],
)
def test_references_are_told_from_other_text(text: str, expected: bool) -> None:
    assert is_reference(text) is expected


def test_the_settings_that_hold_secrets_are_known_by_name() -> None:
    assert secret_fields(Settings) == ("token",)
    assert secret_fields(Login) == ("password",)


def test_the_reason_is_readable_also_for_a_setting_named_token(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithToken(BaseModel):
        token: SecretStr

    monkeypatch.delenv("NOT_SET", raising=False)
    with pytest.raises(SecretError) as caught:
        resolve_settings(WithToken, {"token": "env:NOT_SET"}, where="alpha")
    assert redact(str(caught.value)).startswith(
        "alpha: token cannot be read: the environment variable NOT_SET"
    )


class _Reader(BaseModel):
    url: str = ""
    plans: tuple[Path, ...] = ()
    folder: Path | None = None


def test_the_settings_that_hold_paths_are_known():
    assert path_fields(_Reader) == ("plans", "folder")


def test_wrong_settings_say_where_they_are_corrected() -> None:
    class Wanted(BaseModel):
        pages: int

    with pytest.raises(ConfigError) as caught:
        resolve_settings(Wanted, {"pages": "many"}, where="elsewhere")

    assert caught.value.message.startswith("elsewhere: wrong settings: pages")
    assert "crossdock.yaml" in caught.value.hint
