"""What must be there: the promises about records, said of what the destination held before and holds after.

`Model` remembers, by source record, what both sides agreed on last: the values that the source brought
(`agreed`) and what the record there held then (`base`). From these and from who changed what since, it says
for every row of the destination what it may hold after a run, a delta or a rollback. It knows nothing of
ledgers, hashes, batches or phases.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Any

from core.tests.fake_destination import FakeDestination
from core.tests.model_world import FIRMS, MAPPED, TARGETS

from crossdock.ids import external_id, target_uuid
from crossdock.model import Origin, Outcome, Record
from crossdock.queues import CONFLICTS, TRASHED

Place = tuple[str, str]
"""A row there: object and target id."""
Source = tuple[str, str]
"""A source record: object and key."""
REFERENCES = {"firm": {"parent": "firm", "head": "person"}, "person": {"firm": "firm"}}
GOOD = frozenset({Outcome.LOADED, Outcome.UNCHANGED, Outcome.MERGED})
UNKNOWN = object()


@dataclass(frozen=True)
class Row:
    """One row there. What is empty is not among the values."""

    values: Mapping[str, Any]
    owner: str = ""
    trashed: bool = False


Rows = dict[Place, Row]


def rows_of(destination: FakeDestination) -> Rows:
    """Everything that the destination holds."""
    return {
        (name, i): Row({n: v for n, v in row.values.items() if v is not None}, row.external_id, row.trashed)
        for name, table in destination.rows.items()
        for i, row in table.items()
    }


class State(Enum):
    """What is known of a target record."""

    LIVE = auto()
    GONE_THERE = auto()  # people deleted it, and a run saw that
    AWAY = auto()  # it was deleted at the source, and taken away or left to people
    DESTROYED = auto()


@dataclass
class Known:
    """A source record that became a row there."""

    place: Place
    state: State
    agreed: dict[str, Any]
    base: dict[str, Any]
    made: bool
    brought: set[str] = field(default_factory=set)  # fields that were written


@dataclass
class Ended:
    """How a run ended, as it told: what it had read, and the outcome of each record by kind of phase."""

    staged: Mapping[str, Mapping[str, Record]]
    looked_at: frozenset[Source]
    outcomes: Mapping[Source, tuple[Outcome, str]]
    second_pass: Mapping[Source, Outcome]
    removals: Mapping[Source, tuple[Outcome, str]]
    decisions: Mapping[tuple[str, str, str], str]  # queue, source object, key
    policy: str


class PromiseError(AssertionError):
    """A promise was broken."""


@dataclass
class Model:
    """What the project has brought so far."""

    project: str
    known: dict[Source, Known] = field(default_factory=dict)
    there: Rows = field(default_factory=dict)  # before the run that is looked at
    new: set[Place] = field(default_factory=set)  # what that run made or brought back

    def copy(self) -> "Model":
        """As it is now."""
        return deepcopy(self)

    def origin(self, source: Source) -> Origin:
        """The origin of a source record."""
        return Origin("main", *source)

    def own(self, source: Source) -> Place:
        """Where a source record goes that is made."""
        target = TARGETS[source[0]]
        return target, target_uuid(self.project, self.origin(source), target)

    # --- runs ------------------------------------------------------------------------------------

    def after_run(self, before: Rows, after: Rows, ended: Ended) -> None:
        """Check what a run or delta did, and go on from it."""
        earlier, self.there = self.copy(), before
        lived = {place for place, row in before.items() if not row.trashed}
        self.new = {place for place, row in after.items() if not row.trashed} - lived
        explained: set[Place] = set()
        fresh = {s for s in ended.looked_at if s not in self.known}
        for source in sorted(fresh, key=lambda s: (s[0] != FIRMS, s[1])):
            self._take_up(source, before, after, ended)
        for source in sorted(ended.looked_at):
            if source in self.known:
                explained.add(self.known[source].place)
                _Check(self, earlier, source, before, after, ended).row(fresh=source in fresh)
        for source in sorted(set(earlier.known) - ended.looked_at):
            explained.add(self.known[source].place)
            self._passed_over(source, ended)
            if source in ended.removals:
                _Check(self, earlier, source, before, after, ended).removal(before)
            else:
                _same(before, after, self.known[source].place, f"{source} was not looked at")
        for place in sorted({*before, *after} - explained):
            _same(before, after, place, "nothing of the source became it")

    def _passed_over(self, source: Source, ended: Ended) -> None:
        """Nothing of a record that nobody looked at may wait to be brought."""
        known, record = self.known[source], ended.staged[source[0]][source[1]]
        if known.state is not State.LIVE or record.deleted:
            return
        for name, values in self.wanted(source, record).items():
            if known.agreed[name] is not UNKNOWN and known.agreed[name] not in values and values != {None}:
                raise PromiseError(f"{source} was passed over: {name} is {values} at the source")

    def _take_up(self, source: Source, before: Rows, after: Rows, ended: Ended) -> None:
        """A record that was not there before this run."""
        outcome, queue = ended.outcomes[source]
        record = ended.staged[source[0]][source[1]]
        match = _match(record, source, before)
        if outcome in GOOD:
            place = match[0] if match else self.own(source)
            self.known[source] = Known(place, State.LIVE, {}, {}, made=not match)
            return
        reasons = set(self._reasons(source, record, before, ended))
        if match and before[match[0]].trashed:
            reasons.add(Outcome.HELD if not ended.decisions.get((TRASHED, *source)) else Outcome.SKIPPED)
        if outcome not in reasons:
            raise PromiseError(f"{source} ended as {outcome} ({queue}); it may only be {reasons or GOOD}")

    def _reasons(self, source: Source, record: Record, there: Rows, ended: Ended) -> Iterator[Outcome]:
        """Why a record may not be brought."""
        if record.deleted:
            yield Outcome.SKIPPED
        if record.values["title"] in (None, "refused"):
            yield Outcome.REJECTED
        own = self.known.get(source)
        if own and [p for p in _match(record, source, there) if p != own.place]:
            yield Outcome.REJECTED  # people gave its domain to another firm
        for name, value in record.values.items():
            if name in ("parent", "head", "firm") and value is not None:
                led = self.known.get((value.object_name, value.key))
                lost = led is None or led.state in (State.GONE_THERE, State.DESTROYED)
                if (lost and name == "firm") or (led is not None and self._is_doubtful(led)):
                    yield Outcome.REJECTED
                    yield Outcome.HELD

    def _is_doubtful(self, led: Known) -> bool:
        """Whether people deleted a row, so that a run may see that at any time."""
        row = self.there.get(led.place)
        return led.place not in self.new and (row is None or row.trashed) and led.state is State.LIVE

    def wanted(self, source: Source, record: Record) -> dict[str, frozenset[Any]]:
        """By target field what the source says of it now; more than one value where either will do."""
        values = record.values
        if source[0] == FIRMS:
            found = {"name": values["title"], "domain": values["site"], "city": values["city"]}
            found["motto"] = values["city"]
        else:
            found = {"name": values["title"], "email": values["mail"]}
        wanted = {name: frozenset({value}) for name, value in found.items()}
        for name in REFERENCES[TARGETS[source[0]]]:
            wanted[name] = self._led(values[name])
        return wanted

    def _led(self, reference: Any) -> frozenset[Any]:
        if reference is None:
            return frozenset({None})
        led = self.known.get((reference.object_name, reference.key))
        if led is None or (led.state is State.DESTROYED and led.place not in self.new):
            return frozenset({None})
        if led.state is State.GONE_THERE or self._is_doubtful(led):
            return frozenset({None, led.place[1]})  # when that was seen is no promise
        return frozenset({led.place[1]})


def _match(record: Record, source: Source, rows: Rows) -> list[Place]:
    """The rows that a record of the source matches: those that were there before with its domain."""
    domain = record.values.get("site") if source[0] == FIRMS else None
    return [p for p, row in rows.items() if domain and p[0] == "firm" and row.values.get("domain") == domain]


def _same(before: Rows, after: Rows, place: Place, why: str) -> None:
    """Nothing happened to a row but that it lost references to what is gone."""
    row, now = before.get(place), after.get(place)
    if row is not None:
        row = _emptied(place, row, after)
    if row != now:
        raise PromiseError(f"{place}: {why}, and yet it was {before.get(place)} and is {now}")


def _emptied(place: Place, row: Row, there: Rows) -> Row:
    """A row without references to what is gone."""
    gone = {
        name
        for name, target in REFERENCES[place[0]].items()
        if name in row.values and (target, row.values[name]) not in there
    }
    return replace(row, values={n: v for n, v in row.values.items() if n not in gone})


@dataclass
class _Check:
    """One source record whose row is known, in one run."""

    model: Model
    earlier: Model
    source: Source
    before: Rows
    after: Rows
    ended: Ended

    @property
    def known(self) -> Known:
        return self.model.known[self.source]

    def fail(self, what: str) -> None:
        """Raise PromiseError."""
        row, now = self.before.get(self.known.place), self.after.get(self.known.place)
        raise PromiseError(
            f"{self.source} {self.known}: {what}\n outcome: {self.ended.outcomes.get(self.source)}"
            f" {self.ended.second_pass.get(self.source)} {self.ended.removals.get(self.source)}"
            f"\n before: {row}\n after:  {now}"
            f"\n source: {self.ended.staged[self.source[0]].get(self.source[1])}"
        )

    def row(self, *, fresh: bool) -> None:
        """The row of a record that the run looked at."""
        outcome, queue = self.ended.outcomes[self.source]
        record = self.ended.staged[self.source[0]][self.source[1]]
        if record.deleted:
            if outcome is not Outcome.SKIPPED:
                self.fail("it is deleted at the source")
            self.removal(self.before)
        elif fresh:
            self._made(self.model.wanted(self.source, record))
        elif self.known.state is State.LIVE:
            self._live(record, outcome, queue)
        elif self.known.state is State.GONE_THERE:
            if outcome not in (Outcome.SKIPPED, Outcome.REJECTED, Outcome.HELD):
                self.fail("people deleted it there")
            self._untouched("people deleted it there")
        else:
            self._back(record, outcome, queue)

    def _untouched(self, why: str) -> None:
        _same(self.before, self.after, self.known.place, f"{self.source} {why}")

    def _made(self, wanted: Mapping[str, frozenset[Any]]) -> None:
        """A record that is there for the first time, made or matched."""
        known, now = self.known, self.after.get(self.known.place)
        was = self.before.get(known.place, Row({}))
        decided = self.ended.decisions.get((TRASHED, *self.source))
        if now is None or now.trashed or (was.trashed and decided != "restore"):
            self.fail("it is not there")
            return
        wrote = False
        for name, values in wanted.items():
            lenient = values | ({was.values.get(name)} if self._late(name) or None in values else set())
            actual = now.values.get(name)
            if actual not in (lenient if not known.made or self._late(name) else values):
                self.fail(f"{name} is to be {values}")
            if actual != was.values.get(name):
                known.brought.add(name)
                wrote = True
        if (wrote or known.made) and now.owner != external_id(
            self.model.project, self.model.origin(self.source)
        ):
            self.fail("it does not carry the external id")
        if set(now.values) - set(wanted) - set(was.values):
            self.fail("it holds more than was written")
        self._agree(wanted, now)

    def _late(self, name: str) -> bool:
        return self.source in self.ended.second_pass and name in ("parent", "head")

    def _agree(self, wanted: Mapping[str, frozenset[Any]], now: Row) -> None:
        for name, values in wanted.items():
            actual = now.values.get(name)
            self.known.agreed[name] = next(iter(values)) if len(values) == 1 else UNKNOWN
            self.known.base[name] = actual
            if actual not in values and self._late(name):
                self.known.agreed[name] = UNKNOWN

    def _live(self, record: Record, outcome: Outcome, queue: str) -> None:
        known, was = self.known, self.before.get(self.known.place)
        wanted = self.model.wanted(self.source, record)
        news = {n: w for n, w in wanted.items() if known.agreed[n] is UNKNOWN or known.agreed[n] not in w}
        if not known.made:  # what was there before is not emptied for a source that never wrote it
            news = {n: w for n, w in news.items() if n in known.brought or w != {None}}
        if outcome not in GOOD:
            self._untouched(f"ended as {outcome}")
            self._may_stay(record, outcome, queue, news, was)
            return
        if (was is None or was.trashed) and self.ended.second_pass.get(self.source) is Outcome.SKIPPED:
            known.state = State.GONE_THERE
            self._untouched("was deleted there")
            return
        if was is None or was.trashed:
            if news and not any(known.agreed[n] is UNKNOWN for n in news):
                self.fail("it was deleted there, and the source changed it")
            self._untouched("was deleted there")
            return
        now = self.after.get(known.place)
        if now is None or now.trashed:
            self.fail("it is gone")
            return
        self._fields(wanted, news, was, now)

    def _fields(
        self,
        wanted: Mapping[str, frozenset[Any]],
        news: Mapping[str, frozenset[Any]],
        was: Row,
        now: Row,
    ) -> None:
        """Field by field: who changed it last."""
        decision = self.ended.decisions.get((CONFLICTS, *self.source))
        for name, values in wanted.items():
            had, has = was.values.get(name), now.values.get(name)
            edited = had != self.known.base[name] and had not in values
            if edited and self._late(name) and self.ended.second_pass[self.source] is Outcome.HELD:
                if has != had:
                    self.fail(f"{name} waits for a person")
                continue
            if name in news and not edited:
                allowed = set(values) | (
                    {had} if self.known.agreed[name] is UNKNOWN or self._late(name) else set()
                )
            elif name in news and decision == "source":
                allowed = set(values)
            elif name in news and decision != "destination" and self.known.agreed[name] is not UNKNOWN:
                self.fail(f"{name} was changed on both sides, and nobody decided")
            else:
                allowed = {had}
            unsure = len(values) > 1 and not edited  # whether it is seen to be gone is no promise
            if unsure:
                allowed = allowed | values
            if has not in allowed:
                self.fail(f"{name} may be {allowed} and is {has!r}")
            if has != had:
                self.known.brought.add(name)
            if name in news or (unsure and has != had):
                conceded = edited and decision != "source"
                self.known.agreed[name] = next(iter(values)) if len(values) == 1 else UNKNOWN
                self.known.base[name] = next(iter(values)) if conceded else has
        extra = {n: v for n, v in was.values.items() if n not in wanted}
        if {n: v for n, v in now.values.items() if n not in wanted} != extra:
            self.fail("a field that nobody maps was changed")

    def _may_stay(
        self,
        record: Record,
        outcome: Outcome,
        queue: str,
        news: Mapping[str, frozenset[Any]],
        was: Row | None,
    ) -> None:
        """A record that was to be left as it is: there has to be a reason."""
        known = self.known
        if was is None or was.trashed:
            if outcome is Outcome.SKIPPED:
                known.state = State.GONE_THERE
            return
        reasons = set(self.model._reasons(self.source, record, self.before, self.ended))
        both = [
            n for n, w in news.items() if was.values.get(n) != known.base[n] and was.values.get(n) not in w
        ]
        decision = self.ended.decisions.get((CONFLICTS, *self.source))
        if both and not decision:
            reasons.add(Outcome.HELD)
        if both and decision == "destination":
            reasons.add(Outcome.SKIPPED)
        if outcome not in reasons:
            self.fail(f"nothing holds it up ({queue})")
        if outcome is Outcome.SKIPPED and both:
            for name in both:
                known.agreed[name] = known.base[name] = next(iter(news[name]))

    def removal(self, before: Rows) -> None:
        """A record that is deleted at the source."""
        known, was = self.known, before.get(self.known.place)
        told = self.ended.removals.get(self.source)
        if known.state is not State.LIVE or told is None:
            self._untouched("is not to be taken away")
            return
        if was is None or was.trashed:
            known.state = State.GONE_THERE
            self._untouched("was deleted on both sides")
            return
        edited = [n for n, base in known.base.items() if was.values.get(n) != base]
        edited += ["note"] if was.values.get("note") else []
        decision = self.ended.decisions.get((CONFLICTS, *self.source))
        if self.ended.policy == "report" or not known.made:
            self._untouched("is only reported")
        elif edited and decision != "source":
            self._untouched("was edited by people")
            if decision == "destination":
                known.state = State.AWAY
            elif told[0] is not Outcome.HELD:
                self.fail("a person has to decide")
        elif told[0] is Outcome.REJECTED and self._is_referred_to():
            self._untouched("others refer to it")
        elif self.ended.policy == "trash":
            if self.after.get(known.place) != replace(_emptied(known.place, was, self.after), trashed=True):
                self.fail("it is to lie in the trash as it was")
            known.state = State.AWAY
        else:
            if known.place in self.after:
                self.fail("it is to be destroyed")
            known.state = State.DESTROYED

    def _is_referred_to(self) -> bool:
        target, target_id = self.known.place
        return any(
            row.values.get(name) == target_id
            for place, row in self.after.items()
            for name, to in REFERENCES[place[0]].items()
            if to == target and place != self.known.place
        )

    def _back(self, record: Record, outcome: Outcome, queue: str) -> None:
        """A record that was taken away and is at the source again."""
        was, now = self.before.get(self.known.place), self.after.get(self.known.place)
        if was is not None and not was.trashed:
            self.known.state = State.LIVE
            self._live(record, outcome, queue)
            return
        decision = self.ended.decisions.get((TRASHED, *self.source))
        if outcome in GOOD and decision == "restore":
            wanted = self.model.wanted(self.source, record)
            if now is None or now.trashed:
                self.fail("it was to be brought back")
                return
            for name, values in wanted.items():
                if now.values.get(name) not in values and not self._late(name):
                    self.fail(f"{name} is to be {values}")
            self.known.state = State.LIVE
            self._agree(wanted, now)
            return
        self._untouched("stays away")
        reasons = set(self.model._reasons(self.source, record, self.before, self.ended))
        reasons.add({"skip": Outcome.SKIPPED}.get(decision or "", Outcome.HELD))
        if outcome not in reasons:
            self.fail(f"it came back, and a person has to decide ({queue})")


# --- rollback ------------------------------------------------------------------------------------


@dataclass
class Stage:
    """One run as rollback sees it: what was there before and after it, and what was known before."""

    before: Rows
    after: Rows
    model: Model
    ended_at: int


Left = tuple[Row | None, bool]
"""A row as a rollback may leave it, and whether something of it was kept for people's edits."""


