"""The request log: bounded, numbered, and it names GraphQL operations."""

import pytest

from crossdock.sandbox import requestlog
from crossdock.sandbox.requestlog import RequestLog, operation_name


def test_the_log_keeps_only_the_newest_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requestlog, "CAPACITY", 3)
    log = RequestLog()

    for _ in range(5):
        log.add("GET", "/", "", b"")

    assert [entry["n"] for entry in log.since(0)] == [3, 4, 5]
    assert [entry["n"] for entry in log.since(4)] == [5]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"operationName": "FindAll", "query": "query Other { a }"}', "FindAll"),
        (b'{"query": "mutation CreateNotes($n: [X!]!) { createNotes(d: $n) { id } }"}', "CreateNotes"),
        (b'{"query": "query { notes(first: 60) { id } }"}', "notes"),
        (rb'{"query": "\n{\n  people { id } }"}', "people"),
        (b'{"name": "no operation"}', None),
        (b"", None),
    ],
)
def test_the_operation_is_the_name_else_the_first_field(body: bytes, name: str | None) -> None:
    assert operation_name(body) == name
