"""The import call by call, with the server replaced: dropping bad rows, splitting, sizes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from crossdock.errors import BatchTooLargeError, OutcomeUnknownError
from crossdock.model import Outcome
from crossdock_odoo.answers import RefusalError, RightsError
from crossdock_odoo.importing import Importer, reasons_of

Rows = list[list[str]]


class Server:
    """Answers loads by a function of the rows; keeps what it was sent and what was unlinked."""

    def __init__(self, answer: Callable[[Rows], Any], *, there: int = 0, allowed: bool = False) -> None:
        self._answer, self.calls, self.unlinked = answer, [], []  # type: ignore[var-annotated]
        self._there, self._allowed, self.stuck = there, allowed, False

    def load(
        self, model: str, fields: Sequence[str], rows: Rows, *, context: Mapping[str, Any] | None = None
    ) -> Any:
        self.calls.append([row[list(fields).index("name")] for row in rows])
        answer = self._answer(rows)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def unlink(self, model: str, ids: Sequence[int]) -> None:
        if self.stuck:
            raise RightsError("You may not delete")
        self.unlinked += list(ids)

    def may(self, model: str, operation: str) -> bool:
        return self._allowed

    def search(self, model: str, domain: Any, **more: Any) -> list[int]:
        return []

    def search_read(self, model: str, domain: Any, fields: Any) -> list[dict[str, Any]]:
        return [{"id": 1, "res_id": self._there}] if self._there else []


def ok(rows: Rows, *messages: Any) -> dict[str, Any]:
    return {"ids": [int(row[0]) + 100 for row in rows], "messages": list(messages), "nextrow": 0}


def bad(*messages: Any) -> dict[str, Any]:
    return {"ids": False, "messages": list(messages), "nextrow": 0}


def told(record: int, message: str = "wrong", **more: Any) -> dict[str, Any]:
    return {
        "type": "error",
        "record": record,
        "rows": {"from": record, "to": record},
        "message": message,
        **more,
    }


def rows(count: int) -> list[dict[str, str]]:
    return [{"id": str(i), "name": f"n{i}"} for i in range(count)]


def send(server: Server, given: list[dict[str, str]], size: int = 200, **more: Any) -> dict[int, Any]:
    importer = Importer(server, size)  # type: ignore[arg-type]
    return {done.row: done.record_id or done.reasons for done in importer.load("m", given, **more)}


def test_rows_are_taken_with_their_ids_in_order() -> None:
    assert send(Server(ok), rows(3)) == {0: 100, 1: 101, 2: 102}


def test_bad_rows_are_dropped_and_the_rest_is_sent_until_it_passes() -> None:
    def answer(sent: Rows) -> Any:
        wrong = [i for i, row in enumerate(sent) if int(row[0]) % 3 == 1]
        if not wrong:
            return ok(sent)
        return bad(
            *(told(i, field="name") for i in wrong[:2]), {"type": "warning", "message": "Found more than"}
        )

    server = Server(answer)
    found = send(server, rows(10))
    assert {row for row, what in found.items() if isinstance(what, tuple)} == {1, 4, 7}
    assert found[1] == ("name: wrong",)
    assert [len(call) for call in server.calls] == [10, 8, 7]


def test_a_first_row_that_may_be_blamed_for_the_batch_is_tried_again() -> None:
    def answer(sent: Rows) -> Any:
        wrong = [i for i, row in enumerate(sent) if row[0] == "2"]
        return bad(told(0), *(told(i) for i in wrong)) if wrong else ok(sent)

    assert send(Server(answer), rows(4)) == {0: 100, 1: 101, 2: ("wrong",), 3: 103}


def test_a_first_row_that_is_wrong_itself_is_found_in_the_end() -> None:
    def answer(sent: Rows) -> Any:
        wrong = [i for i, row in enumerate(sent) if row[0] in ("0", "2")]
        return bad(*(told(i) for i in wrong)) if wrong else ok(sent)

    assert send(Server(answer), rows(3)) == {0: ("wrong",), 1: 101, 2: ("wrong",)}


def test_an_answer_without_a_culprit_is_split_down_to_one() -> None:
    def answer(sent: Rows) -> Any:
        return bad() if any(row[0] == "5" for row in sent) else ok(sent)

    found = send(Server(answer), rows(8))
    assert found.pop(5) == ("Odoo refused it without a word",)
    assert found == {i: i + 100 for i in range(8) if i != 5}


def test_a_call_that_breaks_is_split_down_to_one() -> None:
    def answer(sent: Rows) -> Any:
        return RefusalError("no dict here") if any(row[0] == "3" for row in sent) else ok(sent)

    found = send(Server(answer), rows(5))
    assert found.pop(3) == ("no dict here",)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RefusalError("Invalid field name 'x_gone'"), "x_gone: the object has no such field"),
        (RightsError("You are not allowed to create"), "You are not allowed to create"),
    ],
)
def test_what_holds_for_all_rows_is_not_split(error: Exception, reason: str) -> None:
    server = Server(lambda _: error)
    assert send(server, rows(20)) == dict.fromkeys(range(20), (reason,))
    assert len(server.calls) == 1


def test_a_request_that_is_too_large_is_halved_and_stays_so() -> None:
    server = Server(lambda sent: BatchTooLargeError("large") if len(sent) > 3 else ok(sent))
    importer = Importer(server, 10)  # type: ignore[arg-type]
    assert len(list(importer.load("m", rows(10)))) == 10
    assert importer.size < 10
    alone = Server(lambda _: BatchTooLargeError("large"))
    assert send(alone, rows(1)) == {0: ("Odoo does not take a request of that size",)}


def test_a_row_that_is_kept_with_a_warning_is_taken_out_again() -> None:
    server = Server(lambda sent: ok(sent, {**told(1, "2 matches", field="parent_id"), "type": "warning"}))
    assert send(server, rows(3)) == {0: 100, 1: ("parent_id: 2 matches",), 2: 102}
    assert server.unlinked == [101]


def test_another_number_of_ids_leaves_the_outcome_open() -> None:
    server = Server(lambda _: {"ids": [1], "messages": []})
    with pytest.raises(OutcomeUnknownError):
        send(server, rows(2))


def test_rows_with_the_same_columns_go_together_and_ordered_ones_with_their_neighbours() -> None:
    given = [{"id": "0", "name": "a"}, {"id": "1", "name": "b", "x": ""}, {"id": "2", "name": "c"}]
    together, in_order = Server(ok), Server(ok)
    send(together, given)
    send(in_order, given, ordered=True)
    assert together.calls == [["a", "c"], ["b"]]
    assert in_order.calls == [["a"], ["b"], ["c"]]


def test_slow_calls_make_the_next_ones_smaller_and_fast_ones_larger_again(monkeypatch: Any) -> None:
    clock = iter([0.0, 40.0, 0.0, 1.0, 0.0, 1.0, *[0.0, 5.0] * 50])
    monkeypatch.setattr("crossdock_odoo.importing.time.monotonic", lambda: next(clock))
    server = Server(ok)
    importer = Importer(server, 100)  # type: ignore[arg-type]
    list(importer.load("m", rows(300)))
    assert [len(call) for call in server.calls[:4]] == [100, 12, 24, 48]


def test_a_call_without_an_answer_makes_the_next_ones_much_smaller() -> None:
    importer = Importer(Server(lambda _: OutcomeUnknownError("lost")), 200)  # type: ignore[arg-type]
    with pytest.raises(OutcomeUnknownError):
        list(importer.load("m", rows(200)))
    assert importer.size == 50


def test_a_row_that_is_cut_off_again_and_again_is_given_up_and_the_rest_arrives() -> None:
    server = Server(lambda sent: OutcomeUnknownError("lost") if sent[0][0] == "0" else ok(sent))
    importer = Importer(server, 1)  # type: ignore[arg-type]
    first, *others = importer.load("m", rows(3))
    assert (first.record_id, first.outcome) == (None, Outcome.FAILED)
    assert first.reasons == ("this record's call ended 6 times without an answer, at last: lost",)
    assert [done.record_id for done in others] == [101, 102]
    assert server.calls.count(["n0"]) == 6


def test_a_row_whose_call_takes_long_is_given_up_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 10_000, 60))
    monkeypatch.setattr("crossdock_odoo.importing.time.monotonic", lambda: float(next(clock)))
    server = Server(lambda sent: OutcomeUnknownError("lost") if sent[0][0] == "0" else ok(sent))
    first, *others = Importer(server, 1).load("m", rows(3))  # type: ignore[arg-type]
    assert "cut this record's call off 3 times" in first.reasons[0]
    assert [done.record_id for done in others] == [101, 102]
    assert server.calls.count(["n0"]) == 3


def test_five_answers_that_did_not_come_are_no_records_fault() -> None:
    lost = iter(range(5))
    server = Server(lambda sent: OutcomeUnknownError("502") if next(lost, None) is not None else ok(sent))
    assert send(server, rows(1)) == {0: 100}


def test_a_row_that_arrived_although_no_answer_came_is_taken_as_it_is() -> None:
    server = Server(lambda _: OutcomeUnknownError("lost"), there=77)
    assert send(server, rows(1)) == {0: 77}
    assert len(server.calls) == 1


def test_rows_that_change_what_is_there_are_sent_again_in_smaller_calls() -> None:
    def answer(sent: Rows) -> Any:
        cut = len(sent) > 1 or sent[0][0] == "2"
        return OutcomeUnknownError("lost") if cut else ok(sent)

    given = [{".id": str(i), "name": f"n{i}"} for i in range(4)]
    found = {done.row: done for done in Importer(Server(answer), 4).load("m", given)}  # type: ignore[arg-type]
    assert {i: d.record_id for i, d in found.items()} == {0: 100, 1: 101, 2: None, 3: 103}
    assert found[2].outcome is Outcome.FAILED


def test_missing_rights_for_one_record_do_not_reject_the_others() -> None:
    def answer(sent: Rows) -> Any:
        return RightsError("not yours") if any(row[0] == "3" for row in sent) else ok(sent)

    found = send(Server(answer, allowed=True), rows(6))
    assert found.pop(3) == ("not yours",)
    assert found == {i: i + 100 for i in range(6) if i != 3}


def test_a_record_that_was_there_before_is_never_deleted_because_of_a_warning() -> None:
    warning = {**told(0, "2 matches"), "type": "warning"}
    server = Server(lambda sent: ok(sent, warning))
    (done,) = Importer(server, 9).load("m", [{".id": "7", "name": "n"}])  # type: ignore[arg-type]
    assert (done.record_id, done.reasons) == (107, ("2 matches",))
    assert server.unlinked == []


def test_a_record_that_cannot_be_taken_out_again_is_named() -> None:
    server = Server(lambda sent: ok(sent, {**told(0, "2 matches"), "type": "warning"}))
    server.stuck = True
    (done,) = Importer(server, 9).load("m", rows(1))  # type: ignore[arg-type]
    assert (done.record_id, done.outcome) == (None, Outcome.FAILED)
    assert done.reasons == ("2 matches", "m 100 is left behind, and no rollback knows it: You may not delete")


def test_messages_without_a_row_name_nobody() -> None:
    assert reasons_of([{"message": "x"}, told(9), told(-1)], 3) == {}
    assert reasons_of(
        [told(1, "a", field="f"), told(1, "f is bad", field="f"), told(1, "a", field="f")], 3
    ) == {1: ("f: a", "f is bad")}
