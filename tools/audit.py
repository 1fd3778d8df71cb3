"""Look at what the environment is made of: pinned, licensed as we allow, as it was published, not known bad.

`python tools/audit.py constraints.txt`. Checks, each with a line of its own:

    pinned            every distribution of the environment stands in the constraints, in that version
    licences          every one is under a licence of ALLOWED
    files             every installed file has the hash that its distribution's RECORD gives
    yanked            no version was taken back by those who published it (asks the package index)
    vulnerabilities   no version has a known one (asks the index's JSON service, as pip-audit does)

A check that cannot ask says so in its line, and is never counted as passed. Exit code: 0 nothing found, 1
something found.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final

ALLOWED: Final = frozenset(
    {
        *("MIT", "MIT License", "MIT-0", "Apache-2.0", "Apache Software License", "BSD License", "0BSD"),
        *(
            "BSD-2-Clause",
            "BSD-3-Clause",
            "ISC",
            "ISC License (ISCL)",
            "PSF-2.0",
            "Python Software Foundation License",
        ),
        *(
            "MPL-2.0",
            "Mozilla Public License 2.0 (MPL 2.0)",
            "The Unlicense (Unlicense)",
            "Unlicense",
            "Zlib",
        ),
        "Zero-Clause BSD (0BSD)",
        "LGPL-3.0-only",  # psycopg: imported as it is, not changed and not linked into anything
    }
)
NOT_REACHABLE: Final = "not audited against a vulnerability database: not reachable"
_SERVICE: Final = "https://pypi.org/pypi/{name}/{version}/json"
_OURS: Final = re.compile(r"crossdock(-.*)?")
TOOLS: Final = frozenset({"pip", "setuptools", "wheel", "uv"})  # they come with the interpreter
_SECONDS: Final = 10
_PATIENCE: Final = 600

Ask = Callable[[str, str], Mapping[str, Any] | None]
"""What the index's service says of a name and a version; None: it cannot be asked."""


class UnreachableError(Exception):
    """A service that was to be asked did not answer."""


def normalised(name: str) -> str:
    """The one way to write a distribution's name."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(text: str) -> dict[str, str]:
    """The versions of a constraints file, by name."""
    rows = (row.partition("==") for row in text.split())
    return {normalised(name): version for name, _, version in rows}


def foreign(found: Iterable[Distribution]) -> list[Distribution]:
    """The distributions that others made, without what comes with the interpreter."""
    named = [(normalised(each.name), each) for each in found]
    return [each for name, each in named if name not in TOOLS and not _OURS.fullmatch(name)]


def unpinned(found: Iterable[Distribution], known: Mapping[str, str]) -> Iterator[str]:
    """What is there in another version than the constraints say, or without their saying anything."""
    for each in found:
        wanted = known.get(normalised(each.name))
        if wanted != each.version:
            yield f"{each.name} {each.version} is installed, the constraints say {wanted or 'nothing'}"


def licences(each: Distribution) -> list[str]:
    """The licences of a distribution, as it declares them; [] if it declares none."""
    about = each.metadata
    if expressions := about.get_all("License-Expression"):
        return re.split(r"\s+(?:AND|OR)\s+|[()]", expressions[0])
    classified = [row for row in about.get_all("Classifier") or () if row.startswith("License ::")]
    named = [row.rpartition(" :: ")[2] for row in classified]
    return named or [str(text).partition("\n")[0] for text in about.get_all("License") or ()]


def not_allowed(found: Iterable[Distribution]) -> Iterator[str]:
    """What is under a licence that is not allowed, or under none that it names."""
    for each in found:
        names = [name.strip() for name in licences(each) if name.strip()]
        if not names or not set(names) <= ALLOWED:
            yield f"{each.name} {each.version} is under {', '.join(names) or 'no licence that it names'}"


def altered(found: Iterable[Distribution]) -> Iterator[str]:
    """Installed files that are not as their distribution lists them."""
    for each in found:
        for file in each.files or ():
            if file.hash is None or file.hash.mode != "sha256":
                continue
            path = Path(str(file.locate()))
            if not path.exists():
                yield f"{each.name}: {file} is missing"
                continue
            digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
            if digest.rstrip("=") != file.hash.value:
                yield f"{each.name}: {file} was changed since it was installed"


def yanked(report: Mapping[str, Any]) -> Iterator[str]:
    """Versions that were taken back, from what `pip install --report` says."""
    for item in report["install"]:
        if item.get("is_yanked"):
            yield f"{item['metadata']['name']} {item['metadata']['version']} was taken back by its publisher"


def vulnerable(found: Iterable[Distribution], ask: Ask) -> Iterator[str]:
    """Known vulnerabilities. Raises UnreachableError if the first question is not answered."""
    for each in found:
        answer = ask(normalised(each.name), each.version)
        if answer is None or "vulnerabilities" not in answer:
            raise UnreachableError(each.name)
        for one in answer["vulnerabilities"]:
            if not one.get("withdrawn"):
                fixed = ", ".join(one.get("fixed_in") or ()) or "no version yet"
                yield f"{each.name} {each.version}: {one.get('id')} (mended in {fixed})"


def asked(name: str, version: str) -> Mapping[str, Any] | None:
    """What the index's JSON service says of one version."""
    try:
        address = _SERVICE.format(name=name, version=version)
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 an address of our own
            found = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def index_report(constraints: Path) -> Mapping[str, Any]:
    """What pip would install for the constraints. Raises UnreachableError."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--ignore-installed",
        "--no-deps",
        "--quiet",
    ]
    command += ["--disable-pip-version-check", "--no-input", "--report", "-", "-r", str(constraints)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE)  # noqa: S603
        found: Mapping[str, Any] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        raise UnreachableError(str(error)) from error
    return found


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def told(name: str, faults: Callable[[], Iterable[str]], unreachable: str) -> bool:
    """Run one check and print its line; whether nothing was found."""
    try:
        found = list(faults())
    except UnreachableError:
        _say(f"{name}: {unreachable}")
        return True
    _say(f"{name}: {f'{len(found)} found' if found else 'nothing found'}")
    for fault in found:
        _say(f"  {fault}")
    return not found


def main(constraints: Path, ask: Ask = asked) -> int:
    """Run all checks; the exit code."""
    found = foreign(distributions())
    known = pins(constraints.read_text(encoding="utf-8"))
    checks = [
        told("pinned", lambda: unpinned(found, known), ""),
        told("licences", lambda: not_allowed(found), ""),
        told("files", lambda: altered(found), ""),
        told(
            "yanked",
            lambda: yanked(index_report(constraints)),
            "not asked: the package index is not reachable",
        ),
        told("vulnerabilities", lambda: vulnerable(found, ask), NOT_REACHABLE),
    ]
    _say(f"audit: {len(found)} distributions, {checks.count(False)} checks found something")
    return 0 if all(checks) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
