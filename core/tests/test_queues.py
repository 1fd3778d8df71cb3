import csv
from typing import Any

import pytest
from core.tests.fake_destination import KilledError
from hypothesis import given
from hypothesis import strategies as st

from crossdock import queues
from crossdock.errors import ConfigError, StorageError
from crossdock.queues import (
    ALLOWED,
    COLUMNS,
    QueueLine,
    decisions_of,
    look,
    read_queues,
    told,
    update_queue,
    write_queues,
)

HEAD = ",".join(COLUMNS)


def line(queue="duplicates", key="1", decision="", reason="why", object_name="src.firms", tenant="acme"):
    return QueueLine(queue, tenant, object_name, key, reason, decision)


def words(queue):
    """What may stand in the decision column."""
    allowed = ALLOWED[queue]
    return ["anna@acme.test"] if allowed is None else sorted(allowed)


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
formulas = st.builds(lambda start, rest: start + rest, st.sampled_from(["=", "'=", "-", "''@", "\t"]), cells)
texts = cells | formulas
lines = st.sampled_from(sorted(ALLOWED)).flatmap(
    lambda queue: st.builds(
        QueueLine,
        st.just(queue),
        texts,
        texts,
        texts.filter(str.strip),  # a line without anything is one that a spreadsheet left behind
        texts,
        st.sampled_from(["", *words(queue)]),
    )
)


@given(given_lines=st.lists(lines, max_size=6, unique_by=lambda x: (x.queue, x.tenant, x.object_name, x.key)))
def test_what_is_written_is_read_back_and_stays_the_same_when_written_again(given_lines, tmp_path_factory):
    folder = tmp_path_factory.mktemp("queues")
    write_queues(folder, given_lines)
    first = read_queues(folder)
    assert set(first) == set(given_lines)
    write_queues(folder, first)
    assert read_queues(folder) == first


def test_no_folder_means_no_lines(tmp_path):
    assert read_queues(tmp_path / "nothing") == []


def test_the_lines_are_counted_by_queue(tmp_path):
    counts = write_queues(tmp_path, [line(key="1"), line(key="2"), line("trash")])
    assert counts == {"duplicates": 2, "unmatched": 0, "trash": 1, "conflicts": 0, "references": 0}


