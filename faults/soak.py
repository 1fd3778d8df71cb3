"""`make soak`: many records, random faults of all kinds, kills every few seconds, until the time is over.

A round at a destination: run, reconcile, the source changes, delta, reconcile, rollback of all of it; each
destination has two of them at least, however long they take. Each command is killed at random and given again
until it ends; the destination refuses, is slow, resets and answers nonsense meanwhile. After each run and
delta what is there is held against the source: what is there twice, what is missing, and what should not be
there; and a reconciliation may find nothing but records that are gone at the source. Last: `soak: M minutes,
N records, N kills, N faults, N duplicates, N losses, memory R`; R is the peak memory of the last round by
that of the first, of the command that grew most. Ends with 1 unless nothing of this was found, nothing is
there twice, nothing is lost and no memory has grown by more than a fifth.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from faults import soaksource  # noqa: E402
from faults.again import faulty, said  # noqa: E402
from faults.judge import HARMLESS  # noqa: E402
from faults.scenes import AT_ONCE, target  # noqa: E402

from crossdock.model import FindingKind  # noqa: E402
from crossdock.names import camel_name  # noqa: E402
from crossdock.testing.commands import FOUND, KILLED, OK, STOPPED, Done, Project  # noqa: E402
from crossdock.testing.hand import Hand, connection_settings, secret_names  # noqa: E402
from crossdock.testing.launcher import Launcher, new_folder  # noqa: E402
from crossdock.testing.sandboxes import Sandbox  # noqa: E402
from crossdock.testing.source import install  # noqa: E402
from crossdock.testing.target import Target  # noqa: E402

_POINTS = {"crossdock.sources": {soaksource.NAME: "faults.soaksource:SoakSource"}}
_BATCH = {"twenty": 60, "odoo": 200}
_PATIENCE = 5.0
"""Seconds that the client waits for an answer."""
_KINDS: tuple[dict[str, Any], ...] = (
    {"kind": "status", "status": 429, "headers": {"retry-after": "0"}},
    {"kind": "status", "status": 429},
    {"kind": "status", "status": 500, "text": "Internal Server Error"},
    {"kind": "status", "status": 502},
    {"kind": "status", "status": 503},
    {"kind": "timeout_before", "seconds": 2 * _PATIENCE, "chance": 0.002},
    {"kind": "timeout_after", "seconds": 2 * _PATIENCE, "chance": 0.002},
    {"kind": "reset_before"},
    {"kind": "reset_after"},
    {"kind": "truncated"},
    {"kind": "not_json"},
    {"kind": "slow", "seconds": 0.2},
)
DELETED_AT_SOURCE = FindingKind.DELETED_AT_SOURCE.value
_CHANCE = 0.01
_STARTS = 300
"""How often a command is given before it is said that it does not end."""

_ROUNDS = 2
"""How many rounds a destination has at least: memory of one alone says nothing."""

_ALLOWED = 1.2


@dataclass
class Score:
    """What was counted. `peaks`: KiB by platform, round and command."""

    kills: int = 0
    faults: int = 0
    duplicates: int = 0
    losses: int = 0
    rounds: int = 0
    wrong: list[str] = field(default_factory=list)
    peaks: dict[tuple[str, int, str], int] = field(default_factory=dict)

    @property
    def memory(self) -> float:
        """The last peak of a command by its first one, the greatest of all commands and platforms."""
        by_command: dict[tuple[str, str], list[int]] = {}
        for (platform, _, command), peak in sorted(self.peaks.items()):
            by_command.setdefault((platform, command), []).append(peak)
        return max((peaks[-1] / peaks[0] for peaks in by_command.values()), default=1.0)


@dataclass
class Site:
    """One destination's sandbox, and a project that migrates into it."""

    target: Target
    launcher: Launcher
    folder: Path
    records: int
    dice: random.Random
    score: Score
    turn: int = 0
    until: float = 0.0

    def prepare(self) -> None:
        """Start the sandbox, make and confirm the project."""
        self.folder.mkdir()
        self.sandbox = Sandbox.start(self.launcher, self.target.platform, self.folder / "destination.db")
        self.project = Project(self.launcher, self.folder / "acme")
        pair = ("--source", soaksource.NAME, "--destination", self.target.platform)
        self.project.call("init", ".", *pair).must(OK)
        self._at_turn(0)
        with Hand(self.target, self.sandbox, self.folder) as hand:
            naming = getattr(hand.destination.plugin, "naming", None) or camel_name
            kinds = {report.kind for report in hand.catalog.artifacts if any(a.active for a in report.found)}
            objects = frozenset(schema.name for schema in hand.catalog.objects)
        self.project.save("mapping.yaml", _mapping(self.target.platform, naming, objects, kinds))
        self.project.keys = {"SOAK_TOKEN": "soak-token-71c0", "SOAK_KEY": self.sandbox.token}
        with self.project.edited("crossdock.yaml") as document:
            document["sources"][0].update(data=str(self.folder / "source.json"), token="env:SOAK_TOKEN")  # noqa: S106
            settings = connection_settings(self.target, self.sandbox.url)
            settings |= {"batch_size": _BATCH[self.target.platform], "timeout": _PATIENCE}
            keys = dict.fromkeys(secret_names(self.target.platform), "env:SOAK_KEY")
            document["destination"].update(settings, **keys)
        self.project.call("map", "confirm", "--by", "Soak").must(OK)

    def _at_turn(self, turn: int) -> None:
        self.turn = turn
        text = json.dumps({"records": self.records, "round": turn})
        (self.folder / "source.json").write_text(text, encoding="utf-8")

    def round(self) -> None:
        """Run, reconcile, delta, reconcile, rollback."""
        self.score.rounds += 1
        self._at_turn(self.turn)
        self.command("run", OK, FOUND)
        self.look("run")
        self.found(self.command("reconcile", OK, FOUND), set())
        self._at_turn(self.turn + 1)
        self.command("run", OK, FOUND, "--delta", name="delta")
        self.look("delta", self.turn - 1)
        went = self.alive(self.turn - 1) - self.alive(self.turn)
        self.found(self.command("reconcile", OK, FOUND), went)
        run = self.first_run()
        self.command("rollback", OK, FOUND, "--run", run, "--with-later")
        self.emptied()

    def first_run(self) -> str:
        """The oldest run that is not rolled back: after one that was killed at its very end there is a second
        one, which found everything done."""
        runs = self.project.call("status").must(OK).json
        return str(next(run["id"] for run in runs if run["kind"] == "run" and run["state"] == "done"))

    def command(self, command: str, *codes: Any, name: str = "") -> Done:
        """Give a command, disturbed, until it ends. Kills get rarer: not all can go on within a step."""
        wanted = tuple(code for code in codes if isinstance(code, int))
        more = [code for code in codes if isinstance(code, str)]
        patience, began, starts = 4.0, time.monotonic(), 0
        while True:
            starts += 1
            with self.disturbed():
                done = self._once(command, more, self.dice.uniform(0.5, patience), name or command)
            patience = min(300.0, patience * 1.25)
            if done.code not in (KILLED, STOPPED):
                break
            if faulty(done):
                self.wrong(f"{command}: {said(done)}")
                break
            if starts >= _STARTS:
                self.wrong(f"{command} does not end in {starts} starts")
                break
        took = time.monotonic() - began
        peak = self.score.peaks.get((self.target.platform, self.score.rounds, name or command), 0)
        print(
            f"  {self.target.platform} round {self.score.rounds} {name or command}: exit {done.code},"
            f" {starts} starts, {took:.0f} s, peak {peak // 1024} MB",
            flush=True,
        )
        if done.code not in wanted:
            self.wrong(f"{command} ends with {done.code}: {said(done)}")
        return done

    def _once(self, command: str, more: list[str], life: float, name: str) -> Done:
        began, place = time.monotonic(), (self.target.platform, self.score.rounds, name)
        pid = self.project.begin(command, *more, patch=AT_ONCE)
        killed = False
        while (done := self.project.within(pid, 0.05)) is None:
            self.score.peaks[place] = max(self.score.peaks.get(place, 0), peak_of(pid))
            if not killed and time.monotonic() - began > life:
                os.kill(pid, signal.SIGKILL)
                killed = True
        self.score.kills += done.code == KILLED
        return done

    @contextmanager
    def disturbed(self) -> Iterator[None]:
        """Some faults are on their way meanwhile."""
        for kind in self.dice.sample(_KINDS, 3):
            order = {"chance": _CHANCE, **kind, "times": None, "seed": self.dice.randrange(10**6)}
            self.sandbox.fault(**order)
        yield
        self.score.faults += self.sandbox.hits()

    def look(self, after: str, since: int | None = None) -> None:
        """Hold what is there against the source. What went since that turn may be there: it is reported."""
        found, alive = keys_there(self.sandbox.dump()), self.alive(self.turn)
        twice, lost = [k for k, n in found.items() if n > 1], [k for k in alive if k not in found]
        strange = {*found} - alive - (set() if since is None else self.alive(since))
        self.score.duplicates += len(twice)
        self.score.losses += len(lost)
        if twice or lost or strange:
            self.wrong(
                f"after {after}: twice {twice[:5]}, lost {lost[:5]}, not expected {sorted(strange)[:5]}"
            )

    def alive(self, turn: int) -> set[str]:
        """The keys of the records that the source has at a turn."""
        return {r.key for r in soaksource.there(self.records, turn) if not r.deleted}

    def found(self, done: Done, went: set[str]) -> None:
        """Whether a reconciliation found the records that went at the source, which are reported and stay,
        and nothing else."""
        if done.json is not None and (lines := beyond(done.json["findings"], len(went))):
            self.wrong(f"reconcile: {'; '.join(lines)}: {done.json['first_findings'][:3]}")

    def emptied(self) -> None:
        """After the rollback nothing of the project is there."""
        if left := keys_there(self.sandbox.dump()):
            self.wrong(f"{len(left)} records are there after the rollback: {list(left)[:5]}")

    def wrong(self, line: str) -> None:
        """Note what should not be."""
        print(f"  WRONG: {self.target.platform}: {line}", flush=True)
        self.score.wrong.append(line)


