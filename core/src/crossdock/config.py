"""The project file `crossdock.yaml`: read, checked and made.

    project: {id}                       made by init, part of every deterministic id
    sources: [{platform, tenant, ...}]  one connection a tenant
    destination: {platform, ...}        where the data goes
    destinations: {name: {...}}         others, for rehearsal
    database: URL                       optional; SQLite files in the project folder otherwise
    options: {...}
    prices: {...}                       optional; see crossdock.scoping.prices
    propose: {...}                      optional; see crossdock.proposing.settings

A connection holds `platform`, `tenant`, optionally `name` and `sandbox: NAME`, and else the plugin's
own keys, which only the plugin's settings type checks. Secrets are references (`crossdock.secrets`).
"""

import secrets as random_source
import unicodedata
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from crossdock.errors import ConfigError, SecretError
from crossdock.proposing.settings import LanguageModelConfig, ProposeConfig
from crossdock.redaction import redact
from crossdock.scoping.prices import Prices
from crossdock.secrets import (
    FORMS,
    explain,
    is_reference,
    refuse_unknown,
    resolve_secret,
    resolve_settings,
)
from crossdock.yamltext import load_yaml

__all__ = [
    "FILE_NAME",
    "ConnectionConfig",
    "Options",
    "Project",
    "edit_project",
    "init_project",
    "load_project",
    "resolve_settings",
]

FILE_NAME: Final = "crossdock.yaml"

# These become parts of external ids, in which "/", ":" and "#" separate.
_Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=63)]


class Options(BaseModel):
    """What a run may be told. Shares are between 0 and 1.

    rate_share: the part of a platform's rate limit that crossdock may use.
    gate_allowance: the share of a phase's records that may differ before the next phase waits.
    fallback_user: who stands for users that the destination does not have (e-mail or id).
    files: whether file contents are moved.
    require: what has to be signed off before `run` writes to the destination (see `crossdock.trial.signoff`).
    delta_overlap_hours: how far a delta reads back behind the last one (see `crossdock.delta.marks`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate_share: float = Field(default=1.0, gt=0, le=1)
    gate_allowance: float = Field(default=0.0, ge=0, le=1)
    fallback_user: str | None = None
    files: bool = True
    require: tuple[Literal["sample", "rehearsal"], ...] = ()
    delta_overlap_hours: float = Field(default=24.0, ge=0)


class ConnectionConfig(BaseModel):
    """One connection as written. `sandbox` names a sandbox of the project folder instead of a server."""

    model_config = ConfigDict(extra="allow", frozen=True)

    platform: _Word
    tenant: _Word = "main"
    name: _Word | None = None
    sandbox: _Word | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """The plugin's own keys, secrets still as references: input of `resolve_settings`."""
        return dict(self.model_extra or {})


