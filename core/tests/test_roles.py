"""How roles correspond is suggested and written down."""

import csv

import pytest

from crossdock.capabilities import Capabilities
from crossdock.handoff.roles import suggested, write_roles
from crossdock.model import Artifact, ArtifactReport, Catalog, Limits

THERE = (Artifact("role", "Admin"), Artifact("role", "Member"))


def catalog(*roles):
    reports = (ArtifactReport("role", roles), ArtifactReport("report"))
    return Catalog("alpha", "id", (), Capabilities(), Limits("all"), artifacts=reports)


@pytest.mark.parametrize(
    ("name", "code", "role"),
    [
        ("Администраторы", "administrators", "Admin"),
        ("Members of staff", "", "Member"),
        ("Отдел продаж", "sales", ""),
    ],
)
def test_a_role_that_is_called_alike_is_suggested(name, code, role):
    assert suggested(Artifact("role", name, details={"code": code}), THERE) == role


def test_every_role_of_every_tenant_is_written_with_its_people(tmp_path):
    buyers = Artifact("role", "Buyers", details={"what": "group", "people": ["Ann <a@x.test>", "Bob"]})
    path = write_roles(tmp_path, {"north": catalog(buyers), "south": catalog()}, catalog(*THERE))
    with path.open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row == {
        "tenant": "north",
        "role": "Buyers",
        "kind": "group",
        "people": "2",
        "members": "Ann <a@x.test>; Bob",
        "suggested": "",
        "applied": "no",
    }
