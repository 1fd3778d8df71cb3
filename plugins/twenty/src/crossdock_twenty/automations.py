"""Workflows and webhooks: which would act on written records, and how they are switched off and on again.

A key may not deactivate a workflow (`deactivateWorkflowVersion` answers `Forbidden resource`), nor set a
version's status. It may put the row of its automated trigger into the trash: then nothing starts it, and
restoring the row brings back the same trigger; the workflow stays ACTIVE meanwhile. A person who
deactivates it removes the row, one who activates it makes a new one. A live row starts nothing while no
version is ACTIVE, as after a workflow was in the trash. (All measured on 2.21.0.) The times of a CRON
trigger are kept in a cache of the server which such a row does not change (source of 2.21.0), so those
cannot be paused. Workflows that a person or a call starts do not act by themselves.

A webhook has no switch. Its operations get a prefix, so that they match no event: id, address and secret
stay, a person sees it in the settings, and what it was can be read from itself (measured on 2.21.0).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from crossdock.errors import ConfigError
from crossdock.model import Artifact, ArtifactReport, Change, ChangeKind, Outcome
from crossdock_twenty.answers import GoneError, RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.matching import Filter

PREFIX = "crossdock-paused:"
WORKFLOW, WEBHOOK = "workflow", "webhook"

_PAGE = 200
_HASH_DIGITS = 6  # of the address of a webhook: enough to tell, too few to find it out
_TRIGGERS = "automatedTriggers { edges { node { id type } } }"
_WORKFLOWS = f"""query($after: String) {{ workflows(first: {_PAGE}, after: $after) {{
  pageInfo {{ hasNextPage endCursor }} edges {{ node {{ id name statuses {_TRIGGERS} }} }} }} }}"""
_WORKFLOW = f"""query($filter: WorkflowFilterInput) {{ workflows(first: 1, filter: $filter) {{
  edges {{ node {{ id name statuses {_TRIGGERS} }} }} }} }}"""
_ROWS = f"""query($filter: WorkflowAutomatedTriggerFilterInput) {{
  workflowAutomatedTriggers(first: {_PAGE}, filter: $filter) {{ edges {{ node {{ id deletedAt }} }} }} }}"""
_TRASH = """mutation($filter: WorkflowAutomatedTriggerFilterInput!) {
  deleteWorkflowAutomatedTriggers(filter: $filter) { id } }"""
_RESTORE = """mutation($filter: WorkflowAutomatedTriggerFilterInput!) {
  restoreWorkflowAutomatedTriggers(filter: $filter) { id } }"""
_WITH_TRASH: Filter = {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}
_WEBHOOKS = "{ webhooks { id targetUrl operations } }"
_UPDATE_WEBHOOK = "mutation($i: UpdateWebhookInput!) { updateWebhook(input: $i) { id } }"
_GONE = "somebody deleted it meanwhile"
_ON = "somebody switched it on again meanwhile"
_OFF = "somebody deactivated it meanwhile"

Answer = tuple[Outcome, str]


class Automations:
    """The workflows and webhooks of one workspace."""

    def __init__(self, client: TwentyClient) -> None:
        self._client = client

    def workflows(self, objects: frozenset[str]) -> ArtifactReport:
        """Workflows; active are those with a trigger that starts them by itself. `objects`: all names."""
        if not {"workflow", "workflowAutomatedTrigger"} <= objects:
            return ArtifactReport(WORKFLOW, not_examined="this server has no object for workflows")
        found: list[Artifact] = []
        after: str | None = None
        while True:
            page = self._client.query(_WORKFLOWS, {"after": after})["workflows"]
            found += [_workflow(edge["node"]) for edge in page["edges"]]
            if not page["pageInfo"]["hasNextPage"]:
                return ArtifactReport(WORKFLOW, tuple(found))
            after = page["pageInfo"]["endCursor"]

    def webhooks(self) -> ArtifactReport:
        """Webhooks; active are those with an operation that matches something."""
        return ArtifactReport(WEBHOOK, tuple(_webhook(hook) for hook in self._hooks()))

    def pause(self, artifacts: Sequence[Artifact], *, dry_run: bool) -> Iterator[Change]:
        """Switch off, webhooks first: they would hear of the triggers. Raises ConfigError."""
        if scheduled := [a for a in artifacts if "CRON" in a.details.get("triggers", ())]:
            names = ", ".join(artifact.name for artifact in scheduled)
            raise ConfigError(
                f"Twenty starts these workflows by the clock, and a key cannot stop that: {names}.",
                hint="Deactivate them in Twenty for the time of the run, or decide `keep` in mapping.yaml.",
            )
        hooks = self._hooks() if any(a.kind == WEBHOOK for a in artifacts) else []
        for artifact in sorted(artifacts, key=lambda a: a.kind != WEBHOOK):
            if artifact.kind == WEBHOOK:
                undo = self._pause_webhook(artifact.id, hooks, dry_run=dry_run)
            else:
                undo = self._pause_workflow(artifact.id, dry_run=dry_run)
            key = f"automation:{artifact.kind} {artifact.id}"
            yield Change(ChangeKind.PAUSE, key, artifact.kind, artifact.name or artifact.id, undo=undo)

    def resume(self, change: Change, *, dry_run: bool) -> Answer:
        """Switch on again: `updated`; `unchanged` and what was found if somebody was there before."""
        try:
            if "webhook" in change.undo:
                return self._resume_webhook(change.undo["webhook"], dry_run=dry_run)
            return self._resume_workflow(change.undo["workflow"], change.undo["triggers"], dry_run=dry_run)
        except GoneError:
            return Outcome.UNCHANGED, _GONE
        except RefusalError as error:
            return Outcome.FAILED, error.message

    def _pause_workflow(self, workflow: str, *, dry_run: bool) -> Mapping[str, Any]:
        node = self._node(workflow)
        triggers = _trigger_ids(node) if node else []
        if triggers and not dry_run:
            self._client.mutate(_TRASH, {"filter": {"id": {"in": triggers}}}, repeat=True)
        return {"workflow": workflow, "triggers": triggers}

    def _resume_workflow(self, workflow: str, triggers: Sequence[str], *, dry_run: bool) -> Answer:
        node = self._node(workflow)
        if node is None:
            return Outcome.UNCHANGED, _GONE
        wanted = {"and": [{"id": {"in": list(triggers)}}, _WITH_TRASH]}
        rows = self._client.query(_ROWS, {"filter": wanted})["workflowAutomatedTriggers"]["edges"]
        trashed = [row["node"]["id"] for row in rows if row["node"]["deletedAt"]]
        if not trashed:
            return Outcome.UNCHANGED, _ON if _workflow(node).active else _OFF
        if not dry_run:
            self._client.mutate(_RESTORE, {"filter": {"id": {"in": trashed}}}, repeat=True)
        return Outcome.UPDATED, ""

    def _node(self, workflow: str) -> Mapping[str, Any] | None:
        """A workflow with its live triggers, None if it is gone or in the trash."""
        found = self._client.query(_WORKFLOW, {"filter": {"id": {"eq": workflow}}})["workflows"]["edges"]
        return found[0]["node"] if found else None

    def _pause_webhook(
        self, webhook: str, hooks: Sequence[Mapping[str, Any]], *, dry_run: bool
    ) -> Mapping[str, Any]:
        held: list[str] = next((h["operations"] for h in hooks if h["id"] == webhook), [])
        if held and not dry_run:
            self._set_operations(webhook, [PREFIX + name.removeprefix(PREFIX) for name in held])
        return {"webhook": webhook}

    def _resume_webhook(self, webhook: str, *, dry_run: bool) -> Answer:
        hook = next((h for h in self._hooks() if h["id"] == webhook), None)
        if hook is None:
            return Outcome.UNCHANGED, _GONE
        if not any(name.startswith(PREFIX) for name in hook["operations"]):
            return Outcome.UNCHANGED, _ON if hook["operations"] else _OFF
        if not dry_run:
            self._set_operations(webhook, [name.removeprefix(PREFIX) for name in hook["operations"]])
        return Outcome.UPDATED, ""

    def _hooks(self) -> list[dict[str, Any]]:
        hooks: list[dict[str, Any]] = self._client.read_schema(_WEBHOOKS)["webhooks"]
        return hooks

    def _set_operations(self, webhook: str, operations: Sequence[str]) -> None:
        update = {"id": webhook, "update": {"operations": list(operations)}}
        self._client.change_schema(_UPDATE_WEBHOOK, {"i": update}, repeat=True)


def _trigger_ids(node: Mapping[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in node["automatedTriggers"]["edges"]]


def _workflow(node: Mapping[str, Any]) -> Artifact:
    triggers = [edge["node"]["type"] for edge in node["automatedTriggers"]["edges"]]
    statuses = list(node["statuses"] or [])
    details = {"statuses": statuses, "triggers": triggers}
    return Artifact(
        WORKFLOW, node["name"] or "", node["id"], "ACTIVE" in statuses and bool(triggers), details
    )


def _webhook(hook: Mapping[str, Any]) -> Artifact:
    operations = list(hook["operations"])
    active = any(not name.startswith(PREFIX) for name in operations)
    return Artifact(WEBHOOK, _address(hook["targetUrl"]), hook["id"], active, {"operations": operations})


def _address(url: str) -> str:
    """Scheme and host, and a short hash of the rest: a path, a query or a user is often the secret itself.

    The hash keeps two webhooks to one host apart, so that each has a decision of its own.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    shown = f"{parts.scheme}://{host}" if parts.hostname else "(no host)"
    if parts.hostname and url.rstrip("/") == shown:
        return shown
    return f"{shown} #{hashlib.sha256(url.encode()).hexdigest()[:_HASH_DIGITS]}"
