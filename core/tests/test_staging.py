import sqlite3
from datetime import UTC, datetime

import pytest
from core.tests.databases import Database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.database import sqlite_url
from crossdock.errors import ContractError, StorageError
from crossdock.model import Batch, Record, Rejected
from crossdock.staging import Staging

AT = datetime(2024, 5, 1, 12, tzinfo=UTC)


@pytest.fixture
def staging(database):
    staging = database.staging()
    yield staging
    staging.close()


def record(key, deleted=False, **values):
    return Record("src.firms", key, values, deleted, AT)


def put(staging, *records, cursor="c", total=None, rejected=(), since=None, finish=False):
    extraction = staging.begin("acme", "src.firms", since)
    staging.put(extraction, Batch(records, cursor, total, tuple(rejected)))
    if finish:
        staging.finish(extraction)
    return extraction


def staged(staging, **options):
    return [s.record for page in staging.scan("acme", "src.firms", **options) for s in page]


def test_an_object_that_was_never_extracted_has_nothing_staged(staging):
    assert staging.extraction("acme", "src.firms") is None
    assert staged(staging) == []
    assert staging.get("acme", "src.firms", ["k"]) == {}
    assert staging.rejected("acme", "src.firms") == []
    assert staging.count("acme", "src.firms") == 0


def test_a_record_comes_back_as_it_was_put(staging):
    put(staging, record("1", name="A", tags=("x", "y")))
    assert staged(staging) == [record("1", name="A", tags=("x", "y"))]


def test_a_record_without_a_time_of_change_comes_back_without_one(staging):
    put(staging, Record("src.firms", "1", {"name": "A"}))
    assert staged(staging)[0].updated_at is None


def test_tenants_and_objects_are_kept_apart(staging):
    put(staging, record("1", name="A"))
    other = staging.begin("other", "src.firms")
    staging.put(other, Batch((record("1", name="B"),), "c"))
    assert [r.values["name"] for r in staged(staging)] == ["A"]
    assert staging.count("acme", "src.firms") == 1


def test_a_batch_and_the_cursor_after_it_are_committed_together(staging, database):
    put(staging, record("1"), cursor="after 1", total=5)
    reopened = database.staging()
    now = reopened.extraction("acme", "src.firms")
    reopened.close()
    assert (now.cursor, now.seen, now.total, now.complete) == ("after 1", 1, 5, False)


def test_an_unfinished_pass_is_resumed(staging):
    first = put(staging, record("1"), cursor="after 1")
    again = staging.begin("acme", "src.firms")
    assert (again.n, again.pass_no, again.cursor) == (first.n, 1, "after 1")


def test_a_new_pass_starts_from_the_beginning_and_forgets_what_was_rejected(staging):
    put(staging, record("1"), rejected=[Rejected("src.firms", "2", ("broken",))], finish=True)
    again = staging.begin("acme", "src.firms")
    assert (again.pass_no, again.cursor, again.seen, again.since) == (2, None, 0, None)
    assert staging.rejected("acme", "src.firms") == []


def test_a_pass_over_changes_keeps_what_was_rejected_until_it_is_read_again(staging):
    broken = [Rejected("src.firms", key, ("broken",)) for key in ("2", "3")]
    put(staging, record("1"), rejected=broken, finish=True)
    changes = staging.begin("acme", "src.firms", AT)
    assert (changes.pass_no, changes.cursor, changes.seen, changes.since) == (2, None, 0, AT)
    staging.put(changes, Batch((record("2"),), "after", 1))
    assert [r.key for r in staging.rejected("acme", "src.firms")] == ["3"]


def test_a_record_seen_again_is_replaced_and_keeps_its_place(staging):
    put(staging, record("1", name="A"), record("2", name="B"), finish=True)
    put(staging, record("2", name="B"), record("1", name="new"), finish=True)
    assert [(r.key, r.values["name"]) for r in staged(staging)] == [("1", "new"), ("2", "B")]


def test_a_record_that_a_complete_full_pass_no_longer_saw_is_deleted(staging):
    put(staging, record("1"), record("2"), finish=True)
    put(staging, record("1"))
    assert [r.deleted for r in staged(staging)] == [False, False]
    staging.finish(staging.extraction("acme", "src.firms"))
    assert {r.key: r.deleted for r in staged(staging)} == {"1": False, "2": True}
    assert staging.get("acme", "src.firms", ["2"])["2"].record.deleted


def test_a_pass_over_changes_alone_takes_nothing_for_deleted(staging):
    put(staging, record("1"), record("2"), finish=True)
    put(staging, record("1", name="new"), since=AT, finish=True)
    assert [r.deleted for r in staged(staging)] == [False, False]


def test_a_deleted_record_stays_deleted(staging):
    put(staging, record("1", deleted=True), finish=True)
    assert staged(staging)[0].deleted


