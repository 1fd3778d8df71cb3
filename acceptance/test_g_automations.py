"""G22: automations at the destination that would act on the load."""

# ruff: noqa: N802 - a test is named after its row

import json
from pathlib import Path
from typing import Any

from acceptance.harness import Pair, Sandbox, Sandboxes, moved, prepared
from acceptance.slices import COMPANIES, Slice, key
from acceptance.test_p_gates import differences, settled

PREFILLED = "workflow Create company when adding a new person"
WELCOME, HOOK = "Поздравить новую компанию", "https://hook.example/crm"
FIRMS: list[dict[str, Any]] = [
    {"__id": key("G22", n), "__name": f"Тихая {n}", "_website": f"https://tihaya-{n}.example"}
    for n in range(51)
] + [{"__id": key("G22", "odd"), "__name": "Кривая", "_website": "нет адреса"}]
SEED: dict[str, Any] = {"items": {COMPANIES: FIRMS}}

LOGIN = "mutation { signUpInNewWorkspace { loginToken { token } } }"
EXCHANGE = """mutation($t: String!) {
  getAuthTokensFromLoginToken(loginToken: $t, origin: "http://crm.example") {
    tokens { accessOrWorkspaceAgnosticToken { token } } } }"""
TRIGGER = (
    "mutation($v: UUID!, $d: WorkflowVersionUpdateInput!) { updateWorkflowVersion(id: $v, data: $d) { id } }"
)
STEP = "mutation($i: CreateWorkflowVersionStepInput!) { createWorkflowVersionStep(input: $i) { __typename } }"
ACTIVATE = "mutation($v: UUID!) { activateWorkflowVersion(workflowVersionId: $v) }"


def asked(destination: Sandbox, query: str, path: str = "/graphql", **variables: Any) -> Any:
    """The data of a GraphQL request."""
    answer = destination.ask("POST", path, {"query": query, "variables": variables})
    assert not answer.get("errors"), answer["errors"]
    return answer["data"]


def with_automations(destination: Sandbox) -> None:
    """A workflow for every created company, made and activated by a person, and a webhook for the same."""
    login = asked(destination, LOGIN, "/metadata")["signUpInNewWorkspace"]["loginToken"]["token"]
    tokens = asked(destination, EXCHANGE, "/metadata", t=login)["getAuthTokensFromLoginToken"]["tokens"]
    session = tokens["accessOrWorkspaceAgnosticToken"]["token"]
    person = Sandbox(destination.platform, destination.url, session, destination.process)
    made = destination.ask("POST", "/rest/workflows", {"name": WELCOME})["data"]["createWorkflow"]["id"]
    (version,) = [v for v in destination.all("workflowVersions") if v["workflowId"] == made]
    trigger = {"name": "Создана", "type": "DATABASE_EVENT", "settings": {"eventName": "company.created"}}
    asked(destination, TRIGGER, v=version["id"], d={"trigger": trigger})
    asked(person, STEP, i={"workflowVersionId": version["id"], "stepType": "DELAY"})
    assert asked(person, ACTIVATE, v=version["id"])["activateWorkflowVersion"] is True
    body = {"targetUrl": HOOK, "operations": ["company.created"], "secret": "s"}
    destination.ask("POST", "/rest/metadata/webhooks", body)


def automations(destination: Sandbox) -> dict[str, Any]:
    """What acts: ids of live triggers by the name of their workflow, and webhooks with their operations."""
    names = {w["id"]: w["name"] for w in destination.all("workflows")}
    triggers = {names[t["workflowId"]]: t["id"] for t in destination.all("workflowAutomatedTriggers")}
    hooks = destination.ask("GET", "/rest/metadata/webhooks")
    return triggers | {h["targetUrl"]: (h["id"], h["operations"], h["secret"]) for h in hooks}


def ready(sandboxes: Sandboxes, folder: Path) -> Pair:
    """Both platforms and a mapping in which nothing is decided about the automations."""
    pair = prepared(sandboxes, folder, [Slice("G22", SEED, prepare=with_automations)])
    pair.project.must("map", "propose", "--overwrite")
    return pair


