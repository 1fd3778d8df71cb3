import pytest
from core.tests.company import firm, firm_route, person, person_route

from crossdock import idmap
from crossdock.ids import ReferenceStatus
from crossdock.ledger import LinkState
from crossdock.model import Outcome
from crossdock.values import Reference


@pytest.fixture
def ids(company):
    company.stage(firm("1"), firm("2"))
    company.load()
    return company.ids()


def status(ids, key, object_name="src.firms", target="firm"):
    return ids.status(object_name, key, target)


def test_a_loaded_record_has_a_target_id(company, ids):
    assert ids.target_id("src.firms", "1", "firm") == company.target_id("1")
    assert status(ids, "1") is ReferenceStatus.LOADED


def test_it_belongs_to_one_project_and_one_tenant(ids):
    assert (ids.project, ids.tenant) == ("p1", "acme")


def test_a_record_that_no_route_leads_from_is_unmapped(ids):
    assert status(ids, "1", "src.other") is ReferenceStatus.UNMAPPED
    assert status(ids, "1", target="person") is ReferenceStatus.UNMAPPED


def test_a_missing_record_is_pending_until_its_phase_is_over(ids):
    assert status(ids, "9") is ReferenceStatus.PENDING
    ids.phase_finished(firm_route(), lambda _key: None)
    assert status(ids, "9") is ReferenceStatus.ABSENT


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (Outcome.HELD, ReferenceStatus.HELD),
        (Outcome.REJECTED, ReferenceStatus.REJECTED),
        (Outcome.SKIPPED, ReferenceStatus.SKIPPED),
        (Outcome.FAILED, ReferenceStatus.FAILED),
        (Outcome.MERGED, ReferenceStatus.ABSENT),
    ],
)
def test_after_its_phase_the_book_says_why_a_record_is_missing(ids, outcome, expected):
    ids.phase_finished(firm_route(), lambda _key: outcome)
    assert status(ids, "9") is expected


@pytest.mark.parametrize("order", [1, -1])
def test_a_record_that_one_of_several_routes_refused_was_not_left_out(company, order):
    firms, others = firm_route(name="firms"), firm_route(name="others")
    company.routes = [firms, others]
    ids = company.ids()
    for route, outcome in [(firms, Outcome.REJECTED), (others, Outcome.SKIPPED)][::order]:
        ids.phase_finished(route, lambda _key, found=outcome: found)
    assert status(ids, "9") is ReferenceStatus.REJECTED


@pytest.mark.parametrize("state", [LinkState.REFUSED, LinkState.DELETED_THERE])
def test_a_record_that_is_not_there_any_more_is_rejected_and_has_no_id(company, ids, state):
    links = company.ledger.links.of_keys("acme", "src.firms", "firm", ["1"])
    company.ledger.links.set_state(links, state)
    ids.phase_finished(firm_route(), lambda _key: None)
    assert status(ids, "1") is ReferenceStatus.REJECTED
    assert ids.target_id("src.firms", "1", "firm") is None


def test_a_record_that_was_refused_is_pending_until_its_phase_is_over(company, ids):
    links = company.ledger.links.of_keys("acme", "src.firms", "firm", ["1"])
    company.ledger.links.set_state(links, LinkState.REFUSED)
    assert status(ids, "1") is ReferenceStatus.PENDING


def test_an_undone_record_is_pending_again(company, ids):
    links = company.ledger.links.of_keys("acme", "src.firms", "firm", ["1"])
    company.ledger.links.set_state(links, LinkState.UNDONE)
    assert status(ids, "1") is ReferenceStatus.PENDING


def test_answers_are_remembered_until_the_phase_is_over(company):
    ids = company.ids()
    assert ids.target_id("src.firms", "1", "firm") is None
    company.stage(firm("1"))
    company.load()
    assert ids.target_id("src.firms", "1", "firm") is None
    ids.phase_finished(firm_route(), lambda _key: None)
    assert ids.target_id("src.firms", "1", "firm") == company.target_id("1")


def test_the_answers_of_other_routes_stay_when_one_phase_is_over(company, ids, monkeypatch):
    known = ids.target_id("src.firms", "1", "firm")
    ids.phase_finished(person_route(), lambda _key: None)
    monkeypatch.setattr(company.ledger.links, "of_keys", None)
    assert ids.target_id("src.firms", "1", "firm") == known


def test_everything_a_batch_refers_to_is_fetched_in_one_query_an_object(company, ids, monkeypatch):
    asked, of_keys = [], company.ledger.links.of_keys

    def counted(*args):
        asked.append(sorted(args[3]))
        return of_keys(*args)

    monkeypatch.setattr(company.ledger.links, "of_keys", counted)
    several = (Reference("src.firms", "2"), Reference("src.firms", "3"))
    records = [
        person("7", firm=Reference("src.firms", "1")),
        person("8", firms=several, other=Reference("src.other", "1"), name="x"),
    ]
    ids.prefetch(records)
    ids.prefetch(records)
    assert asked == [["1", "2", "3"]]
    assert ids.target_id("src.firms", "2", "firm") is not None
    assert len(asked) == 1


def test_parts_of_a_record_are_not_what_a_reference_points_to(company):
    route = firm_route(fields={"name": "item"}, for_each="names")
    company.routes = [route]
    company.stage(firm("1", names=("a",)))
    company.load()
    assert company.ids().target_id("src.firms", "1", "firm") is None


def test_the_values_of_another_source_record_are_at_hand(ids):
    assert ids.source_values("src.firms", "1") == {"name": "Firm 1"}
    assert ids.source_values("src.firms", "1") == {"name": "Firm 1"}
    assert ids.source_values("src.firms", "9") is None


def test_a_fallback_is_looked_up_once(company, ids, monkeypatch):
    company.destination.add("firm", "boss", name="Boss")
    assert ids.fallback("boss", "firm") == "boss"
    company.destination.rows.clear()
    assert ids.fallback("boss", "firm") == "boss"
    assert ids.fallback("nobody", "firm") is None


def test_memory_stays_the_same_however_many_records_are_asked_for(company, ids, monkeypatch):
    monkeypatch.setattr(idmap, "_REMEMBERED", 3)
    for n in range(10):
        ids.target_id("src.firms", str(n), "firm")
        ids.source_values("src.firms", str(n))
    assert len(ids._links) <= 4
    assert len(ids._values) == 3
    assert ids.target_id("src.firms", "1", "firm") == company.target_id("1")


def test_a_record_that_was_deleted_at_the_source_has_an_id_and_is_told_apart(company, ids):
    links = company.ledger.links.of_keys("acme", "src.firms", "firm", ["1"])
    company.ledger.links.set_state(links, LinkState.DELETED_AT_SOURCE)
    assert status(ids, "1") is ReferenceStatus.DELETED
    assert ids.target_id("src.firms", "1", "firm") == company.target_id("1")
