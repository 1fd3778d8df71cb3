"""P14 and P15: the handoff as a PDF, and the grades with the figures behind them."""

# ruff: noqa: N802 - a test is named after its row

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import pytest
from acceptance import test_at_history, test_ct_office, test_ct_parts, test_ct_sales
from acceptance.harness import Pair, Sandboxes, migrated, moved, opened
from acceptance.slices import Data, Slice, together
from acceptance.sources import Source
from acceptance.sources.base import Company
from acceptance.test_p_documents import CLIENTS, ELMA_APP, PROCESSES, SCOPED
from pypdf import PdfReader

PARTS: Final = (
    "Object compatibility",
    "Field mapping clarity",
    "Timeline",
    "API constraints",
    "Data volume",
)

HANDED: Final = {
    "elma365": [Slice("P14", {**ELMA_APP, "items": {}, "processes": PROCESSES})],
    "cetec": [
        *test_ct_sales.SLICES["CT03"],
        *test_ct_parts.SLICES["CT06"],
        *test_ct_office.SLICES["CT10"],
        *test_ct_office.SLICES["CT12"],
    ],
    "ascora": test_at_history.SLICES["AT12"],
}
"""What each source holds that cannot move: automations, bills of materials, codes, limits, roles."""

TOLD: Final[dict[str, Sequence[str]]] = {
    "elma365": ("Согласование договора", "Согласовать у юриста", "Юрист", "Серия писем новичку", "Письмо 2"),
    "cetec": ("Bill of materials", "IND6", "Q30", "Lot trace", "Quotes over 5,000", "M. Owner", "2500 USD"),
    "ascora": ("Xero", "works both ways"),
}
"""Words of them, as a reader of the handoff looks for them."""

TWICE: Final = ("Дважды", "dvazhdy-14.example")
FIRMS: Final = 50


def firms(source: Source) -> Data:
    """Fifty companies, and two that share an address: they wait in a queue. One is refused."""
    own = source.key
    plain = [Company(own("P14", n), f"Фирма {n}", f"https://firm{n}-14.example") for n in range(FIRMS)]
    twins = [Company(own("P14", "twin", n), f"{TWICE[0]} {n}", f"https://{TWICE[1]}") for n in range(2)]
    return together(source.companies(*plain, *twins), source.broken(own("P14", "bad")))