@pytest.mark.parametrize("rejected", [(), (Rejected("src.firms", "1", ("bad",)),)])
def test_a_key_that_comes_twice_in_one_batch_breaks_the_contract(staging, rejected):
    records = (record("1"),) if rejected else (record("1"), record("1"))
    with pytest.raises(ContractError, match=r"src\.firms 1: .* twice"):
        put(staging, *records, rejected=rejected)
    assert staging.count("acme", "src.firms") == 0


def test_a_record_that_comes_again_in_a_later_batch_of_a_pass_is_seen_once(staging):
    put(staging, record("1"), record("2"), total=3)
    put(staging, record("2"), rejected=[Rejected("src.firms", "9", ("bad",))], total=3)
    put(staging, rejected=[Rejected("src.firms", "9", ("bad",))], total=3)
    assert staging.extraction("acme", "src.firms").seen == 3


def test_rejected_items_are_kept_with_their_reasons(staging):
    items = [Rejected("src.firms", "1", ("no key", "no name")), Rejected("src.firms", "2", ())]
    put(staging, rejected=items)
    assert staging.rejected("acme", "src.firms") == items
    assert staging.count("acme", "src.firms") == 0


def test_a_record_that_cannot_be_read_any_more_is_rejected_and_nothing_else(staging):
    put(staging, record("1"), record("2"), finish=True)
    put(staging, record("1"), rejected=[Rejected("src.firms", "2", ("broken",))], finish=True)
    assert [r.key for r in staged(staging)] == ["1"]
    assert [r.key for r in staging.rejected("acme", "src.firms")] == ["2"]


def test_an_item_that_became_readable_is_a_record_and_nothing_else(staging):
    put(staging, rejected=[Rejected("src.firms", "1", ("broken",))])
    put(staging, record("1"))
    assert staging.rejected("acme", "src.firms") == []
    assert [r.key for r in staged(staging)] == ["1"]


def test_a_record_that_no_store_can_keep_is_rejected_by_name_and_the_others_are_kept(staging):
    put(staging, record("1", name="\ud800"), record("2", name="B"))
    (rejected,) = staging.rejected("acme", "src.firms")
    assert rejected.key == "1"
    assert "name" in rejected.reasons[0]
    assert [r.key for r in staged(staging)] == ["2"]


def test_scanning_goes_on_after_a_place(staging):
    put(staging, *(record(str(n)) for n in range(5)))
    pages = list(staging.scan("acme", "src.firms", size=2))
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [r.key for r in staged(staging, after=pages[0][-1].n)] == ["2", "3", "4"]


def test_more_keys_than_one_statement_takes_are_found(staging):
    records = [record(str(n)) for n in range(2000)]
    put(staging, *records)
    assert len(staging.get("acme", "src.firms", [r.key for r in records])) == 2000


def test_equal_values_hash_alike_and_others_do_not(staging):
    put(staging, record("1", name="A"), record("2", name="A"), record("3", name="B"))
    one, two, three = (s.hash for page in staging.scan("acme", "src.firms") for s in page)
    assert one == two != three


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path):
    (tmp_path / "staging.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match="not a database"):
        Staging(sqlite_url(tmp_path / "staging.db"))


def test_a_database_that_somebody_else_keeps_locked_is_a_storage_error(tmp_path, monkeypatch):
    monkeypatch.setattr("crossdock.database._connect_args", lambda _backend: {"timeout": 0.01})
    staging = Staging(sqlite_url(tmp_path / "staging.db"))
    other = sqlite3.connect(tmp_path / "staging.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StorageError, match="locked"):
        put(staging, record("1"))
    other.execute("rollback")
    put(staging, record("1"))
    assert staging.count("acme", "src.firms") == 1
    other.close()
    staging.close()


keys = st.text("abc", min_size=1, max_size=1)


# Each example has a database of its own.
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    passes=st.lists(
        st.lists(
            st.lists(st.tuples(keys, st.integers(0, 3)), max_size=3, unique_by=lambda p: p[0]), max_size=3
        ),
        min_size=1,
        max_size=3,
    )
)
def test_after_any_full_passes_the_live_records_are_those_of_the_last_pass(
    passes, database, tmp_path_factory
):
    staging = Database(database.kind, tmp_path_factory.mktemp("s")).staging()
    for batches in passes:
        extraction = staging.begin("acme", "src.firms")
        for batch in batches:
            staging.put(extraction, Batch(tuple(record(key, n=value) for key, value in batch), "c"))
        staging.finish(extraction)
    live = {r.key: r.values["n"] for r in staged(staging) if not r.deleted}
    seen = staging.extraction("acme", "src.firms").seen
    staging.close()
    expected = dict(pair for batch in passes[-1] for pair in batch)
    assert live == expected
    assert seen == len(expected)
