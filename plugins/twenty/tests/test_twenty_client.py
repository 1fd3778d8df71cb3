"""The client's requests, with the network replaced."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from crossdock.connection import Connection
from crossdock.errors import AccessLostError, AuthError, ConfigError, ContractError, OutcomeUnknownError
from crossdock.filestore import FileStore
from crossdock_twenty.answers import RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.settings import TwentySettings

WORKSPACE = "4453c3a1-aaa5-4194-b254-e2863838e07a"


def key(**claims: str) -> str:
    return "e30." + base64.urlsafe_b64encode(orjson.dumps(claims)).decode().rstrip("=") + ".c2ln"


@pytest.fixture
def client(tmp_path: Path) -> Callable[..., tuple[TwentyClient, list[httpx2.Request]]]:
    def make(*answers: httpx2.Response | Exception) -> tuple[TwentyClient, list[httpx2.Request]]:
        seen: list[httpx2.Request] = []
        queue = list(answers)

        def handle(request: httpx2.Request) -> httpx2.Response:
            seen.append(request)
            answer = queue.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        connection = Connection("t", "p", "d", FileStore(tmp_path), transport=httpx2.MockTransport(handle))
        settings = TwentySettings(url="http://twenty.example", key=key(workspaceId=WORKSPACE))
        return TwentyClient(settings, connection), seen

    return make


def data(**answer: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"data": answer})


REVOKED = {"statusCode": 403, "messages": ["This API Key is revoked"], "error": "FORBIDDEN_EXCEPTION"}


def test_the_workspace_is_read_from_the_key(client: Any) -> None:
    made, seen = client()
    assert made.workspace_id == WORKSPACE
    assert seen == []


@pytest.mark.parametrize("bad", ["secret", "a.b.c", key(sub="x")])
def test_a_key_that_is_no_api_key_is_refused_without_being_shown(bad: str, tmp_path: Path) -> None:
    connection = Connection("t", "p", "d", FileStore(tmp_path))
    with pytest.raises(AuthError) as caught:
        TwentyClient(TwentySettings(url="http://t.example", key=bad), connection)
    assert bad not in str(caught.value)


def test_records_without_an_author_go_through_graphql(client: Any) -> None:
    made, seen = client(data(createCompanies=[{"id": "1"}]))
    assert made.create("company", "companies", [{"id": "1", "name": "x"}]) == ["1"]
    assert seen[0].url.path == "/graphql"


def test_records_with_an_author_go_through_rest(client: Any) -> None:
    made, seen = client(httpx2.Response(201, json={"data": {"createCompanies": [{"id": "1"}]}}))
    rows = [{"id": "1", "createdBy": {"source": "IMPORT", "name": "Иванов", "workspaceMemberId": None}}]
    assert made.create("company", "companies", rows) == ["1"]
    assert seen[0].url.path == "/rest/batch/companies"


def test_a_lost_answer_to_a_create_leaves_the_outcome_open(client: Any) -> None:
    made, seen = client(httpx2.ReadTimeout("late"))
    with pytest.raises(OutcomeUnknownError):
        made.create("company", "companies", [{"id": "1"}])
    assert len(seen) == 1


def test_a_key_that_stops_working_is_lost_access_and_not_a_wrong_key(client: Any) -> None:
    made, _ = client(data(x=1), httpx2.Response(403, json=REVOKED))
    made.query("{ x }")
    with pytest.raises(AccessLostError):
        made.query("{ x }")


def test_so_it_is_where_the_version_is_asked_for(client: Any) -> None:
    made, _ = client(data(x=1), httpx2.Response(401, json=REVOKED))
    made.query("{ x }")
    with pytest.raises(AccessLostError):
        made.version()


def test_a_file_that_is_not_at_its_address_stops_and_is_no_matter_of_one_record(client: Any) -> None:
    made, _ = client(httpx2.Response(401))
    with pytest.raises(ContractError, match="cannot be read back: the file's address answered 401"):
        list(made.download("http://twenty.test/file/1"))


def test_a_key_that_never_worked_is_a_wrong_key(client: Any) -> None:
    made, _ = client(httpx2.Response(403, json=REVOKED))
    with pytest.raises(AuthError):
        made.query("{ x }")


def test_a_refused_query_breaks_the_contract(client: Any) -> None:
    made, _ = client(httpx2.Response(200, json={"errors": [{"message": 'Cannot query field "x"'}]}))
    with pytest.raises(ContractError):
        made.query("{ x }")


def test_destroy_always_names_ids(client: Any) -> None:
    made, seen = client(data(destroyCompanies=[]))
    with pytest.raises(ConfigError):
        made.destroy("company", "companies", [])
    made.destroy("company", "companies", ["1"])
    assert orjson.loads(seen[0].content)["variables"] == {"filter": {"id": {"in": ["1"]}}}


def test_metadata_is_read_page_by_page(client: Any) -> None:
    def page(name: str, more: bool) -> httpx2.Response:
        edges = [{"node": {"nameSingular": name}}]
        return data(objects={"pageInfo": {"hasNextPage": more, "endCursor": "c"}, "edges": edges})

    made, seen = client(page("a", True), page("b", False))
    assert [n["nameSingular"] for n in made.objects()] == ["a", "b"]
    assert orjson.loads(seen[1].content)["variables"] == {"after": "c"}


def test_a_file_is_uploaded_to_no_address_inside_a_network(client: Any) -> None:
    target = {"fileId": "f", "uploadUrl": "http://169.254.169.254/latest", "contentType": "text/plain"}
    twenty, requests = client(data(createFileUpload=target))

    with pytest.raises(RefusalError, match=r"not fetched: host 169\.254\.169\.254 is not allowed"):
        twenty.upload(twenty.files.save([b"x"], name="a.txt"), "field")
    assert [r.url.path for r in requests] == ["/metadata"]


def test_an_upload_that_the_server_failed_at_is_in_doubt_and_one_that_it_refused_is_refused(
    client: Any,
) -> None:
    target = {"fileId": "f", "uploadUrl": "http://twenty.example/file-upload/f", "contentType": "text/plain"}
    for status, error in ((500, OutcomeUnknownError), (413, RefusalError)):
        twenty, _ = client(data(createFileUpload=target), httpx2.Response(status))

        with pytest.raises(error, match=f"answered {status}"):
            twenty.upload(twenty.files.save([b"x"], name="a.txt"), "field")
