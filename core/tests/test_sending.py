from collections import deque

import pytest
from core.tests.fake_destination import FakeDestination, Fault, text
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import OutcomeUnknownError, UnreachableError
from crossdock.ids import external_id, target_uuid
from crossdock.model import Action, LoadPolicy, ObjectSchema, Origin, Outcome, Receipt, TargetRecord
from crossdock.sending import Sender

FIRM = ObjectSchema("firm", (text("name"), text("city")))


def record(key, name=None, action=Action.CREATE, **values):
    origin = Origin("acme", "src.firms", str(key))
    target_id = target_uuid("p1", origin, "firm")
    values = {"name": name or f"Firm {key}", **values}
    return TargetRecord("firm", origin, target_id, external_id("p1", origin), values, action)


def destination(*faults, batch_size=4, **more):
    return FakeDestination({"firm": FIRM}, batch_size=batch_size, faults=deque(faults), **more)


def sender(fake, batch_size=None):
    return Sender(fake, LoadPolicy("run1", "p1"), batch_size or fake.batch_size)


def outcomes(receipts):
    return [receipt.outcome for receipt in receipts]


def sizes(fake):
    return [len(keys) for _, keys in fake.loads]


def test_nothing_is_sent_for_no_records():
    fake = destination()
    assert sender(fake).send("firm", []) == []
    assert fake.loads == []


def test_receipts_come_in_the_order_of_the_records_whatever_the_destination_does():
    class Backwards(FakeDestination):
        def load(self, object_name, records, policy):
            return reversed(list(super().load(object_name, records, policy)))

    records = [record(n) for n in range(6)]
    receipts = sender(Backwards({"firm": FIRM})).send("firm", records)
    assert [r.origin for r in receipts] == [r.origin for r in records]
    assert outcomes(receipts) == [Outcome.CREATED] * 6


def test_no_batch_is_larger_than_the_destination_takes():
    fake = destination(batch_size=4)
    sender(fake).send("firm", [record(n) for n in range(10)])
    assert sizes(fake) == [4, 4, 2]


def test_a_refused_batch_is_split_down_to_the_offending_record_alone():
    fake = destination(rejected={"bad"})
    records = [record(1), record(2), record(3, "bad"), record(4)]
    receipts = sender(fake).send("firm", records)
    assert outcomes(receipts) == [Outcome.CREATED, Outcome.CREATED, Outcome.REJECTED, Outcome.CREATED]
    assert receipts[2].reasons == ("bad: this name is not taken",)
    assert receipts[2].target_id == ""


def test_the_batch_size_is_halved_for_good_when_the_destination_names_no_limit():
    fake = destination(batch_size=2)
    sending = sender(fake, batch_size=8)
    sending.send("firm", [record(n) for n in range(8)])
    assert sizes(fake) == [8, 4, 2, 2, 2, 2]
    assert sending.batch_size == 2


def test_the_batch_size_follows_the_limit_that_the_destination_names():
    fake = destination(batch_size=3, named_limit=3)
    sending = sender(fake, batch_size=8)
    sending.send("firm", [record(n) for n in range(8)])
    assert sizes(fake) == [8, 3, 3, 2]


@pytest.mark.parametrize("limit", [0, -1, 8, 100])
def test_a_named_limit_that_cannot_be_right_is_not_followed(limit):
    fake = destination(Fault.TOO_LARGE, batch_size=8, named_limit=limit)
    sending = sender(fake)
    assert len(sending.send("firm", [record(n) for n in range(8)])) == 8
    assert sending.batch_size == 4


def test_a_single_record_that_is_too_large_is_rejected_with_the_reason():
    fake = destination(Fault.TOO_LARGE)
    (receipt,) = sender(fake).send("firm", [record(1)])
    assert (receipt.outcome, receipt.reasons) == (Outcome.REJECTED, ("too many bytes",))


def test_what_arrived_before_a_part_was_found_too_large_is_not_sent_again():
    fake = destination(Fault.REFUSED, Fault.NONE, Fault.TOO_LARGE)
    receipts = sender(fake).send("firm", [record(n) for n in range(4)])
    assert outcomes(receipts) == [Outcome.CREATED] * 4
    assert set(fake.made.values()) == {1}


def test_creates_that_arrived_without_an_answer_are_found_and_not_sent_again():
    fake = destination(Fault.LOST_AFTER)
    receipts = sender(fake).send("firm", [record(1), record(2)])
    assert outcomes(receipts) == [Outcome.CREATED] * 2
    assert sizes(fake) == [2]


def test_creates_that_did_not_arrive_are_sent_again():
    fake = destination(Fault.LOST_BEFORE)
    receipts = sender(fake).send("firm", [record(1), record(2)])
    assert outcomes(receipts) == [Outcome.CREATED] * 2
    assert sizes(fake) == [2, 2]


