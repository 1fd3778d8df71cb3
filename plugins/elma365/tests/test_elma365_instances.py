"""Process instances: what becomes of one, and that both readings agree."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.filestore import FileStore
from crossdock.model import Record, Rejected, Selection
from crossdock.values import Reference
from crossdock_elma365.instance_verification import InstanceVerifier
from crossdock_elma365.instances import INSTANCES, STEPS, instance_record, read_steps, step_records
from crossdock_elma365.source import Elma365Source

Make = Callable[..., Elma365Source]
ANNA = "a0000000-0000-4000-8000-000000000001"
OWNERS = ("shop.orders",)
ZONE = ZoneInfo("UTC")
TEMPLATE = {"id": "t", "name": "Approve", "namespace": "shop.orders", "code": "approve", "version": 3}


def name(user: str) -> str:
    return {ANNA: "Анна Петрова"}.get(user, user)


def row(**more: Any) -> dict[str, Any]:
    return {
        "__id": "i1",
        "__name": "Approve order 1",
        "__template": TEMPLATE,
        "__state": "done",
        "__createdAt": "2024-05-01T10:00:00Z",
        "__createdBy": ANNA,
        "__updatedAt": "2024-05-02T11:00:00.123456789Z",
    } | more


def record(**more: Any) -> Record:
    found = instance_record(row(**more), OWNERS, name, ZONE)
    assert isinstance(found, Record), found
    return found


def test_an_instance_says_of_which_process_it_is_and_when_it_ended() -> None:
    values = record().values

    assert (values["process"], values["process_code"], values["version"]) == (
        "Approve",
        "shop.orders:approve",
        3,
    )
    assert values["ended_at"] == datetime(2024, 5, 2, 11, 0, 0, 123456, tzinfo=UTC)


def test_an_instance_at_work_has_no_end() -> None:
    assert record(__state="exec").values["ended_at"] is None


def test_the_values_of_the_process_itself_are_kept_together() -> None:
    assert record(sum=5, note=None).values["context"] == {"sum": 5, "note": None}


def test_a_record_of_an_application_that_is_read_becomes_a_reference() -> None:
    values = record(__item={"namespace": "shop", "code": "orders", "id": "o1"}).values

    assert values["item"] == Reference("shop.orders", "o1")
    assert values["about"] == "shop.orders/o1"


def test_a_record_of_an_application_that_is_not_read_is_only_named() -> None:
    values = record(__item={"namespace": "hr", "code": "people", "id": "p1"}).values

    assert (values["item"], values["about"]) == (None, "hr.people/p1")


def test_steps_come_in_the_order_in_which_they_began() -> None:
    flow = [
        {"id": "f2", "name": "Pay", "startedAt": "2024-05-01T12:00:00Z", "performers": [ANNA]},
        {"id": "f1", "name": "Check", "startedAt": "2024-05-01T11:00:00Z", "state": "done"},
    ]

    found = record(__flowHistory=flow)

    assert found.values["history"] == (
        "1. Check, done, 2024-05-01 11:00 UTC\n2. Pay, 2024-05-01 12:00 UTC, Анна Петрова"
    )


def test_a_task_that_the_history_names_is_one_step() -> None:
    flow = [{"id": "f1", "name": "Check", "task": "t1"}]

    steps, unread = read_steps(row(__flowHistory=flow, __tasks=[{"__id": "t1"}, {"__id": "t2"}]))

    assert ([step.id for step in steps], unread) == (["f1", "t2"], [])


def test_a_history_in_another_form_is_kept_whole() -> None:
    odd = [{"when": "yesterday"}, "text"]

    assert record(__flowHistory=odd).values["flow"] == odd


@pytest.mark.parametrize("name_", ["__item", "__template"])
def test_an_unknown_shape_is_a_reject_that_names_the_field(name_: str) -> None:
    found = instance_record(row(**{name_: "text"}), OWNERS, name, ZONE)

    assert found == Rejected(INSTANCES, "i1", (f"field {name_!r}: expected an object, got text",))


def test_a_step_is_keyed_by_its_instance() -> None:
    task = {"__id": "t1", "__name": "Sign", "state": "closed", "performers": [ANNA]}

    (step,) = step_records(row(__tasks=[task]), name, ZONE)

    assert isinstance(step, Record)
    assert (step.object_name, step.key) == (STEPS, "i1/t1")
    assert step.values["instance"] == Reference(INSTANCES, "i1")
    assert step.values["performers"] == (Reference("_system.users", ANNA),)


_times = st.sampled_from(
    [None, "2024-05-01T10:00:00Z", "2024-05-01T10:00:00.987654321Z", "2023-01-01T00:00:00Z"]
)
_people = st.lists(st.sampled_from([ANNA, "b", "c"]), max_size=2, unique=True)
_text = st.text(st.characters(codec="utf-8"), max_size=8)
_flow = st.lists(
    st.one_of(
        st.builds(
            lambda n, text, state, began, over, who: {
                "id": f"f{n}",
                "name": text,
                "state": state,
                "startedAt": began,
                "finishedAt": over,
                "performers": who,
                "task": f"t{n}",
            },
            st.integers(0, 9),
            _text,
            st.sampled_from([None, "done", "exec"]),
            _times,
            _times,
            _people,
        ),
        _text.filter(bool),
    ),
    max_size=4,
    unique_by=str,
)
_tasks = st.lists(
    st.builds(
        lambda n, text, state, when, who: {
            "__id": f"t{n}",
            "__name": text,
            "state": state,
            "__createdAt": when,
            "__updatedAt": when,
            "performers": who,
        },
        st.integers(0, 9),
        _text,
        st.sampled_from(["assignment", "closed"]),
        _times,
        _people,
    ),
    max_size=3,
    unique_by=lambda task: task["__id"],
)
_rows = st.builds(
    lambda flow, tasks, state, item, who, own: row(
        __flowHistory=flow, __tasks=tasks, __state=state, __item=item, __performers=who, **own
    ),
    _flow,
    _tasks,
    st.sampled_from(["exec", "done", "cancel"]),
    st.sampled_from([None, *({"namespace": n, "code": "orders", "id": "o1"} for n in ("shop", "hr"))]),
    _people,
    st.dictionaries(st.sampled_from(["sum", "note"]), st.one_of(st.integers(), _text, st.none())),
)


@given(_rows)
def test_both_readings_of_an_instance_agree(wire: dict[str, Any]) -> None:
    first = instance_record(wire, OWNERS, name, ZONE)

    (second,) = InstanceVerifier(OWNERS, name, ZONE).observations(INSTANCES, wire)

    assert isinstance(first, Record)
    assert dict(second.values) == dict(first.values)


@given(_rows)
def test_both_readings_of_the_steps_agree(wire: dict[str, Any]) -> None:
    first = {r.key: dict(r.values) for r in step_records(wire, name, ZONE) if isinstance(r, Record)}

    second = {o.id: dict(o.values) for o in InstanceVerifier(OWNERS, name, ZONE).observations(STEPS, wire)}

    assert second == first


def test_every_instance_of_every_process_comes_once(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [])
    company.section_processes = [{"namespace": "shop", "code": "digest", "__name": "Digest"}]
    company.instances = {
        "shop.orders:approve": [row(__id=f"a{n}") for n in range(5)],
        "shop:digest": [row(__id="d1")],
    }

    batches = list(make_source(page_size=2).extract(INSTANCES, None, None, store))

    assert [r.key for b in batches for r in b.records] == ["a0", "a1", "a2", "a3", "a4", "d1"]


def test_extraction_of_steps_goes_on_after_a_cursor(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [])
    company.instances = {
        "shop.orders:approve": [row(__id=f"a{n}", __tasks=[{"__id": "t"}]) for n in range(5)]
    }
    source = make_source(page_size=2)
    whole = list(source.extract(STEPS, None, None, store))

    rest = list(source.extract(STEPS, whole[0].cursor, None, store))

    assert [r.key for b in rest for r in b.records] == ["a2/t", "a3/t", "a4/t"]


def test_instances_of_a_process_that_is_refused_are_one_reject(
    make_source: Make, company: Any, store: FileStore
) -> None:
    company.add("shop.orders", [])
    company.change = lambda path, answer: (
        {"success": False, "error": "no rights"} if path.startswith("/pub/v1/bpm/") else answer
    )

    (batch,) = make_source().extract(INSTANCES, None, None, store)

    assert [r.key for r in batch.rejected] == ["?shop.orders:approve"]
    assert "no rights" in batch.rejected[0].reasons[0]


def test_instances_are_read_again_by_key(make_source: Make, company: Any, tmp_path: Path) -> None:
    company.add("shop.orders", [])
    company.instances = {
        "shop.orders:approve": [row(__id=f"a{n}", __tasks=[{"__id": "t"}]) for n in range(3)]
    }

    source = make_source()

    assert [o.id for o in source.reconcile(INSTANCES, Selection(ids=("a1",)))] == ["a1"]
    assert [o.id for o in source.reconcile(STEPS, Selection(ids=("a2/t",)))] == ["a2/t"]
