"""Signatures: what they are bound to, and what waits for them."""

import json

import pytest
from core.tests.answers import faults
from core.tests.toy_platforms import world

ELSEWHERE = "destinations:\n  rehearsal:\n    platform: beta\n    url: http://toy.example\n\noptions:"


@pytest.fixture
def strict(desk):
    """A project that waits for what is named; everything in it arrives."""

    def prepare(wanted):
        world.mend()
        desk.prepare(confirmed=False)
        desk.edit("options:", f"{ELSEWHERE}\n  require: [{wanted}]", "crossdock.yaml")
        assert desk("map", "confirm", "--by", "Anna").code == 0
        return desk

    return prepare


def rehearse(desk):
    assert desk("map", "confirm", "--by", "Anna", "--to", "rehearsal").code == 0
    assert desk("run", "--to", "rehearsal").code == 0


def test_a_run_waits_for_the_signed_sample(strict):
    desk = strict("sample")
    refused = desk("run")
    assert desk("run", "--sample", "3").code == 0
    unsigned = desk("run")
    signed = desk("signoff", "--by", "Anna Petrova", json=True)

    done = desk("run")

    assert [refused.code, unsigned.code, signed.code, done.code] == [4, 4, 0, 0]
    assert "nobody has signed" in refused.err
    assert faults("signoff", signed.json) == []
    assert (signed.json["kind"], signed.json["by"]) == ("sample", "Anna Petrova")


def test_nothing_is_written_while_the_run_waits(strict):
    desk = strict("sample")
    before = world.destination.state()
    desk("run")
    assert world.destination.state() == before


def test_a_signature_holds_the_digest_of_the_difference(strict):
    desk = strict("sample")
    sample = desk("run", "--sample", "3", json=True).json["sample"]
    signed = desk("signoff", "--by", "Anna", json=True).json
    filed = json.loads((desk.folder / ".crossdock" / "signoffs.json").read_text())
    assert signed["digest"] == sample["files"]["digest"]
    assert filed == [signed]


def test_a_changed_mapping_voids_the_signature(strict):
    desk = strict("sample")
    desk("run", "--sample", "3")
    desk("signoff", "--by", "Anna")
    desk.edit("city: city, ", "")
    assert desk("map", "confirm", "--by", "Anna").code == 0

    refused = desk("run")

    assert refused.code == 4
    assert "nobody has signed" in refused.err


def test_a_sample_of_an_older_mapping_cannot_be_signed(strict):
    desk = strict("sample")
    desk("run", "--sample", "3")
    desk.edit("city: city, ", "")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    answer = desk("signoff", "--by", "Anna")
    assert answer.code == 4
    assert "the mapping" in answer.err


def test_a_signature_needs_a_confirmed_mapping_a_name_and_something_to_sign(strict):
    desk = strict("sample")
    nothing = desk("signoff", "--by", "Anna")
    desk("run", "--sample", "3")
    nobody = desk("signoff", "--by", " ")
    unknown = desk("signoff", "--by", "Anna", "--of", "20200101-000000-0000")
    desk.edit("city: city, ", "")
    unconfirmed = desk("signoff", "--by", "Anna")
    assert [nothing.code, nobody.code, unknown.code, unconfirmed.code] == [4, 4, 2, 4]


def test_a_difference_that_is_gone_cannot_be_signed(strict):
    desk = strict("sample")
    desk("run", "--sample", "3")
    for path in (desk.folder / "reports").glob("sample-*-diff.json"):
        path.unlink()
    assert desk("signoff", "--by", "Anna").code == 4


def test_a_sample_that_was_rolled_back_cannot_be_signed(strict):
    desk = strict("sample")
    desk("run", "--sample", "3")
    assert desk("rollback").code == 0
    assert desk("signoff", "--by", "Anna").code == 4


def test_production_waits_for_a_signed_rehearsal(strict):
    desk = strict("rehearsal")
    refused = [desk("run"), desk("run", "--sample", "3")]
    rehearse(desk)
    not_reconciled = desk("signoff", "--to", "rehearsal", "--by", "Anna")
    unsigned = desk("run")
    assert desk("reconcile", "--to", "rehearsal").code == 0
    signed = desk("signoff", "--to", "rehearsal", "--by", "Anna", json=True)

    done = desk("run")

    assert [r.code for r in refused] == [4, 4]
    assert (not_reconciled.code, unsigned.code) == (4, 4)
    assert (signed.json["kind"], signed.json["destination"]) == ("rehearsal", "rehearsal")
    assert done.code in (0, 1)  # both names stand for one place here, which holds the people already


def test_findings_of_a_rehearsal_are_signed_on_purpose_or_not_at_all(strict):
    desk = strict("rehearsal")
    rehearse(desk)
    next(iter(world.destination.table("person").values())).values["email"] = "other@f.example"
    assert desk("reconcile", "--to", "rehearsal").code == 1

    refused = desk("signoff", "--to", "rehearsal", "--by", "Anna")
    signed = desk("signoff", "--to", "rehearsal", "--by", "Anna", "--accept-findings", json=True)

    assert refused.code == 4
    assert "1 findings" in refused.err
    assert signed.json["findings"] == 1


def test_a_rehearsal_of_another_mapping_does_not_count(strict):
    desk = strict("rehearsal")
    rehearse(desk)
    desk("reconcile", "--to", "rehearsal")
    assert desk("signoff", "--to", "rehearsal", "--by", "Anna").code == 0
    desk.edit("city: city, ", "")
    assert desk("map", "confirm", "--by", "Anna").code == 0
    assert desk("run").code == 4


def test_a_rehearsal_has_its_own_status_plan_report_and_rollback(strict):
    desk = strict("rehearsal")
    rehearse(desk)
    assert len(desk("status", "--to", "rehearsal", json=True).json) == 1
    assert desk("status", json=True).json == []
    assert desk("plan", "--to", "rehearsal").code == 0
    assert desk("report", "--to", "rehearsal").code == 0
    assert desk("map", "diff", "--to", "rehearsal").code == 0
    assert desk("map", "check", "--to", "rehearsal").code == 0
    assert desk("provision", "--to", "rehearsal", "--dry-run").code == 0
    assert desk("rollback", "--to", "rehearsal").code == 0
    assert not world.destination.table("firm")


def test_what_may_be_required_is_checked(desk):
    desk.prepare()
    desk.edit("options:", "options:\n  require: [blessing]", "crossdock.yaml")
    assert desk("run").code == 2
