"""One migration by crossdock in this process: a real project folder, a real mapping, a real run.

What `crossdock init`, `map confirm`, `provision` and `run` do, in their order. The read-back at the
gate is timed apart, so that the rest can be held against a loop that reads nothing back. The last
line on stdout says, in seconds and KiB, what the calling process cannot see from outside.
"""

import argparse
import json
import resource
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock import run as run_module
from crossdock.config import init_project
from crossdock.log import configure
from crossdock.mappingfile.check import check, require_fit
from crossdock.mappingfile.confirmation import write
from crossdock.mappingfile.document import parse as parse_mapping
from crossdock.mappingfile.document import save
from crossdock.migration import Migration
from crossdock.model import Outcome
from crossdock.run import MigrationRun

MAPPING = """
source: bench
destination: bench
objects:
  - from: contact
    to: contact
    fields:
      name: {from: name, required: true}
      email: email
      phone: phone
      amount: amount
      status: status
      companyId: companyId
      company: company
      comment: comment
      active: active
      createdAt: createdAt
      updatedAt: updatedAt
"""


@dataclass
class Stopwatch:
    """Seconds and processor seconds spent in a stage, and the process's peak memory before it."""

    seconds: float = 0.0
    cpu: float = 0.0
    peak_before_kib: int = 0

    def around(self, call: Any) -> Any:
        """The same function, timed."""

        def timed(*args: Any) -> Any:
            self.peak_before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            started = time.perf_counter(), time.process_time()
            try:
                return call(*args)
            finally:
                self.seconds += time.perf_counter() - started[0]
                self.cpu += time.process_time() - started[1]

        return timed


def migrate(migration: Migration) -> None:
    """Confirm the mapping as a person would, then do every step of a run."""
    resolved = migration.resolved()
    require_fit(check(resolved, list(migration.source_catalogs.values()), migration.destination_catalog))
    parts = migration.confirmation_parts(resolved)
    write(migration.confirmation_file, "benchmark", datetime.now(UTC), parts)
    work = MigrationRun(migration, migration.confirmed())
    run = work.start()
    work.extract(run)
    work.provision(run)
    reports = work.load(run)
    work.finish(run)
    for report in reports:
        if set(report.books.source) != {Outcome.LOADED}:
            raise SystemExit(f"{report.name}: {report.books.source}")


def main() -> None:
    """Migrate once into a new folder."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--source", required=True)
    arguments.add_argument("--sink", required=True)
    arguments.add_argument("--page-size", type=int, default=1000)
    arguments.add_argument("--folder", type=Path, required=True)
    given = arguments.parse_args()
    configure(level="WARNING")
    source = {"url": given.source, "page_size": given.page_size}
    project = init_project(
        given.folder, "bench", "bench", source_settings=source, destination_settings={"url": given.sink}
    )
    save(project.mapping, parse_mapping(MAPPING))
    read_back = Stopwatch()
    settle: Any = vars(run_module)["settle_phase"]
    vars(run_module)["settle_phase"] = read_back.around(settle)
    with Migration(project) as migration:
        migrate(migration)
    print(json.dumps(vars(read_back)))


if __name__ == "__main__":
    main()
