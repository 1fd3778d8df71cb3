"""Finding and checking installed plugins: only the named one is imported, every fault has its message."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from stevedore.extension import ExtensionManager

from crossdock.checks import API_VERSION, hooks_of, problems
from crossdock.connection import Connection
from crossdock.entrypoints import PluginInfo
from crossdock.errors import AuthError, ConfigError, PluginError, SecretError
from crossdock.filestore import FileStore
from crossdock.plugins import (
    Role,
    check_plugins,
    list_plugins,
    load_plugin,
    open_destination,
    open_source,
    open_transform,
)

PRELUDE = """
from pydantic import BaseModel, SecretStr
from crossdock.hookspecs import hookimpl
from crossdock.model import Catalog, Limits
from crossdock.capabilities import Capabilities

class Settings(BaseModel):
    url: str
    token: SecretStr | None = None

class Good:
    settings_type = Settings
    def __init__(self, settings, connection):
        self.settings, self.connection = settings, connection
    @hookimpl
    def discover(self): return Catalog("x", self.settings.url, (), Capabilities(), Limits("x"))
    @hookimpl
    def extract(self, object_name): yield from ()
    @hookimpl
    def reconcile(self, object_name): yield from ()
"""
TARGET = (
    PRELUDE
    + """
class Target(Good):
    extract = None
    @hookimpl
    def provision(self, wanted): yield from ()
    @hookimpl
    def load(self, records): yield from ()
    @hookimpl
    def rollback(self, entries): yield from ()
"""
)


class Site:
    """A folder of installed distributions, made up for one test."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        patch.syspath_prepend(str(folder))
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))

    def add(
        self, distribution: str, points: dict[str, dict[str, str]], extra: str = "", **modules: str
    ) -> None:
        info = self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        told = f"Provides-Extra: {extra}\n" if extra else ""
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n{told}")
        groups = (
            f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in names.items())
            for group, names in points.items()
        )
        (info / "entry_points.txt").write_text("\n".join(groups))
        for name, source in modules.items():
            (self.folder / f"{name}.py").write_text(source)

    def source(self, name: str, body: str, target: str = "Good") -> None:
        module = f"made_up_{name}"
        self.add(
            f"crossdock-{name}",
            {"crossdock.sources": {name: f"{module}:{target}"}},
            **{module: PRELUDE + body},
        )


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(ExtensionManager, "ENTRY_POINT_CACHE", {})
    yield Site(tmp_path, monkeypatch)
    for name in [name for name in sys.modules if name.startswith("made_up_")]:
        del sys.modules[name]


def connection() -> Connection:
    return Connection("alpha", "p", "main", FileStore(Path("unused")))


def test_roles_have_their_groups() -> None:
    assert [role.group for role in Role] == [
        "crossdock.sources",
        "crossdock.destinations",
        "crossdock.transforms",
        "crossdock.mappings",
        "crossdock.sandboxes",
    ]


def test_listing_names_plugins_without_importing_them(site: Site) -> None:
    site.source("alpha", "raise RuntimeError('imported')")
    site.source("beta", "")

    listed = [info for info in list_plugins(Role.SOURCE) if info.name in ("alpha", "beta")]

    assert listed == [
        PluginInfo("alpha", Role.SOURCE, "crossdock-alpha", "1.0"),
        PluginInfo("beta", Role.SOURCE, "crossdock-beta", "1.0"),
    ]
    assert set(listed) <= set(list_plugins())
    assert "made_up_alpha" not in sys.modules


def test_only_the_named_plugin_is_imported(site: Site) -> None:
    site.source("alpha", "")
    site.source("beta", "")

    assert load_plugin(Role.SOURCE, "alpha").__name__ == "Good"
    assert "made_up_beta" not in sys.modules


def test_a_plugin_installed_since_the_cache_was_made_is_found(site: Site) -> None:
    site.source("alpha", "")
    load_plugin(Role.SOURCE, "alpha")

    site.source("beta", "")

    assert load_plugin(Role.SOURCE, "beta").__module__ == "made_up_beta"


def test_a_plugin_that_moved_since_the_cache_was_made_is_found_at_its_new_place(site: Site) -> None:
    site.source("alpha", "class Moved(Good): pass")
    load_plugin(Role.SOURCE, "alpha")

    entry_points = site.folder / "crossdock_alpha-1.0.dist-info" / "entry_points.txt"
    entry_points.write_text("[crossdock.sources]\nalpha = made_up_alpha:Moved\n")

    assert load_plugin(Role.SOURCE, "alpha").__name__ == "Moved"


def test_a_missing_plugin_names_what_is_installed_and_what_to_install(site: Site) -> None:
    site.source("alpha", "")

    with pytest.raises(PluginError) as caught:
        load_plugin(Role.SOURCE, "alhpa")

    assert "installed: alpha" in str(caught.value)
    assert "Did you mean 'alpha'?" in str(caught.value)
    assert "pip install crossdock-alhpa" in str(caught.value)


