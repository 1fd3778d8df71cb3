"""Text arrives code point by code point, or the report says what the platform forced."""

import pytest
from tests.dataset import COMPANIES, PARTS, company, key, part
from tests.harness import FOUND, Scene

CYRILLIC = "".join(map(chr, range(0x0400, 0x0530)))
TEXTS = {
    "Cyrillic letters": CYRILLIC,
    "emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f1f7\U0001f1fa \u2764\ufe0f",
    "emoji with a skin tone": "\U0001f44d\U0001f3fd",
    "right-to-left marks": "\u200fשלום\u200e \u202bعربي\u202c \u2067x\u2069",
    "combining accents": "e\u0301 й и\u0306 \u0451 е\u0308 A\u030a \u212b",
    "spaces and breaks": "a\u00a0b\u2009c\u200bd\u2028e\u2029f\ttab",
    "beyond the basic plane": "\U00010348 \U0002070e",
    "quotes and markup": "«ёлки» „лапки“ <b>&amp;</b> \\n %s {{x}} '--",
}
NUL = "до\u0000после"


@pytest.fixture(scope="module")
def moved(stages):
    """A migration of texts of all kinds, as names of companies and as notes of parts."""
    scene = stages.scene("provisioned")
    rows = [company(100 + n, __name=text) for n, text in enumerate(TEXTS.values())]
    notes = [part(100 + n, note=text, parent=[], drawings=[]) for n, text in enumerate(TEXTS.values())]
    rows.append(company(120, __name=NUL))
    notes.append(part(120, note=NUL, parent=[], drawings=[]))
    for row in (*rows, *notes):
        row.pop("_inn", None)
        row |= {
            n: None for n in ("contract_date", "last_contact_at", "made_on", "_phone", "_website") if n in row
        }
    scene.source.seed({"items": {COMPANIES: rows, PARTS: notes}})
    answer = scene.call("run").must(FOUND).json
    yield scene, answer
    scene.close()


@pytest.mark.parametrize("kind", TEXTS)
def test_text_arrives_code_point_by_code_point(moved, kind):
    scene, _ = moved
    n = 100 + list(TEXTS).index(kind)
    assert scene.row("company", key(COMPANIES, n))["name"] == TEXTS[kind]
    assert scene.row("part", key(PARTS, n))["note"] == TEXTS[kind]


def test_a_nul_is_removed_or_rejected_and_the_report_says_so(moved):
    scene, answer = moved
    if scene.there.refuses_nul:
        found = [x for p in answer["phases"] for x in p["not_loaded"] if x["key"] == key(COMPANIES, 120)]
        assert [(x["outcome"], "NUL" in "".join(x["reasons"])) for x in found] == [("rejected", True)]
        return
    row = scene.row("company", key(COMPANIES, 120))
    assert row["name"] == "допосле"
    target_id = scene.there.target_id(scene.destination, row)
    found = [f for f in answer["first_findings"] if f["target_id"] == target_id and f["field"] == "name"]
    assert [(f["kind"], f["note"]) for f in found] == [("normalised", "NUL removed")]


def test_only_the_texts_with_a_nul_were_changed(moved):
    _, answer = moved
    ours = {key(COMPANIES, 100 + n) for n in range(len(TEXTS))} | {
        key(PARTS, 100 + n) for n in range(len(TEXTS))
    }
    changed = [f for f in answer["first_findings"] if f["origin"].rpartition("/")[2] in ours]
    assert not changed


def test_reconcile_knows_the_difference(moved):
    scene: Scene = moved[0]
    found = scene.call("reconcile").json["findings"]
    assert {f["kind"] for f in found} == {"normalised"}
