"""Secrets by reference: `env:NAME`, `file:PATH`, `keyring:SERVICE/NAME`, resolved as late as possible.

A resolved secret is registered with the redactor before anybody else sees it.
"""

import difflib
import os
import re
import types
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from crossdock.errors import ConfigError, SecretError
from crossdock.redaction import redact, register_secrets

Settings = TypeVar("Settings", bound=BaseModel)

_PASSWORD: Final = re.compile(r"[a-z][a-z0-9+.-]*://([^/?#@:]*):?([^/?#]*)@", re.IGNORECASE)
_SECRET_LENGTH: Final = 8  # anything shorter may be an ordinary word, which has to stay readable
FORMS: Final = "env:NAME, file:PATH or keyring:SERVICE/NAME"


def is_reference(text: str) -> bool:
    """True if `text` has the form of a secret reference."""
    kind, colon, rest = text.partition(":")
    return bool(colon and rest) and kind in ("env", "file", "keyring") and not rest.startswith("//")


def resolve_secret(reference: str) -> SecretStr:
    """The secret that a reference stands for. Raises SecretError, which never shows the secret."""
    kind, _, rest = reference.partition(":")
    if not is_reference(reference):
        raise SecretError("a secret is written out where a reference belongs.", hint=f"Use {FORMS}.")
    secret = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}[kind](rest)
    if not secret:
        raise SecretError(f"the secret reference {reference} leads to an empty text.")
    register_secrets(secret)
    return SecretStr(secret)


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise SecretError(
            f"the environment variable {name} is not set.", hint=f"Set it, or use another of {FORMS}."
        )
    return os.environ[name].strip()


def _from_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SecretError(f"the secret file {path} cannot be read: {why}.") from None


def _from_keyring(entry: str) -> str:
    service, _, name = entry.partition("/")
    try:
        import keyring
    except ImportError as error:
        raise SecretError(
            "the package for key rings is not installed.", hint="pip install 'crossdock[keyring]'"
        ) from error
    try:
        secret = keyring.get_password(service, name)
    except keyring.errors.KeyringError as error:
        raise SecretError(f"the key ring cannot be read: {redact(str(error))}.") from error
    if secret is None:
        raise SecretError(
            f"the key ring holds nothing under {entry}.", hint=f"Store it: keyring set {service} {name}"
        )
    return secret


def resolve_settings(settings_type: type[Settings], raw: Mapping[str, Any], *, where: str = "") -> Settings:
    """A plugin's settings from the raw keys of the project file, every secret reference resolved.

    A field that takes a SecretStr has to be a reference; a ready SecretStr object is taken as it is.
    `where` names the connection in messages. Raises SecretError for a secret that is written out or does not
    resolve, ConfigError that lists every other fault.
    """
    place = f"{where}: " if where else ""
    refuse_unknown(raw, _keys(settings_type), place)
    _refuse_passwords(raw, place)
    resolved = _with_secrets(settings_type, raw, place)
    try:
        return settings_type.model_validate(resolved)
    except ValidationError as error:
        raise ConfigError(
            f"{place}wrong settings: {explain(error)}.", hint="Correct this connection in crossdock.yaml."
        ) from None


def _with_secrets(settings_type: type[BaseModel], raw: Mapping[str, Any], place: str) -> dict[str, Any]:
    """`raw` with a SecretStr for each reference, nested models included."""
    fields = {key: info for name, info in settings_type.model_fields.items() for key in _names(name, info)}
    resolved = dict(raw)
    for key, value in raw.items():
        kinds = _flat(fields[key].annotation) if key in fields else set()
        nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if SecretStr in kinds and value is not None and not isinstance(value, SecretStr):
            resolved[key] = _secret(value, f"{place}{key}")
        elif len(nested) == 1 and isinstance(value, Mapping):
            resolved[key] = _with_secrets(nested[0], value, f"{place}{key}.")
    return resolved


