"""Measures crossdock beside the bare loops on the same records, prints a table, writes results.json.

Every case runs in a process of its own; processor seconds (user and system) and peak memory are what
the kernel says of that process when it ends, so starting Python and importing are in them (from compiled
modules: a first round with few records, which does not count, compiles them). The cases take turns,
round by round, so that a busy minute of the machine hits all of them. A run counts only if the sink
holds every record once.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
BATCH = 200
FEW = 10
"""Memory growth is that of the full number of records against a tenth of it (100,000 against 10,000)."""


@dataclass(frozen=True)
class Sample:
    """One run of one case. Seconds, processor seconds, peak memory in MB, load average before it."""

    seconds: float
    cpu: float
    peak: float
    load: float


@dataclass
class Case:
    """What is measured: its name, its page size, how many records, and its runs."""

    name: str
    page: int
    records: int
    samples: list[Sample] = field(default_factory=list)

    def median(self, what: str) -> float:
        """The middle value over the runs."""
        return float(statistics.median(getattr(sample, what) for sample in self.samples))

    @property
    def per_cpu_second(self) -> float:
        """Records a processor second."""
        return self.records / self.median("cpu")

    def row(self) -> str:
        """One line of the table."""
        return (
            f"{self.name:<31} {self.page:>5} {self.records:>8,} {self.median('seconds'):>7.2f}"
            f" {self.median('cpu'):>7.2f} {self.records / self.median('seconds'):>10,.0f}"
            f" {self.per_cpu_second:>10,.0f} {self.median('peak'):>8.0f}"
            f" {max(sample.load for sample in self.samples):>6.1f}"
        )


Cases = dict[tuple[str, int, int], Case]
"""By name, page size and number of records."""

HEAD = (
    f"{'case':<31} {'page':>5} {'records':>8} {'wall s':>7} {'CPU s':>7}"
    f" {'rec/s':>10} {'rec/CPU-s':>10} {'peak MB':>8} {'load':>6}"
)


@contextmanager
def served(role: str, records: int) -> Iterator[str]:
    """A server in a process of its own; gives its address."""
    command = [sys.executable, str(HERE / "source_and_sink.py"), role, "--records", str(records)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield str(json.loads(process.stdout.readline())["url"])
    finally:
        process.terminate()
        process.wait()


def ask(url: str, *, post: bool = False) -> Any:
    """JSON from one of the servers."""
    request = urllib.request.Request(url, data=b"" if post else None)
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """The environment of a case: the plugin on the path, compiled modules kept for the next one."""
    with tempfile.TemporaryDirectory() as compiled:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield {**kept, "PYTHONPATH": str(HERE / "plugin"), "PYTHONPYCACHEPREFIX": compiled}


def measured(command: list[str], environment: dict[str, str], sink: str, records: int) -> tuple[Sample, str]:
    """Run a command; gives what it took and its last line. Raises SystemExit if records are missing."""
    ask(f"{sink}/reset", post=True)
    load = os.getloadavg()[0]
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    counts = ask(f"{sink}/stats")
    if process.returncode or not counts["kept"] == counts["received"] == records:
        raise SystemExit(f"bench: {command} ended with {process.returncode}, the sink says {counts}")
    sample = Sample(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, load)
    return sample, (said.splitlines() or [""])[-1]


class Round:
    """Runs the cases against one pair of servers and collects their samples."""

    def __init__(self, environment: dict[str, str], cases: Cases) -> None:
        self._environment = environment
        self._cases = cases

    def _measured(self, command: list[str], sink: str, records: int) -> tuple[Sample, str]:
        return measured(command, self._environment, sink, records)

    def _note(self, name: str, page: int, records: int, sample: Sample) -> None:
        case = self._cases.setdefault((name, page, records), Case(name, page, records))
        case.samples.append(sample)
        took = f"{sample.seconds:.1f} s, {sample.cpu:.1f} CPU s, load {sample.load:.1f}"
        print(f"  {name}, page {page}, {records:,} records: {took}", flush=True)

    def bare(self, source: str, sink: str, page: int, records: int) -> None:
        """The loop without and with an id map."""
        command = [str(HERE / "bare_loop.py"), "--source", source, "--sink", sink, "--page-size", str(page)]
        self._note("bare loop", page, records, self._measured(command, sink, records)[0])
        with tempfile.TemporaryDirectory() as folder:
            command += ["--id-map", str(Path(folder) / "id_map.db")]
            self._note("bare loop, SQLite id map", page, records, self._measured(command, sink, records)[0])

    def crossdock(self, source: str, sink: str, page: int, records: int) -> None:
        """One run of crossdock, as a whole and without its read-back."""
        with tempfile.TemporaryDirectory() as folder:
            command = [str(HERE / "migrate.py"), "--source", source, "--sink", sink]
            command += ["--page-size", str(page), "--folder", str(Path(folder) / "project")]
            whole, said = self._measured(command, sink, records)
        back = json.loads(said)
        load = Sample(
            whole.seconds - back["seconds"],
            whole.cpu - back["cpu"],
            back["peak_before_kib"] / 1024,
            whole.load,
        )
        self._note("crossdock, up to the last write", page, records, load)
        self._note("crossdock, whole run", page, records, whole)


def compare(runs: int, records: int, pages: Sequence[int]) -> Cases:
    """All cases, `runs` times."""
    cases: Cases = {}
    few = records // FEW
    with (
        served("source", records) as source,
        served("source", few) as small,
        served("sink", 0) as sink,
        surroundings() as environment,
    ):
        warm, work = Round(environment, {}), Round(environment, cases)
        warm.bare(small, sink, 1000, few)
        warm.crossdock(small, sink, 1000, few)
        for number in range(1, runs + 1):
            print(f"round {number} of {runs}, load average {os.getloadavg()[0]:.1f}", flush=True)
            for page in pages:
                work.bare(source, sink, page, records)
                work.crossdock(source, sink, page, records)
            work.crossdock(small, sink, 1000, few)
    return cases


def summary(cases: Cases, records: int) -> str:
    """The closing line. Each ratio is crossdock's number divided by the other one."""
    load = cases[("crossdock, up to the last write", 1000, records)]
    ledger = cases[("bare loop, SQLite id map", 1000, records)]
    whole = cases[("crossdock, whole run", 1000, records)]
    few = cases[("crossdock, whole run", 1000, records // FEW)]
    speed = load.per_cpu_second / ledger.per_cpu_second
    growth = whole.median("peak") / few.median("peak")
    return f"bench: vs_bare_ledger={speed:.2f} vs_best_peer=not measured memory_growth={growth:.2f}"


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--runs", type=int, default=3, help="how often each case runs (the median counts)")
    arguments.add_argument("--records", type=int, default=100_000)
    arguments.add_argument("--pages", type=int, nargs="+", default=[1000, 100], help="1000 is always there")
    given = arguments.parse_args()
    # Ended from outside, it still ends its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended before it was done"))
    before, version = os.getloadavg(), sys.version.split()[0]
    cases = compare(given.runs, given.records, sorted({1000, *given.pages}, reverse=True))
    print(f"\nmedian of {given.runs}, batches of {BATCH}, {os.cpu_count()} processors, Python {version}")
    print("\n".join([HEAD, *(case.row() for case in cases.values())]))
    closing = summary(cases, given.records)
    results = {"load_average_before": before, "summary": closing}
    RESULTS.write_text(
        json.dumps({**results, "cases": [asdict(c) for c in cases.values()]}, indent=1), "utf-8"
    )
    print("peers (other migration tools) are not measured yet: vs_best_peer is left open")
    print(closing)


if __name__ == "__main__":
    main()