@pytest.fixture(scope="module")
def handed(pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A migration of what cannot move, and the handoff after it."""
    slices = [*HANDED[pair_name.partition("-")[0]], Slice("P14 firms", firms)]
    pair = migrated(lasting_sandboxes, tmp_path_factory.mktemp("handoff"), slices, pair_name)
    pair.answers["handoff"] = pair.project.must("handoff")
    return pair


def words_of(path: Path) -> str:
    """The text of a PDF on one line; hints where a word may be broken are no text."""
    text = " ".join(page.extract_text() for page in PdfReader(path).pages)
    return re.sub(r"\s+", " ", text.replace("\u200b", ""))


def test_P14_the_handoff_is_a_pdf_that_a_customer_can_be_sent(handed: Pair, record_property):
    folder, platform = handed.project.folder / "reports", handed.source.platform
    text = words_of(folder / "handoff.pdf")
    assert [word for word in TOLD[platform] if word not in text] == []
    assert json.loads((folder / "handoff.json").read_text(encoding="utf-8")) == handed.answers["handoff"]
    for secret in (handed.source.token, handed.destination.token):
        assert secret not in text
    refused = handed.refused([handed.source.key("P14", "bad")])
    assert len(refused) == 1
    moved(record_property, FIRMS + 3, len(refused))


def test_P14_roles_open_queues_and_what_was_not_loaded_are_in_it(handed: Pair):
    text = words_of(handed.project.folder / "reports" / "handoff.pdf")
    # Two businesses of Ascora with one mail host are told apart: neither waits.
    waiting = {"ascora": "Open queues"}.get(handed.source.platform, "queues/duplicates.csv")
    for word in ("Roles and groups", waiting, "Records that were not loaded", "Who agreed to what"):
        assert word in text
    queues = handed.answers["handoff"]["queues"]
    assert [queue["file"] for queue in queues if queue["file"] not in text] == []
    assert ("Nothing waits for a decision." in text) is (not queues)
    assert "The mapping was confirmed by Acceptance" in text


def test_P14_what_was_not_examined_is_never_called_none(handed: Pair):
    text = words_of(handed.project.folder / "reports" / "handoff.pdf")
    kinds = [kind for side in handed.answers["handoff"]["artifacts"] for kind in side["kinds"]]
    unknown = [kind for kind in kinds if not kind["examined"]]
    assert unknown
    for kind in unknown:
        assert kind["summary"].startswith("not examined: ")
        assert f"{kind['label']} not examined: " in text


# --- P15 ---------------------------------------------------------------------------------------------

PRICES: Final = {
    "currency": "EUR",
    "fixed": 1500,
    "rules": [
        {"figure": "tenants", "every": 1, "price": 700},
        {"figure": "duplicates", "every": 2, "price": "12.50"},
    ],
}
"""One tenant; three records share an identity: two begun pairs."""

PRICE: Final = "2225"


@pytest.fixture(scope="module")
def graded(pair_name: str, lasting_sandboxes: Sandboxes, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """The scope of the clients of P01, with a price table in the project."""
    pair = opened(lasting_sandboxes, tmp_path_factory.mktemp("grade"), [SCOPED], pair_name)
    document = pair.project.yaml("crossdock.yaml")
    document["prices"] = PRICES
    pair.project.save("crossdock.yaml", document)
    pair.answers["discover"] = pair.project.must("discover")
    return pair


def test_P15_every_part_has_a_grade_and_the_figures_behind_it(graded: Pair, record_property):
    assessment = graded.answers["discover"]["assessment"]
    parts = {part["name"]: part for part in assessment["parts"]}
    assert tuple(parts) == PARTS
    figures = {row["name"]: row for part in parts.values() for row in part["figures"]}
    assert (figures["tenants"]["value"], figures["duplicates"]["value"]) == (1, 3)
    volume = parts["Data volume"]  # 61 clients and 73.5 kB: far below every bound
    assert (volume["grade"], volume["points"], volume["most_points"]) == ("A", 0, 12)
    for row in figures.values():
        above = sum(row["value"] > bound for bound in row["bounds"]) if row["value"] is not None else None
        assert row["points"] == (None if above is None else above * row["weight"]), row["name"]
    record_property("records", len(CLIENTS))


def test_P15_grades_follow_from_the_points_that_are_printed(graded: Pair):
    assessment = graded.answers["discover"]["assessment"]
    for part in (assessment, *assessment["parts"]):
        share = part["points"] / part["most_points"]
        wanted = next(g["grade"] for g in assessment["grades"] if share <= g["up_to"])
        assert part["grade"] == wanted, part.get("name", "all")
    assert "".join(g["grade"] for g in assessment["grades"]) == "ABCDEF"
    assert assessment["points"] == sum(part["points"] for part in assessment["parts"])


def test_P15_the_time_is_reckoned_from_requests_and_rates(graded: Pair):
    estimate = graded.answers["discover"]["estimate"]
    assert estimate["minutes"] == pytest.approx(sum(step["minutes"] or 0 for step in estimate["steps"]))
    (load,) = [step for step in estimate["steps"] if step["name"] == "load and read back"]
    told = re.fullmatch(r"([\d,]+) requests at ([\d,]+) a minute", load["how"])
    assert told, load["how"]
    requests, rate = (int(number.replace(",", "")) for number in told.groups())
    assert requests == load["requests"]
    assert load["minutes"] == pytest.approx(requests / rate)


def test_P15_a_price_follows_the_rules_of_the_project(graded: Pair):
    price = graded.answers["discover"]["price"]
    assert (price["total"], price["currency"]) == (PRICE, "EUR")
    assert [line["amount"] for line in price["lines"]] == ["1500", "700", "25"]


def test_P15_page_and_pdf_say_it_all(graded: Pair):
    folder = graded.project.folder / "reports"
    page, text = (folder / "scope.html").read_text(encoding="utf-8"), words_of(folder / "scope.pdf")
    for word in (*PARTS, "2225 EUR", "Workflows, robots, reports and the like", "Files, in GB"):
        assert word in page
        assert word in text
