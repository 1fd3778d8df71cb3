"""What the fault matrix and the soak see of an end, and what they leave out, without a migration."""

import pytest
from faults import machine, process, soak
from faults.again import TRACES
from faults.cell import DISCOVER, PROVISION
from faults.judge import answers, unmade, without

from crossdock.testing.commands import FOUND, STOPPED, Done
from crossdock.testing.dumps import difference

GONE, LEFT = "kit.thing/t05", "kit.thing/t06"
AGAIN = "  Mend that and run the same command again.\n"


def ended(err: str, code: int = STOPPED) -> Done:
    return Done(code, None, "", err)


def odoo_dump(**more: object) -> dict[str, object]:
    """Two things with an external id and a file each, as canonical dumps of Odoo have them."""
    things = [{"id": key, "x_key": f"acme:main/{key}"} for key in (GONE, LEFT)]
    ids = [{"model": "x_thing", "res_id": key, "name": key} for key in (GONE, LEFT)]
    files = [
        {"id": n, "res_model": "x_thing", "res_id": k, "checksum": k} for n, k in enumerate((GONE, LEFT))
    ]
    records = {"x_thing": things, "ir.model.data": ids, "ir.attachment": files, **more}
    return {"records": records, "files": {GONE: 1, LEFT: 1}}


def test_traces_are_left_out_before_anything_is_compared():
    rows = [{"n": n} for n in range(30)]
    other = [{"n": n + 100} for n in range(30)]
    one = {"records": {"mail.message": rows, "thing": [{"name": "a"}]}, "effects": {"rule": 1}}
    two = {"records": {"mail.message": other, "thing": [{"name": "b"}]}, "effects": {"rule": 2}}

    assert difference(TRACES(one), TRACES(two)) == [".records.thing[0].name: 'a' != 'b'"]


def test_external_ids_and_files_of_records_that_are_there_are_compared():
    more = {"model": "x_thing", "res_id": "strange", "name": "strange"}
    found = without(odoo_dump(), {GONE})
    one_more = without({**odoo_dump(), "files": {GONE: 1, LEFT: 2}}, {GONE})
    ids = [*odoo_dump()["records"]["ir.model.data"], more]

    assert [row["res_id"] for row in found["records"]["ir.model.data"]] == [LEFT]
    assert [row["res_id"] for row in found["records"]["ir.attachment"]] == [LEFT]
    assert found["files"] == {LEFT: 1}
    assert difference(found, one_more) == [f".files.{LEFT}: 1 != 2"]
    assert difference(found, without(odoo_dump(**{"ir.model.data": ids}), {GONE}))


def test_what_people_wrote_into_is_left_out_and_all_else_of_that_record_is_not():
    there = odoo_dump(x_thing=[{"id": LEFT, "x_key": f"acme:main/{LEFT}", "title": "By hand", "n": 1}])

    [row] = without(there, (), {LEFT: ("title",)})["records"]["x_thing"]

    assert row == {"id": LEFT, "x_key": f"acme:main/{LEFT}", "n": 1}


def test_the_answers_of_discover_and_provision_are_compared():
    catalog = {"made_at": "1", "destination": {"limits": {"scope": "a"}, "objects": [{"name": "company"}]}}
    other = {"made_at": "2", "destination": {"limits": {"scope": "b"}, "objects": []}}
    first, second = {"key": "field:a", "label": "A"}, {"key": "field:b", "label": "B"}

    assert [line.split(":")[0] for line in answers(DISCOVER, catalog, other)] == [
        "discover.destination.objects"
    ]
    assert list(answers(PROVISION, [second, first], [first, second])) == []
    assert list(answers(PROVISION, [first], [first, second])) != []


def test_a_change_that_is_not_said_to_be_made_is_seen():
    wanted = [{"key": "field:a"}, {"key": "field:b"}]
    made = [{"key": "field:b", "state": "made"}, {"key": "field:a", "state": "made"}]

    assert unmade(wanted, made) == []
    assert unmade(wanted, made[:1])
    assert unmade(wanted, [made[0], {"key": "field:a", "state": "planned"}])


def test_a_kind_of_change_at_which_no_command_was_ended_is_no_clean_verdict():
    assert process.never({"staging.put", "file queues"}, {"staging.put": 3}).unexplained == (
        "never ended at file queues",
    )
    assert process.never({"staging.put"}, {"staging.put": 1}).clean


@pytest.mark.parametrize(
    "err",
    [
        f"crossdock: the database a/ledger.db refused: database or disk is full.\n{AGAIN}",
        f"crossdock: the database a/staging.db refused: disk I/O error.\n{AGAIN}",
        f"crossdock: cannot write a/queues/trash.csv: File too large.\n{AGAIN}",
        "crossdock: cannot store file 'x' in a: File too large.\n  Free disk space and run the same command"
        " again.\n",
    ],
)
def test_a_full_disk_has_to_be_named_with_what_to_do(err):
    assert machine.says_disk_full(ended(err))
    assert not machine.says_disk_full(ended(err, FOUND))
    assert not machine.says_disk_full(ended(err.split("\n")[0]))
    assert not machine.says_disk_full(ended(f"{err} a fault in crossdock itself"))


def test_a_locked_database_has_to_be_named_with_what_to_do():
    said = "crossdock: the database a/ledger.db refused: database is locked.\n"

    assert machine.says_locked(ended(said + AGAIN))
    assert not machine.says_locked(ended(said))
    assert not machine.says_locked(ended("something is locked"))


def test_a_reconciliation_of_the_soak_finds_what_went_at_the_source_and_nothing_else():
    went = {"object": "x", "kind": "deleted at source", "count": 3}
    harmless = {"object": "x", "kind": "normalised", "count": 9}
    differs = {"object": "x", "kind": "differs", "count": 1}

    assert soak.beyond([went, harmless], 3) == []
    assert soak.beyond([went], 2) == ["3 times 'deleted at source' instead of 2"]
    assert soak.beyond([], 3) == ["0 times 'deleted at source' instead of 3"]
    assert soak.beyond([went, differs], 3) == ["1 times 'differs' instead of 0"]
