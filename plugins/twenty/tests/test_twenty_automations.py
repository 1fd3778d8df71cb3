"""Workflows and webhooks: what the server does with them, and how they are paused and switched on again."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connection import Connection
from crossdock.errors import ConfigError
from crossdock.filestore import FileStore
from crossdock.model import Artifact, Change, LedgerEntry, Origin, Outcome
from crossdock.sandbox.process import SandboxProcess, start
from crossdock_twenty.automations import PREFIX
from crossdock_twenty.destination import TwentyDestination
from crossdock_twenty.settings import TwentySettings

WELCOME = "Create company when adding a new person"
LOGIN = "mutation { signUpInNewWorkspace { loginToken { token } } }"
EXCHANGE = """mutation($t: String!) {
  getAuthTokensFromLoginToken(loginToken: $t, origin: "http://x.example") {
    tokens { accessOrWorkspaceAgnosticToken { token } } } }"""
ON, OFF = "activateWorkflowVersion", "deactivateWorkflowVersion"
COMPANY_CREATED = {"type": "DATABASE_EVENT", "settings": {"eventName": "company.created"}}


class Server:
    """The sandbox, asked with the key or by a person."""

    def __init__(self, process: SandboxProcess) -> None:
        self.url, self.key = process.url, process.token

    def post(self, path: str, body: Any, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token or self.key}"}
        return httpx2.post(f"{self.url}{path}", json=body, headers=headers, timeout=30).json()

    def ask(self, query: str, *, path: str = "/graphql", token: str = "", **variables: Any) -> Any:
        return self.post(path, {"query": query, "variables": variables}, token)

    def person(self) -> str:
        made = self.ask(LOGIN, path="/metadata")["data"]["signUpInNewWorkspace"]
        answer = self.ask(EXCHANGE, path="/metadata", t=made["loginToken"]["token"])["data"]
        token = answer["getAuthTokensFromLoginToken"]["tokens"]["accessOrWorkspaceAgnosticToken"]["token"]
        return str(token)

    def switch(self, name: str, version: str, *, key: bool = False) -> Any:
        """Activate or deactivate a version."""
        token = "" if key else self.person()
        return self.ask(f"mutation($v: UUID!) {{ {name}(workflowVersionId: $v) }}", token=token, v=version)

    def workflow(self, name: str = WELCOME) -> dict[str, Any]:
        (found,) = [w for w in self.dump()["records"]["workflow"]["live"] if w["name"] == name]
        return dict(found)

    def triggers(self, name: str = WELCOME) -> dict[str, list[str]]:
        """Ids of a workflow's triggers: live, and in the trash."""
        rows = self.dump()["records"]["workflowAutomatedTrigger"]
        key = self.workflow(name)["id"]
        return {part: [r["id"] for r in rows[part] if r["workflowId"] == key] for part in ("live", "trash")}

    def runs(self) -> list[str]:
        return [row["name"] for row in self.dump()["records"]["workflowRun"]["live"]]

    def make_workflow(self, name: str, trigger: dict[str, Any]) -> dict[str, Any]:
        """A workflow that a person made and activated."""
        made = self.post("/rest/workflows", {"name": name})["data"]["createWorkflow"]["id"]
        (version,) = [v for v in self.dump()["records"]["workflowVersion"]["live"] if v["workflowId"] == made]
        mutation = (
            "mutation($v: UUID!, $d: WorkflowVersionUpdateInput!)"
            " { updateWorkflowVersion(id: $v, data: $d) { id } }"
        )
        self.ask(mutation, v=version["id"], d={"trigger": trigger})
        step = (
            "mutation($i: CreateWorkflowVersionStepInput!)"
            " { createWorkflowVersionStep(input: $i) { __typename } }"
        )
        self.ask(step, token=self.person(), i={"workflowVersionId": version["id"], "stepType": "DELAY"})
        assert self.switch(ON, version["id"]) == {"data": {ON: True}}
        return self.workflow(name)

    def hook(self, url: str = "https://hook.example/crm", *operations: str) -> dict[str, Any]:
        body = {"targetUrl": url, "operations": list(operations or ("company.created",))}
        return dict(self.post("/rest/metadata/webhooks", body))

    def hooks(self) -> list[dict[str, Any]]:
        query = "{ webhooks { id targetUrl operations secret } }"
        return list(self.ask(query, path="/metadata")["data"]["webhooks"])

    def dump(self) -> Any:
        return httpx2.get(f"{self.url}/_sandbox/dump", timeout=30).json()


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    made = start("twenty", data=tmp_path_factory.mktemp("sandbox") / "twenty.db", seed="fresh", rate="off")
    yield made
    made.stop()


