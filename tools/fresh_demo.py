"""Make room for a new demo: stop the sandboxes of the last one and remove its folder.

`python tools/fresh_demo.py DIR`. Only a project whose connections are all sandboxes is removed; a folder
that holds anything else stays as it is: exit 1.
"""

import shutil
import sys
from pathlib import Path

from crossdock.config import load_project
from crossdock.errors import ConfigError
from crossdock.sandbox.process import find

_READY = ".ready.json"


def clear(folder: Path) -> bool:
    """Remove the demo project in `folder`; False if the folder holds something else."""
    if not folder.exists():
        return True
    if not folder.is_dir() or (any(folder.iterdir()) and not _is_demo(folder)):
        return False
    for ready in folder.rglob(f"*{_READY}"):
        sandbox = find(ready.with_name(ready.name.removesuffix(_READY)))
        if sandbox is not None:
            sandbox.stop()
    shutil.rmtree(folder)
    return True


def main(folder: Path) -> int:
    """Clear `folder`; give the exit code."""
    if clear(folder):
        return 0
    print(f"{folder} is not a demo project and stays as it is; name another folder: make demo DIR=...")  # noqa: T201
    return 1


def _is_demo(folder: Path) -> bool:
    try:
        project = load_project(folder)
    except ConfigError:
        return False
    connections = [*project.sources, project.destination, *project.destinations.values()]
    return all(connection.sandbox for connection in connections)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
