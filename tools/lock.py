"""Write the versions of this environment into a constraints file.

`python tools/lock.py FILE`. The packages of the workspace, pip itself and rows that are no plain version
(a path or an address) stay out, so the file says nothing about the machine or the package index.
"""

import re
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.audit import TOOLS, normalised

_ROW = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9.!+_-]+")


def locked(freeze: str) -> list[str]:
    """Give the rows `name==version` out of what `pip freeze` printed, sorted, names normalised."""
    rows = []
    for line in freeze.splitlines():
        name, _, version = line.strip().partition("==")
        name = normalised(name)
        if _ROW.fullmatch(line.strip()) and name not in TOOLS:
            rows.append(f"{name}=={version}")
    return sorted(rows)


def main(target: Path) -> None:
    """Freeze the environment of the running interpreter into `target`."""
    command = [sys.executable, "-m", "pip", "freeze", "--exclude-editable", "--disable-pip-version-check"]
    frozen = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 fixed arguments
    rows = locked(frozen.stdout)
    target.write_text("\n".join(rows) + "\n")
    print(f"{target}: {len(rows)} packages")  # noqa: T201 the tool's own answer


if __name__ == "__main__":
    main(Path(sys.argv[1]))