def test_an_update_without_an_answer_is_sent_again():
    fake = destination()
    first = record(1)
    sender(fake).send("firm", [first])
    fake.faults.append(Fault.LOST_AFTER)
    (receipt,) = sender(fake).send("firm", [record(1, "New", Action.UPDATE)])
    assert receipt.outcome is Outcome.UPDATED
    assert fake.rows["firm"][first.target_id].values["name"] == "New"


def test_a_create_that_commits_after_it_was_looked_up_counts_as_created_once():
    fake = destination(Fault.LOST_LATE)
    receipts = sender(fake).send("firm", [record(1), record(2)])
    assert outcomes(receipts) == [Outcome.CREATED] * 2
    assert set(fake.made.values()) == {1}


def test_so_does_one_where_the_destination_leaves_alone_what_is_there():
    class Leaving(FakeDestination):
        """As one that knows records by an external id."""

        def load(self, object_name, records, policy):
            for name, batch in self.late:
                self._keep(name, batch)
            self.late.clear()
            there = [r for r in records if r.target_id in self.table(object_name)]
            yield from (Receipt(r.origin, Outcome.UNCHANGED, r.target_id) for r in there)
            yield from super().load(object_name, [r for r in records if r not in there], policy)

    fake = Leaving({"firm": FIRM}, batch_size=4, faults=deque([Fault.LOST_LATE]))
    receipts = sender(fake).send("firm", [record(1), record(2)])
    assert outcomes(receipts) == [Outcome.CREATED] * 2
    assert outcomes(sender(fake).send("firm", [record(1)])) == [Outcome.UNCHANGED]


def test_a_create_of_a_killed_process_that_commits_after_it_was_looked_up_is_no_duplicate_of_itself():
    fake = destination(Fault.LOST_LATE)
    with pytest.raises(OutcomeUnknownError):
        list(fake.load("firm", [record(1)], LoadPolicy("run1", "p1")))
    sending = sender(fake)
    sending.doubt([record(1).target_id])
    assert outcomes(sending.send("firm", [record(1)])) == [Outcome.CREATED]


def test_a_record_in_doubt_that_is_refused_and_absent_is_rejected():
    fake = destination(Fault.LOST_BEFORE, rejected={"bad"})
    (receipt,) = sender(fake).send("firm", [record(1, "bad")])
    assert receipt.outcome is Outcome.REJECTED


def test_sending_stops_when_no_request_is_answered():
    fake = destination(*[Fault.LOST_BEFORE] * 20)
    with pytest.raises(UnreachableError, match="6 requests in a row") as caught:
        sender(fake).send("firm", [record(1)])
    assert caught.value.exit_code == 3
    assert len(fake.loads) == 6


def test_single_silences_over_a_long_run_do_not_stop_it():
    fake = destination(*[Fault.LOST_BEFORE, Fault.NONE] * 10)
    sending = sender(fake)
    for n in range(10):
        sending.send("firm", [record(n)])
    assert len(fake.made) == 10


def test_the_presence_of_no_ids_is_not_asked_for():
    assert sender(destination()).present("firm", []) == set()


FAULTS = (
    Fault.NONE,
    Fault.REFUSED,
    Fault.TOO_LARGE,
    Fault.LOST_BEFORE,
    Fault.LOST_AFTER,
    Fault.LOST_LATE,
)


@given(
    faults=st.lists(st.sampled_from(FAULTS), max_size=25),
    bad=st.sets(st.integers(0, 8)),
    count=st.integers(0, 9),
    size=st.integers(1, 5),
    limit=st.sampled_from([None, 0, 1, 2, 9]),
)
def test_any_pattern_of_answers_gives_each_record_one_receipt_and_creates_none_twice(
    faults, bad, count, size, limit
):
    fake = destination(*faults, batch_size=size, rejected={"bad"}, named_limit=limit)
    records = [record(n, "bad" if n in bad else None) for n in range(count)]
    try:
        receipts = sender(fake, 5).send("firm", records)
    except UnreachableError:
        assert sum(f.name.startswith("LOST") for f in faults) > 5
        return
    assert [r.origin for r in receipts] == [r.origin for r in records]
    created = [
        r.target_id for r, got in zip(records, receipts, strict=True) if got.outcome is Outcome.CREATED
    ]
    assert fake.made == dict.fromkeys(created, 1)
    for sent, receipt in zip(records, receipts, strict=True):
        if sent.values["name"] == "bad":
            assert receipt.outcome is Outcome.REJECTED
        if receipt.outcome is Outcome.CREATED:
            assert fake.rows["firm"][sent.target_id].values == sent.values
        else:
            assert receipt.reasons
            assert sent.target_id not in fake.table("firm")