@pytest.fixture
def server(process: SandboxProcess) -> Server:
    httpx2.post(f"{process.url}/_sandbox/reset", json={"seed": "fresh"}).raise_for_status()
    return Server(process)


@pytest.fixture
def twenty(server: Server, tmp_path: Path) -> Iterator[TwentyDestination]:
    settings = TwentySettings(url=server.url, key=server.key, timeout=20)
    destination = TwentyDestination(settings, Connection("t", "demo", "ten", FileStore(tmp_path)))
    yield destination
    destination.close()


def active(twenty: TwentyDestination) -> list[Artifact]:
    return [a for report in twenty.discover().artifacts for a in report.found if a.active]


def paused(twenty: TwentyDestination) -> list[Change]:
    return list(twenty.provision((), False, active(twenty)))


def resumed(twenty: TwentyDestination, *changes: Change, dry_run: bool = False) -> list[tuple[Outcome, str]]:
    entries = [LedgerEntry(Origin("", "a", c.key), "", "", Outcome.CREATED, change=c) for c in changes]
    receipts = [r for e in reversed(entries) for r in twenty.rollback([e], dry_run)]
    return [(r.outcome, "; ".join(r.reasons)) for r in receipts]


def state(server: Server) -> Any:
    """Everything but what a change of a trigger moves: its time and author."""
    dump = server.dump()
    for row in dump["records"]["workflowAutomatedTrigger"]["live"]:
        row.pop("updatedAt", None)
        row.pop("updatedBy", None)
    return dump["records"], dump["webhooks"]


# --- the server ---------------------------------------------------------------------------------


def test_a_key_may_not_deactivate_a_workflow(server: Server) -> None:
    answer = server.switch(OFF, server.workflow()["lastPublishedVersionId"], key=True)
    assert answer["data"] is None
    assert answer["errors"][0]["message"] == "Forbidden resource"
    assert server.triggers()["live"] != []


def test_a_key_may_not_set_a_status(server: Server) -> None:
    workflow = server.workflow()
    for name, key, data in (
        ("Workflow", workflow["id"], {"statuses": ["DEACTIVATED"]}),
        ("WorkflowVersion", workflow["lastPublishedVersionId"], {"status": "DEACTIVATED"}),
    ):
        query = f"mutation($i: UUID!, $d: {name}UpdateInput!) {{ update{name}(id: $i, data: $d) {{ id }} }}"
        answer = server.ask(query, i=key, d=data)
        assert answer["errors"][0]["extensions"]["subCode"] == "FORBIDDEN"


def test_a_person_who_deactivates_removes_the_trigger_even_from_the_trash(server: Server) -> None:
    (trigger,) = server.triggers()["live"]
    server.ask("mutation($i: UUID!) { deleteWorkflowAutomatedTrigger(id: $i) { id } }", i=trigger)

    server.switch(OFF, server.workflow()["lastPublishedVersionId"])

    assert server.triggers() == {"live": [], "trash": []}
    assert server.workflow()["statuses"] == ["DEACTIVATED"]


def test_an_activation_makes_a_new_trigger(server: Server) -> None:
    before, version = server.triggers()["live"], server.workflow()["lastPublishedVersionId"]
    server.switch(OFF, version)
    server.switch(ON, version)
    assert len(server.triggers()["live"]) == 1
    assert server.triggers()["live"] != before
    assert server.workflow()["statuses"] == ["ACTIVE"]


def test_only_the_last_published_version_is_activated_again(server: Server) -> None:
    version = server.workflow()["lastPublishedVersionId"]
    answer = server.switch(ON, version)
    assert answer["errors"][0]["message"] == "Cannot activate non-draft or non-last-published version"


def test_a_workflow_that_is_set_off_gets_a_run_for_each_record(server: Server) -> None:
    server.make_workflow("On company", COMPANY_CREATED)
    server.post("/rest/batch/companies", [{"name": "A"}, {"name": "B"}])
    assert sorted(server.runs()) == ["#1 - On company", "#2 - On company"]


