"""What the sandbox promises beyond the recorded exchanges: persistence, faults, limits, the dump."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crossdock.sandbox.interface import SandboxOptions
from crossdock_twenty.sandbox import TwentySandbox

BASE = "http://twenty.example"
CREATE = "mutation($d:[PersonCreateInput!]!){createPeople(data:$d){id}}"


def started(folder: Path, *, seed: str = "fresh", rate: str = "off") -> TwentySandbox:
    return TwentySandbox(SandboxOptions(folder / "twenty.db", BASE, seed, rate))


def client_of(sandbox: TwentySandbox, app: Any = None) -> TestClient:
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    return TestClient(app or sandbox.app, base_url=BASE, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[TwentySandbox]:
    made = started(tmp_path)
    yield made
    made.close()


@pytest.fixture
def client(sandbox: TwentySandbox) -> TestClient:
    return client_of(sandbox)


def test_state_survives_a_restart_with_the_same_key(tmp_path: Path) -> None:
    first = started(tmp_path)
    client_of(first).post("/rest/companies", json={"name": "Kept"})
    token, before = first.token, first.dump()
    first.close()

    second = started(tmp_path, seed="empty")

    assert (second.token, second.dump()) == (token, before)
    second.close()


def test_two_workspaces_have_different_ids_and_keys(tmp_path: Path) -> None:
    one, other = started(tmp_path / "one"), started(tmp_path / "other")

    assert one.workspace.id != other.workspace.id
    assert one.token != other.token


def test_a_foreign_key_is_refused(sandbox: TwentySandbox, tmp_path: Path) -> None:
    foreign = started(tmp_path / "other")

    answer = TestClient(sandbox.app).get("/rest/people", headers={"Authorization": f"Bearer {foreign.token}"})

    assert answer.status_code == 401


def test_equal_work_at_the_same_time_gives_equal_dumps_but_for_timeline_ids(tmp_path: Path) -> None:
    dumps = []
    for name in ("one", "other"):
        sandbox = started(tmp_path / name)
        sandbox.set_clock(1_800_000_000.0)
        sandbox.reset("demo")
        row = {"id": "c0ffee00-aaaa-4222-8333-000000000001", "name": "Same"}
        client_of(sandbox).post("/rest/companies", json=row)
        dump = dict(sandbox.dump())
        dump["records"]["timelineActivity"] = len(dump["records"]["timelineActivity"]["live"])
        dumps.append(dump)

    assert dumps[0] == dumps[1]


def test_destroying_a_created_company_leaves_nothing_but_counted_effects(
    sandbox: TwentySandbox, client: TestClient
) -> None:
    before = dict(sandbox.dump())
    made = client.post("/rest/companies", json={"name": "Gone"}).json()["data"]["createCompany"]

    client.delete(f"/rest/companies/{made['id']}")

    after = dict(sandbox.dump())
    assert {k: v for k, v in after.items() if k != "effects"} == {
        k: v for k, v in before.items() if k != "effects"
    }


def test_provisioned_schema_can_be_taken_back_completely(sandbox: TwentySandbox, client: TestClient) -> None:
    before = sandbox.dump()
    wanted = {
        "nameSingular": "site",
        "namePlural": "sites",
        "labelSingular": "Site",
        "labelPlural": "Sites",
    }
    made = client.post("/rest/metadata/objects", json=wanted).json()
    client.post("/rest/sites", json={"name": "a"})

    client.delete(f"/rest/metadata/objects/{made['id']}")

    after = dict(sandbox.dump())
    assert after["schema"] == before["schema"]
    assert "site" not in after["records"]


def test_the_demo_holds_members_a_company_and_a_trashed_person(tmp_path: Path) -> None:
    records = started(tmp_path, seed="demo").dump()["records"]

    mails = {member["userEmail"] for member in records["workspaceMember"]["live"]}
    assert {"anna.petrova@romashka.example", "ivan.sidorov@romashka.example"} < mails
    assert "https://romashka-yug.example" in [
        company["domainName"]["primaryLinkUrl"] for company in records["company"]["live"]
    ]
    assert [p["emails"]["primaryEmail"] for p in records["person"]["trash"]] == ["trash@example.ru"]


def test_half_a_batch_is_kept_and_answered_500_when_ordered(sandbox: TwentySandbox) -> None:
    async def faulty(scope: Any, receive: Any, send: Any) -> None:
        await sandbox.app(scope | {"crossdock.fault": {"kind": "half_batch"}}, receive, send)

    answer = client_of(sandbox, faulty).post("/rest/batch/companies", json=[{"name": n} for n in "abcd"])

    names = {company["name"] for company in sandbox.dump()["records"]["company"]["live"]}
    assert answer.status_code == 500
    assert {"a", "b"} < names
    assert not {"c", "d"} & names


def test_the_hundred_and_first_call_is_refused_and_the_schema_is_not_limited(tmp_path: Path) -> None:
    sandbox = started(tmp_path, rate="real")
    client = client_of(sandbox)
    sandbox.workspace.bucket.drain()

    limited = client.get("/rest/companies?limit=0")
    schema = client.get("/rest/metadata/objects?limit=1")

    assert (limited.status_code, schema.status_code) == (429, 200)
    assert "retry-after" not in limited.headers


def test_more_than_200_records_are_refused_as_a_whole(sandbox: TwentySandbox, client: TestClient) -> None:
    rows = [{"jobTitle": str(n)} for n in range(201)]

    answer = client.post("/graphql", json={"query": CREATE, "variables": {"d": rows}}).json()

    assert answer["errors"][0]["message"] == "Maximum number of records to upsert is 200."
    assert answer["errors"][0]["extensions"]["subCode"] == "TOO_MANY_RECORDS_TO_UPDATE"
    assert len(sandbox.dump()["records"]["person"]["live"]) == 5


def test_a_body_over_10_mb_is_refused_in_plain_text(client: TestClient) -> None:
    answer = client.post("/rest/companies", content=b" " * (10 * 1024 * 1024 + 1))

    assert (answer.status_code, answer.text) == (500, "request entity too large")


def test_malformed_json_is_answered_in_the_frameworks_shape(client: TestClient) -> None:
    answer = client.post("/rest/companies", content=b"{")

    assert answer.status_code == 400
    assert set(answer.json()) == {"message", "error", "statusCode"}


def test_an_author_has_no_name_in_graphql_input(client: TestClient) -> None:
    row = {"createdBy": {"source": "IMPORT", "name": "Old user"}}

    answer = client.post("/graphql", json={"query": CREATE, "variables": {"d": [row]}})

    assert answer.status_code == 400
    message = answer.json()["errors"][0]["message"]
    assert message == 'Field "name" is not defined by type "ActorCreateInput".'


def test_one_timeline_row_is_written_for_each_created_record(
    sandbox: TwentySandbox, client: TestClient
) -> None:
    rows = [{"jobTitle": str(n)} for n in range(7)]

    client.post("/graphql", json={"query": CREATE, "variables": {"d": rows}})

    timeline = sandbox.dump()["records"]["timelineActivity"]["live"]
    assert [row["name"] for row in timeline] == ["person.created"] * 7


def test_webhooks_and_active_workflows_count_what_they_would_have_been_sent(
    sandbox: TwentySandbox, client: TestClient
) -> None:
    hook = {"targetUrl": "http://hook.example", "operations": ["person.created"]}
    client.post("/rest/metadata/webhooks", json=hook)

    client.post("/rest/batch/people", json=[{}, {}])

    effects = sandbox.dump()["effects"]
    assert effects["webhook http://hook.example person.created"] == 2
    assert [count for name, count in effects.items() if name.startswith("workflow ")] == [2]


def test_a_file_is_read_at_its_signed_address_only(client: TestClient, sandbox: TwentySandbox) -> None:
    item = sandbox.workspace.catalog.by_name["attachment"].fields["file"]
    query = (
        'mutation($m:String!){createFileUpload(filename:"a.txt",size:3,fileFolder:FilesField,'
        "fieldMetadataId:$m){fileId uploadUrl}}"
    )
    body = {"query": query, "variables": {"m": item.id}}
    made = client.post("/metadata", json=body).json()["data"]["createFileUpload"]
    client.put(made["uploadUrl"], content=b"abc")
    query = "mutation($i:String!){completeFileUpload(fileId:$i){url}}"
    body = {"query": query, "variables": {"i": made["fileId"]}}
    url = client.post("/metadata", json=body).json()["data"]["completeFileUpload"]["url"]

    signed, bare = client.get(url), client.get(url.partition("?")[0])

    assert (signed.content, bare.status_code) == (b"abc", 403)


def test_a_trashed_parent_is_shown_as_null_and_its_children_keep_the_reference(client: TestClient) -> None:
    company = client.post("/rest/companies", json={"name": "P"}).json()["data"]["createCompany"]["id"]
    person = client.post("/rest/people", json={"companyId": company}).json()["data"]["createPerson"]["id"]

    client.delete(f"/rest/companies/{company}?soft_delete=true")

    shown = client.get(f"/rest/people/{person}?depth=1").json()["data"]["person"]
    assert (shown["companyId"], shown["company"]) == (company, None)


def test_destroying_a_company_takes_its_links_and_leaves_its_people(
    sandbox: TwentySandbox, client: TestClient
) -> None:
    company = client.post("/rest/companies", json={"name": "P"}).json()["data"]["createCompany"]["id"]
    person = client.post("/rest/people", json={"companyId": company}).json()["data"]["createPerson"]["id"]
    client.post("/rest/noteTargets", json={"targetCompanyId": company})

    client.delete(f"/rest/companies/{company}")

    assert client.get(f"/rest/people/{person}").json()["data"]["person"]["companyId"] is None
    assert sandbox.dump()["records"]["noteTarget"]["live"] == []


def test_a_revoked_key_is_refused(sandbox: TwentySandbox, client: TestClient) -> None:
    sandbox.revoke()

    answer = client.get("/rest/companies")

    assert (answer.status_code, answer.json()["messages"]) == (403, ["This API Key is revoked"])


def test_the_fields_of_an_object_show_a_morph_relation_once(
    sandbox: TwentySandbox, client: TestClient
) -> None:
    target = sandbox.workspace.catalog.by_name["noteTarget"].id
    query = (
        "query($id:UUID!){object(id:$id){fieldsList{name type morphRelations{"
        "targetObjectMetadata{nameSingular}}}}}"
    )

    answer = client.post("/metadata", json={"query": query, "variables": {"id": target}}).json()

    morphs = [f for f in answer["data"]["object"]["fieldsList"] if f["type"] == "MORPH_RELATION"]
    assert [field["name"] for field in morphs] == ["target"]
    assert len(morphs[0]["morphRelations"]) == 3


def test_an_address_over_16_kb_is_refused(client: TestClient) -> None:
    ids = ",".join("c0ffee00-aaaa-4222-8333-000000000001" for _ in range(450))

    answer = client.get(f"/rest/companies?filter=id[in]:[{ids}]")

    assert answer.status_code == 431
