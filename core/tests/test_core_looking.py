"""Looking through findings, filtered and a page at a time."""

import pytest

from crossdock.ledger.looking import FindingFilter, look_through
from crossdock.model import Finding, FindingKind, Origin


@pytest.fixture
def run(company):
    run = company.ledger.runs.start("reconcile", "there")
    findings = [
        Finding(
            FindingKind.DIFFERS if n % 2 else FindingKind.NORMALISED,
            "firm" if n < 6 else "person",
            f"t{n}",
            Origin("main", "crm.firm", f"k{n}", ""),
            "name",
            f"100% {n}",
            f"there_{n}",
            "",
        )
        for n in range(10)
    ]
    company.ledger.findings.add(run, findings)
    return run


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (FindingFilter(), ["t1", "t3", "t5", "t7", "t9", "t0", "t2", "t4", "t6", "t8"]),
        (FindingFilter(kinds=("differs",)), ["t1", "t3", "t5", "t7", "t9"]),
        (FindingFilter(object_name="person"), ["t7", "t9", "t6", "t8"]),
        (FindingFilter(text="100% 3"), ["t3"]),
        (FindingFilter(text="HERE_4"), ["t4"]),
        (FindingFilter(text="100_ 3"), []),
        (FindingFilter(("differs",), "firm", "k5"), ["t5"]),
    ],
)
def test_findings_are_filtered(company, run, wanted, ids):
    found, total = look_through(company.ledger.findings, run, wanted)
    assert ([f.target_id for f in found], total) == (ids, len(ids))


def test_findings_come_a_page_at_a_time(company, run):
    found, total = look_through(company.ledger.findings, run, FindingFilter(), offset=4, limit=3)
    assert ([f.target_id for f in found], total) == (["t9", "t0", "t2"], 10)
    assert found[0].origin == Origin("main", "crm.firm", "k9", "")