def test_a_trigger_in_the_trash_starts_nothing(server: Server) -> None:
    (trigger,) = server.triggers()["live"]
    server.ask("mutation($i: UUID!) { deleteWorkflowAutomatedTrigger(id: $i) { id } }", i=trigger)
    server.post("/rest/batch/people", [{}, {}])
    assert server.runs() == []


def test_a_workflow_takes_its_triggers_into_the_trash_and_back(server: Server) -> None:
    key, (trigger,) = server.workflow()["id"], server.triggers()["live"]
    server.ask("mutation($i: UUID!) { deleteWorkflow(id: $i) { id } }", i=key)
    rows = server.dump()["records"]["workflowAutomatedTrigger"]
    assert ([r["id"] for r in rows["trash"]], rows["live"]) == ([trigger], [])
    server.ask("mutation($i: UUID!) { restoreWorkflow(id: $i) { id } }", i=key)
    assert server.triggers() == {"live": [trigger], "trash": []}


# --- the destination ----------------------------------------------------------------------------


def test_active_is_what_a_record_sets_off(server: Server, twenty: TwentyDestination) -> None:
    server.hook()
    assert [(a.kind, a.name) for a in active(twenty)] == [
        ("workflow", WELCOME),
        ("webhook", "https://hook.example #192c30"),
    ]
    assert "Quick Lead" in [a.name for a in twenty.discover().artifacts[0].found]  # started by hand


def test_an_address_is_shown_without_what_may_be_secret(server: Server, twenty: TwentyDestination) -> None:
    server.hook("https://ann:pass@hook.example:8443/T01/B02/sl4ck?token=s3cret#part")
    shown = twenty.discover().artifacts[1].found[0].name
    assert re.fullmatch(r"https://hook\.example:8443 #[0-9a-f]{6}", shown)


def test_two_webhooks_to_one_host_have_two_names(server: Server, twenty: TwentyDestination) -> None:
    for url in ("https://hook.example/one", "https://hook.example/two", "https://hook.example"):
        server.hook(url)
    names = [webhook.name for webhook in twenty.discover().artifacts[1].found]
    assert len(set(names)) == 3
    assert names[2] == "https://hook.example"


def test_webhooks_are_read_once_for_a_pause(server: Server, twenty: TwentyDestination) -> None:
    for number in range(3):
        server.hook(f"https://hook.example/{number}")
    found = [artifact for artifact in active(twenty) if artifact.kind == "webhook"]
    httpx2.delete(f"{server.url}/_sandbox/log", timeout=30).raise_for_status()
    list(twenty.provision((), True, found))
    log = httpx2.get(f"{server.url}/_sandbox/log?since=0", timeout=30).json()
    assert [entry["path"] for entry in log].count("/metadata") == 1


def test_while_paused_nothing_is_set_off(server: Server, twenty: TwentyDestination) -> None:
    server.hook("https://hook.example/crm", "person.created", "*.deleted")
    paused(twenty)
    server.post("/rest/batch/people", [{}, {}])
    assert server.runs() == []
    assert [name for name in server.dump()["effects"] if name.startswith(("webhook", "workflow"))] == []
    assert active(twenty) == []


def test_a_workflow_stays_published_while_it_is_paused(server: Server, twenty: TwentyDestination) -> None:
    paused(twenty)
    assert server.workflow()["statuses"] == ["ACTIVE"]


def test_a_dry_run_of_a_pause_says_the_same_and_does_nothing(
    server: Server, twenty: TwentyDestination
) -> None:
    server.hook()
    before = server.dump()
    planned = list(twenty.provision((), True, active(twenty)))
    assert server.dump() == before
    assert planned == paused(twenty)
    assert [c.key.split()[0] for c in planned] == ["automation:webhook", "automation:workflow"]


def test_switched_on_again_all_is_as_it_was(server: Server, twenty: TwentyDestination) -> None:
    server.hook("https://hook.example/crm", "person.created", "*.*")
    hooks, before = server.hooks(), state(server)
    changes = paused(twenty)
    assert resumed(twenty, *changes) == [(Outcome.UPDATED, ""), (Outcome.UPDATED, "")]
    assert (server.hooks(), state(server)) == (hooks, before)


