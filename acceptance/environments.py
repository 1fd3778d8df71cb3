"""Environments as a user makes them: the core, two connectors, and what those ask for; nothing else."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")


@dataclass
class Environments:
    """Makes them below `folder`. The packages are built once, as they would be published."""

    folder: Path
    _built: dict[Path, Path] = field(default_factory=dict)

    def made(self, name: str, *packages: Path) -> "Environment":
        """A new one with the core and these packages, in the locked versions."""
        wheels = [self.wheel(package) for package in (ROOT / "core", *packages)]
        place = self.folder / name
        run(sys.executable, "-m", "venv", "--without-pip", str(place))
        made = Environment(place)
        install = ("install", "--no-compile", "-c", str(ROOT / "constraints.txt"), *map(str, wheels))
        run(*PIP, "--python", str(made.python), *install)
        return made

    def wheel(self, package: Path) -> Path:
        """The package as a wheel."""
        if package not in self._built:
            place = self.folder / "wheels" / package.name
            run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "-w", str(place), str(package))
            (self._built[package],) = place.glob("*.whl")
        return self._built[package]

    def of_pair(self, pair_name: str) -> "Environment":
        """One with the two connectors of a pair such as `elma365-twenty`."""
        return self.made(pair_name, *(connector(name) for name in pair_name.split("-")))


@dataclass(frozen=True)
class Environment:
    """A virtual environment."""

    folder: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def program(self) -> Path:
        """Its `crossdock`."""
        return self.folder / "bin" / "crossdock"

    @cached_property
    def distributions(self) -> set[str]:
        """The packages of this project that are installed in it."""
        code = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
        names = run(str(self.python), "-I", "-c", code).split()
        return {name for name in names if name.startswith("crossdock")}


def connector(platform: str) -> Path:
    """Where the connector of a platform lies."""
    return ROOT / "plugins" / platform


def run(*command: str, accepted: Sequence[int] = (0,)) -> str:
    """Run a command; what it printed. One that ends otherwise fails the test with its words."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
    assert done.returncode in accepted, f"{' '.join(command)}: {done.returncode}\n{done.stderr[-3000:]}"
    return done.stdout
