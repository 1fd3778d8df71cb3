"""Values and names in the forms that a real server (2.21.0) was seen to give back, one row a measurement."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from crossdock.sandbox.interface import SandboxOptions
from crossdock_twenty.sandbox import TwentySandbox

FIELDS = {
    "tLinks": "LINKS",
    "tJson": "RAW_JSON",
    "tPh": "PHONES",
    "tEm": "EMAILS",
    "tNum": "NUMBER",
    "tDate": "DATE",
    "tCur": "CURRENCY",
    "tRich": "RICH_TEXT",
    "tAct": "ACTOR",
}
CREATE_FIELD = """mutation($i: CreateOneFieldMetadataInput!) {
  createOneField(input: $i) { id relation { targetFieldMetadata { name } } } }"""
CREATE_OBJECT = "mutation($i:CreateOneObjectInput!){createOneObject(input:$i){id}}"


class Api:
    """The sandbox with an object `valx` that has a field of each type in FIELDS."""

    def __init__(self, folder: Path) -> None:
        options = SandboxOptions(folder / "twenty.db", "http://twenty.example", "fresh", "off")
        self.sandbox = TwentySandbox(options)
        self.client = TestClient(
            self.sandbox.app,
            base_url="http://twenty.example",
            headers={"Authorization": f"Bearer {self.sandbox.token}"},
            raise_server_exceptions=False,
        )
        self.ids = {name: obj.id for name, obj in self.sandbox.workspace.catalog.by_name.items()}
        self.object("valx")
        for name, kind in FIELDS.items():
            self.field("valx", kind, name)

    def graphql(self, path: str, query: str, **variables: Any) -> Any:
        return self.client.post(path, json={"query": query, "variables": variables}).json()

    def object(self, name: str) -> None:
        labels = {"labelSingular": name, "labelPlural": name + " s"}
        body = {"nameSingular": name, "namePlural": name + "s", **labels}
        answer = self.graphql("/metadata", CREATE_OBJECT, i={"object": body})
        self.ids[name] = answer["data"]["createOneObject"]["id"]

    def field(self, owner: str, kind: str, name: str, **more: Any) -> Any:
        body = {"objectMetadataId": self.ids[owner], "type": kind, "name": name, "label": name, **more}
        return self.graphql("/metadata", CREATE_FIELD, i={"field": body})

    def inverse(self, label: str) -> str:
        end = {
            "type": "MANY_TO_ONE",
            "targetObjectMetadataId": self.ids["company"],
            "targetFieldLabel": label,
        }
        made = self.field("valx", "RELATION", "toCompany", relationCreationPayload=end)
        name: str = made["data"]["createOneField"]["relation"]["targetFieldMetadata"]["name"]
        return name

    def kept(self, name: str, value: Any) -> Any:
        """What comes back for a created value; the message if it is refused."""
        body = self.client.post("/rest/valxs", json={name: value}).json()
        return body["data"]["createValx"][name] if "data" in body else body["messages"][0]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    made = Api(tmp_path_factory.mktemp("sandbox"))
    yield made
    made.sandbox.close()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (
            "https://пример.рф/путь?q=я#Я",
            "https://xn--e1afmkfd.xn--p1ai/%D0%BF%D1%83%D1%82%D1%8C?q=%D1%8F#%D0%AF",
        ),
        ("пример.рф", "пример.рф"),
        ("localhost", "localhost"),
        ("//a.example/x", "//a.example/x"),
        ("https://faß.example/", "https://xn--fa-hia.example"),
        ("http://EXAMPLE.com:80/", "http://example.com"),
        ("http://a.example:8080/x/", "http://a.example:8080/x"),
        ("https://user:pw@a.example/", "https://a.example"),
        ("https://a.example/a b", "https://a.example/a%20b"),
        ("https://a.example/?q=1/", "https://a.example/?q=1"),
        ("https://a.example//x//", "https://a.example//x/"),
    ],
)
def test_a_link_is_stored_in_its_normal_form(api: Api, sent: str, kept: str) -> None:
    assert api.kept("tLinks", {"primaryLinkUrl": sent})["primaryLinkUrl"] == kept


@pytest.mark.parametrize(
    "sent", ["ftp://f.example/x", "tg://resolve?domain=x", "https://a_b.example/", "-", "a b"]
)
def test_what_is_no_web_address_is_refused(api: Api, sent: str) -> None:
    assert api.kept("tLinks", {"primaryLinkUrl": sent}) == "The URL of the link is not valid"


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("tJson", {}, None),
        ("tJson", [], None),
        ("tJson", "null", None),
        ("tJson", "1", 1),
        ("tJson", [{}], [{}]),
        ("tNum", 1e21, 1e21),
        ("tDate", "2024-2-9", "2024-02-09"),
        ("tDate", "2024-02-29T23:30:00Z", "2024-02-29"),
    ],
)
def test_a_simple_value_comes_back_in_the_servers_form(api: Api, name: str, sent: Any, kept: Any) -> None:
    assert api.kept(name, sent) == kept


def test_a_date_with_another_offset_is_refused(api: Api) -> None:
    assert "Expected format: 'YYYY-MM-DD'" in api.kept("tDate", "2024-02-29T23:30:00+03:00")


@pytest.mark.parametrize(
    ("number", "country", "kept"), [("+7916123456", "", "916123456"), ("112", "RU", "112")]
)
def test_a_phone_number_need_not_be_possible(api: Api, number: str, country: str, kept: str) -> None:
    sent = {"primaryPhoneNumber": number, "primaryPhoneCountryCode": country}
    found = api.kept("tPh", sent)
    assert (found["primaryPhoneNumber"], found["primaryPhoneCountryCode"]) == (kept, "RU")


def test_a_label_without_a_link_is_dropped(api: Api) -> None:
    assert api.kept("tLinks", {"primaryLinkUrl": "", "primaryLinkLabel": "L"})["primaryLinkLabel"] == ""


def test_an_empty_author_is_the_system(api: Api) -> None:
    assert api.kept("tAct", {})["name"] == "System"


@pytest.mark.parametrize("name", ["tLinks", "tEm", "tPh", "tCur", "tAct"])
def test_null_leaves_a_composite_as_it_was(api: Api, name: str) -> None:
    body = {
        "tLinks": {"primaryLinkUrl": "https://a.example"},
        "tEm": {"primaryEmail": "a@b.example"},
        "tPh": {"primaryPhoneNumber": "+79161234567"},
        "tCur": {"amountMicros": 1_000_000, "currencyCode": "RUB"},
        "tAct": {"source": "IMPORT", "name": "Old"},
    }
    made = api.client.post("/rest/valxs", json=body).json()["data"]["createValx"]

    changed = api.client.patch(f"/rest/valxs/{made['id']}", json={name: None}).json()["data"]["updateValx"]

    assert changed[name] == made[name]


def test_null_breaks_a_rich_text(api: Api) -> None:
    assert api.kept("tRich", None) == "Cannot read properties of null (reading 'blocknote')"


def test_an_unknown_option_is_refused_by_the_resolver_not_by_the_schema(api: Api) -> None:
    api.field("valx", "SELECT", "tSel", options=[{"value": "A", "label": "a", "color": "red", "position": 0}])

    answer = api.graphql(
        "/graphql", "mutation($d:ValxCreateInput!){createValx(data:$d){id}}", d={"tSel": "B"}
    )

    assert answer["errors"][0]["message"] == 'Invalid value "B" for field "tSel". Valid values are: A'


def test_a_digit_is_a_word_in_graphql_and_not_over_rest(api: Api) -> None:
    api.object("site4b")

    over_rest = api.client.post("/rest/site4bs", json={"name": "x"}).json()["data"]
    made = api.graphql("/graphql", 'mutation{createSite4B(data:{name:"q"}){__typename}}')
    listed = api.graphql("/graphql", "query($f:Site4BFilterInput){site4Bs(filter:$f){totalCount}}")

    assert list(over_rest) == ["createSite4b"]
    assert made["data"]["createSite4B"]["__typename"] == "Site4B"
    assert listed["data"]["site4Bs"]["totalCount"] == 2


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Отгрузки", "otgruzki"),
        ("Ёлки, палки", "yolkiPalki"),
        ("4x4 Cars", "n4X4Cars"),
        ("Été à la plage", "eteALaPlage"),
        ("VIP клиенты", "vipKlienty"),
        ("Type", "typeCustom"),
    ],
)
def test_the_inverse_fields_name_is_made_from_its_label(tmp_path: Path, label: str, name: str) -> None:
    api = Api(tmp_path)
    assert api.inverse(label) == name
    api.sandbox.close()


@pytest.mark.parametrize(
    ("kind", "fits", "too_long"),
    [("PHONES", 49, 50), ("LINKS", 51, 52), ("ADDRESS", 49, 50), ("EMAILS", 62, 63)],
)
def test_columns_that_become_equal_when_cut_fail_in_the_migration(
    api: Api, kind: str, fits: int, too_long: int
) -> None:
    short, long = (api.field("valx", kind, kind[0].lower() + "x" * (n - 1)) for n in (fits, too_long))
    assert "errors" not in short
    assert "Migration action 'create' for 'fieldMetadata'" in long["errors"][0]["message"]


def test_options_whose_database_types_become_equal_when_cut_fail_in_the_migration(api: Api) -> None:
    options = [{"value": "A", "label": "a", "color": "red", "position": 0}]
    api.object("longobject" + "z" * 30)
    first, second = (
        api.field("longobject" + "z" * 30, "SELECT", "commonprefixofthefield" + tail, options=options)
        for tail in "ab"
    )
    assert "errors" not in first
    assert "Migration action 'create'" in second["errors"][0]["message"]


def test_a_linked_task_is_noted_at_the_other_record(api: Api) -> None:
    send = api.client.post
    company = send("/rest/companies", json={"name": "c"}).json()["data"]["createCompany"]["id"]
    task = send("/rest/tasks", json={"title": "t"}).json()["data"]["createTask"]["id"]
    send("/rest/taskTargets", json={"taskId": task, "targetCompanyId": company})
    api.client.patch(f"/rest/tasks/{task}", json={"title": "t2"})
    api.client.patch(f"/rest/tasks/{task}", json={"position": 5})

    timeline = api.sandbox.dump()["records"]["timelineActivity"]["live"]
    about = [row for row in timeline if row.get("linkedRecordId") == task]

    assert {(r["name"], r.get("targetCompanyId")) for r in about} == {
        ("linked-task.created", company),
        ("linked-task.updated", None),
    }
    own = [row["properties"] for row in timeline if row["name"] == "task.updated"]
    assert own == [{"diff": {"title": {"before": "t", "after": "t2"}}}]