def test_a_dry_run_of_switching_on_does_nothing(server: Server, twenty: TwentyDestination) -> None:
    server.hook()
    changes = paused(twenty)
    assert resumed(twenty, *changes, dry_run=True) == [(Outcome.UPDATED, ""), (Outcome.UPDATED, "")]
    assert active(twenty) == []


def test_what_was_only_planned_is_as_it_was(server: Server, twenty: TwentyDestination) -> None:
    changes = list(twenty.provision((), True, active(twenty)))
    assert resumed(twenty, *changes)[0][0] is Outcome.UNCHANGED
    assert len(active(twenty)) == 1


def test_a_person_who_activated_again_is_respected(server: Server, twenty: TwentyDestination) -> None:
    changes, version = paused(twenty), server.workflow()["lastPublishedVersionId"]
    server.switch(OFF, version)
    server.switch(ON, version)
    assert resumed(twenty, *changes) == [(Outcome.UNCHANGED, "somebody switched it on again meanwhile")]
    assert len(server.triggers()["live"]) == 1


def test_a_person_who_deactivated_is_respected(server: Server, twenty: TwentyDestination) -> None:
    changes = paused(twenty)
    server.switch(OFF, server.workflow()["lastPublishedVersionId"])
    assert resumed(twenty, *changes) == [(Outcome.UNCHANGED, "somebody deactivated it meanwhile")]
    assert server.triggers() == {"live": [], "trash": []}


def test_a_workflow_that_was_deleted_stays_so(server: Server, twenty: TwentyDestination) -> None:
    changes = paused(twenty)
    server.ask("mutation($i: UUID!) { deleteWorkflow(id: $i) { id } }", i=server.workflow()["id"])
    assert resumed(twenty, *changes) == [(Outcome.UNCHANGED, "somebody deleted it meanwhile")]


@pytest.mark.parametrize(
    ("operations", "said"),
    [
        (["company.updated"], "somebody switched it on again meanwhile"),
        ([], "somebody deactivated it meanwhile"),
    ],
)
def test_a_webhook_that_somebody_changed_is_respected(
    server: Server, twenty: TwentyDestination, operations: list[str], said: str
) -> None:
    hook = server.hook()
    change = paused(twenty)[0]
    update = "mutation($i: UpdateWebhookInput!) { updateWebhook(input: $i) { id } }"
    server.ask(update, path="/metadata", i={"id": hook["id"], "update": {"operations": operations}})
    assert resumed(twenty, change) == [(Outcome.UNCHANGED, said)]
    assert server.hooks()[0]["operations"] == operations


def test_a_webhook_that_was_deleted_stays_so(server: Server, twenty: TwentyDestination) -> None:
    hook = server.hook()
    change = paused(twenty)[0]
    server.ask("mutation($i: UUID!) { deleteWebhook(id: $i) { id } }", path="/metadata", i=hook["id"])
    assert resumed(twenty, change) == [(Outcome.UNCHANGED, "somebody deleted it meanwhile")]


def test_a_paused_webhook_shows_in_itself_what_it_was(server: Server, twenty: TwentyDestination) -> None:
    made = server.hook("https://hook.example/crm", "company.created")
    paused(twenty)
    (hook,) = server.hooks()
    assert (hook["id"], hook["operations"]) == (made["id"], [f"{PREFIX}company.created"])


def test_a_workflow_that_starts_by_the_clock_cannot_be_paused(
    server: Server, twenty: TwentyDestination
) -> None:
    server.make_workflow("Nightly", {"type": "CRON", "settings": {"pattern": "0 3 * * *"}})
    before = server.dump()
    with pytest.raises(ConfigError, match=r"by the clock.*Nightly"):
        list(twenty.provision((), True, active(twenty)))
    assert server.dump() == before


def test_a_workflow_that_was_in_the_trash_is_not_active_any_more(
    server: Server, twenty: TwentyDestination
) -> None:
    changes, key = paused(twenty), server.workflow()["id"]
    server.ask("mutation($i: UUID!) { deleteWorkflow(id: $i) { id } }", i=key)
    server.ask("mutation($i: UUID!) { restoreWorkflow(id: $i) { id } }", i=key)
    assert (len(server.triggers()["live"]), server.workflow()["statuses"]) == (1, ["DEACTIVATED"])
    assert resumed(twenty, *changes) == [(Outcome.UNCHANGED, "somebody deactivated it meanwhile")]
    server.post("/rest/batch/people", [{}, {}])
    assert server.runs() == []