def test_a_queue_that_is_empty_has_no_file(tmp_path):
    write_queues(tmp_path, [line()])
    write_queues(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_a_decision_survives_the_next_writing_with_a_new_reason(tmp_path):
    write_queues(tmp_path, [line(decision="skip")])
    write_queues(tmp_path, [line(reason="another reason")])
    assert read_queues(tmp_path) == [line(decision="skip", reason="another reason")]


def test_a_decision_on_a_record_that_is_not_held_any_more_is_kept(tmp_path):
    write_queues(tmp_path, [line(key="1", decision="load"), line(key="2")])
    counts = write_queues(tmp_path, [line(key="3")])
    assert [(x.key, x.decision) for x in read_queues(tmp_path)] == [("3", ""), ("1", "load")]
    assert counts["duplicates"] == 1


def test_decisions_are_found_by_queue_and_key_for_one_object_of_one_tenant():
    given_lines = [
        line(key="1", decision="skip"),
        line("trash", key="1", decision="restore"),
        line(key="2"),
        line(key="1", decision="load", tenant="other"),
        line(key="1", decision="load", object_name="src.people"),
    ]
    decisions = {("duplicates", "1"): "skip", ("trash", "1"): "restore"}
    assert decisions_of(given_lines, "acme", "src.firms") == decisions


def test_a_cell_that_a_spreadsheet_would_run_is_quoted(tmp_path):
    write_queues(tmp_path, [line(key="=1+1", reason="@now")])
    content = (tmp_path / "duplicates.csv").read_text(encoding="utf-8")
    assert "'=1+1" in content
    assert "'@now" in content


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(tmp_path):
    content = f"{HEAD}\nacme,src.firms,1,why, skip \n"
    (tmp_path / "duplicates.csv").write_text(content, encoding="utf-8-sig")
    assert read_queues(tmp_path) == [line(decision="skip")]


def put(folder, *rows, queue="duplicates", head=HEAD):
    """A queue file as somebody left it."""
    text = "".join(f"{row}\n" for row in (head, *rows))
    (folder / f"{queue}.csv").write_text(text, encoding="utf-8")


GOOD = "acme,src.firms,7,why,skip"


@pytest.mark.parametrize(
    ("queue", "row", "problem"),
    [
        (
            "duplicates",
            "acme,src.firms,1,why,maybe",
            "'maybe' is no decision here (possible: load, merge, skip)",
        ),
        ("references", "acme,src.firms,1,why,load", "'load' is no decision here (possible: nothing)"),
        ("trash", "acme,src.firms,1,why", "it has not 5 columns"),
        ("trash", "acme,src.firms,1,why,skip,more", "it has not 5 columns"),
        ("trash", "acme;src.firms;1;why;skip", "it has not 5 columns"),
        ("trash", 'acme,src.firms,1,"why,skip', "it has not 5 columns"),
        ("trash", "acme,sr", "it has not 5 columns"),
    ],
)
def test_a_broken_line_is_named_with_its_place_and_the_others_count(tmp_path, queue, row, problem):
    good = GOOD if queue != "references" else "acme,src.firms,7,why,"
    put(tmp_path, good, row, good.replace("7", "8"), queue=queue)

    found = look(tmp_path)

    assert [line.key for line in found.lines] == ["7", "8"]
    assert [str(fault) for fault in found.faults] == [f"{queue}.csv line 3: {problem}"]
    assert told(tmp_path) == [f"correct queues/{queue}.csv line 3: {problem}; it is not followed until then"]


@pytest.mark.parametrize(
    "row",
    [
        "acme,src.firms,1,why",
        'acme,src.firms,1,"why,skip',
        "acme;src.firms;1;why;skip",
        "acme,src.firms,1,why,maybe",
    ],
)
def test_a_broken_line_stays_in_the_file_when_a_run_writes_it(tmp_path, row):
    put(tmp_path, GOOD, row)
    write_queues(tmp_path, [line(key="2")])
    assert row in (tmp_path / "duplicates.csv").read_text(encoding="utf-8").splitlines()
    assert [(x.key, x.decision) for x in look(tmp_path).lines] == [("2", ""), ("7", "skip")]
    before = (tmp_path / "duplicates.csv").read_bytes()
    write_queues(tmp_path, [line(key="2")])
    assert (tmp_path / "duplicates.csv").read_bytes() == before


def test_a_held_record_with_a_decision_that_is_none_has_one_line_with_it(tmp_path):
    put(tmp_path, "acme,src.firms,1,why,maybe")
    counts = write_queues(tmp_path, [line(key="1", reason="another reason")])
    text = (tmp_path / "duplicates.csv").read_text(encoding="utf-8")
    assert text.splitlines()[1:] == ["acme,src.firms,1,another reason,maybe"]
    assert counts["duplicates"] == 1


@pytest.mark.parametrize(
    ("head", "message"), [("tenant,object,key", "decision, reason"), (GOOD, "is missing")]
)
def test_a_file_without_its_columns_is_refused_and_left_as_it_is(tmp_path, head, message):
    put(tmp_path, GOOD, head=head)
    with pytest.raises(ConfigError, match=rf"duplicates\.csv.*{message}") as caught:
        read_queues(tmp_path)
    assert HEAD in caught.value.hint


def test_a_file_that_cannot_be_opened_is_refused(tmp_path):
    (tmp_path / "trash.csv").mkdir()
    with pytest.raises(ConfigError, match=r"trash\.csv cannot be read"):
        read_queues(tmp_path)


def test_a_file_that_became_unreadable_during_a_run_is_put_aside_and_told(tmp_path):
    put(tmp_path, GOOD, head="what,is,this")
    content = (tmp_path / "duplicates.csv").read_bytes()
    write_queues(tmp_path, [line(key="2")])
    assert (tmp_path / "duplicates-unread-1.csv").read_bytes() == content
    assert [x.key for x in read_queues(tmp_path)] == ["2"]
    assert "move its decisions into queues/duplicates.csv" in told(tmp_path)[0]


def test_an_empty_file_is_told_and_does_not_stop_anything(tmp_path):
    (tmp_path / "trash.csv").write_bytes(b"")
    assert "trash.csv line 1: the file is empty" in told(tmp_path)[0]
    write_queues(tmp_path, [line("trash")])
    assert told(tmp_path) == []


@pytest.mark.parametrize(
    ("separator", "encoding"),
    [(";", "utf-8"), (";", "utf-8-sig"), ("\t", "utf-16"), (";", "cp1251"), (",", "cp1251")],
)
def test_what_spreadsheets_make_of_it_is_read(tmp_path, separator, encoding):
    rows = [COLUMNS, ("acme", "src.firms", "1", "Ромашка: дубль", "skip"), ("",) * 5]
    text = "".join(separator.join(row) + "\r\n" for row in rows)
    (tmp_path / "duplicates.csv").write_bytes(text.encode(encoding))
    found = look(tmp_path)
    assert found.lines == [line(decision="skip", reason="Ромашка: дубль")]
    assert found.faults == []


def test_columns_and_hints_that_a_spreadsheet_added_are_no_fault(tmp_path):
    (tmp_path / "duplicates.csv").write_text(f"sep=,\n{HEAD},,\n{GOOD},,\n,,,,,,\n", encoding="utf-8")
    found = look(tmp_path)
    assert ([x.decision for x in found.lines], found.faults) == (["skip"], [])


def test_a_record_of_which_the_name_is_not_in_utf8_is_named_and_the_others_count(tmp_path):
    rows = f"{HEAD}\nacme,src.firms,ключ,why,skip\n{GOOD}\n"
    (tmp_path / "duplicates.csv").write_bytes(rows.encode("cp1251"))
    found = look(tmp_path)
    assert [x.key for x in found.lines] == ["7"]
    assert [str(f) for f in found.faults] == ["duplicates.csv line 2: key is not in UTF-8"]


def test_a_reason_over_several_lines_is_one_line_of_the_queue(tmp_path):
    write_queues(tmp_path, [line(reason="first\nsecond", decision="skip"), line(key="2")])
    assert [x.line for x in read_queues(tmp_path)] == [2, 4]


def test_a_decision_saved_while_the_file_is_being_written_is_not_overwritten(tmp_path, monkeypatch):
    write_queues(tmp_path, [line(key="1"), line(key="2")])
    whole, saved = csv.writer, list[Any]()

    def slow(file):
        if not saved:
            saved.append(put(tmp_path, "acme,src.firms,1,why,load"))
        return whole(file)

    monkeypatch.setattr("crossdock.queues.csv.writer", slow)
    write_queues(tmp_path, [line(key="1"), line(key="2")])
    assert [(x.key, x.decision) for x in read_queues(tmp_path)] == [("1", "load"), ("2", "")]


def test_a_decision_saved_while_the_file_would_be_taken_away_is_kept(tmp_path, monkeypatch):
    write_queues(tmp_path, [line(key="1")])
    whole, saved = queues._found_at, list[Any]()

    def read_and_save(*args):
        found = whole(*args)
        if not saved:
            saved.append(put(tmp_path, "acme,src.firms,1,why,load"))
        return found

    monkeypatch.setattr(queues, "_found_at", read_and_save)
    update_queue(tmp_path, "duplicates", [])
    assert [(x.key, x.decision) for x in read_queues(tmp_path)] == [("1", "load")]


def test_a_file_that_is_open_in_a_spreadsheet_is_told(tmp_path):
    (tmp_path / ".~lock.trash.csv#").write_text("anna")
    assert told(tmp_path) == [
        "queues/trash.csv is open in a spreadsheet: save there, close it, and run again"
    ]


def test_a_process_that_dies_while_writing_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    write_queues(tmp_path, [line(decision="skip")])
    before = (tmp_path / "duplicates.csv").read_bytes()

    def dies(_partial, _path):
        raise KilledError

    monkeypatch.setattr("pathlib.Path.replace", dies)
    with pytest.raises(KilledError):
        write_queues(tmp_path, [line(), line(key="2")])
    monkeypatch.undo()
    assert (tmp_path / "duplicates.csv").read_bytes() == before
    write_queues(tmp_path, [line(), line(key="2")])
    assert [(x.key, x.decision) for x in read_queues(tmp_path)] == [("1", "skip"), ("2", "")]


def test_a_queue_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot write"):
        write_queues(tmp_path / "file" / "queues", [line()])


def test_a_disk_that_is_full_costs_nobody_a_decision(tmp_path, monkeypatch):
    write_queues(tmp_path, [line(decision="skip")])

    class FullWriter:
        def __init__(self, file):
            file.write("tenant")

        def writerow(self, _row):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("crossdock.queues.csv.writer", FullWriter)
    with pytest.raises(StorageError, match="No space left"):
        write_queues(tmp_path, [line(), line(key="2")])
    monkeypatch.undo()
    assert read_queues(tmp_path) == [line(decision="skip")]


@pytest.mark.parametrize("decisions", [("merge", "skip"), ("", "skip"), ("skip", ""), ("skip", "maybe")])
def test_two_lines_about_one_record_that_do_not_agree_are_told_kept_and_not_followed(tmp_path, decisions):
    put(tmp_path, "acme,src.firms,0,why,", *(f"acme,src.firms,1,why,{decision}" for decision in decisions))
    found = look(tmp_path)
    assert [x.key for x in found.lines] == ["0"]
    assert "line 3: it and line 4 are about one record (src.firms/1 of tenant acme)" in str(found.faults[-1])
    write_queues(tmp_path, [line(key="1", reason="new")])
    kept = (tmp_path / "duplicates.csv").read_text(encoding="utf-8").splitlines()
    assert kept == [HEAD, *(f"acme,src.firms,1,new,{decision}" for decision in decisions)]


def test_two_lines_about_one_record_that_agree_count_as_one(tmp_path):
    (tmp_path / "duplicates.csv").write_text(f"{HEAD}\n" + "acme,src.firms,1,why,skip\n" * 2)
    assert read_queues(tmp_path) == [line(decision="skip")]
