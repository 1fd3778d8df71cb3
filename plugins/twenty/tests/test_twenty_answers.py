"""What the server's answers mean, by the shapes that were recorded."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from crossdock.errors import (
    AuthError,
    BatchRefusedError,
    BatchTooLargeError,
    ContractError,
    CrossdockError,
    OutcomeUnknownError,
    RateLimitedError,
)
from crossdock_twenty.answers import GoneError, RefusalError, classify, read


@dataclass
class Answer:
    status_code: int
    body: Any

    @property
    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else orjson.dumps(self.body)


def rest(status: int, message: str, **extra: Any) -> Answer:
    return Answer(status, {"statusCode": status, "error": "x", "messages": [message], **extra})


def graphql(message: str, **extensions: Any) -> Answer:
    return Answer(200, {"data": None, "errors": [{"message": message, "extensions": extensions}]})


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (rest(429, "Limit reached (100 tokens per 60000 ms)"), RateLimitedError),
        (
            graphql(
                "Limit reached (100 tokens per 60000 ms)", code="BAD_USER_INPUT", subCode="LIMIT_REACHED"
            ),
            RateLimitedError,
        ),
        (rest(403, "Missing authentication token"), AuthError),
        (rest(401, "Token invalid."), AuthError),
        (rest(403, "This API Key is revoked"), AuthError),
        (rest(400, "no", code="PERMISSION_DENIED"), AuthError),
        (graphql("Token invalid.", code="UNAUTHENTICATED", subCode="UNAUTHENTICATED"), AuthError),
        (graphql("Forbidden resource", code="FORBIDDEN"), AuthError),
        (graphql("no", code="FORBIDDEN", subCode="PERMISSION_DENIED"), AuthError),
        (
            graphql("Cannot delete standard field", code="FORBIDDEN", subCode="FIELD_MUTATION_NOT_ALLOWED"),
            RefusalError,
        ),
        (rest(400, "A duplicate entry was detected"), BatchRefusedError),
        (
            rest(400, 'insert or update on table "person" violates foreign key constraint "FK_1"'),
            BatchRefusedError,
        ),
        (rest(500, "Data validation error."), BatchRefusedError),
        (rest(404, "Record not found"), GoneError),
        (graphql("Record not found", code="NOT_FOUND"), GoneError),
        (rest(400, "Maximum number of records to upsert is 60."), BatchTooLargeError),
        (graphql("x", code="BAD_USER_INPUT", subCode="TOO_MANY_RECORDS_TO_UPDATE"), BatchTooLargeError),
        (Answer(500, b"request entity too large"), BatchTooLargeError),
        (Answer(413, b""), BatchTooLargeError),
        (Answer(400, {"message": "bad JSON", "error": "Bad Request", "statusCode": 400}), RefusalError),
    ],
)
def test_an_error_shape_has_one_meaning(answer: Answer, error: type[CrossdockError]) -> None:
    assert isinstance(classify(answer), error)


def test_the_limit_is_waited_out_without_a_header() -> None:
    found = classify(rest(429, "Limit reached"))
    assert isinstance(found, RateLimitedError)
    assert found.after == 0.6


def test_a_named_batch_limit_is_passed_on() -> None:
    found = classify(rest(400, "Maximum number of records to upsert is 60."))
    assert isinstance(found, BatchTooLargeError)
    assert found.limit == 60


def test_a_duplicate_names_the_other_record() -> None:
    found = classify(
        graphql("A duplicate entry was detected", code="BAD_USER_INPUT", conflictingRecordId="abc")
    )
    assert isinstance(found, RefusalError)
    assert found.conflicting_id == "abc"


def test_the_cause_is_picked_out_of_a_metadata_refusal() -> None:
    errors = {
        "fieldMetadata": [
            {"errors": [{"code": "NOT_AVAILABLE", "message": 'Name "people" is not available'}]}
        ],
        "viewField": [{"errors": [{"code": "INVALID_VIEW_DATA", "message": "Field metadata not found"}]}],
    }
    found = classify(graphql("Multiple validation errors", code="METADATA_VALIDATION_FAILED", errors=errors))
    assert isinstance(found, RefusalError)
    assert (found.code, found.message) == ("NOT_AVAILABLE", 'Name "people" is not available')


UNREADABLE = [
    Answer(200, b"<html>"),
    Answer(500, b"oops"),
    graphql("boom", code="INTERNAL_SERVER_ERROR"),
    rest(500, "boom"),
]


@pytest.mark.parametrize("answer", UNREADABLE)
def test_an_unreadable_answer_to_a_write_leaves_the_outcome_open(answer: Answer) -> None:
    assert classify(answer) is None
    with pytest.raises(OutcomeUnknownError):
        read(answer, safe=False)


@pytest.mark.parametrize("answer", UNREADABLE)
def test_an_unreadable_answer_to_a_read_breaks_the_contract(answer: Answer) -> None:
    with pytest.raises(ContractError):
        read(answer, safe=True)


def test_data_passes() -> None:
    answer = Answer(200, {"data": {"companies": []}})
    assert classify(answer) is None
    assert read(answer, safe=True) == {"data": {"companies": []}}