def undone(
    stage: Stage, place: Place, has: Row | None, touched: Mapping[tuple[Place, str], int], *, force: bool
) -> list[Left]:
    """What a row may be once the run is undone: the first is meant, others will do.

    has: the row as it is before that. touched: by row and field when people last wrote into it.
    """
    was, did = stage.before.get(place), stage.after.get(place)
    edited = {n for (p, n), at in touched.items() if p == place and at > stage.ended_at}
    return list(_undone(place[0], was, did, has, edited, force=force))


def _undone(
    kind: str, was: Row | None, did: Row | None, has: Row | None, edited: set[str], *, force: bool
) -> Iterator[Left]:
    if has is None and was and did and did.trashed and not was.trashed:
        yield was, False  # the run put it into the trash, and that was emptied since
    if was == did or (has is None and did is not None):
        yield has, False  # the run did not touch it, or people destroyed it
    elif was is None:
        assert has is not None
        assert did is not None
        differing = {n for n in edited if has.values.get(n) != did.values.get(n)}
        # Who filled in a field that nobody maps is not always known; what led to a row that goes is empty.
        if force or not (differing & set(MAPPED[kind])) - set(REFERENCES[kind]):
            yield None, False
        if not force and edited:
            yield has, True
    elif did is None:
        yield (was if has is None else has), False
    else:
        assert has is not None
        wrote = {n for n in {*was.values, *did.values} if was.values.get(n) != did.values.get(n)}
        yield from _restored(was, did, has, wrote, edited, force=force)


