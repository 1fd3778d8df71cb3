"""What can happen in a migration, one method a thing, each checked against the model when it has ended.

`Story` is what the model-based test drives at random, and what a test of a counter-example spells out.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from core.tests.fake_destination import Fault, KilledError
from core.tests.model_promises import (
    GOOD,
    MAPPED,
    REFERENCES,
    Ended,
    Known,
    Model,
    Place,
    Rows,
    Source,
    Stage,
    State,
    all_undone,
    check_undone,
    lost_references,
    owners_twice,
    rows_of,
)
from core.tests.model_world import FIRMS, PEOPLE, TARGETS, Process, World

from crossdock.delta.run import run_delta
from crossdock.errors import ConfigError
from crossdock.ledger import PhaseRecord, Run, RunState
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.model import Finding, FindingKind, Outcome, Record
from crossdock.queues import CONFLICTS, TRASHED, read_queues, write_queues
from crossdock.reconcile.project import verify_migration
from crossdock.rollback.runs import undo_runs
from crossdock.run import DELETIONS, LATER, run_migration
from crossdock.values import Reference

_TENANT = "main"
Arguments = ParamSpec("Arguments")


def _promising(
    step: Callable[Concatenate["Story", Arguments], None],
) -> Callable[Concatenate["Story", Arguments], None]:
    """A step that ends the story if it goes wrong."""

    @wraps(step)
    def told(story: "Story", /, *arguments: Arguments.args, **named: Arguments.kwargs) -> None:
        whole, story.failed = story.failed, True
        step(story, *arguments, **named)
        story.failed = whole

    return told


class Story:
    """A migration from its first day, told step by step."""

    def __init__(self, folder: Path, *, asks: bool = True, deletions: str = "trash") -> None:
        self.world = World(folder, asks=asks, deletions=deletions)
        self.policy = deletions
        self.model = Model(self.world.project.id)
        self.runs: dict[int, Run] = {}  # those that are not undone
        self.stages: dict[int, Stage] = {}
        self.touched: dict[tuple[Place, str], int] = {}
        self.taken_back: set[Source] = set()  # a run was undone, and none looked at them since
        self.clock = 0
        self.stopped = ""  # what was killed: run, delta or rollback
        self.failed = False  # a promise was broken: the story ends here
        self.over = False  # a rollback cannot end before people bring back what is gone: it ends here too
        self._rolling: tuple[str | None, bool, bool] = (None, False, False)
        self._steady = True  # the source did not change since the run began
        self._seen: dict[Source, Record] = {}
        self._beginning: Rows = {}

    @property
    def rows(self) -> Rows:
        """What is there."""
        return rows_of(self.world.destination)

    def step(self, name: str, *arguments: Any) -> None:
        """One of the things below by its name; a row is given by its number."""
        if name in ("edit", "lead", "trash", "destroy"):
            place = self.nth(arguments[0])
            arguments = (place, *arguments[1:])
            if place is None:
                return
        getattr(self, name)(*arguments)

    # --- at the source ---------------------------------------------------------------------------

    def firm(
        self,
        key: str,
        title: str | None = "A",
        city: str | None = None,
        parent: str | None = None,
        head: str | None = None,
        site: bool = True,
    ) -> None:
        """A firm is made or changed at the source."""
        self._put(
            FIRMS,
            key,
            title=title,
            city=city,
            site=f"{key}.example" if site else None,
            parent=Reference(FIRMS, parent) if parent else None,
            head=Reference(PEOPLE, head) if head else None,
        )

    def person(
        self, key: str, title: str | None = "A", mail: str | None = None, firm: str | None = None
    ) -> None:
        """A person is made or changed at the source."""
        self._put(PEOPLE, key, title=title, mail=mail, firm=Reference(FIRMS, firm) if firm else None)

    def _put(self, object_name: str, key: str, **values: Any) -> None:
        self._steady = False
        self.world.source.put(object_name, key, self.world.pass_time(), **values)

    def gone(self, object_name: str, key: str) -> None:
        """A record is deleted at the source."""
        record = self.world.source.records.get(object_name, {}).get(key)
        if record is None or record.deleted:
            return
        self._steady = False
        if self.world.source.asks_for_changes:
            self.world.source.delete(object_name, key, self.world.pass_time())
        else:
            self.world.source.drop(object_name, key)

    # --- people at the destination ---------------------------------------------------------------

    def place_of(self, object_name: str, key: str) -> Place:
        """The row that a source record became."""
        known = self.model.known.get((object_name, key))
        return known.place if known else self.model.own((object_name, key))

    def nth(self, n: int) -> Place | None:
        """The n-th row there, None if there is none."""
        places = sorted(self.rows)
        return places[n % len(places)] if places else None

    def edit(self, place: Place, name: str, value: str | None) -> None:
        """People write into a field there."""
        table = self.world.destination.table(place[0])
        if place[1] not in table or name not in (*MAPPED[place[0]], "note"):
            return
        if name == "domain" and self._has_domain(value):
            return
        self.clock += 1
        table[place[1]].values[name] = value
        self.touched[place, name] = self.clock

    def lead(self, place: Place, name: str, other: int) -> None:
        """People let a row lead to another one."""
        target = REFERENCES[place[0]].get(name)
        rows = sorted(i for kind, i in self.rows if kind == target)
        if rows:
            self.edit(place, name, rows[other % len(rows)])

    def add(self, name: str, key: str) -> None:
        """People type in a firm that the source has too, or will have."""
        domain, target_id = f"{key}.example", f"by-hand-{name}-{key}"
        if not self._has_domain(domain) and target_id not in self.world.destination.table("firm"):
            self.world.destination.add("firm", target_id, name=name, domain=domain, city="Perm")

    def _has_domain(self, domain: str | None) -> bool:
        rows = self.world.destination.table("firm").values()
        return domain is not None and any(row.values.get("domain") == domain for row in rows)

    def trash(self, place: Place, trashed: bool = True) -> None:
        """People put a row into the trash, or take it out again."""
        if place[1] in self.world.destination.table(place[0]):
            self.world.destination.table(place[0])[place[1]].trashed = trashed

    def destroy(self, place: Place) -> None:
        """People delete a row for good; what led to it leads nowhere."""
        if self.world.destination.table(place[0]).pop(place[1], None) is not None:
            self.world.destination._empty_references(place[1])

    def decide(self, queue: str, decision: str) -> None:
        """A person decides about everything that waits in a queue."""
        folder = self.world.project.queues
        lines = [line for line in read_queues(folder) if line.queue == queue]
        if lines:
            text = "".join(f"{_TENANT},{x.object_name},{x.key},why,{decision}\n" for x in lines)
            (folder / f"{queue}.csv").write_text("tenant,object,key,reason,decision\n" + text)

    def policy_is(self, deletions: str) -> None:
        """What is done about deleted records is decided anew."""
        self.policy = deletions
        self.world.decide(deletions)

    # --- runs ------------------------------------------------------------------------------------

    def run(self, ends_at: int | None = None, weather: Sequence[Fault] = ()) -> None:
        """A run, or the rest of one that was killed; it is killed at that tick."""
        self._through("run", ends_at, weather)

    def delta(self, ends_at: int | None = None, weather: Sequence[Fault] = ()) -> None:
        """A delta, or the rest of one that was killed."""
        self._through("delta", ends_at, weather)

    def resume(self, ends_at: int | None = None) -> None:
        """What was killed is started again."""
        if self.stopped == "rollback":
            run_id, force, with_later = self._rolling
            self.rollback(run_id, force=force, with_later=with_later, ends_at=ends_at)
        elif self.stopped:
            self._through(self.stopped, ends_at, ())

    @_promising
    def _through(self, kind: str, ends_at: int | None, weather: Sequence[Fault]) -> None:
        if kind == "delta" and not self._was_loaded():
            self._refused()
            return
        lines = read_queues(self.world.project.queues)
        decisions = {(x.queue, x.object_name, x.key): x.decision for x in lines}
        if not self.stopped:
            self._beginning, self._steady, self._decisions = self.rows, True, decisions
        else:
            self._decisions |= decisions
        self.world.pass_time()
        self.world.destination.faults.extend(weather)
        try:
            with self.world.process(ends_at) as (process, resolved):
                run = (run_delta if kind == "delta" else run_migration)(process, resolved)
                self.world.fuse.left = None
                self._ended(kind, process, resolved, run)
        except KilledError:
            resumed, self.stopped = self.stopped, kind
            self._note_stage(kind, resumed=bool(resumed))
        self.world.destination.faults.clear()
        self._always()

    def _was_loaded(self) -> bool:
        """Whether there is a run to go on from: also one that wrote nothing, of which nothing is undone."""
        if any(run.kind == "run" for run in self.runs.values()):
            return True
        with self.world.process() as (process, _):
            runs = process.ledger.runs.all()
        return any(run.kind == "run" and run.state is RunState.DONE for run in runs)

    def _refused(self) -> None:
        """A delta goes on from a run, and there is none."""
        try:
            with self.world.process() as (process, resolved):
                run_delta(process, resolved)
        except ConfigError:
            return
        raise AssertionError("a delta without a run was not refused")

    def _note_stage(self, kind: str, *, resumed: bool) -> None:
        """What a killed run did so far, if it had begun at all; it may even have ended before that."""
        with self.world.process() as (process, resolved):
            run = process.ledger.runs.unfinished(kind)
            runs = [r for r in process.ledger.runs.all() if r.kind == kind]
            ended = runs[-1:] if runs and (resumed or runs[-1].n not in self.stages) else []
            if run is not None:
                self.runs[run.n] = run
                self.stages[run.n] = Stage(self._beginning, self.rows, self.model.copy(), self.clock)
            elif ended:
                self._ended(kind, process, resolved, ended[-1])
            self.stopped = kind if run is not None else ""

    def _ended(self, kind: str, process: Process, resolved: ResolvedMapping, run: Run) -> None:
        self.stopped = ""
        ended = self._told(process, run)
        self._read_right(ended)
        stage = Stage(self._beginning, self.rows, self.model.copy(), self.clock)
        self.model.after_run(self._beginning, self.rows, ended)
        self.taken_back -= ended.looked_at
        self.runs[run.n], self.stages[run.n] = run, stage

    def _told(self, process: Process, run: Run) -> Ended:
        """What the ledger says of a run, its books checked by counting."""
        phases = {phase.name: phase for phase in process.ledger.runs.phases(run)}
        staged = {name: _staged(process, name) for name in TARGETS}
        looked_at: set[Source] = set()
        outcomes: dict[Source, tuple[Outcome, str]] = {}
        second: dict[Source, Outcome] = {}
        removals: dict[Source, tuple[Outcome, str]] = {}
        for name, target in TARGETS.items():
            route = phases[f"{name}>{target}"]
            keys = _looked_at(process, run, route, name)
            looked_at |= {(name, key) for key in keys}
            found = _outcomes(process, route)
            assert set(found) <= keys, (found, keys)
            assert len(keys) - len(found) == route.unchanged.records, "the source book is not closed"
            outcomes |= {(name, key): found.get(key, (Outcome.UNCHANGED, "")) for key in keys}
            if later := phases.get(route.name + LATER):
                second |= {(name, key): how for key, (how, _) in _outcomes(process, later).items()}
            if deletions := phases.get(route.name + DELETIONS):
                removals |= {(name, key): told for key, told in _outcomes(process, deletions).items()}
        assert process.ledger.journal.in_doubt(run) == []
        return Ended(staged, frozenset(looked_at), outcomes, second, removals, self._decisions, self.policy)

    def _read_right(self, ended: Ended) -> None:
        """Staging holds what the source holds, and nothing that changed was passed over."""
        for name, staged in ended.staged.items():
            held = self.world.source.records.get(name, {})
            if self._steady:
                live = {k: r.values for k, r in held.items() if not r.deleted}
                assert {k: r.values for k, r in staged.items() if not r.deleted} == live
            for key, record in staged.items():
                known = self._seen.get((name, key))
                changed = known is None or (known.values, known.deleted) != (record.values, record.deleted)
                deleted = record.deleted and not self.world.source.asks_for_changes
                assert not changed or (name, key) in ended.looked_at or deleted, (name, key)
        self._seen = {(n, k): r for n, staged in ended.staged.items() for k, r in staged.items()}

    def _always(self) -> None:
        """What holds at any moment."""
        assert owners_twice(self.rows) == []

    # --- comparing -------------------------------------------------------------------------------

    @_promising
    def reconcile(self) -> None:
        """Everything is compared: nothing there is unknown, and nothing differs that nobody touched."""
        with self.world.process() as (process, resolved):
            if not any(r.kind in ("run", "delta") for r in process.ledger.runs.all()):
                return
            checked = verify_migration(process, resolved)
            found = list(process.ledger.findings.of_run(checked.run))
        for finding in found:
            assert finding.kind is not FindingKind.EXTRA or not self.stopped, finding
            self._explain(finding)

    def _explain(self, finding: Finding) -> None:
        place = (finding.object_name, finding.target_id)
        if finding.kind is FindingKind.EXTRA:
            kept = any(k.place == place for k in self.model.known.values())
            assert kept, f"nobody knows of {finding}"
        elif finding.kind is FindingKind.NEVER_ARRIVED:
            source = _source_of(finding)
            assert source not in self.model.known, f"it is there: {finding}"
            assert self.stopped or source in self.taken_back, f"nothing kept it from arriving: {finding}"
        elif finding.kind in (FindingKind.DIFFERS, FindingKind.EDITED_THERE):
            known = self.model.known[_source_of(finding)]
            assert known.place == place, (known, finding)
            assert self._may_differ(finding, known), f"nobody touched it: {finding}\n {known}"

    def _may_differ(self, finding: Finding, known: Known) -> bool:
        """Whether people wrote into a field, or what it led to is gone, or the source changed it and no run
        brought that (it was refused or held, or is undone)."""
        name, rows = finding.field_name, self.rows
        if (known.place, name) in self.touched:
            return True
        target, base = REFERENCES[known.place[0]].get(name), known.base.get(name)
        if target and base is not None and (target, base) not in rows:
            return True
        if finding.kind is FindingKind.EDITED_THERE:
            return False
        self.model.there, self.model.new = rows, set()
        object_name, key = _source_of(finding)
        wanted = self.model.wanted((object_name, key), self.world.source.records[object_name][key])
        return known.agreed[name] not in wanted[name]

    # --- rollback --------------------------------------------------------------------------------

    @_promising
    def rollback(
        self,
        run_id: str | None = None,
        *,
        force: bool = False,
        with_later: bool = False,
        ends_at: int | None = None,
    ) -> None:
        """A run is undone, the newest if none is named, or the rest of that is done."""
        undoable = list(self.runs.values())
        if not undoable and not self.stopped:
            return
        if self.stopped != "rollback":
            before, self.stopped = self.rows, ""
            first = next((r for r in undoable if r.id == run_id), undoable[-1])
            self._rolling = (first.id, force, with_later)
            self._undoing = [r for r in reversed(undoable) if r.n >= first.n] if with_later else [first]
            self._before_rollback = before
        try:
            with self.world.process(ends_at) as (process, _):
                results = undo_runs(
                    process,
                    self._rolling[0],
                    dry_run=False,
                    force=self._rolling[1],
                    with_later=self._rolling[2],
                )
        except KilledError:
            self.stopped = "rollback"
            self._always()
            return
        self.stopped = ""
        failed = dict(f for _, result in results for f in result.failed)
        assert all(why.endswith("which is gone") for why in failed.values()), results
        self._undone(self._rolling[1], frozenset(failed))
        self.over = bool(failed)
        self._always()

    def nth_run(self, n: int | None) -> str | None:
        """The id of the n-th run that is not undone, None if there is none."""
        runs = list(self.runs.values())
        return runs[n % len(runs)].id if runs and n is not None else None

    def _undone(self, force: bool, failed: frozenset[str]) -> None:
        """Check what the rollback left, run by run; `failed`: what could not be made as it was."""
        stages = {run.n: self.stages[run.n] for run in self._undoing if run.n in self.stages}
        options = all_undone(stages, self._before_rollback, self.touched, force=force)
        kept = check_undone(options, self.rows)
        for place in lost_references(stages, self.rows, kept):
            owners = {str(self.model.origin(s)) for s, k in self.model.known.items() if k.place == place}
            assert owners & failed, f"{place} lost a reference, and only {failed} was named"
        stay: set[Source] = set()
        for n, stage in stages.items():
            del self.runs[n]
            self._forget(stage, {place for place, runs in kept.items() if n in runs}, stay)

    def _forget(self, stage: Stage, kept: set[Place], stay: set[Source]) -> None:
        """Go back to what was known before a run, but for the rows that stay as people left them.

        What stays though the run goes that took it up is not forgotten for the runs before that, either.
        """
        earlier = stage.model
        for source, known in list(self.model.known.items()):
            was = earlier.known.get(source)
            if known.place in kept or source in stay:
                stay |= {source} if was is None else set()
                continue
            if was is None:
                del self.model.known[source]
            elif stage.before.get(known.place) != stage.after.get(known.place):
                gone = known.state is State.GONE_THERE
                self.model.known[source] = replace(was, state=known.state if gone else was.state)
        self._seen = {s: r for s, r in self._seen.items() if s in self.model.known}
        self.taken_back |= {(n, key) for n, held in self.world.source.records.items() for key in held}

    def finish(self) -> None:
        """Everything is undone: what is left is what people made of it."""
        if self.over:
            return
        for _ in range(3):
            self.resume()
        if self.runs:
            self.rollback(self.nth_run(0), with_later=True)


def _source_of(finding: Finding) -> Source:
    assert finding.origin is not None, finding
    return finding.origin.object_name, finding.origin.key


def _staged(process: Process, object_name: str) -> dict[str, Record]:
    found = process.staging.scan(_TENANT, object_name)
    return {s.record.key: s.record for some in found for s in some}


def _looked_at(process: Process, run: Run, route: PhaseRecord, object_name: str) -> set[str]:
    pass_no = process.ledger.marks.of_run(run)[_TENANT, object_name].pass_no if run.kind == "delta" else 0
    found = process.staging.scan(_TENANT, object_name, since_pass=pass_no)
    return {s.record.key for some in found for s in some} | set(process.ledger.marks.waiting(route))


def _outcomes(process: Process, phase: PhaseRecord) -> dict[str, tuple[Outcome, str]]:
    """How the records ended that were written or have a line; a refused one has both."""
    found: dict[str, tuple[Outcome, str]] = {}
    for entry in process.ledger.journal.of_phase(phase):
        good = entry.outcome in (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
        assert entry.outcome is not None
        found[entry.link.origin.key] = (Outcome.LOADED if good else entry.outcome, "")
    found |= {line.key: (line.outcome, line.queue) for line in process.ledger.books.lines(phase)}
    return found


__all__ = ["CONFLICTS", "GOOD", "TRASHED", "Story", "write_queues"]
