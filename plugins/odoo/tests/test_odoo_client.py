"""The client's calls over both transports, with the network replaced."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from crossdock.connection import Connection
from crossdock.errors import (
    AccessLostError,
    AuthError,
    ConfigError,
    ContractError,
    OutcomeUnknownError,
    UnreachableError,
)
from crossdock.filestore import FileStore
from crossdock_odoo.answers import GoneError, RefusalError, RightsError
from crossdock_odoo.client import QUIET, OdooClient
from crossdock_odoo.settings import OdooSettings

KEY = "0123456789abcdef0123456789abcdef01234567"
VERSION = {"server_version": "18.0", "server_version_info": [18, 0, 0, "final", 0, ""], "protocol_version": 1}
Made = tuple[OdooClient, list[httpx2.Request]]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Callable[..., Made]]:
    made: list[OdooClient] = []

    def make(*answers: Any, **settings: Any) -> Made:
        seen: list[httpx2.Request] = []
        queue = list(answers)

        def handle(request: httpx2.Request) -> httpx2.Response:
            seen.append(request)
            answer = queue.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer if isinstance(answer, httpx2.Response) else rpc(answer)

        connection = Connection("o", "p", "d", FileStore(tmp_path), transport=httpx2.MockTransport(handle))
        given = {
            "url": "http://odoo.example/",
            "database": "crm",
            "key": KEY,
            "protocol": "jsonrpc",
            **settings,
        }
        one = OdooClient(OdooSettings(**given), connection)
        made.append(one)
        return one, seen

    yield make
    for one in made:
        one.close()


def rpc(result: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"jsonrpc": "2.0", "id": 1, "result": result})


def error(name: str, message: str = "no", status: int = 200) -> httpx2.Response:
    data = {"name": name, "message": message, "arguments": [message], "context": {}, "debug": "Traceback"}
    if status != 200:
        return httpx2.Response(status, json=data)
    body = {"code": 200, "message": "Odoo Server Error", "data": data}
    return httpx2.Response(200, json={"jsonrpc": "2.0", "id": 1, "error": body})


def params(request: httpx2.Request) -> Any:
    return orjson.loads(request.content)["params"]


def test_a_call_names_database_user_and_key_and_asks_for_silence(client: Any) -> None:
    made, seen = client(2, [{"id": 7}])
    assert made.call("res.partner", "read", [7], safe=True, fields=["name"]) == [{"id": 7}]
    assert params(seen[0]) == {
        "service": "common",
        "method": "authenticate",
        "args": ["crm", "admin", KEY, {}],
    }
    args = params(seen[1])["args"]
    assert args[:6] == ["crm", 2, KEY, "res.partner", "read", [[7], ["name"]]]
    assert args[6] == {"context": dict(QUIET)}


def test_the_context_of_a_call_comes_on_top_of_the_quiet_one(client: Any) -> None:
    made, seen = client(2, True)
    made.call("res.partner", "write", [7], context={"active_test": False}, vals={})
    context = params(seen[1])["args"][6]["context"]
    assert context["active_test"] is False
    assert context["mail_activity_quick_update"] is True


@pytest.mark.parametrize(
    ("method", "given", "places"),
    [
        ("create", {"vals_list": [{"name": "x"}]}, [[{"name": "x"}]]),
        ("load", {"fields": ["name"], "data": [["x"]]}, [["name"], [["x"]]]),
        ("search", {"domain": [["id", "=", 1]], "limit": 2}, [[["id", "=", 1]]]),
        ("default_get", {"fields": ["name"]}, [["name"]]),
    ],
)
def test_jsonrpc_takes_the_first_arguments_by_place(
    client: Any, method: str, given: Any, places: list[Any]
) -> None:
    made, seen = client(2, True)
    made.call("res.partner", method, **given)
    args = params(seen[1])["args"]
    assert args[5] == places
    assert not set(args[6]) & {"vals_list", "data", "domain"}


def test_json2_names_every_argument_and_takes_the_key_as_a_bearer(client: Any) -> None:
    made, seen = client(httpx2.Response(200, json=[{"id": 7}]), protocol="json2")
    assert made.call("res.partner", "read", [7], safe=True, fields=["name"]) == [{"id": 7}]
    assert seen[0].url.path == "/json/2/res.partner/read"
    assert seen[0].headers["authorization"] == f"bearer {KEY}"
    assert seen[0].headers["x-odoo-database"] == "crm"
    assert orjson.loads(seen[0].content) == {"ids": [7], "fields": ["name"], "context": dict(QUIET)}


def test_a_method_of_the_model_itself_gets_no_ids_over_json2(client: Any) -> None:
    made, seen = client(httpx2.Response(200, json=[1]), protocol="json2")
    made.search("res.partner", [])
    assert "ids" not in orjson.loads(seen[0].content)


@pytest.mark.parametrize(
    ("version", "path"),
    [("17.0", "/jsonrpc"), ("18.0+e", "/jsonrpc"), ("19.0", "/json/2/res.partner/search")],
)
def test_the_version_chooses_the_transport(client: Any, version: str, path: str) -> None:
    answers = [{**VERSION, "server_version": version}]
    answers += [httpx2.Response(200, json=[])] if version == "19.0" else [2, []]  # type: ignore[list-item]
    made, seen = client(*answers, protocol="auto")
    made.search("res.partner", [])
    assert seen[-1].url.path == path


def test_a_server_without_jsonrpc_says_its_version_elsewhere(client: Any) -> None:
    about = httpx2.Response(200, json={"version": "saas~22.1+e", "version_info": [22, 1]})
    made, seen = client(httpx2.Response(404, text="Not Found"), about, protocol="auto")
    assert made.version == (22, 1)
    assert seen[1].url.path == "/web/version"


def test_a_version_before_sixteen_is_refused(client: Any) -> None:
    made, _ = client({**VERSION, "server_version": "15.0"})
    with pytest.raises(ConfigError, match="older"):
        _ = made.version


def test_the_only_database_of_a_server_is_taken(client: Any) -> None:
    made, _ = client(["crm_one"], database="")
    assert made.database == "crm_one"


@pytest.mark.parametrize("answer", [["a", "b"], [], error("odoo.exceptions.AccessDenied")])
def test_a_database_that_is_left_open_has_to_be_named(client: Any, answer: Any) -> None:
    made, _ = client(answer, database="")
    with pytest.raises(ConfigError, match="which database"):
        _ = made.database


def test_the_identity_is_the_uuid_and_the_name_of_the_database(client: Any) -> None:
    made, _ = client(2, [{"id": 1, "value": "d0a0"}])
    assert made.identity == "odoo:d0a0/crm"


def test_a_key_that_may_not_read_the_uuid_knows_the_database_by_its_host(client: Any) -> None:
    made, _ = client(2, error("odoo.exceptions.AccessError"))
    assert made.identity == "odoo:odoo.example/crm"


def test_a_login_that_does_not_fit_the_key_is_a_wrong_key_without_showing_it(client: Any) -> None:
    made, _ = client(False)
    with pytest.raises(AuthError) as caught:
        made.search("res.partner", [])
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("answer", [False, error("odoo.exceptions.AccessDenied")])
def test_a_refused_key_names_the_plan_that_has_the_interface(client: Any, answer: Any) -> None:
    made, seen = client(answer)
    with pytest.raises(AuthError) as caught:
        made.search("res.partner", [])
    assert "Custom plan" in caught.value.hint
    assert len(seen) == 1


def test_so_it_is_before_the_first_call_if_the_user_was_told(client: Any) -> None:
    made, _ = client(2, error("odoo.exceptions.AccessDenied"))
    assert made.user_id == 2
    with pytest.raises(AccessLostError):
        made.search("res.partner", [])


def test_a_key_that_stops_working_is_lost_access(client: Any) -> None:
    made, _ = client(2, [], error("odoo.exceptions.AccessDenied"))
    made.search("res.partner", [])
    with pytest.raises(AccessLostError):
        made.search("res.partner", [])


@pytest.mark.parametrize("status", [401, 403])
def test_a_bearer_that_is_refused_is_a_wrong_key(client: Any, status: int) -> None:
    made, _ = client(httpx2.Response(status, text="no"), protocol="json2")
    with pytest.raises(AuthError):
        made.search("res.partner", [])


@pytest.mark.parametrize("protocol", ["jsonrpc", "json2"])
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("odoo.exceptions.ValidationError", RefusalError),
        ("odoo.exceptions.UserError", RefusalError),
        ("odoo.exceptions.RedirectWarning", RefusalError),
        ("odoo.exceptions.MissingError", GoneError),
        ("odoo.exceptions.AccessError", RightsError),
        ("builtins.ValueError", RefusalError),
        ("builtins.TypeError", RefusalError),
        ("psycopg2.errors.NumericValueOutOfRange", RefusalError),
    ],
)
def test_an_exception_is_known_by_its_name_on_both_transports(
    client: Any, protocol: str, name: str, kind: type[Exception]
) -> None:
    answers = [2, error(name)] if protocol == "jsonrpc" else [error(name, status=422)]
    made, _ = client(*answers, protocol=protocol)
    with pytest.raises(kind):
        made.write("res.partner", [1], {"name": "x"})


def without_waiting(made: OdooClient) -> None:
    made._http._policy = replace(made._http._policy, sleep=lambda _: None)


def test_a_conflict_with_another_transaction_is_sent_again(client: Any) -> None:
    made, seen = client(2, error("psycopg2.errors.SerializationFailure"), True)
    without_waiting(made)
    made.write("res.partner", [1], {"name": "x"})
    assert len(seen) == 3


@pytest.mark.parametrize("protocol", ["jsonrpc", "json2"])
def test_a_write_that_is_cut_off_leaves_the_outcome_open(client: Any, protocol: str) -> None:
    lost = httpx2.RemoteProtocolError("Server disconnected without sending a response.")
    made, _ = client(*([2, lost] if protocol == "jsonrpc" else [lost]), protocol=protocol)
    with pytest.raises(OutcomeUnknownError):
        made.load("res.partner", ["name"], [["x"]])


def test_a_read_that_is_cut_off_again_and_again_is_given_up(client: Any) -> None:
    lost = httpx2.RemoteProtocolError("Server disconnected without sending a response.")
    made, _ = client(2, *[lost] * 6)
    without_waiting(made)
    with pytest.raises(UnreachableError):
        made.search("res.partner", [])


def test_an_answer_that_is_no_json_leaves_a_write_open_and_breaks_a_read(client: Any) -> None:
    made, _ = client(2, httpx2.Response(200, text="<html>"), httpx2.Response(200, text="<html>"))
    with pytest.raises(OutcomeUnknownError):
        made.write("res.partner", [1], {})
    with pytest.raises(ContractError):
        made.search("res.partner", [])


@pytest.mark.parametrize("ids", [[], [None], [0], ["1"], [True]])
@pytest.mark.parametrize("method", ["write", "unlink"])
def test_a_write_always_names_records(client: Any, method: str, ids: Any) -> None:
    made, seen = client()
    with pytest.raises(ConfigError):
        made.write("res.partner", ids, {}) if method == "write" else made.unlink("res.partner", ids)
    assert seen == []


def test_a_load_or_a_create_that_answers_otherwise_breaks_the_contract(client: Any) -> None:
    made, _ = client(2, True, [1])
    with pytest.raises(ContractError):
        made.load("res.partner", ["name"], [["x"]])
    with pytest.raises(ContractError):
        made.create("res.partner", [{}, {}])


@pytest.mark.parametrize(("version", "method"), [("18.0", "has_access"), ("17.0", "check_access_rights")])
def test_rights_are_asked_for_in_the_words_of_the_version(client: Any, version: str, method: str) -> None:
    made, seen = client({**VERSION, "server_version": version}, 2, False)
    assert made.may("crm.lead", "create") is False
    assert params(seen[2])["args"][4] == method


def test_settings_take_an_address_with_a_slash_and_refuse_anything_else() -> None:
    assert OdooSettings(url="https://a.test/", key="k").url == "https://a.test"
    with pytest.raises(ValueError, match="http"):
        OdooSettings(url="a.test", key="k")