def decide(pair: Pair, **decisions: str) -> None:
    """Write decisions into the mapping as a person would, by kind, and confirm them."""
    mapping = pair.project.yaml("mapping.yaml")
    for name in mapping["automations"]:
        mapping["automations"][name] = decisions[name.partition(" ")[0]]
    pair.project.save("mapping.yaml", mapping)
    pair.project.must("map", "confirm", "--by", "Acceptance")


def test_G22_undecided_automations_are_refused_by_name(pair_name: str, sandboxes: Sandboxes, tmp_path: Path):
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    pair = ready(sandboxes, tmp_path)
    written = pair.project.yaml("mapping.yaml")["automations"]
    assert dict(written) == {
        PREFILLED: "undecided",
        f"workflow {WELCOME}": "undecided",
        f"webhook {HOOK}": "undecided",
    }
    found = [
        p["message"] for p in pair.project.must("map", "check")["problems"] if p["path"] == "automations"
    ]
    assert len(found) == 3
    pair.project.must("map", "confirm", "--by", "Acceptance")
    for command in ("provision", "run"):
        done = pair.project.call(command)
        assert done.code == 4, done.stderr
        assert f"workflow {WELCOME}" in done.stderr
        assert f"webhook {HOOK}" in done.stderr
    assert differences(pair.answers["before"], pair.destination.dump()) == []


def test_G22_paused_ones_are_silent_kept_ones_act_and_all_are_on_afterwards(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    pair = ready(sandboxes, tmp_path)
    before = automations(pair.destination)
    decide(pair, workflow="pause", webhook="keep")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    assert len(pair.destination.ours("companies", COMPANIES)) == 51
    assert pair.destination.all("workflowRuns") == []
    assert pair.destination.dump()["effects"][f"webhook {HOOK} company.created"] == 51
    assert automations(pair.destination) == before
    assert set(before) == {PREFILLED.partition(" ")[2], WELCOME, HOOK}
    states = {a["name"]: (a["decision"], a["state"]) for a in pair.report["automations"]}
    assert states == {
        PREFILLED.partition(" ")[2]: ("pause", "on again"),
        WELCOME: ("pause", "on again"),
        HOOK: ("keep", "kept on"),
    }
    refused = pair.refused([item["__id"] for item in FIRMS])
    assert set(refused) == {key("G22", "odd")}
    moved(record_property, len(FIRMS), len(refused))


def test_G22_a_killed_run_leaves_them_off_until_it_is_rolled_back(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path
):
    assert pair_name == "elma365-twenty", f"no acceptance data for the pair {pair_name} yet"
    pair = ready(sandboxes, tmp_path)
    before, acting = pair.answers["before"], automations(pair.destination)
    decide(pair, workflow="pause", webhook="pause")
    # The first batch of companies is written, and the process dies before it hears of it.
    pid_file = tmp_path / "pid"
    body = "createCompanies|https://tihaya-1.example"
    fault = {"kind": "kill_after", "method": "POST", "path": "/graphql|/rest/batch/companies", "body": body}
    pair.destination.ask("POST", "/_sandbox/faults", fault | {"pid_file": str(pid_file), "skip": 0})
    process = pair.project.begin("run")
    pid_file.write_text(str(process.pid))
    process.communicate(timeout=120)
    assert process.returncode == -9
    assert [name for name in automations(pair.destination) if name in (WELCOME, PREFILLED)] == []
    hook = automations(pair.destination)[HOOK]
    assert hook[1] != ["company.created"]
    assert "company.created" in json.dumps(hook[1])  # a person can still read what it was
    undone = pair.project.must("rollback")
    assert set(undone[0]["switched_on"]) == {PREFILLED, f"workflow {WELCOME}", f"webhook {HOOK}"}
    assert automations(pair.destination) == acting
    assert pair.destination.all("workflowRuns") == []
    assert differences(settled(before), settled(pair.destination.dump())) == []
