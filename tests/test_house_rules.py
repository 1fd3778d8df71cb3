"""The rules of the house that no linter knows (CONTRIBUTING.md says them in words)."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distributions, packages_distributions
from itertools import chain
from pathlib import Path
from statistics import median, quantiles

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parents[1]
PUBLIC_API = ROOT / "tests" / "public_api.txt"

LONG_FILE, LONG_FILES_ALLOWED, MEDIAN_FILE = 400, 2, 150
LONG_FUNCTION, NINE_OF_TEN_FUNCTIONS = 60, 25
OLDEST_PYTHON = "3.11.0"
PLATFORMS = ("elma", "twenty", "odoo", "cetec", "ascora")
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
LEFT_BEHIND = {".venv", ".git", ".hypothesis", "__pycache__", "build", "dist", "htmlcov"}

MACHINE_PATHS = re.compile(
    "|".join(
        rf"(?<![\w.<{{/-])/{top}/\w" for top in ("work", "root", "home", "Users", "opt/pypi", "opt/wheels")
    )
)
INDEX_ADDRESSES = re.compile(
    r"--(?:extra-)?index-url|--find-links|\bpypi\.org/simple|/simple/?\s*$", re.MULTILINE
)

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef


@cache
def house_files() -> tuple[Path, ...]:
    """Every file that belongs to the repository: what git tracks or would track, else a walk."""
    if shutil.which("git") and (ROOT / ".git").exists():
        command = ["git", "ls-files", "-coz", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
        if listed.returncode == 0:
            paths = (ROOT / name for name in listed.stdout.split("\0") if name)
            return tuple(sorted(path for path in paths if path.is_file()))
    return tuple(sorted(path for path in ROOT.rglob("*") if path.is_file() and not left_behind(path)))


def left_behind(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "demo" or parts[0].startswith(".coverage"):
        return True
    return any(part in LEFT_BEHIND or part.endswith(("_cache", ".egg-info")) for part in parts)


@cache
def source_files() -> tuple[Path, ...]:
    return tuple(path for path in house_files() if path.suffix == ".py" and "src" in name(path).split("/"))


def core_files() -> list[Path]:
    return [path for path in source_files() if name(path).startswith("core/src/")]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def functions() -> Iterator[tuple[str, Function]]:
    for path in source_files():
        for node in ast.walk(tree(path)):
            if isinstance(node, Function):
                yield f"{name(path)}:{node.lineno} {node.name}", node


def body_lines(function: Function) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def public_definitions(body: list[ast.stmt], owner: str = "") -> Iterator[tuple[str, Definition]]:
    """Public classes and functions of a module, and the public methods of its public classes."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield f"{owner}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node.body, f"{owner}{node.name}.")


def needs_docstring(node: Definition) -> bool:
    """An overload and an override say nothing of their own; a property setter neither."""
    marks = {ast.unparse(mark).rpartition(".")[2] for mark in node.decorator_list}
    return not marks & {"overload", "override", "setter"}


def test_the_source_files_are_found():
    assert any(name(path).startswith("core/src/crossdock/") for path in source_files())


def test_half_of_the_files_are_short():
    assert median(line_count(path) for path in source_files()) <= MEDIAN_FILE


def test_hardly_any_file_is_long():
    long = {name(path): lines for path in source_files() if (lines := line_count(path)) > LONG_FILE}
    assert len(long) <= LONG_FILES_ALLOWED, long


def test_nine_of_ten_functions_are_short():
    lengths = [body_lines(function) for _, function in functions()]
    assert quantiles(lengths, n=10, method="inclusive")[-1] <= NINE_OF_TEN_FUNCTIONS


def test_no_function_is_long():
    long = {where: lines for where, node in functions() if (lines := body_lines(node)) > LONG_FUNCTION}
    assert long == {}