def _restored(
    was: Row, did: Row, has: Row, wrote: set[str], edited: set[str], *, force: bool
) -> Iterator[Left]:
    back = {n: v for n, v in has.values.items() if n not in wrote}
    back |= {n: was.values[n] for n in wrote if n in was.values}
    trashed = was.trashed if was.trashed != did.trashed else has.trashed
    whole = Row(back, was.owner if was.owner != did.owner else has.owner, trashed)
    differing = {n for n in edited & wrote if has.values.get(n) != did.values.get(n)}
    if force or not differing - {"parent", "head", "firm"}:
        yield whole, False
    if not force and edited & wrote:
        yield has, True
        kept = {n: v for n, v in back.items() if n not in differing}
        kept |= {n: has.values[n] for n in differing if n in has.values}
        yield replace(whole, values=kept), True
        yield replace(whole, values=kept, owner=has.owner), True


Following = tuple[Row | None, frozenset[int]]
"""A row as rollbacks may leave it, and the runs of which something in it was kept."""


def all_undone(
    stages: Mapping[int, Stage], now: Rows, touched: Mapping[tuple[Place, str], int], *, force: bool
) -> dict[Place, list[Following]]:
    """What each row may be once all these runs are undone, in this order."""
    options: dict[Place, list[Following]] = {}
    for place in {*now, *(p for s in stages.values() for p in (*s.before, *s.after))}:
        found: list[Following] = [(now.get(place), frozenset())]
        for n, stage in stages.items():
            found = [
                (row, kept | {n} if more else kept)
                for has, kept in found
                for row, more in undone(stage, place, has, touched, force=force)
            ]
        options[place] = found
    return options


