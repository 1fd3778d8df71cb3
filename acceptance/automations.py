"""Automations that people made at a destination before the migration, and what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

from acceptance.destinations import Destination, Odoo, Twenty

WELCOME, OTHER = "Поздравить новую компанию", "https://hook.example/crm"


class Automations(Protocol):
    """One destination's. Names are those that a mapping and a report show, with their kind."""

    @property
    def decisions(self) -> Mapping[str, str]:
        """What a person decides of each."""

    @property
    def secret(self) -> str:
        """What of a name may not be shown; "" if nothing."""

    @property
    def kept_acts(self) -> int:
        """How often the one that is kept acts on 51 new companies."""

    def make(self, destination: Destination) -> None:
        """Make one for every created company, and another for the same, beside what was there."""

    def acting(self, destination: Destination) -> dict[str, Any]:
        """What is switched on, by shown name, each with all that it has."""

    def silenced(self, state: Any) -> bool:
        """Whether one that is kept in the list while it is paused says what it was, and does not act."""

    def fired(self, destination: Destination, name: str) -> int:
        """How often one acted."""


LOGIN = "mutation { signUpInNewWorkspace { loginToken { token } } }"
EXCHANGE = """mutation($t: String!) {
  getAuthTokensFromLoginToken(loginToken: $t, origin: "http://crm.example") {
    tokens { accessOrWorkspaceAgnosticToken { token } } } }"""
TRIGGER = (
    "mutation($v: UUID!, $d: WorkflowVersionUpdateInput!) { updateWorkflowVersion(id: $v, data: $d) { id } }"
)
STEP = "mutation($i: CreateWorkflowVersionStepInput!) { createWorkflowVersionStep(input: $i) { __typename } }"
ACTIVATE = "mutation($v: UUID!) { activateWorkflowVersion(workflowVersionId: $v) }"


@dataclass
class OfTwenty:
    """Workflows, one of them prefilled, and a webhook."""

    shown: ClassVar[str] = "webhook https://hook.example #192c30"  # no path: it is often the secret
    prefilled: ClassVar[str] = "workflow Create company when adding a new person"
    decisions: ClassVar[Mapping[str, str]] = {
        prefilled: "pause",
        f"workflow {WELCOME}": "pause",
        shown: "keep",
    }
    secret: ClassVar[str] = OTHER
    kept_acts: ClassVar[int] = 51

    def make(self, destination: Destination) -> None:
        """A workflow for every created company, made and activated by a person, and a webhook."""
        assert isinstance(destination, Twenty)
        login = destination.graphql("/metadata", LOGIN)["signUpInNewWorkspace"]["loginToken"]["token"]
        tokens = destination.graphql("/metadata", EXCHANGE, t=login)["getAuthTokensFromLoginToken"]["tokens"]
        person = replace(destination, token=tokens["accessOrWorkspaceAgnosticToken"]["token"])
        made = destination.ask("POST", "/rest/workflows", {"name": WELCOME})["data"]["createWorkflow"]["id"]
        (version,) = [v for v in destination.all("workflowVersions") if v["workflowId"] == made]
        event = {"name": "Создана", "type": "DATABASE_EVENT", "settings": {"eventName": "company.created"}}
        destination.graphql("/graphql", TRIGGER, v=version["id"], d={"trigger": event})
        person.graphql("/graphql", STEP, i={"workflowVersionId": version["id"], "stepType": "DELAY"})
        assert person.graphql("/graphql", ACTIVATE, v=version["id"])["activateWorkflowVersion"] is True
        body = {"targetUrl": OTHER, "operations": ["company.created"], "secret": "s"}
        destination.ask("POST", "/rest/metadata/webhooks", body)

    def acting(self, destination: Destination) -> dict[str, Any]:
        """Ids of live triggers by their workflow, and webhooks with their operations."""
        assert isinstance(destination, Twenty)
        names = {w["id"]: w["name"] for w in destination.all("workflows")}
        triggers = destination.all("workflowAutomatedTriggers")
        hooks = destination.ask("GET", "/rest/metadata/webhooks")
        shown = {OTHER: self.shown}
        return {f"workflow {names[t['workflowId']]}": t["id"] for t in triggers} | {
            shown[h["targetUrl"]]: (h["id"], h["operations"], h["secret"]) for h in hooks
        }

    def silenced(self, state: Any) -> bool:
        """A paused webhook stays in the list with its operation written so that it is none."""
        _, operations, _ = state
        return operations != ["company.created"] and "company.created" in str(operations)

    def fired(self, destination: Destination, name: str) -> int:
        """Runs of a workflow, or calls of the webhook."""
        assert isinstance(destination, Twenty)
        if name == self.shown:
            return int(destination.dump()["effects"].get(f"webhook {OTHER} company.created", 0))
        names = {w["id"]: f"workflow {w['name']}" for w in destination.all("workflows")}
        return len([r for r in destination.all("workflowRuns") if names.get(r["workflowId"]) == name])


@dataclass
class OfOdoo:
    """Automation rules: two that were there, and two more."""

    kept: ClassVar[str] = "automation_rule Записать новую компанию"
    decisions: ClassVar[Mapping[str, str]] = {
        "automation_rule Mark new contacts": "pause",
        "automation_rule Welcome new deals": "pause",
        f"automation_rule {WELCOME}": "pause",
        kept: "keep",
    }
    secret: ClassVar[str] = ""
    kept_acts: ClassVar[int] = 53  # and on the contacts of the two users who are made

    def make(self, destination: Destination) -> None:
        """Two rules for every created contact."""
        assert isinstance(destination, Odoo)
        (model,) = destination.all("ir.model", [["model", "=", "res.partner"]], ["id"])
        for name in (WELCOME, self.kept.partition(" ")[2]):
            action = {"name": name, "model_id": model["id"], "state": "code", "usage": "base_automation"}
            deed = destination.as_person("ir.actions.server", "create", action)
            rule = {"name": name, "model_id": model["id"], "trigger": "on_create"}
            rule |= {"action_server_ids": [[6, 0, [deed]]]}
            destination.as_person("base.automation", "create", rule)

    def acting(self, destination: Destination) -> dict[str, Any]:
        """Numbers of the rules that are on, with what they do."""
        assert isinstance(destination, Odoo)
        rules = destination.all("base.automation", [["active", "=", True]])
        return {
            f"automation_rule {row['name']}": (row["id"], row["trigger"], row["action_server_ids"])
            for row in rules
        }

    def silenced(self, state: Any) -> bool:
        """A rule that is off is not in the list of those that are on."""
        return not state

    def fired(self, destination: Destination, name: str) -> int:
        """Runs of a rule."""
        own = name.partition(" ")[2]
        effects = destination.dump()["effects"]
        return sum(count for effect, count in effects.items() if effect.endswith(f" {own}"))


OF: Mapping[str, Automations] = {"odoo": OfOdoo(), "twenty": OfTwenty()}
