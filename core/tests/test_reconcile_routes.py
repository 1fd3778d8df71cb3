from dataclasses import replace
from datetime import UTC, datetime

import pytest
from core.tests.company import PROJECT, TENANT, firm, firm_route
from core.tests.fake_destination import Row
from core.tests.fake_source import FakeSource

from crossdock.ledger import LinkState
from crossdock.model import FindingKind, Record, Rejected
from crossdock.reconcile.routes import Reconciliation, Route
from crossdock.transform import transform

AT = datetime(2024, 5, 1, tzinfo=UTC)
LATER = datetime(2024, 6, 1, tzinfo=UTC)


class Loaded:
    """A company that was loaded from a fake source, and its reconciliation."""

    def __init__(self, company):
        self.company, self.source, self.told = company, FakeSource(), []
        self.reasons = {}

    def load(self, *records, **more):
        for record in records:
            self.source.records.setdefault(record.object_name, {})[record.key] = record
        self.company.stage(*records, **more)
        return self.company.load()

    def reconciliation(self):
        ledger = self.company.ledger
        self.run = ledger.runs.start("reconcile", "fake-1")
        return Reconciliation(
            self.run,
            ledger,
            self.company.staging,
            self.company.destination,
            transform,
            project=PROJECT,
            on_progress=self.told.append,
        )

    def check(self):
        ids, mapping = self.company.ids(), self.company.routes[0]
        ids.phase_finished(mapping, self.reasons.get)
        schema = self.company.destination.schemas["firm"]
        route = Route(TENANT, mapping, schema, self.source, ids, self.reasons.get)
        return self.reconciliation().check(route)

    def findings(self):
        return self.company.ledger.findings.of_run(self.run)


@pytest.fixture
def loaded(company):
    company.routes = [firm_route()]
    return Loaded(company)


def dated(record, at=AT):
    return replace(record, updated_at=at)


def test_everything_that_arrived_whole_is_counted_and_nothing_is_found(loaded):
    loaded.load(firm("1"), firm("2"))
    result = loaded.check()
    assert (result.expected, result.whole, result.findings) == (2, 2, {})
    assert loaded.told == [2]


def test_a_difference_is_found_and_kept_in_the_ledger(loaded):
    loaded.company.destination.shape = lambda value: "other" if value == "Firm 1" else value
    loaded.load(firm("1"), firm("2"))
    result = loaded.check()
    assert (result.expected, result.whole) == (2, 1)
    assert result.findings == {FindingKind.DIFFERS: 1}
    (finding,) = loaded.findings()
    assert (finding.origin.key, finding.field_name, finding.actual) == ("1", "name", "other")


def test_an_edit_by_a_person_is_told_from_a_difference_of_the_load(loaded):
    loaded.load(firm("1"))
    loaded.company.row("1")["name"] = "edited"
    assert loaded.check().findings == {FindingKind.EDITED_THERE: 1}


def test_a_record_that_people_deleted_is_found(loaded):
    loaded.load(firm("1"), firm("2"))
    loaded.company.destination.table("firm")[loaded.company.target_id("1")].trashed = True
    del loaded.company.destination.rows["firm"][loaded.company.target_id("2")]
    assert loaded.check().findings == {FindingKind.DELETED_THERE: 2}


def test_a_record_that_is_known_to_be_deleted_there_is_found_and_not_expected(loaded):
    loaded.load(firm("1"))
    links = loaded.company.ledger.links.of_keys(TENANT, "src.firms", "firm", ["1"])
    loaded.company.ledger.links.set_state(links, LinkState.DELETED_THERE)
    result = loaded.check()
    assert (result.expected, result.findings) == (0, {FindingKind.DELETED_THERE: 1})


def test_a_record_without_a_link_and_without_a_reason_never_arrived(loaded):
    loaded.load(firm("1"))
    late = loaded.source.put("src.firms", "2", name="late")
    loaded.company.stage(firm("1"), late)
    result = loaded.check()
    assert (result.expected, result.findings) == (2, {FindingKind.NEVER_ARRIVED: 1})


def test_a_record_that_a_book_accounts_for_is_not_missed(loaded):
    from crossdock.model import Outcome

    loaded.company.destination.rejected.add("bad")
    loaded.load(firm("1"), firm("2", name="bad"))
    loaded.reasons = {"2": Outcome.REJECTED}
    assert loaded.check().findings == {}