def check_undone(options: Mapping[Place, Sequence[Following]], after: Rows) -> dict[Place, frozenset[int]]:
    """Raises PromiseError for a row that is not as it may be. Gives the runs that were kept in each row."""
    kept = {}
    for place, allowed in options.items():
        now = after.get(place)
        fitting = [(None if row is None else _emptied(place, row, after), n) for row, n in allowed]
        kept[place] = next((n for row, n in fitting if row == now), None)
        if kept[place] is None:
            wanted = " or ".join(str(row) for row, _ in fitting)
            raise PromiseError(f"{place} is to be {wanted} and is {now}; before {allowed}")
    if more := set(after) - set(options):
        raise PromiseError(f"rows that nobody made: {more}")
    return {place: runs for place, runs in kept.items() if runs is not None}


def lost_references(
    stages: Mapping[int, Stage], after: Rows, kept: Mapping[Place, frozenset[int]]
) -> Iterator[Place]:
    """Rows that were to get back a reference that these runs had taken, and what it led to is gone."""
    first = stages[min(stages)] if stages else None
    for place, was in first.before.items() if first else ():
        if place not in after or kept.get(place):
            continue
        for name, target in REFERENCES[place[0]].items():
            held = was.values.get(name)
            wrote = [
                n for n, s in stages.items() if _value(s.before, place, name) != _value(s.after, place, name)
            ]
            if wrote and held is not None and (target, held) not in after:
                yield place


def _value(rows: Rows, place: Place, name: str) -> Any:
    return rows[place].values.get(name) if place in rows else None


def owners_twice(rows: Rows) -> list[str]:
    """External ids that more than one row carries."""
    seen: dict[tuple[str, str], Place] = {}
    twice = []
    for place, row in rows.items():
        if row.owner and seen.setdefault((place[0], row.owner), place) != place:
            twice.append(row.owner)
    return twice


__all__ = [
    "GOOD",
    "MAPPED",
    "Ended",
    "Known",
    "Model",
    "Place",
    "PromiseError",
    "Row",
    "Rows",
    "Source",
    "Stage",
    "State",
    "all_undone",
    "check_undone",
    "lost_references",
    "owners_twice",
    "rows_of",
]
