"""The proposal held against labelled cases: what it must reach, with and without technical names."""

import json
from pathlib import Path
from time import process_time

import pytest

from crossdock.matching.model import model
from crossdock.propose import propose_case

FOLDER = Path(__file__).parent / "matching_cases"
FIELD_CASES = sorted((FOLDER / "fields").glob("*.json"))
OBJECT_CASES = sorted((FOLDER / "objects").glob("*.json"))


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def judged(case, *, hide_names=False):
    """(right first candidates, right proposals, proposals that count, gold, wrong ones of unmapped fields,
    unmapped fields)"""
    source, real = case["source"], {}
    if hide_names:
        real = {f"f{i:03d}": f["name"] for i, f in enumerate(source["fields"])}
        source = {**source, "fields": [{**f, "name": n} for n, f in zip(real, source["fields"], strict=True)]}
    gold = {tuple(pair) for pair in case["gold"]}
    optional = {tuple(pair) for pair in case["optional"]}
    mapped = {own for own, _ in gold}
    first: dict = {}
    made = []
    for c in propose_case(source, case["destination"]):
        pair = (real.get(c["source"], c["source"]), c["destination"])
        first.setdefault(pair[0], pair)
        if c["chosen"] and not (pair in optional and pair[0] not in mapped):
            made.append(pair)
    entries = case["source"].get("fields") or case["source"]["objects"]
    free = {e.get("name", e.get("object")) for e in entries} - mapped - {own for own, _ in optional}
    good = gold | {pair for pair in optional if pair[0] in mapped}
    return (
        sum(first.get(own) in good for own in mapped) / len(mapped),
        2 * sum(pair in good for pair in made) / (len(made) + len(mapped)),
        sum(own in free for own, _ in made) / max(1, len(free)),
    )


def means(cases, **how):
    rows = [judged(read(path), **how) for path in cases]
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


@pytest.fixture(scope="module")
def fields_only():
    return FIELD_CASES


def test_fields_are_proposed_as_well_as_is_asked(fields_only):
    first, f1, unmapped = means(fields_only)
    assert first >= 0.95
    assert f1 >= 0.90
    assert unmapped <= 0.04


def test_russian_labels_alone_are_enough(fields_only):
    first, f1, _ = means([p for p in fields_only if p.name.startswith("ru")], hide_names=True)
    assert first >= 0.90
    assert f1 >= 0.80


def test_objects_go_where_they_belong():
    first, f1, _ = means(OBJECT_CASES)
    assert first >= 0.90
    assert f1 >= 0.90


def test_the_confidence_is_how_often_a_proposal_is_right(fields_only):
    bins: list = [[] for _ in range(10)]
    for path in fields_only:
        case = read(path)
        good = {tuple(pair) for pair in case["gold"] + case["optional"]}
        for c in propose_case(case["source"], case["destination"]):
            if c["chosen"]:
                right = (c["source"], c["destination"]) in good
                bins[min(9, int(c["score"] * 10))].append(c["score"] - right)
    assert sum(abs(sum(b)) for b in bins) / sum(map(len, bins)) <= 0.05


def test_no_destination_field_is_proposed_twice_and_none_that_is_read_only(fields_only):
    for path in fields_only:
        case = read(path)
        chosen = [c["destination"] for c in propose_case(case["source"], case["destination"]) if c["chosen"]]
        kept = {f["name"] for f in case["destination"]["fields"] if f.get("readonly")}
        assert len(chosen) == len(set(chosen))
        assert not kept & set(chosen)


def test_sixty_by_seventy_fields_take_less_than_the_time_allowed(fields_only):
    cases = [read(path) for path in fields_only]
    side = {
        name: {**cases[0][name], "fields": [f for case in cases for f in case[name]["fields"]][:size]}
        for name, size in (("source", 60), ("destination", 70))
    }
    propose_case(**side)  # the vocabulary is read once a process
    start = process_time()
    propose_case(**side)
    assert process_time() - start < 0.3


def test_the_weights_say_what_they_were_fitted_on():
    content = json.loads(
        (Path(__file__).parents[1] / "src/crossdock/matching/weights.json").read_text(encoding="utf-8")
    )
    assert content["fitted_on"]["cases"] > 0
    assert len(content["fitted_on"]["sha256"]) == 64
    assert len(model().weights) == len(content["evidence"]) + 1
