"""Load: every record once, every value as it was, the bad ones rejected and the rest there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from crossdock.capabilities import Capability
from crossdock.compare import same as equal
from crossdock.fieldtypes import FieldType
from crossdock.ids import external_id, target_uuid
from crossdock.model import Action, LoadPolicy, ObjectSchema, Origin, Outcome, Record, TargetRecord
from crossdock.sending import Sender
from crossdock.testing import samples
from crossdock.testing.commands import FOUND, OK
from crossdock.testing.dumps import assert_same
from crossdock.testing.expecting import holds, nothing, same
from crossdock.testing.kit import Kit
from crossdock.testing.registry import check
from crossdock.testing.sandboxes import Json
from crossdock.testing.scene import Scene
from crossdock.testing.stages import LOADED, PROVISIONED
from crossdock.values import Author

_POLICY = LoadPolicy("kit", "kit")


@check()
def every_record_has_exactly_one_outcome(kit: Kit) -> None:
    """Both books are closed, and say what the source's records deserve."""
    phases = {p["name"]: p for p in kit.stages.answer(LOADED)["phases"]}
    thing = next(p for name, p in phases.items() if name.startswith(samples.THING))
    party = next(p for name, p in phases.items() if name.startswith(samples.PARTY))
    people = next(p for name, p in phases.items() if name.startswith(samples.USER))
    same(people["source"], {"held": 1, "merged": 1}, "users")
    same(party["source"], {"loaded": samples.PARTIES - 1, "merged": 1, "rejected": 1}, "parties")
    same(party["destination"], {"created": samples.PARTIES - 1, "updated": 1}, "parties there")
    same(thing["source"], {"loaded": samples.THINGS, "held": 1, "rejected": 1}, "things")
    same(thing["destination"], {"created": samples.THINGS}, "things there")
    nothing([p["name"] for p in phases.values() if p["in_doubt"]], "in doubt")


@check()
def every_value_arrives_as_it_was(kit: Kit) -> None:
    """Every type of field that can be provisioned, read back by another instance of the plugin."""
    scene = kit.scene(LOADED)
    schema = scene.hand.catalog.object(scene.plan.thing)
    holds(schema, f"the catalog has {scene.plan.thing}")
    there = {
        o.external_id.rpartition("/")[2]: o for o in scene.hand.owned(scene.plan.thing, scene.project_id)
    }
    with scene.company() as company:
        records = {r.key: r for r in company.of(samples.THING)}
    arrived = {samples.key("t", n) for n in range(samples.THINGS)}
    same(set(there), arrived, "things there")
    nothing(
        [
            line
            for key in sorted(arrived)
            for line in _differences(scene, schema, records[key], there[key].values)
        ],
        "values that differ",
    )


def _differences(scene: Scene, schema: ObjectSchema | None, record: Record, there: Any) -> Iterator[str]:
    for name, called in scene.plan.fields.items():
        field = schema.field(called) if schema else None
        value, actual = record.values.get(name), there.get(called)
        if field is None:
            yield f"{record.key}.{name}: no field {called}"
        elif field.type is FieldType.REFERENCE:
            yield from _reference(record, name, value, actual)
        elif field.type.value == name.removesuffix("_several") or name == "title":
            if field.type is FieldType.SELECT:
                value = _named(scene, value)
            if not equal(value, actual, field) and not (value is None and field.filled):
                yield f"{record.key}.{name}: {value!r} became {actual!r}"


def _reference(record: Record, name: str, value: Any, actual: Any) -> Iterator[str]:
    """A reference is there or not; that it is the right one is what `crossdock reconcile` says."""
    to_nobody = name == "owner" and value is not None and value.key == samples.STRANGER
    if bool(actual) != (bool(value) and not to_nobody):
        yield f"{record.key}.{name}: {value!r} became {actual!r}"


