"""Automation rules: listed without secrets, paused, and on again unless somebody was there before."""

import pytest

from crossdock.model import Artifact, LedgerEntry, Origin, Outcome
from crossdock_odoo.automations import RULE, Automations


@pytest.fixture
def world(odoo):
    odoo.seed(modules={"base_automation": "installed"})
    return odoo


def rule(world, name="Welcome", trigger="on_create_or_write", **more):
    (lead,) = world.client.search("ir.model", [["model", "=", "crm.lead"]])
    return world.make("base.automation", name=name, model_id=lead, trigger=trigger, **more)


def action(world, state, **more):
    (lead,) = world.client.search("ir.model", [["model", "=", "crm.lead"]])
    return [0, 0, {"name": state, "model_id": lead, "state": state, "usage": "base_automation", **more}]


def paused(world, *artifacts):
    return list(world.destination.provision((), False, artifacts))


def resumed(world, change):
    entry = LedgerEntry(Origin("", "automation", change.key), "", "", Outcome.CREATED, change=change)
    (said,) = world.destination.rollback([entry], True)
    (done,) = world.destination.rollback([entry], False)
    assert (said.outcome, said.reasons) == (done.outcome, done.reasons)
    return done


def test_rules_are_listed_with_what_they_do_and_without_addresses_and_code(world):
    actions = [action(world, "code", code="a = 1\nb = 'token'"), action(world, "webhook")]
    rule(world, action_server_ids=actions, filter_domain="[('type', '=', 'lead')]")

    (found,) = Automations(world.client).rules().found

    assert (found.kind, found.name, found.active) == (RULE, "Welcome", True)
    assert found.details["model"] == "Lead/Opportunity"
    assert found.details["trigger"] == "On save"
    assert found.details["only"] == "[('type', '=', 'lead')]"
    assert found.details["does"] == ["Execute Code (2 lines)", "Send Webhook Notification"]
    assert "token" not in repr(found)
    assert "webhook_url" not in repr(found)


def test_rules_that_are_off_or_act_on_calls_and_forms_alone_are_not_active(world):
    rule(world, "off", active=False)
    rule(world, "hook", "on_webhook")
    rule(world, "form", "on_change")
    rule(world, "clock", "on_time_created")
    found = {a.name: a.active for a in Automations(world.client).rules().found}
    assert found == {"off": False, "hook": False, "form": False, "clock": True}


@pytest.mark.parametrize(("active", "status"), [(True, "stage"), (False, "stage"), (True, "periodic")])
def test_a_project_that_asks_customers_for_ratings_is_told(odoo, active, status):
    project = odoo.make("project.project", name="Villa", rating_active=active, rating_status=status)
    odoo.make("project.task.type", name="Done", project_ids=[[6, 0, [project]]], rating_template_id=1)
    told = [note for note in odoo.destination.discover().notes if "rating" in note]
    assert bool(told) == (active and status == "stage")
    assert all("stages of Villa" in note for note in told)


def test_without_the_module_there_are_none(odoo):
    assert Automations(odoo.client).rules().summary() == "none found"


def test_a_key_that_may_not_look_says_so(world):
    olga = world.person()
    assert Automations(olga).rules().summary().startswith("not examined: ")
    assert Automations(olga).scheduled().summary().startswith("not examined: ")


def test_scheduled_actions_are_told_and_wait_for_no_decision(world):
    report = Automations(world.client).scheduled()
    assert all(artifact.active is None for artifact in report.found)


def test_a_paused_rule_is_off_and_comes_on_again(world):
    number = rule(world)
    (artifact,) = Automations(world.client).rules().found

    assert [c.key for c in world.destination.provision((), True, [artifact])] == [
        f"automation:{RULE} {number}"
    ]
    assert world.client.read("base.automation", [number], ["active"])[0]["active"]
    (change,) = paused(world, artifact)
    assert not world.client.read("base.automation", [number], ["active"])[0]["active"]

    assert resumed(world, change).outcome is Outcome.UPDATED
    assert world.client.read("base.automation", [number], ["active"])[0]["active"]


def test_one_that_somebody_switched_on_meanwhile_is_left(world):
    number = rule(world)
    (change,) = paused(world, *Automations(world.client).rules().found)
    world.client.write("base.automation", [number], {"active": True})
    receipt = resumed(world, change)
    assert (receipt.outcome, receipt.reasons) == (
        Outcome.UNCHANGED,
        ("somebody switched it on again meanwhile",),
    )


def test_one_that_somebody_changed_while_it_was_off_stays_off(world):
    number = rule(world)
    (change,) = paused(world, *Automations(world.client).rules().found)
    boss = world.person("boss@example.com", "base.group_system")
    boss.write("base.automation", [number], {"name": "Mine"})
    receipt = resumed(world, change)
    assert (receipt.outcome, receipt.reasons) == (
        Outcome.UNCHANGED,
        ("somebody changed it meanwhile, and it is off",),
    )


def test_one_that_somebody_deleted_meanwhile_is_left(world):
    number = rule(world)
    (change,) = paused(world, *Automations(world.client).rules().found)
    world.client.unlink("base.automation", [number])
    receipt = resumed(world, change)
    assert (receipt.outcome, receipt.reasons) == (Outcome.UNCHANGED, ("somebody deleted it meanwhile",))


def test_one_that_was_off_before_the_pause_stays_off(world):
    number = rule(world)
    (artifact,) = Automations(world.client).rules().found
    boss = world.person("boss@example.com", "base.group_system")
    boss.write("base.automation", [number], {"active": False})
    (change,) = paused(world, artifact)
    assert resumed(world, change).outcome is Outcome.UNCHANGED


def test_what_is_no_rule_is_not_paused(world):
    assert paused(world, Artifact("scheduled_action", "Vacuum", "1", True)) == []


def test_a_refusal_is_told(world):
    rule(world)
    (change,) = paused(world, *Automations(world.client).rules().found)
    world.refuse("base.automation.write")
    entry = LedgerEntry(Origin("", "automation", change.key), "", "", Outcome.CREATED, change=change)
    (receipt,) = world.destination.rollback([entry], False)
    assert (receipt.outcome, receipt.reasons) == (Outcome.FAILED, ("No.",))