def test_the_core_names_no_platform():
    word = re.compile("|".join(PLATFORMS), re.IGNORECASE)
    found = [
        f"{name(path)}:{number}"
        for path in core_files()
        for number, line in enumerate([path.stem, *path.read_text(encoding="utf-8").splitlines()])
        if word.search(line)
    ]
    assert found == []


def test_every_module_has_a_docstring():
    assert [name(path) for path in source_files() if not ast.get_docstring(tree(path))] == []


def test_every_public_name_has_a_docstring():
    missing = [
        f"{name(path)}: {title}"
        for path in source_files()
        for title, node in public_definitions(tree(path).body)
        if needs_docstring(node) and not ast.get_docstring(node)
    ]
    assert missing == []


def test_module_names_are_nouns_of_the_field():
    words = {
        name(path): set(chain.from_iterable(part.split("_") for part in path.with_suffix("").parts[-2:]))
        for path in source_files()
    }
    assert [where for where, parts in words.items() if parts & EMPTY_NAMES] == []


def test_test_files_have_unique_names():
    names = Counter(
        path.name for path in house_files() if path.name.startswith("test_") and path.suffix == ".py"
    )
    assert [title for title, count in names.items() if count > 1] == []


def test_test_folders_are_no_packages():
    assert [name(path) for path in house_files() if name(path).endswith("tests/__init__.py")] == []


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, INDEX_ADDRESSES], ids=["machine-path", "index-address"])
def test_no_file_holds_a_place_of_one_machine(pattern):
    found = []
    for path in house_files():
        text = path.read_bytes().decode("utf-8", errors="ignore")
        if path != Path(__file__).resolve() and (match := pattern.search(text)):
            found.append(f"{name(path)}: {match.group()}")
    assert found == []


def test_constraints_are_plain_versions():
    rows = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [row for row in rows if not re.fullmatch(r"[a-z0-9-]+==[\w.!+-]+", row)] == []


def test_locked_versions_run_on_every_supported_python():
    rows = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked = {row.partition("==")[0] for row in rows}
    too_new = [
        f"{found.name} {found.version} needs Python {needed}"
        for found in distributions()
        if normalised(found.name) in locked
        and "Requires-Python" in found.metadata
        and OLDEST_PYTHON not in SpecifierSet(needed := found.metadata["Requires-Python"])
    ]
    assert too_new == []


@pytest.mark.parametrize("package", ["core", *sorted(name(path) for path in (ROOT / "plugins").iterdir())])
def test_every_imported_library_is_declared(package):
    imported = {
        module
        for path in source_files()
        if name(path).startswith(f"{package}/src/")
        for module in imported_libraries(tree(path))
    }
    declared = declared_distributions(ROOT / package / "pyproject.toml")
    known = packages_distributions()
    undeclared = [
        module
        for module in sorted(imported)
        if not declared & {normalised(title) for title in known.get(module, [module])}
    ]
    assert undeclared == []


def imported_libraries(module: ast.Module) -> set[str]:
    """Top names of what a module imports, without the standard library."""
    names = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {title.partition(".")[0] for title in names} - set(sys.stdlib_module_names)


def declared_distributions(pyproject: Path) -> set[str]:
    """Distributions that a package names: itself, its dependencies, and those of its extras.

    A plugin stands on the core, so what the core names needs no second row in the plugin.
    """
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    rows = [project["name"], *project.get("dependencies", ())]
    rows += chain.from_iterable(project.get("optional-dependencies", {}).values())
    names = {normalised(re.split(r"[\s\[<>=!~;]", row, maxsplit=1)[0]) for row in rows}
    core = ROOT / "core" / "pyproject.toml"
    return names if pyproject == core else names | declared_distributions(core)


def normalised(title: str) -> str:
    return re.sub(r"[-_.]+", "-", title).lower()


def test_the_public_names_are_the_agreed_ones():
    if not PUBLIC_API.exists():
        return
    import crossdock

    agreed = PUBLIC_API.read_text(encoding="utf-8").split()
    assert sorted(vars(crossdock)["__all__"]) == agreed
