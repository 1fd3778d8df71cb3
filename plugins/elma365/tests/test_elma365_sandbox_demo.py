"""The demo company: what it holds, and that it is the same every time."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crossdock.errors import ConfigError
from crossdock.sandbox import SandboxOptions
from crossdock_elma365.sandbox import Elma365Sandbox

Json = dict[str, Any]
Opener = Callable[..., Elma365Sandbox]


@pytest.fixture(scope="module")
def open_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    made: list[Elma365Sandbox] = []

    def opener(seed: str, data: Path | None = None) -> Elma365Sandbox:
        data = data or tmp_path_factory.mktemp("demo") / "elma365.db"
        made.append(Elma365Sandbox(SandboxOptions(data, "http://127.0.0.1:1", seed, "off")))
        return made[-1]

    yield opener
    for sandbox in made:
        sandbox.close()


@pytest.fixture(scope="module")
def demo(open_sandbox: Opener) -> Json:
    return dict(open_sandbox("demo").dump())


def emails(items: list[Json]) -> Counter[str]:
    return Counter(mail["email"] for item in items for mail in item.get("_email") or [])


def test_the_demo_is_the_same_every_time(open_sandbox: Opener, demo: Json) -> None:
    assert open_sandbox("demo").dump() == demo


def test_what_is_in_the_file_survives_and_is_not_seeded_again(open_sandbox: Opener, tmp_path: Path) -> None:
    first = open_sandbox("empty", tmp_path / "elma365.db")
    before = first.dump()
    first.close()

    assert open_sandbox("demo", tmp_path / "elma365.db").dump() == before


def test_the_demo_holds_the_promised_counts(demo: Json) -> None:
    counts = {name: len(items) for name, items in demo["items"].items()}

    assert counts["_clients._companies"] == 120
    assert counts["_clients._contacts"] == 200
    assert counts["_clients._leads"] == 60
    assert counts["logistics.shipments"] == 80
    assert counts["_system.users"] == 12
    assert len(demo["files"]) == 27
    assert (counts["_clients._calls"], counts["_clients._letters"], counts["kedo.orders"]) == (6, 4, 3)


def test_every_link_points_to_an_item_that_is_there(demo: Json) -> None:
    present = {name: {item["__id"] for item in items} for name, items in demo["items"].items()}
    dangling = [
        (app["code"], field["code"], target)
        for app in demo["apps"]
        for field in app["fields"]
        if field["type"] == "SYS_COLLECTION"
        for item in demo["items"][f"{app['namespace']}.{app['code']}"]
        for target in item.get(field["code"]) or []
        if target not in present["{namespace}.{code}".format(**field["data"])]
    ]

    assert dangling == []


def test_every_value_belongs_to_a_field_of_the_schema(demo: Json) -> None:
    technical = {"__debug", "__externalProcessMeta"}
    for app in demo["apps"]:
        codes = {field["code"] for field in app["fields"] if not field["deleted"]} | technical
        for item in demo["items"][f"{app['namespace']}.{app['code']}"]:
            assert item.keys() <= codes


def test_tax_numbers_have_valid_check_digits(demo: Json) -> None:
    weights = (2, 4, 10, 3, 5, 9, 4, 6, 8)
    for company in demo["items"]["_clients._companies"]:
        digits = [int(digit) for digit in company["_inn"]]
        assert sum(w * d for w, d in zip(weights, digits, strict=False)) % 11 % 10 == digits[9]


def test_the_odd_records_are_there(demo: Json) -> None:
    companies, contacts = demo["items"]["_clients._companies"], demo["items"]["_clients._contacts"]
    sites, mails = Counter(company.get("_website") for company in companies), emails(contacts)

    assert sites["https://romashka-yug.example"] == 1
    assert sites["https://severny-veter.example"] == 2
    assert len([company for company in companies if company.get("__deletedAt")]) == 1
    assert [mail for mail, times in mails.items() if times == 2] == ["obshchiy@zakaz.example"]
    assert mails["trash@example.ru"] == mails["не-почта@@нигде"] == 1
    assert any(
        "\u200f" in c["__name"] and "\u0301" in c["__name"] and "\U0001f994" in c["__name"] for c in companies
    )
    assert any("\x00" in (lead.get("description") or "") for lead in demo["items"]["_clients._leads"])


def test_answers_vary_as_those_of_the_platform_do(demo: Json) -> None:
    companies = demo["items"]["_clients._companies"]

    assert len({frozenset(company) for company in companies}) > 10
    assert {type(company["region"]) for company in companies} == {dict, list}
    assert any(re.search(r"\.\d{9}Z$", company["__updatedAt"]) for company in companies)
    assert any(re.search(r":\d\dZ$", company["__updatedAt"]) for company in companies)


def test_files_are_of_several_kinds_and_one_is_large(demo: Json) -> None:
    files = demo["items"]["_system.files"]

    assert {Path(file["__name"]).suffix for file in files} == {".pdf", ".txt", ".csv", ".png", ".p7s"}
    assert max(file["size"] for file in files) == 3 * 1024 * 1024


def test_a_file_belongs_to_two_records(demo: Json) -> None:
    used = Counter(
        file
        for name, code in (("_clients._companies", "contract_files"), ("logistics.shipments", "documents"))
        for item in demo["items"][name]
        for file in item.get(code) or []
    )

    assert max(used.values()) > 1


def test_large_has_as_many_companies_and_contacts_as_asked(open_sandbox: Opener) -> None:
    items = open_sandbox("large:300").dump()["items"]

    assert len(items["_clients._companies"]) == len(items["_clients._contacts"]) == 300


@pytest.mark.parametrize("seed", ["fresh", "empty"])
def test_a_new_company_has_the_schema_and_one_user(open_sandbox: Opener, seed: str) -> None:
    dump = open_sandbox(seed).dump()

    assert {app["code"] for app in dump["apps"]} >= {"_companies", "_contacts", "_leads", "shipments"}
    assert {name: len(items) for name, items in dump["items"].items()} == {"_system.users": 1}


@pytest.mark.parametrize("seed", ["large:5", "rose"])
def test_an_unknown_seed_is_refused(open_sandbox: Opener, seed: str) -> None:
    with pytest.raises(ConfigError, match="unknown seed"):
        open_sandbox(seed)
