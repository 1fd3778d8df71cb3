"""What the handoff recommends in Odoo for what cannot move."""

import pytest

from crossdock_odoo.edition import Edition
from crossdock_odoo.equivalents import equivalents

KINDS = ("workflow", "robot", "report", "page", "permission", "role", "approvals", "sequences")


def edition(*modules, version=(18, 0), enterprise=False):
    return Edition(version, "18.0", enterprise, frozenset(modules), hosted=False)


@pytest.mark.parametrize("enterprise", [False, True])
def test_every_kind_that_a_source_is_asked_about_has_one(enterprise):
    found = equivalents(edition(enterprise=enterprise))
    assert [kind for kind in KINDS if not found.get(kind)] == []


def test_automation_rules_are_to_be_installed_where_they_are_not():
    assert "Install the module base_automation" in equivalents(edition())["workflow"]
    assert "Install" not in equivalents(edition("base_automation"))["workflow"]


def test_community_is_not_sent_to_apps_of_enterprise():
    assert "Studio on the button" not in equivalents(edition())["approvals"]
    assert "Studio on the button" in equivalents(edition(enterprise=True))["approvals"]


def test_there_are_no_webhooks_before_17():
    assert equivalents(edition(version=(16, 0)))["webhook"].startswith("There are no webhooks")
    assert "On webhook" in equivalents(edition(version=(17, 0)))["webhook"]
