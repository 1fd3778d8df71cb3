"""G08 and P17: rate limits and batches."""

# ruff: noqa: N802 - a test is named after its row

from pathlib import Path
from typing import Any

import pytest
from acceptance.destinations.twenty import written
from acceptance.harness import Pair, Sandboxes, moved, prepared
from acceptance.slices import Data, Slice, key, together
from acceptance.sources import Source
from acceptance.sources.base import Company

BOXES = "stock.boxes"
ITEMS: list[dict[str, Any]] = [
    {"__id": key("G08", n), "__name": f"Коробка {n}", "size": n} for n in range(450)
] + [{"__id": key("G08", "odd"), "__name": "Кривая", "size": "велика"}]
SEED: dict[str, Any] = {
    "namespaces": {"stock": "Запас"},
    "apps": [
        {
            "namespace": "stock",
            "code": "boxes",
            "name": "Коробки",
            "fields": [{"code": "size", "type": "FLOAT", "kind": "integer", "name": "Размер"}],
        }
    ],
    "items": {BOXES: ITEMS},
}
SLICES = {"G08": [Slice("G08", SEED)]}

FIRMS = 110


def slow(source: Source) -> Data:
    """Companies, one of them refused."""
    firms = (
        Company(source.key("P17", n), f"Медленная {n}", f"https://medlennaya-{n}.example")
        for n in range(FIRMS)
    )
    return together(source.companies(*firms), source.broken(source.key("P17", "odd")))


def check_refused(pair: Pair, record_property: Any) -> None:
    """One company alone is not there."""
    key = pair.source.key
    refused = pair.refused([key("P17", n) for n in (*range(FIRMS), "odd")])
    assert set(refused) == {key("P17", "odd")}
    moved(record_property, FIRMS + 1, len(refused))


@pytest.mark.source("elma365")
@pytest.mark.destination("twenty")
def test_G08_the_plan_shows_chunks_and_time_for_the_limit(pair: Pair, record_property):
    document = pair.project.yaml("crossdock.yaml")
    kept = document["destination"]["calls_per_minute"]
    try:
        plans = []
        for limit in (100, 50):
            document["destination"]["calls_per_minute"] = limit
            pair.project.save("crossdock.yaml", document)
            plans.append(pair.project.must("plan"))
    finally:
        document["destination"]["calls_per_minute"] = kept
        pair.project.save("crossdock.yaml", document)
    usual, slow = plans
    assert (usual["calls_per_minute"], slow["calls_per_minute"]) == (100, 50)
    assert usual["batch_size"] == 200
    (phase,) = [p for p in usual["phases"] if p["name"] == f"{BOXES}>boxes"]
    assert phase["records"] == 451
    assert phase["requests"] == 6  # three batches out, three pages back
    assert usual["minutes_at_limit"] == pytest.approx(usual["requests"] / 100, abs=0.06)
    assert slow["minutes_at_limit"] == pytest.approx(usual["requests"] / 50, abs=0.06)
    assert "min" in usual["estimate"]
    refused = pair.refused([item["__id"] for item in ITEMS])
    moved(record_property, len(ITEMS), len(refused))


@pytest.mark.source("elma365")
@pytest.mark.destination("twenty")
def test_G08_the_load_uses_chunks_of_the_largest_size(pair: Pair):
    objects = pair.destination.objects()
    plural = next(o["namePlural"] for o in objects.values() if o["labelSingular"] == "Коробки")
    assert len(pair.destination.ours(plural, BOXES)) == 450
    assert [entry["status"] for entry in written(pair.answers["log"], plural)] == [201, 201, 201]


@pytest.mark.destination("twenty")
def test_P17_a_run_keeps_to_the_platforms_limit(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    slices = [Slice("P17", slow)]
    pair = prepared(sandboxes, tmp_path, slices, pair_name, rate="real", calls_per_minute=100)
    document = pair.project.yaml("crossdock.yaml")
    document["destination"]["batch_size"] = 1  # one call a record, so that few records meet the limit
    pair.project.save("crossdock.yaml", document)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    pair.answers["run"] = pair.project.must("run", codes=(0, 1))
    found = pair.destination.dump()["records"]["company"]["live"]
    assert len([row for row in found if row["name"].startswith("Медленная")]) == 110
    calls = [e for e in pair.destination.log() if e["path"].startswith(("/rest/", "/graphql"))]
    assert len(calls) > 110
    # Each command starts with a full bucket of its own and has to learn that others used it up.
    assert len([entry for entry in calls if entry["status"] == 429]) <= 8
    assert pair.answers["run"]["run"]["state"] == "done"
    check_refused(pair, record_property)


@pytest.mark.destination("odoo")
def test_P17_batches_pace_and_waiting_keep_to_what_the_server_says(
    pair_name: str, sandboxes: Sandboxes, tmp_path: Path, record_property
):
    pair = prepared(sandboxes, tmp_path, [Slice("P17", slow)], pair_name)
    there = pair.destination
    document = pair.project.yaml("crossdock.yaml")
    document["destination"] |= {"batch_size": 20, "calls_per_minute": 240}
    pair.project.save("crossdock.yaml", document)
    pair.project.must("map", "confirm", "--by", "Acceptance")
    load = {"method": "POST", "path": "/jsonrpc", "body": r'"res\.partner",\s*"load"'}
    # The second batch is refused once, with a time to wait; the third is cut off and nobody hears of it.
    there.fault(kind="status", status=429, headers={"Retry-After": "3"}, skip=1, **load)
    there.fault(kind="reset_before", skip=3, **load)
    since = there.now()
    pair.answers["run"] = pair.project.must("run", codes=(1,))
    log = there.log(since)
    (refused_at,) = [entry["at"] for entry in log if entry["status"] == 429]
    assert min(e["at"] for e in log if e["at"] > refused_at) - refused_at >= 3
    loads = [entry for entry in there.written(log, "company") if not entry["fault"]]
    assert len(loads) >= (FIRMS + 1) // 20
    names = [row["name"] for row in there.rows("company") if row["name"].startswith("Медленная")]
    assert sorted(names) == sorted(f"Медленная {n}" for n in range(110)), "each once"
    # A bucket starts with the calls of a minute; after those they go at their pace.
    times = [entry["at"] for entry in log]
    assert len(times) <= 240 + (times[-1] - times[0]) * 240 / 60 + 1
    check_refused(pair, record_property)