def test_after_a_rollback_nothing_is_there(loaded):
    run = loaded.load(firm("1"))
    loaded.company.rollback(run)
    assert loaded.check().findings == {FindingKind.NEVER_ARRIVED: 1}


def test_a_record_that_changed_at_the_source_since_is_said_so_and_not_compared(loaded):
    loaded.load(dated(firm("1")))
    loaded.source.put("src.firms", "1", LATER, name="new")
    result = loaded.check()
    assert (result.expected, result.findings) == (0, {FindingKind.CHANGED_AT_SOURCE: 1})
    assert loaded.findings()[0].target_id == loaded.company.target_id("1")


def test_another_value_under_the_same_time_of_change_is_a_wrong_first_reading(loaded):
    loaded.load(dated(firm("1")))
    loaded.source.put("src.firms", "1", AT, name="what it really says")
    assert loaded.check().findings == {FindingKind.DIFFERS: 1}


def test_a_record_that_is_new_at_the_source_is_said_so(loaded):
    loaded.load(firm("1"))
    loaded.source.put("src.firms", "2", name="new")
    loaded.check()
    assert loaded.findings()[0].note == "not extracted yet, or not loaded"


def test_a_record_that_was_deleted_at_the_source_since_is_said_so(loaded):
    loaded.load(firm("1"), firm("2"))
    loaded.source.drop("src.firms", "1")
    loaded.source.records["src.firms"]["2"] = firm("2", deleted=True)
    result = loaded.check()
    assert result.findings == {FindingKind.CHANGED_AT_SOURCE: 2}
    assert {f.note for f in loaded.findings()} == {"gone at the source", "changed since it was extracted"}


def test_a_record_that_was_deleted_at_the_source_from_the_start_is_no_finding(loaded):
    loaded.load(firm("1"), Record("src.firms", "2", {"name": "x"}, True))
    assert loaded.check().findings == {}


def test_a_record_that_was_there_before_is_held_only_to_what_was_written(loaded):
    loaded.company.routes = [firm_route(match=["domain"])]
    loaded.company.destination.add("firm", "old", name="Firm 1", domain="a.test", city="Omsk")
    loaded.load(firm("1", domain="a.test"))
    loaded.company.destination.rows["firm"]["old"].values["name"] = "edited before anything was written"
    assert loaded.check().findings == {}


def test_a_record_that_is_kept_is_not_held_to_what_an_earlier_mapping_wrote(loaded):
    loaded.company.routes = [firm_route(match=["domain"])]
    loaded.company.destination.add("firm", "old", name="Admin", domain="a.test")
    loaded.load(firm("1", domain="a.test", city="Omsk"))
    loaded.company.routes = [firm_route(match=["domain"], existing="keep")]
    loaded.source.records["src.firms"].clear()
    loaded.load(firm("1", domain="a.test", city="Tver"))
    assert loaded.check().findings == {}


def test_more_records_than_one_page_are_all_compared(loaded):
    loaded.company.destination.batch_size = 100
    loaded.load(*(firm(str(n)) for n in range(250)))
    assert loaded.check().whole == 250
    assert loaded.told == [200, 50]


def test_what_this_project_owns_and_nobody_knows_of_is_extra(loaded):
    loaded.load(firm("1"), firm("2"))
    rows = loaded.company.destination.table("firm")
    rows["double"] = Row({"name": "Firm 1"}, "p1:acme/src.firms/1")
    rows["theirs"] = Row({"name": "by hand"})
    rows["other project"] = Row({"name": "x"}, "p2:acme/src.firms/1")
    result = loaded.reconciliation().find_extra("firm")
    assert result.findings == {FindingKind.EXTRA: 1}
    (finding,) = loaded.findings()
    assert (finding.target_id, finding.note) == ("double", "carries p1:acme/src.firms/1")


def test_nothing_is_extra_in_an_object_that_nothing_was_loaded_into(loaded):
    loaded.load(firm("1"))
    assert loaded.reconciliation().find_extra("person").findings == {}


def test_a_record_that_the_mapping_rejects_is_not_expected(loaded):
    loaded.company.routes = [firm_route(fields={"name": {"from": "name", "required": True}})]
    loaded.load(Record("src.firms", "1", {}), rejected=[Rejected("src.firms", "9", ("x",))])
    assert loaded.check().expected == 0