def test_a_plugin_of_the_other_role_is_named_as_such(site: Site) -> None:
    site.source("alpha", "")
    with pytest.raises(PluginError, match="'alpha' is installed as source only"):
        load_plugin(Role.DESTINATION, "alpha")


def test_a_broken_plugin_shows_its_own_import_error(site: Site) -> None:
    site.source("alpha", "import made_up_missing_library")
    with pytest.raises(
        PluginError, match=r"crossdock-alpha 1\.0.*No module named 'made_up_missing_library'"
    ) as e:
        load_plugin(Role.SOURCE, "alpha")
    assert isinstance(e.value.__cause__, ModuleNotFoundError)


def test_a_sandbox_that_was_not_installed_is_no_problem_and_its_command_is_told(site: Site) -> None:
    points = {"crossdock.sandboxes": {"alpha": "made_up_alpha:Box"}}
    site.add("crossdock-alpha", points, extra="sandbox", made_up_alpha="import made_up_missing_library")

    (report,) = [r for r in check_plugins() if r.info.name == "alpha"]

    assert report.problems == ()
    assert 'pip install "crossdock-alpha[sandbox]"' in report.lacking


def test_a_broken_sandbox_is_a_problem(site: Site) -> None:
    points = {"crossdock.sandboxes": {"alpha": "made_up_alpha:Box"}}
    site.add("crossdock-alpha", points, extra="sandbox", made_up_alpha="x = 1")

    (report,) = [r for r in check_plugins() if r.info.name == "alpha"]

    assert "Box" in report.problems[0]
    assert report.lacking == ""


@pytest.mark.parametrize(
    ("body", "shown"), [("raise RuntimeError('token=hunter22')", "RuntimeError"), ("x = (", "SyntaxError")]
)
def test_a_plugin_that_fails_while_imported_is_no_riddle(site: Site, body: str, shown: str) -> None:
    site.source("alpha", body)
    with pytest.raises(PluginError, match=shown) as caught:
        load_plugin(Role.SOURCE, "alpha")
    assert "hunter22" not in str(caught.value)


def test_a_plugin_may_refuse_its_import_in_its_own_words(site: Site) -> None:
    site.source(
        "alpha", "from crossdock.errors import ConfigError\nraise ConfigError('needs a licence file.')"
    )
    with pytest.raises(ConfigError, match=r"^needs a licence file\.$"):
        load_plugin(Role.SOURCE, "alpha")


def test_two_distributions_with_a_plugin_of_one_name_are_both_named(site: Site) -> None:
    site.source("alpha", "")
    site.add(
        "other-alpha", {"crossdock.sources": {"alpha": "made_up_other:X"}}, made_up_other="raise SystemExit"
    )

    with pytest.raises(PluginError, match=r"ambiguous: it comes from crossdock-alpha .* and other-alpha"):
        load_plugin(Role.SOURCE, "alpha")
    assert "made_up_alpha" not in sys.modules