def _secret(value: object, place: str) -> SecretStr:
    if not isinstance(value, str) or not is_reference(value):
        if len(str(value)) >= _SECRET_LENGTH:
            register_secrets(str(value))
        raise SecretError(
            f"{place} holds the secret itself; the project file takes only a reference to it.",
            hint=f"Write {FORMS}, and replace the secret if others have seen the file.",
        )
    try:
        return resolve_secret(value)
    except SecretError as error:
        raise SecretError(f"{place} cannot be read: {error.message}", hint=error.hint) from error


def _refuse_passwords(value: Any, place: str) -> None:
    """Raise SecretError for an address with a password in it, at any depth."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            _refuse_passwords(part, f"{place}{key}." if isinstance(part, Mapping) else f"{place}{key}")
    elif isinstance(value, list | tuple):
        for part in value:
            _refuse_passwords(part, place)
    elif isinstance(value, str) and (found := _PASSWORD.match(value)):
        register_secrets(*(part for part in found.groups() if part and len(part) >= _SECRET_LENGTH))
        raise SecretError(
            f"{place} holds a user or a password in its address.",
            hint=f"Take out what stands before the @; a secret has a setting of its own, written as {FORMS}.",
        )


def secret_fields(settings_type: type[BaseModel]) -> tuple[str, ...]:
    """The names of the settings that hold secrets, in their order."""
    return tuple(
        name for name, info in settings_type.model_fields.items() if SecretStr in _flat(info.annotation)
    )


def path_fields(settings_type: type[BaseModel]) -> tuple[str, ...]:
    """The names of the settings that hold a path or several, in their order."""
    fields = settings_type.model_fields
    return tuple(name for name, info in fields.items() if Path in _members(info.annotation))


def rooted(settings_type: type[BaseModel], raw: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """`raw` with its relative paths counted from `folder`, those of nested settings too."""
    return {
        key: _rooted(_members(settings_type.model_fields[key].annotation), value, folder)
        if key in settings_type.model_fields
        else value
        for key, value in raw.items()
    }


def _rooted(kinds: set[Any], value: Any, folder: Path) -> Any:
    nested = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    if isinstance(value, Mapping) and len(nested) == 1:
        return rooted(nested[0], value, folder)
    if isinstance(value, list):
        return [_rooted(kinds, element, folder) for element in value]
    # A nested model may be written short, as the path that it is about.
    short = len(nested) == 1 and bool(path_fields(nested[0]))
    return (
        str(folder / Path(value).expanduser())
        if isinstance(value, str) and (Path in kinds or short)
        else value
    )


def _members(annotation: Any) -> set[Any]:
    """The types in an annotation, those in its containers included."""
    parts = get_args(annotation)
    return {kind for part in parts for kind in _members(part)} if parts else {annotation}


def _flat(annotation: Any) -> set[Any]:
    """The types in an annotation: `SecretStr | None` gives both."""
    parts = get_args(annotation)
    if not parts or isinstance(annotation, types.GenericAlias):
        return {annotation}
    return {kind for part in parts for kind in _flat(part)}


def _names(name: str, info: FieldInfo) -> set[str]:
    return {name, info.alias or name}


def _keys(settings_type: type[BaseModel]) -> set[str]:
    if settings_type.model_config.get("extra") == "allow":
        return set()
    return {key for name, info in settings_type.model_fields.items() for key in _names(name, info)}


def refuse_unknown(raw: Iterable[str], valid: Iterable[str], place: str) -> None:
    """Raise ConfigError for the first key that is not valid, with the nearest one. No `valid`: all are."""
    known = sorted(valid)
    for key in raw:
        if known and key not in known:
            near = difflib.get_close_matches(str(key), known, n=1)
            hint = f"Did you mean {near[0]!r}?" if near else f"Valid keys: {', '.join(known)}."
            raise ConfigError(f"{place}there is no setting {key!r}.", hint=hint)


def explain(error: ValidationError) -> str:
    """All faults of a validation, each with its place; the values stay out of it."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(redact(_place_of(f["loc"]) + f["msg"].removeprefix("Value error, ")) for f in faults)


def _place_of(parts: Iterable[object]) -> str:
    place = ".".join(map(str, parts))
    return f"{place}: " if place else ""
