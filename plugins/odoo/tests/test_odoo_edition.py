"""What edition, version, apps and rights will not allow, told before anything is written."""

import pytest

from crossdock.fieldtypes import FieldType as T
from crossdock.model import FieldSchema, ObjectSchema
from crossdock_odoo.edition import GROUPS, LIST_VIEW, Edition, app_of, examine, notes, problems, since

BOTH = frozenset({"crm", "project", "hr"})


def edition(version=(18, 0), modules=BOTH, **more):
    return Edition(
        version, f"{version[0]}.0", more.pop("enterprise", False), modules, more.pop("hosted", False), **more
    )


@pytest.mark.parametrize(
    ("what", "version", "name"),
    [
        (LIST_VIEW, (16, 0), "tree"),
        (LIST_VIEW, (17, 2), "tree"),
        (LIST_VIEW, (18, 0), "list"),
        (LIST_VIEW, (19, 0), "list"),
        (GROUPS, (18, 4), "groups_id"),
        (GROUPS, (19, 0), "group_ids"),
    ],
)
def test_what_is_called_otherwise_in_other_versions(what, version, name):
    assert since(what, version) == name


def test_a_database_says_what_it_is(odoo):
    odoo.seed(modules={"hr": "uninstalled"})
    found = examine(odoo.client)
    assert (found.name, found.version, found.hosted) == ("Odoo 18.0 Community", (18, 0), False)
    assert {"crm", "project"} <= found.modules
    assert "hr" not in found.modules
    told = notes(found)
    assert told[0].startswith("Odoo 18.0 Community")
    assert "The app hr is not installed: there is no hr.employee, and no field on it." in told


def test_enterprise_is_recognised_by_its_web_client(odoo):
    odoo.seed(edition="enterprise")
    assert examine(odoo.client).name == "Odoo 18.0 Enterprise"


def test_a_subscription_that_ends_is_told(odoo):
    odoo.make("ir.config_parameter", key="database.expiration_date", value="2026-12-31 00:00:00")
    assert "The subscription of this database ends on 2026-12-31." in notes(examine(odoo.client))


def test_a_key_that_may_read_little_is_no_obstacle(odoo):
    olga = odoo.person("olga@example.com", "base.group_user")
    assert examine(olga).expires == ""


def test_a_hosted_database_needs_a_plan_with_the_interface():
    assert any("Custom plan" in note for note in notes(edition(hosted=True)))
    assert not any("Custom plan" in note for note in notes(edition()))


def test_what_was_not_measured_is_said():
    assert any("Odoo 17 was not measured" in note for note in notes(edition((17, 0))))
    assert not any("not measured" in note for note in notes(edition()))


def test_fields_of_studio_stay_without_it():
    assert any("Studio" in note for note in notes(edition(modules=BOTH | {"web_studio"})))


def test_missing_apps_are_problems(odoo):
    odoo.seed(modules={"project": "uninstalled"})
    (said,) = problems(odoo.client, examine(odoo.client), [ObjectSchema("project.task", ())])
    assert said == "project.task: the app project is not installed. Install it, or choose another object."


def test_a_field_that_a_version_has_no_more_is_a_problem(odoo):
    wanted = [ObjectSchema("res.partner", (FieldSchema("mobile", T.PHONE),))]
    (said,) = problems(odoo.client, edition((19, 0)), wanted)
    assert said == "res.partner.mobile: Odoo has no such field from version 19 on."
    assert problems(odoo.client, edition(), wanted) == ()


def test_missing_rights_are_problems_by_object(odoo):
    odoo.seed(rights={"crm.lead": {"write": False}})
    wanted = [ObjectSchema("crm.lead", ()), ObjectSchema("res.partner", ()), ObjectSchema("res.country", ())]
    (said,) = problems(odoo.client, edition(), wanted)
    assert said.startswith("crm.lead: the key's user may not write its records")


def test_what_a_key_cannot_delete_is_told_before_a_run(odoo):
    odoo.seed(rights={"crm.lead": {"unlink": False}})
    told = [note for note in odoo.destination.discover().notes if "may not delete" in note]
    assert told == [
        "The key may not delete records of crm.lead: what a run makes there cannot be rolled back."
    ]


def test_a_key_that_may_delete_is_told_nothing(odoo):
    assert not [note for note in odoo.destination.discover().notes if "may not delete" in note]


def test_an_app_is_known_by_how_its_models_begin():
    assert [app_of(name) for name in ("crm.lead", "hr.job", "res.partner")] == ["crm", "hr", ""]