def _named(scene: Scene, value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(scene.plan.options[v] for v in value)
    return scene.plan.options.get(value)


@check()
def nothing_is_found_after_an_undisturbed_run(kit: Kit) -> None:
    """Every field of every record is compared, and a dry run of the rollback foresees no loss."""
    scene = kit.scene(LOADED)
    found = scene.call("reconcile").must(OK).json["findings"]
    same({f["kind"] for f in found} - {"normalised"}, set(), "findings")


@check()
def the_record_that_was_there_is_filled_up_and_not_made_twice(kit: Kit) -> None:
    """A match key finds it."""
    scene = kit.scene(LOADED)
    record = kit.target.record
    there = scene.found(samples.THERE_BEFORE, samples.PARTY)
    same(there.values.get(record.title), "Партия 1", "its name now")
    same(len(scene.hand.owned(record.name, scene.project_id)), samples.PARTIES, f"{record.name} records")


@check()
def what_the_destination_refuses_holds_up_nothing_else(kit: Kit) -> None:
    """It is rejected, with the reason, by each run that tries it; everything else arrives."""
    scene = kit.scene(PROVISIONED)
    with scene.company() as company:
        samples.put_too_large(company)
    for _ in range(2):
        told = _rejected(scene.call("run").must(FOUND).json)
        wanted = {(name, key) for name, keys in samples.BAD.items() for key in keys}
        same(set(told), wanted | {(samples.THING, samples.TOO_LARGE)}, "rejected records")
        nothing([place for place, reasons in told.items() if not any(reasons)], "rejected without a reason")
        assert_same(scene.dump(), kit.stages.dump(LOADED))


def _rejected(report: Json) -> dict[tuple[str, str], list[str]]:
    """(source object, key) -> reasons."""
    return {
        (p["name"].partition(">")[0], line["key"]): line["reasons"]
        for p in report["phases"]
        for line in p["not_loaded"]
        if line["outcome"] == "rejected"
    }


@check()
def a_batch_gets_one_receipt_a_record(kit: Kit) -> None:
    """Good and bad ones in one batch, and the same batch again: nothing is made twice."""
    scene = kit.scene(PROVISIONED)
    batch = _batch(scene)
    receipts = _sent(scene, batch)
    same([r.outcome for r in receipts], _WANTED, "outcomes of the batch")
    holds(all(r.reasons for r in receipts if r.outcome is Outcome.REJECTED), "a rejection has a reason")
    scene.a_day_later()
    before = scene.dump()
    again = _sent(scene, batch)
    nothing([r for r in again if r.outcome is Outcome.FAILED], "failed when it was sent again")
    same([r.outcome for r in again if r.outcome is Outcome.CREATED], [], "created again")
    assert_same(scene.dump(), before)


_WANTED = [Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED]


def _batch(scene: Scene) -> list[TargetRecord]:
    """Three good records; one with a number that nobody can keep, one that refers to nobody."""
    fields, name = scene.plan.fields, scene.plan.thing
    records = []
    for n in range(5):
        origin = Origin("kit", samples.THING, f"x{n}")
        values: dict[str, Any] = {fields["title"]: f"Пачка {n}", fields["integer"]: n}
        records.append(
            TargetRecord(name, origin, target_uuid("kit", origin, name), external_id("kit", origin), values)
        )
    bad: dict[int, dict[str, Any]] = {
        1: {fields["integer"]: 10**30},
        3: {fields["party"]: target_uuid("kit", records[0].origin, "nowhere")},
    }
    return [replace(r, values={**r.values, **bad.get(n, {})}) for n, r in enumerate(records)]


def _sent(scene: Scene, batch: list[TargetRecord]) -> Any:
    return Sender(scene.hand.destination, _POLICY, 5).send(scene.plan.thing, batch)


@check()
def an_update_of_what_is_gone_says_so(kit: Kit) -> None:
    """It is neither made again nor called done."""
    scene = kit.scene(PROVISIONED)
    good = _batch(scene)[0]
    [made] = _sent(scene, [good])
    there = scene.hand.find(scene.plan.thing, made.target_id)
    holds(there, "the record is there")
    if there is not None:
        scene.hand.remove(there, Action.DESTROY)
    before = scene.dump()
    [receipt] = _sent(scene, [replace(good, action=Action.UPDATE)])
    holds(receipt.outcome in (Outcome.FAILED, Outcome.REJECTED), f"it is refused, not {receipt.outcome}")
    assert_same(scene.dump(), before)


@check(Capability.CREATED_AT)
def the_original_time_is_kept(kit: Kit) -> None:
    """What is claimed is so: a record is as old as it was at the source."""
    then = datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC)
    same(_kept(kit, kit.target.created_at, then), then, "when it was made")


@check(Capability.AUTHORS)
def the_original_author_is_kept(kit: Kit) -> None:
    """What is claimed is so: a record is by whom it was at the source."""
    found = _kept(kit, kit.target.author, Author("Пётр Первый"))
    same(getattr(found, "name", None), "Пётр Первый", "who made it")


def _kept(kit: Kit, name: str, value: Any) -> Any:
    """A value that was given to a new record, read back."""
    holds(name, "the target names the field that keeps it")
    hand, record = kit.scene(PROVISIONED).hand, kit.target.record
    made = hand.make(record.name, {record.title: "С историей", name: value})
    there = hand.find(record.name, made)
    return there and there.values.get(name)


@check()
def the_catalog_counts_what_is_there(kit: Kit) -> None:
    """What it says of an object grows by what was created there; it may say nothing."""
    before, after = kit.scene(PROVISIONED), kit.scene(LOADED)
    for name, more in ((kit.target.record.name, samples.PARTIES - 1), (after.plan.thing, samples.THINGS)):
        counts = [_count(scene, name) for scene in (before, after)]
        if None not in counts:
            holds(
                counts[1] == (counts[0] or 0) + more, f"the catalog counts {counts} {name}, not {more} more"
            )


def _count(scene: Scene, name: str) -> int | None:
    """The count of an object; every record of the made one is the kit's, so that it is absolute there."""
    schema = scene.hand.catalog.object(name)
    return schema.count if schema else None