def test_a_source_is_opened_with_its_settings(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.source("alpha", "")
    monkeypatch.setenv("ALPHA_TOKEN", "a-token-for-alpha")
    here = connection()

    with open_source("alpha", {"url": "https://a", "token": "env:ALPHA_TOKEN"}, here) as source:
        plugin: Any = source.plugin

    assert source.name == "alpha"
    assert source.discover().identity == "https://a"
    assert plugin.connection is here
    assert plugin.settings.token.get_secret_value() == "a-token-for-alpha"


def test_ready_settings_are_taken_as_they_are(site: Site) -> None:
    site.source("alpha", "class Other(BaseModel):\n    url: str")
    cls = load_plugin(Role.SOURCE, "alpha")
    module: ModuleType = sys.modules["made_up_alpha"]
    ready = cls.settings_type(url="https://a")

    plugin: Any = open_source("alpha", ready, connection()).plugin
    assert plugin.settings is ready
    plugin = open_source("alpha", module.Other(url="https://b"), connection()).plugin
    assert plugin.settings.url == "https://b"


def test_a_destination_is_opened(site: Site) -> None:
    site.add(
        "crossdock-beta", {"crossdock.destinations": {"beta": "made_up_beta:Target"}}, made_up_beta=TARGET
    )

    with open_destination("beta", {"url": "https://b"}, connection()) as destination:
        assert destination.discover().identity == "https://b"


def test_wrong_settings_name_the_platform(site: Site) -> None:
    site.source("alpha", "")
    with pytest.raises(ConfigError, match="alpha: there is no setting 'ulr'"):
        open_source("alpha", {"ulr": "x"}, connection())
    with pytest.raises(SecretError, match="alpha: token holds the secret itself"):
        open_source("alpha", {"url": "x", "token": "hunter22"}, connection())


def test_a_plugin_that_cannot_be_made_says_why(site: Site) -> None:
    site.source("alpha", "class Bad(Good):\n    def __init__(self): pass", "Bad")
    with pytest.raises(PluginError, match=r"cannot be made: TypeError.*settings, connection"):
        open_source("alpha", {"url": "x"}, connection())


def test_a_plugin_may_refuse_its_settings_in_its_own_words(site: Site) -> None:
    body = """
from crossdock.errors import AuthError
class Bad(Good):
    def __init__(self, settings, connection): raise AuthError("wrong kind of key.")
"""
    site.source("alpha", body, "Bad")
    with pytest.raises(AuthError, match=r"^wrong kind of key\.$"):
        open_source("alpha", {"url": "x"}, connection())


FAULTS = {
    "misspelt": (
        "class Bad(Good):\n    @hookimpl\n    def extrct(self): pass",
        "marks extrct as a hook, which a source does not have. Did you mean 'extract'?",
    ),
    "foreign": (
        "class Bad(Good):\n    @hookimpl\n    def zzz(self): pass",
        "Its hooks: discover, extract, infer_schema, reconcile.",
    ),
    "argument": (
        "class Bad(Good):\n    @hookimpl\n    def extract(self, stream): yield",
        "'stream'",
    ),
    "missing": (
        "class Bad(Good):\n    extract = None",
        "lacks the required hooks: extract. See crossdock.hookspecs.",
    ),
    "unmarked": (
        "class Bad(Good):\n    def extract(self): yield",
        "lacks the required hooks: extract. Mark extract with @hookimpl.",
    ),
    "settings": (
        "class Bad(Good):\n    settings_type = dict",
        "`settings_type` of the plugin 'alpha' is <class 'dict'>",
    ),
    "no settings": (
        "class Bad(Good):\n    settings_type = None",
        "`settings_type` of the plugin 'alpha' is missing",
    ),
    "older": ("class Bad(Good):\n    crossdock_api = '0.0'", "made for hooks of version 0.0"),
    "newer": ("class Bad(Good):\n    crossdock_api = '1.1'", "made for hooks of version 1.1"),
    "no version": ("class Bad(Good):\n    crossdock_api = 'new'", "declares crossdock_api = 'new'"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_a_plugin_has_a_message_of_its_own(site: Site, fault: str) -> None:
    body, message = FAULTS[fault]
    site.source("alpha", body, "Bad")

    with pytest.raises(PluginError) as caught:
        open_source("alpha", {"url": "x"}, connection())

    assert message in str(caught.value)
    assert "'alpha'" in str(caught.value)


def test_checking_imports_all_and_lists_hooks_and_problems(site: Site) -> None:
    site.source("alpha", f"class Declared(Good):\n    crossdock_api = '{API_VERSION}'", "Declared")
    site.source("beta", FAULTS["argument"][0] + "\n    settings_type = None", "Bad")
    site.source("gamma", "import made_up_missing_library")
    site.add(
        "crossdock-data",
        {"crossdock.mappings": {"alpha-beta": "made_up_data:mapping"}},
        made_up_data="mapping = 1",
    )

    reports = {r.info.name: r for r in check_plugins() if r.info.distribution.startswith("crossdock-")}

    assert reports["alpha"].hooks == ("discover", "extract", "reconcile")
    assert reports["alpha"].problems == ()
    assert reports["beta"].hooks == ()
    assert len(reports["beta"].problems) == 2
    assert "made_up_missing_library" in reports["gamma"].problems[0]
    assert (reports["alpha-beta"].hooks, reports["alpha-beta"].problems) == ((), ())


def test_transform_extensions_are_opened_by_name(site: Site) -> None:
    body = "class Extension:\n    @hookimpl\n    def transform(self, records): return []\nready = Extension()"
    points = {"cleaner": "made_up_t:Extension", "ready": "made_up_t:ready"}
    site.add("crossdock-t", {"crossdock.transforms": points}, made_up_t=PRELUDE + body)

    nothing: Any = None
    assert open_transform(["cleaner", "ready"])([], nothing, nothing) == []
    assert open_transform().name == "core"
    assert problems(Role.TRANSFORM, load_plugin(Role.TRANSFORM, "cleaner"), "cleaner") == ()
    assert hooks_of(Role.TRANSFORM, load_plugin(Role.TRANSFORM, "cleaner")) == ("transform",)


def test_stevedores_warning_about_a_missing_name_is_not_logged(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(PluginError):
        load_plugin(Role.SOURCE, "nowhere")
    assert caplog.records == []


def test_listing_plugins_needs_neither_plugins_nor_an_http_client() -> None:
    code = (
        "import sys, json; from crossdock.entrypoints import list_plugins; list_plugins();"
        "print(json.dumps([m for m in sys.modules if m == 'httpx2' or m.startswith('crossdock_')]))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(out.stdout) == []