class _ProjectSection(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: _Word


class _ProjectFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    project: _ProjectSection
    sources: list[ConnectionConfig] = Field(min_length=1)
    destination: ConnectionConfig
    destinations: dict[_Word, ConnectionConfig] = {}
    database: str | None = None
    options: Options = Options()
    prices: Prices | None = None
    propose: ProposeConfig = ProposeConfig()


@dataclass(frozen=True, slots=True)
class Project:
    """A project folder and its settings. `database` is as written: a URL or a secret reference."""

    directory: Path
    id: str
    sources: tuple[ConnectionConfig, ...]
    destination: ConnectionConfig
    destinations: Mapping[str, ConnectionConfig]
    options: Options
    database: str | None = None
    prices: Prices | None = None
    propose: ProposeConfig = field(default_factory=ProposeConfig)

    @property
    def mapping(self) -> Path:
        """The mapping file."""
        return self.directory / "mapping.yaml"

    @property
    def queues(self) -> Path:
        """The folder of the queues that wait for a person."""
        return self.directory / "queues"

    @property
    def reports(self) -> Path:
        """The folder of the reports."""
        return self.directory / "reports"

    @property
    def state(self) -> Path:
        """The folder that crossdock keeps for itself."""
        return self.directory / ".crossdock"

    @property
    def staging_db(self) -> Path:
        """Staging, if no database is configured."""
        return self.state / "staging.db"

    @property
    def ledger_db(self) -> Path:
        """The ledger, if no database is configured."""
        return self.state / "ledger.db"

    @property
    def files(self) -> Path:
        """The root of the file store."""
        return self.state / "files"

    @property
    def sandboxes(self) -> Path:
        """The folder of the sandboxes' data."""
        return self.state / "sandboxes"

    def database_url(self) -> str | None:
        """The database URL with its secret resolved; None: the SQLite files. Raises SecretError."""
        if self.database is not None and is_reference(self.database):
            return resolve_secret(self.database).get_secret_value()
        return self.database

    def destination_named(self, name: str | None = None) -> ConnectionConfig:
        """The destination, or another one by its name. Raises ConfigError for an unknown name."""
        if name is None or name == self.destination.name:
            return self.destination
        if name not in self.destinations:
            known = ", ".join([self.destination.name or "", *self.destinations]).strip(", ") or "none"
            raise ConfigError(f"no destination is named {name!r}; there are: {known}.")
        return self.destinations[name]


def load_project(directory: Path) -> Project:
    """Read and check the project in a folder. Raises ConfigError, with line and column for bad YAML."""
    path = directory / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"there is no project in {directory}: {FILE_NAME} is missing.",
            hint=f"Make one: crossdock init {directory} --source NAME --destination NAME",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    return _checked(directory, _parse(text, path), path)


def edit_project(directory: Path, edit: Callable[[MutableMapping[str, Any]], None]) -> Project:
    """Let `edit` change the project file in place, comments kept; written only if it is still valid."""
    path = directory / FILE_NAME
    load_project(directory)
    document = _parse(path.read_text(encoding="utf-8"), path)
    edit(document)
    project = _checked(directory, document, path)
    _write(path, document)
    return project


def init_project(
    directory: Path,
    source: str,
    destination: str,
    *,
    source_settings: Mapping[str, Any] | None = None,
    destination_settings: Mapping[str, Any] | None = None,
    secret_names: tuple[str, str] = ("token", "token"),
) -> Project:
    """Make a project folder with a commented project file. Raises ConfigError if there is one already.

    The settings (`{"sandbox": "demo"}`, or a url and a token reference) are written into the connections;
    without them the file shows how, with what the two platforms call their secrets (`secret_names`).
    """
    path = directory / FILE_NAME
    if path.exists():
        raise ConfigError(
            f"{path} exists already; nothing was changed.", hint="Choose another folder, or edit that file."
        )
    document = _parse(
        _TEMPLATE.format(
            id=_project_id(directory),
            source=source,
            destination=destination,
            source_settings=_settings_text(source_settings, secret_names[0], "SOURCE", "    "),
            destination_settings=_settings_text(destination_settings, secret_names[1], "DESTINATION", "  "),
        ),
        path,
    )
    project = _checked(directory, document, path)
    try:
        _make_folders(project)
        _write(path, document)
    except OSError as error:
        raise ConfigError(f"the project folder {directory} cannot be made: {error.strerror}.") from error
    return project


def _settings_text(settings: Mapping[str, Any] | None, secret: str, side: str, indent: str) -> str:
    """The lines of a connection's settings; comments that show how they look if there are none."""
    lines = [
        "# sandbox: demo  # try it without an account, or give address and key:",
        "# url: https://...",
        f"# {secret}: env:{side}_{secret.upper()}",
    ]
    if settings:
        out = StringIO()
        _yaml().dump(dict(settings), out)
        lines = out.getvalue().splitlines()
    return "\n".join(indent + line for line in lines)


def _make_folders(project: Project) -> None:
    project.directory.mkdir(parents=True, exist_ok=True)
    # All of them hold personal data in clear: for this user's eyes only, and for no repository.
    for folder in (project.queues, project.reports, project.state):
        folder.mkdir(exist_ok=True, mode=0o700)
        (folder / ".gitignore").write_text("*\n", encoding="utf-8")


def _project_id(directory: Path) -> str:
    ascii_name = unicodedata.normalize("NFKD", directory.resolve().name).encode("ascii", "ignore").decode()
    slug = "-".join("".join(c if c.isalnum() else " " for c in ascii_name.lower()).split())[:24].strip("-")
    return f"{slug or 'project'}-{random_source.token_hex(3)}"


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 120
    return yaml


def _parse(text: str, path: Path) -> Any:
    try:
        document = load_yaml(_yaml(), text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        # A duplicate key is reported with its value, which may be a secret.
        problem = str(error.problem or error.context).split(" with value")[0]
        raise ConfigError(f"{path}{place}: {redact(problem)}.", hint="It is not valid YAML.") from None
    except YAMLError as error:
        raise ConfigError(f"{path}: {redact(str(error))}.", hint="It is not valid YAML.") from None
    if not isinstance(document, dict):
        raise ConfigError(f"{path} does not hold settings (`key: value`).")
    return document


def _write(path: Path, document: object) -> None:
    out = StringIO()
    _yaml().dump(document, out)
    partial = path.with_suffix(".partial")
    partial.write_text(out.getvalue(), encoding="utf-8")
    partial.replace(path)


def _checked(directory: Path, document: dict[str, Any], path: Path) -> Project:
    raw = _plain(document, directory.resolve())
    refuse_unknown(raw, _ProjectFile.model_fields, f"{path}: ")
    for name, section in (("project", _ProjectSection), ("options", Options), ("propose", ProposeConfig)):
        if isinstance(raw.get(name), dict):
            refuse_unknown(raw[name], section.model_fields, f"{path}, {name}: ")
    if isinstance(raw.get("propose"), dict) and isinstance(raw["propose"].get("llm"), dict):
        refuse_unknown(raw["propose"]["llm"], LanguageModelConfig.model_fields, f"{path}, propose.llm: ")
    try:
        file = _ProjectFile.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{path}: {explain(error)}.") from None
    _check_tenants(file, path)
    _check_database(file.database, path)
    others = {name: c.model_copy(update={"name": name}) for name, c in file.destinations.items()}
    return Project(
        directory,
        file.project.id,
        tuple(file.sources),
        file.destination,
        others,
        file.options,
        file.database,
        file.prices,
        file.propose,
    )


def _check_tenants(file: _ProjectFile, path: Path) -> None:
    tenants = [source.tenant for source in file.sources]
    for tenant in tenants:
        if tenants.count(tenant) > 1:
            raise ConfigError(
                f"{path}: two sources have the tenant {tenant!r}; their records could not be told apart.",
                hint="Give each source a `tenant` of its own.",
            )


def _check_database(database: str | None, path: Path) -> None:
    server = (database or "").partition("://")[2].partition("/")[0]
    if "@" in server and ":" in server.rpartition("@")[0]:
        raise SecretError(f"{path}: `database` holds a password.", hint=f"Give the whole URL as {FORMS}.")


def _plain(value: Any, directory: Path) -> Any:
    """Plain dicts and lists; a relative `file:` reference counts from the project folder."""
    if isinstance(value, dict):
        return {str(key): _plain(part, directory) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, directory) for part in value]
    if isinstance(value, str) and value.startswith("file:") and is_reference(value):
        return f"file:{directory / Path(value.removeprefix('file:')).expanduser()}"
    return value


_TEMPLATE = """\
# What moves from where to where. `crossdock discover` is the first thing to run.
# Secrets are never written here, only where they are: env:NAME, file:PATH or keyring:SERVICE/NAME.

project:
  id: {id}  # part of every id that crossdock makes: never change it

sources:  # a list: one entry for each tenant whose data moves
  - platform: {source}
    tenant: main  # part of every id too; a second source gets another one
{source_settings}

destination:
  platform: {destination}
{destination_settings}

# Other destinations for a rehearsal: crossdock run --to NAME
# destinations:
#   rehearsal:
#     platform: {destination}
#     sandbox: rehearsal

# SQLite files in .crossdock/ unless a database is given (a reference, as the URL holds a password):
# database: env:CROSSDOCK_DATABASE

options:
  rate_share: 1.0  # how much of each platform's rate limit may be used; less leaves room for others
  gate_allowance: 0.0  # the share of a phase's records that may differ before the next phase waits
  files: true  # move file contents too
  # require: [sample, rehearsal]  # crossdock run waits until these are signed off
  # fallback_user: someone@example.org  # stands for users that the destination does not have

# What `map propose` may use besides the two platforms; docs/proposing.md says what is sent and kept:
# propose:
#   llm: {{url: "http://127.0.0.1:11434/v1", model: NAME, key: env:LLM_KEY, samples: false}}
#   memory: ~/crossdock-memory
"""