def beyond(findings: Iterable[Mapping[str, Any]], went: int) -> list[str]:
    """What a reconciliation counts but for harmless findings and the records, that many, which went at the
    source and stay."""
    counts = Counter({DELETED_AT_SOURCE: 0})
    for line in findings:
        counts[line["kind"]] += line["count"]
    wanted = {DELETED_AT_SOURCE: went, HARMLESS: counts[HARMLESS]}
    return [
        f"{n} times {kind!r} instead of {wanted.get(kind, 0)}"
        for kind, n in counts.items()
        if n != wanted.get(kind, 0)
    ]


def keys_there(dump: Any) -> Counter[str]:
    """How often each source record is there, trash included."""
    mark, found = f"/{soaksource.OBJECT}/", Counter[str]()
    for table in dump["records"].values():
        for part in table.values() if isinstance(table, dict) else [table]:
            for row in part:
                for value in row.values():
                    if isinstance(value, str) and mark in value and " " not in value:
                        found[value.rpartition("/")[2]] += 1
                        break
    return found


def peak_of(pid: int) -> int:
    """The peak memory of a process so far, in KiB; 0 if it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def _mapping(platform: str, naming: Any, objects: frozenset[str], kinds: set[str]) -> dict[str, Any]:
    thing = naming("object", "soakContact", objects)
    names: dict[str, str] = {}
    for schema in soaksource.FIELDS:
        names[schema.name] = naming("field", f"soak {schema.name}", frozenset(names.values()))
    fields = {names[f.name]: {"type": f.type.value, "label": f"Soak {f.name}"} for f in soaksource.FIELDS}
    provision = {"object": thing, "label": "Soak contact", "label_plural": "Soak contacts", "fields": fields}
    return {
        "source": soaksource.NAME,
        "destination": platform,
        "automations": dict.fromkeys(sorted(kinds), "keep"),
        "decisions": {"deletions": "report"},
        "objects": [
            {
                "from": soaksource.OBJECT,
                "to": {"provision": provision},
                "fields": {names[f.name]: {"from": f.name} for f in soaksource.FIELDS},
            }
        ],
    }


def soak(minutes: float, records: int, seed: int) -> int:
    """The whole soak; the exit code."""
    score, began = Score(), time.monotonic()
    folder = new_folder("crossdock-soak-")
    site = install(folder / "site", _POINTS, "crossdock-soak")
    print(f"seed {seed}", flush=True)
    platforms = ("twenty", "odoo")
    launcher = Launcher.start((soaksource.NAME, *platforms), (site, ROOT), folder)
    try:
        for n, platform in enumerate(platforms, start=1):
            dice = random.Random(f"{seed} {platform}")  # noqa: S311 no secret
            place = Site(target(platform), launcher, folder / platform, records, dice, score)
            place.prepare()
            rounds = 0
            while rounds < _ROUNDS or time.monotonic() - began < minutes * 60 * n / len(platforms):
                place.round()
                rounds += 1
            place.sandbox.stop()
    finally:
        launcher.close()
        shutil.rmtree(folder, ignore_errors=True)
    return _ended(score, (time.monotonic() - began) / 60, records)


def _ended(score: Score, minutes: float, records: int) -> int:
    for (platform, turn, command), peak in sorted(score.peaks.items()):
        print(f"{platform} round {turn} {command}: peak {peak / 1024:.0f} MB")
    print(*(f"WRONG: {line}" for line in score.wrong), sep="\n")
    print(
        f"soak: {minutes:.0f} minutes, {records} records, {score.kills} kills, {score.faults} faults,"
        f" {score.duplicates} duplicates, {score.losses} losses, memory {score.memory:.2f}"
    )
    return 1 if score.wrong or score.memory > _ALLOWED else 0


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="soak", description="Many records, many faults, for a long time.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=None, help="of the dice; a random one if not given")
    given = parser.parse_args()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(10**6)
    return soak(given.minutes, given.records, seed)


if __name__ == "__main__":
    sys.exit(main())
