"""A whole company after its migration: purged, and a bundle for support; both searched for what it told."""

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from tests.dataset import COMPANIES, CONTACTS, key
from tests.harness import FOUND, OK, REFUSED, Scene

_NUMBER = re.compile(r"\+?\d[\d\s()-]{8,}\d")
_PEOPLE = re.compile(r"[А-ЯЁ][а-яё]+ [А-ЯЁ][а-яё]+.*")


def texts(value: Any) -> Iterator[str]:
    """Every text in a value, at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)


def told(scene: Scene) -> set[str]:
    """What the source says of people and companies: addresses, numbers, names; not words of the schema."""
    found = set(texts(scene.source.dump()["items"]))
    found.discard("00000000-0000-0000-0000-000000000000")  # nobody's id
    telling = {t for t in found if "@" in t or _NUMBER.fullmatch(t) or _PEOPLE.fullmatch(t)}
    schema = (scene.project.folder / "mapping.yaml").read_text(encoding="utf-8")
    catalog = (scene.project.folder / ".crossdock" / "catalog.json").read_text(encoding="utf-8")
    return {text for text in telling if text not in schema and text not in catalog}


def left(scene: Scene, words: set[str]) -> dict[str, list[str]]:
    """Which files of the project hold which of these texts."""
    found = {}
    for path in scene.project.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            if held := [word for word in words if word.encode() in content]:
                found[str(path.relative_to(scene.project.folder))] = held[:5]
    return found


def test_a_purged_project_holds_nothing_and_still_proves_everything(scene_at):
    scene = scene_at("loaded")
    scene.call("discover").must(OK)
    scene.call("reconcile", "--spot", "10").must(OK)
    words, before = told(scene), scene.dump()
    assert len(words) > 50
    assert {"reports", ".crossdock"} <= {name.split("/")[0] for name in left(scene, words)}

    scene.call("purge", "--yes").must(REFUSED)
    done = scene.call("purge", "--yes", "--force", "--by", "Anna").must(OK)

    assert done.json["purged"]["staged"] > 0
    assert left(scene, words) == {}
    assert not (scene.project.folder / ".crossdock" / "files").exists()
    scene.call("run").must(REFUSED)
    scene.call("run", "--delta").must(REFUSED)
    scene.call("rollback").must(REFUSED)
    assert scene.dump() == before
    proven = scene.call("reconcile").must(OK)
    assert proven.json["not_proven"] == []
    assert proven.json["hashed_fields"] > 100
    assert sum(r["whole"] for r in proven.json["routes"]) == sum(r["expected"] for r in proven.json["routes"])
    assert left(scene, words) == {}


def test_what_people_do_after_a_purge_is_found_by_hash(scene_at):
    scene = scene_at("loaded")
    scene.call("purge", "--yes", "--force").must(OK)
    scene.patch("company", scene.row("company", key(COMPANIES, 4)), name="Переименована")
    scene.remove("person", scene.row("person", key(CONTACTS, 3)))

    done = scene.call("reconcile").must(FOUND)

    kinds = {f["kind"] for f in done.json["first_findings"]}
    edited = [f for f in done.json["first_findings"] if f["kind"] == "edited there since"]
    assert {"edited there since", "deleted there"} <= kinds
    assert scene.there.name("company", "name") in {f["field"] for f in edited}
    assert left(scene, {"Переименована"}) == {}


def test_the_bundle_for_support_says_nothing_of_the_company(scene_at):
    scene = scene_at("loaded")
    words = told(scene)

    done = scene.call("report", "--anonymise", "--records", "500").must(OK)

    with zipfile.ZipFile(done.json["file"]) as file:
        content = {name: file.read(name) for name in file.namelist()}
    assert len(content["sample.jsonl"].splitlines()) > 50
    found = {name: [w for w in words if w.encode() in text] for name, text in content.items()}
    assert {name: held for name, held in found.items() if held} == {}
