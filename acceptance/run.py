"""The acceptance list, row by row.

    python acceptance/run.py                   every row of rows.md, one line each
    python acceptance/run.py --only ET01,P03   these rows
    python acceptance/run.py --ci              a row of passed.txt that does not pass is a failure
    python acceptance/run.py --accept          add the rows that passed to passed.txt
    MUTANTS=1 python acceptance/run.py         break the product on purpose: each row has to turn red

A row passes when every test named after it passes; a P or G row when that holds for every curated mapping
it is about. Exit code 0 without a failure (a missing row is none), else 1.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PASSED = HERE / "passed.txt"
WORKERS = 2  # tests at the same time; each has its sandboxes and commands in processes of their own
_ROW = re.compile(r"^\| ([A-Z]{1,2}\d{2}) \|", re.M)
_TEST = re.compile(r"^def test_([A-Z]{1,2}\d{2})_", re.M)


@dataclass
class Row:
    """What the tests of one row said, by pair ("" for a row that is about one pair)."""

    id: str
    outcomes: dict[str, bool] = field(default_factory=dict)
    records: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    pairs: int = 0

    @property
    def state(self) -> str:
        """passed, failed or missing."""
        if not self.outcomes:
            return "missing"
        whole = len(self.outcomes) >= self.pairs
        return "passed" if all(self.outcomes.values()) and whole else "failed"

    def add(self, result: dict[str, Any]) -> None:
        """Take in one test."""
        pair = result["pair"]
        self.outcomes[pair] = self.outcomes.get(pair, True) and result["passed"]
        self.records[pair] = max(self.records.get(pair, 0), result["records"])
        self.seconds += result["seconds"]
        self.pairs = max(self.pairs, result["pairs"])

    def __str__(self) -> str:
        if not self.outcomes:
            return f"{self.id} missing"
        text = f"{self.id} {self.state} {sum(self.records.values())} records {self.seconds:.1f} s"
        good = sum(self.outcomes.values())
        return f"{text} pairs {good}/{self.pairs}" if self.pairs else text


def main() -> int:
    """Run what the arguments ask for; give the exit code."""
    options = _arguments()
    known = _ROW.findall((HERE / "rows.md").read_text(encoding="utf-8"))
    wanted = [row for row in known if not options.only or row in options.only]
    if unknown := options.only - set(known):
        print(f"rows.md has no row {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    tested = _tested()
    if strangers := tested - set(known):
        print(f"rows.md has no row {', '.join(sorted(strangers))}, but there are tests", file=sys.stderr)
        return 1
    if os.environ.get("MUTANTS"):
        return _mutants([row for row in wanted if row in tested])
    rows = _judge(wanted, tested)
    return _finish(rows, options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ci", action="store_true", help="hold on to passed.txt")
    parser.add_argument("--accept", action="store_true", help="add newly passed rows to passed.txt")
    parser.add_argument("--only", type=lambda text: set(text.split(",")), default=set(), metavar="ET01,...")
    return parser.parse_args()


def _tested() -> set[str]:
    found: set[str] = set()
    for path in HERE.glob("test_*.py"):
        found.update(_TEST.findall(path.read_text(encoding="utf-8")))
    return found


def _judge(wanted: list[str], tested: set[str]) -> dict[str, Row]:
    rows = {row: Row(row) for row in wanted}
    asked = [row for row in wanted if row in tested]
    if asked:
        results, output, code = _pytest(asked)
        for result in results:
            rows[result["row"]].add(result)
        for row in asked:  # a test that never came to an end is a failure, not a missing row
            if not rows[row].outcomes:
                rows[row].outcomes[""] = False
        if code:
            print(output)
    return rows


def _pytest(rows: list[str], mutant: str = "", mark: str = "") -> tuple[list[dict[str, Any]], str, int]:
    """Run the tests of these rows; give their results, what pytest printed and its exit code.

    Tests that look at one migration stay together (`conftest.py` says which); the others run side by side.
    """
    workers = 0 if mutant else WORKERS
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.jsonl"
        env = dict(os.environ, ACCEPTANCE_ROWS=",".join(rows), ACCEPTANCE_RESULTS=str(results))
        env.pop("MUTANTS", None)
        env |= {"ACCEPTANCE_MUTANT": mutant, "ACCEPTANCE_MARK": mark} if mutant else {}
        command = [sys.executable, "-m", "pytest", str(HERE), "-p", "no:cacheprovider", "--tb=short", "-rN"]
        command += ["-n", str(workers), "--dist", "loadgroup"]
        done = subprocess.run(command, env=env, cwd=HERE.parent, capture_output=True, text=True, check=False)
        lines = results.read_text(encoding="utf-8").splitlines() if results.exists() else []
    output = done.stdout + done.stderr if done.returncode else ""
    return [json.loads(line) for line in lines], output, done.returncode


def _finish(rows: dict[str, Row], options: argparse.Namespace) -> int:
    for row in rows.values():
        print(row)
    states = [row.state for row in rows.values()]
    counts = {state: states.count(state) for state in ("passed", "failed", "missing")}
    passed = {row.id for row in rows.values() if row.state == "passed"}
    held = set(PASSED.read_text(encoding="utf-8").split()) if PASSED.exists() else set()
    fallen = sorted((held & set(rows)) - passed) if options.ci else []
    if options.accept:
        PASSED.write_text("".join(f"{row}\n" for row in sorted(held | passed)), encoding="utf-8")
    if fallen:
        print(f"passed before and not now: {', '.join(fallen)}")
    print(f"{counts['passed']} passed, {max(counts['failed'], len(fallen))} failed")
    print("acceptance: " + ", ".join(f"{count} {state}" for state, count in counts.items()), flush=True)
    return 1 if counts["failed"] or fallen else 0


def _mutants(rows: list[str]) -> int:
    """Break the product once for each row and see its tests fail."""
    sys.path.insert(0, str(HERE / "mutants"))
    from breakage import MUTANTS

    def one(row: str) -> tuple[str, bool]:
        if row not in MUTANTS:
            return f"{row} mutant missing", False
        name = MUTANTS[row].name
        with tempfile.TemporaryDirectory() as folder:
            mark = Path(folder) / "mark"
            _, _, code = _pytest([row], row, str(mark))
            if not mark.exists():
                return f"{row} mutant {name} not applied", False
        return f"{row} mutant {name} {'caught' if code else 'survived'}", bool(code)

    good = 0
    with ThreadPoolExecutor(2) as pool:
        for text, caught in pool.map(one, rows):
            print(text, flush=True)
            good += caught
    print(f"{good} passed, {len(rows) - good} failed")
    print(f"mutants: {good} caught, {len(rows) - good} not", flush=True)
    return 0 if good == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
