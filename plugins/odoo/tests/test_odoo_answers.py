"""What an answer of the server means."""

from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from crossdock.errors import (
    AuthError,
    BatchTooLargeError,
    ConfigError,
    ContractError,
    OutcomeUnknownError,
    RetryableError,
    UnavailableError,
)
from crossdock_odoo.answers import GoneError, RefusalError, RightsError, classify, read

MESSAGE = (
    'connection to server at "db.internal" (10.0.0.7), port 5432 failed: FATAL:  database "x" does not exist'
)


@dataclass
class Reply:
    status_code: int
    content: bytes


def rpc(name: str, message: str = "told") -> Reply:
    data = {"name": name, "message": message, "debug": "Traceback", "arguments": [], "context": {}}
    return Reply(200, orjson.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": 200, "data": data}}))


def json2(status: int, name: str, message: str = "told") -> Reply:
    return Reply(status, orjson.dumps({"name": name, "message": message, "arguments": [], "debug": ""}))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("odoo.exceptions.AccessDenied", AuthError),
        ("odoo.exceptions.AccessError", RightsError),
        ("odoo.exceptions.MissingError", GoneError),
        ("odoo.exceptions.ValidationError", RefusalError),
        ("odoo.exceptions.UserError", RefusalError),
        ("odoo.exceptions.RedirectWarning", RefusalError),
        ("builtins.ValueError", RefusalError),
        ("builtins.AttributeError", RefusalError),
        ("binascii.Error", RefusalError),
        ("psycopg2.errors.InvalidTextRepresentation", RefusalError),
        ("psycopg2.errors.SerializationFailure", UnavailableError),
        ("psycopg2.errors.DeadlockDetected", UnavailableError),
        ("psycopg2.InterfaceError", RetryableError),
        ("werkzeug.exceptions.RequestEntityTooLarge", BatchTooLargeError),
    ],
)
def test_the_name_of_the_exception_decides(name: str, kind: type[Exception]) -> None:
    found = classify(rpc(name))
    assert type(found) is kind
    if isinstance(found, RefusalError):
        assert (found.name, found.message) == (name, "told")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (json2(401, "werkzeug.exceptions.Unauthorized"), AuthError),
        (json2(403, "odoo.exceptions.AccessError"), RightsError),
        (json2(404, "odoo.exceptions.MissingError"), GoneError),
        (json2(422, "builtins.ValueError"), RefusalError),
        (json2(500, "psycopg2.errors.SerializationFailure"), UnavailableError),
        (Reply(413, b""), BatchTooLargeError),
        (Reply(401, b"no"), AuthError),
        (Reply(404, b"<html>"), ConfigError),
        (Reply(405, b"<html>"), ConfigError),
    ],
)
def test_json2_has_statuses_and_the_same_names(reply: Reply, kind: type[Exception]) -> None:
    assert type(classify(reply)) is kind


@pytest.mark.parametrize("status", [500, 502, 503])
def test_what_a_proxy_answers_is_left_to_the_client(status: int) -> None:
    assert classify(Reply(status, b"<html>")) is None


def test_an_unknown_database_is_a_wrong_setting_and_its_server_is_not_shown() -> None:
    found = classify(rpc("psycopg2.OperationalError", MESSAGE))
    assert isinstance(found, ConfigError)
    assert "db.internal" not in str(found)
    assert "10.0.0.7" not in str(found)


def test_a_message_is_one_line_and_without_a_traceback() -> None:
    found = classify(rpc("odoo.exceptions.ValidationError", "The operation:\n- Create\n\nModel: x\n"))
    assert str(found) == "The operation: - Create Model: x"


@pytest.mark.parametrize("result", [[], [1], 0, False, None, {"ids": [1]}, "text"])
def test_a_result_is_given_as_it_is(result: Any) -> None:
    wrapped = Reply(200, orjson.dumps({"jsonrpc": "2.0", "id": 1, "result": result}))
    assert classify(wrapped) is None
    assert read(wrapped, safe=False) == result
    assert read(Reply(200, orjson.dumps(result)), safe=False) == result


@pytest.mark.parametrize("reply", [Reply(200, b"<html>"), Reply(200, b""), Reply(500, b"{}")])
def test_what_is_no_answer_leaves_a_write_open(reply: Reply) -> None:
    with pytest.raises(OutcomeUnknownError):
        read(reply, safe=False)
    with pytest.raises(ContractError):
        read(reply, safe=True)
