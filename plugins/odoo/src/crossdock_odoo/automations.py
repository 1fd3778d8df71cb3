"""Automation rules: which would act on written records, and how they are switched off and on again.

A rule (`base.automation`) has a switch of its own, `active`, which a key with the right Administration /
Settings may set; nothing else of it changes (measured on 18.0). Rules that somebody outside calls (webhooks)
or that act while a form is filled do not act on what is loaded. Rules by time go through all records on a
schedule, and so act on loaded ones too; those that are due while they are off act afterwards.

Scheduled actions (`ir.cron`) are told for information: the server's own work is among them. The address of a
webhook is its secret, and is never read.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crossdock.model import Artifact, ArtifactReport, Change, ChangeKind, Outcome
from crossdock_odoo.answers import GoneError, RefusalError, RightsError
from crossdock_odoo.client import OdooClient, Row

RULE, SCHEDULED = "automation_rule", "scheduled_action"

_MODEL, _ACTIONS = "base.automation", "ir.actions.server"
_COLUMNS = ("name", "active", "trigger", "model_id", "filter_domain", "action_server_ids", "action_server_id")
_NOT_BY_A_LOAD = frozenset({"on_change", "on_webhook"})
_GONE = "somebody deleted it meanwhile"
_ON = "somebody switched it on again meanwhile"
_CHANGED = "somebody changed it meanwhile, and it is off"

_PROJECT, _STAGE = "project.project", "project.task.type"

Answer = tuple[Outcome, str]


class Automations:
    """The automation rules of one database."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client

    def rules(self) -> ArtifactReport:
        """The rules; active are those that are on and would act on what is loaded."""
        try:
            held = self._client.fields_get(_MODEL, ["type", "selection"])
        except RightsError as error:
            return ArtifactReport(RULE, not_examined=error.message)
        except RefusalError:
            return ArtifactReport(RULE)  # the module base_automation is not installed
        columns = [name for name in _COLUMNS if name in held]
        try:
            rows = self._client.search_read(_MODEL, [], columns)
            deeds = self._deeds(rows)
        except RightsError as error:
            return ArtifactReport(RULE, not_examined=error.message)
        triggers = dict(held["trigger"].get("selection") or ())
        return ArtifactReport(RULE, tuple(_rule(row, triggers, deeds) for row in rows))

    def scheduled(self) -> ArtifactReport:
        """The scheduled actions that are on, for information: nothing is decided about them."""
        columns = ["name", "model_id", "interval_number", "interval_type"]
        try:
            rows = self._client.search_read("ir.cron", [["active", "=", True]], columns)
        except RefusalError as error:
            return ArtifactReport(SCHEDULED, not_examined=error.message)
        return ArtifactReport(SCHEDULED, tuple(_scheduled(row) for row in rows))

    def ratings(self) -> tuple[str, ...]:
        """A note on projects that ask customers for a rating when a task gets to a stage; none without such.

        Neither a rule nor a scheduled action: the server mails by its own code, whatever the context says.
        (Code of 18.0.)
        """
        try:
            stages = self._client.search_read(_STAGE, [["rating_template_id", "!=", False]], ["project_ids"])
            ids = {i for stage in stages for i in stage["project_ids"]}
            domain = [
                ["id", "in", sorted(ids)],
                ["rating_active", "=", True],
                ["rating_status", "=", "stage"],
            ]
            found = self._client.search_read(_PROJECT, domain, ["name"]) if ids else []
        except RefusalError:
            return ()  # the app project is not installed, or has no ratings
        if not found:
            return ()
        names = ", ".join(str(row["name"]) for row in found)
        return (
            f"Customers are mailed for a rating when a task gets to some stages of {names}: switch Customer"
            " Ratings off in these projects while tasks are loaded.",
        )

    def pause(self, artifacts: Sequence[Artifact], *, dry_run: bool) -> Iterator[Change]:
        """Switch rules off, each one change. Raises ConfigError for what is no rule."""
        for artifact in artifacts:
            if artifact.kind != RULE:
                continue  # the core says that it was not paused
            if not dry_run:
                self._switch_off(int(artifact.id))
            key, undo = f"automation:{RULE} {artifact.id}", {"rule": int(artifact.id)}
            yield Change(ChangeKind.PAUSE, key, RULE, artifact.name or artifact.id, undo=undo)

    def resume(self, change: Change, *, dry_run: bool) -> Answer:
        """Switch on again: `updated`; `unchanged` and what was found if somebody was there before."""
        rule = int(change.undo["rule"])
        try:
            rows = self._client.read(_MODEL, [rule], ["active", "write_uid"])
            if not rows:
                return Outcome.UNCHANGED, _GONE
            if rows[0]["active"]:
                return Outcome.UNCHANGED, _ON
            if rows[0]["write_uid"] != self._client.user_id:
                return Outcome.UNCHANGED, _CHANGED
            if not dry_run:
                self._client.write(_MODEL, [rule], {"active": True}, safe=True)
        except GoneError:
            return Outcome.UNCHANGED, _GONE
        except RefusalError as error:
            return Outcome.FAILED, error.message
        return Outcome.UPDATED, ""

    def _switch_off(self, rule: int) -> None:
        """One that is off already is not touched: whoever did that is found by `resume`."""
        rows = self._client.read(_MODEL, [rule], ["active"])
        if rows and rows[0]["active"]:
            self._client.write(_MODEL, [rule], {"active": False}, safe=True)

    def _deeds(self, rows: Sequence[Row]) -> Mapping[int, str]:
        """What each server action of these rules does, in words."""
        ids = {i for row in rows for i in _action_ids(row)}
        found = self._client.read(_ACTIONS, sorted(ids), ["name", "state", "code"])
        kinds = dict(self._client.fields_get(_ACTIONS, ["selection"])["state"]["selection"]) if found else {}
        return {row["id"]: _deed(row, kinds) for row in found}


def _action_ids(row: Row) -> list[int]:
    """Up to 16 a rule is one server action, later it has several (documented)."""
    if "action_server_ids" in row:
        return list(row["action_server_ids"])
    one = row.get("action_server_id")
    return [one[0]] if one else []


def _rule(row: Row, triggers: Mapping[str, str], deeds: Mapping[int, str]) -> Artifact:
    trigger = row["trigger"] or ""
    details: dict[str, Any] = {
        "model": row["model_id"][1] if row["model_id"] else "",
        "trigger": triggers.get(trigger, trigger),
        "does": [deeds[i] for i in _action_ids(row) if i in deeds],
        "on": bool(row["active"]),
    }
    if row.get("filter_domain"):
        details["only"] = row["filter_domain"]
    active = bool(row["active"]) and trigger not in _NOT_BY_A_LOAD
    return Artifact(RULE, row["name"] or "", str(row["id"]), active, details)


def _deed(row: Row, kinds: Mapping[str, str]) -> str:
    """The kind of an action; never a webhook's address, nor what a piece of code says."""
    text = kinds.get(row["state"], str(row["state"]))
    if row["state"] == "code":
        text += f" ({len(str(row['code'] or '').splitlines())} lines)"
    return text


def _scheduled(row: Row) -> Artifact:
    details = {
        "model": row["model_id"][1] if row["model_id"] else "",
        "every": f"{row['interval_number']} {row['interval_type']}",
    }
    return Artifact(SCHEDULED, row["name"] or "", str(row["id"]), None, details)
