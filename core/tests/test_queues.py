import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.errors import ConfigError, StorageError
from crossdock.queues import ALLOWED, COLUMNS, QueueLine, decisions_of, read_queues, write_queues

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
        texts,
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


@pytest.mark.parametrize(
    ("queue", "content", "message"),
    [
        ("duplicates", "tenant,object,key\n", "decision, reason is missing"),
        ("duplicates", "", "is missing"),
        ("duplicates", f"{HEAD}\nacme,src.firms,1,why,maybe\n", "line 2: 'maybe' is no decision"),
        ("references", f"{HEAD}\nacme,src.firms,1,why,load\n", "Possible: nothing"),
        ("trash", f"{HEAD}\nacme,src.firms,1,why\n", "line 2: it has not 5 columns"),
        ("trash", f"{HEAD}\na,b,c,d,skip,f\n", "line 2: it has not 5 columns"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path, queue, content, message):
    (tmp_path / f"{queue}.csv").write_text(content)
    with pytest.raises(ConfigError, match=message) as caught:
        read_queues(tmp_path)
    assert f"{queue}.csv" in str(caught.value)


def test_a_file_in_another_encoding_is_a_configuration_error(tmp_path):
    (tmp_path / "trash.csv").write_bytes(f"{HEAD}\n".encode() + b"\xff\xfe\xe0,,,,\n")
    with pytest.raises(ConfigError, match=r"trash\.csv cannot be read"):
        read_queues(tmp_path)


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


@pytest.mark.parametrize("decisions", [("merge", "skip"), ("", "skip"), ("skip", "")])
def test_two_lines_about_one_record_that_do_not_agree_are_refused_with_both_places(tmp_path, decisions):
    rows = "".join(f"acme,src.firms,1,why,{decision}\n" for decision in decisions)
    (tmp_path / "duplicates.csv").write_text(f"{HEAD}\nacme,src.firms,0,why,\n{rows}")
    with pytest.raises(ConfigError, match=r"duplicates\.csv: lines 3 and 4 .*src\.firms/1"):
        read_queues(tmp_path)


def test_two_lines_about_one_record_that_agree_count_as_one(tmp_path):
    (tmp_path / "duplicates.csv").write_text(f"{HEAD}\n" + "acme,src.firms,1,why,skip\n" * 2)
    assert read_queues(tmp_path) == [line(decision="skip")]
