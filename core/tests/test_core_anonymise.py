"""`crossdock report --anonymise`: a file that can be sent, and stand-ins that say nothing."""

import json
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from core.tests.answers import faults
from core.tests.toy_platforms import world
from hypothesis import assume, given
from hypothesis import strategies as st

from crossdock.database import sqlite_url
from crossdock.model import Batch, Record
from crossdock.privacy.leaks import LEFT_OUT, Search
from crossdock.privacy.phrases import phrases
from crossdock.privacy.pseudonyms import Pseudonyms
from crossdock.privacy.reporting import trace
from crossdock.privacy.scrubbing import Scrubber
from crossdock.serial import dump_value, load_value
from crossdock.staging import Staging
from crossdock.values import Address, Author, Link, Money, PersonName, Phone, Reference, StoredFile

NAMES = Pseudonyms(bytes(range(32)))
WORDS = ("quillfeather", "zinaida", "thistledown", "пелагея", "крутояровская", "dreadnought", "маргаритовна")
NUMBERS = ("9125550199", "7700900123", "40817810099910004312", "20471938")
PLANTED = {
    "title": "Zinaida Quillfeather",
    "mail": "zinaida@quillfeather.test",
    "person": PersonName("Zinaida", "Quillfeather", "Маргаритовна"),
    "phone": Phone("+7 912 555 01 99", "77009", "Dreadnought"),
    "phones": (Phone("8 770 090 0123"), Phone("0049 770 090 0123")),
    "address": Address(
        "Thistledown 12", "Dreadnought", "Крутояровская", "Thistledown", "204719", "Thistledown"
    ),
    "link": Link("https://quillfeather.test/zinaida?q=thistledown", "Пелагея"),
    "author": Author("Пелагея Крутояровская", "target-quillfeather"),
    "reference": Reference("crm.person", "key-thistledown"),
    "file": StoredFile("Zinaida Quillfeather CV.pdf", 20471938, "ab" * 32, "x/quillfeather", "Крутояровская"),
    "money": Money(Decimal("20471938.55"), "Quillfeather"),
    "account": "40817810099910004312",
    "number": 20471938,
    "decimal": Decimal("9125550199.5"),
    "float": 9125550199.25,
    "born": date(1987, 3, 14),
    "seen": datetime(2019, 3, 4, 5, 6, 7, 918273, tzinfo=UTC),
    "lasted": timedelta(days=20471938),
    "free": "Пелагея is allergic to peanuts, call zinaida@quillfeather.test or 9125550199 at thistledown",
    "html": "<p>Dear <b>Zinaida</b> of Thistledown</p>",
    "json": {"quillfeather": ["thistledown", {"dreadnought": 20471938}], "ok": True},
    "several": ("zinaida", "quillfeather"),
    "yes": True,
    "nothing": None,
}


@pytest.fixture
def sent(desk):
    """A project full of canaries, after a run, with an error in its log; and what is in its bundle."""
    world.source.put("crm.firm", "thistledown-1", title="Zinaida Quillfeather", site="q.test", city="Kazan")
    world.source.put("crm.firm", "thistledown-2", title=None, site="zinaida@quillfeather.test", city=None)
    world.source.put("crm.firm", "thistledown-3", title="Dreadnought", site="d.test", city=None)
    world.destination.rejected.add("Dreadnought")
    desk.prepare()
    desk.edit("city: city", "city: {from: city, default: Thistledown}")
    assert desk("map", "confirm", "--by", "Zinaida Quillfeather").code == 0
    desk("run")
    row = next(r for r in world.destination.table("firm").values() if r.values["domain"] == "q.test")
    row.values["name"] = "Пелагея Крутояровская"
    desk("reconcile")
    staging = Staging(sqlite_url(desk.folder / ".crossdock" / "staging.db"))
    extraction = staging.begin("main", "crm.planted")
    staging.put(extraction, Batch((Record("crm.planted", "thistledown-9", PLANTED),), "quillfeather"))
    staging.finish(extraction)
    staging.close()
    with (desk.folder / ".crossdock" / "crossdock.log").open("a", encoding="utf-8") as log:
        for event in LOGGED:
            log.write(json.dumps(event, ensure_ascii=False) + "\n")
        log.write("no JSON: Zinaida Quillfeather\n")
    answer = desk("report", "--anonymise", "--records", "100", json=True)
    assert answer.code == 0, answer.err
    with zipfile.ZipFile(answer.json["file"]) as file:
        return desk, answer, {name: file.read(name).decode() for name in file.namelist()}


TRACE = """Traceback (most recent call last):
  File "/srv/zinaida/site-packages/crossdock/run.py", line 12, in load
    raise ValueError("Quillfeather")
  File "/srv/zinaida/thistledown.py", line 3, in <module>
crossdock.errors.StorageError: cannot store file 'Zinaida Quillfeather CV.pdf' of Пелагея Крутояровская"""
LOGGED = (
    {"event": "phase begins", "level": "info", "object": "crm.firm>firm", "key": "thistledown-1", "after": 3},
    {"event": "Zinaida Quillfeather was here", "level": "info", "tenant": "quillfeather"},
    {"event": "unexpected", "level": "info", "exception": TRACE, "Пелагея Крутояровская": "x"},
    {"event": "x", "level": "quillfeather thistledown", "logger": ["zinaida"], "more": {"a": "thistledown"}},
)


def test_no_canary_of_any_kind_of_value_is_in_the_bundle(sent):
    _, _, files = sent
    found = [
        (name, word)
        for name, text in files.items()
        for word in WORDS
        if word in text.lower() or word.encode("unicode_escape").decode() in text.lower()
    ]
    digits = {name: re.sub(r"(?<=\d)[\s().-]+(?=\d)", "", text) for name, text in files.items()}
    found += [(name, n) for name, text in digits.items() for n in NUMBERS if n in text]
    found += [
        (name, day)
        for name, text in files.items()
        for day in ("1987-03-14", "2019-03-04", "918273")
        if day in text
    ]
    assert found == []


def test_the_bundle_says_what_is_in_it_and_what_support_needs(sent):
    desk, answer, files = sent
    listing = files["contents.txt"]

    assert answer.json["contents"] == listing
    assert faults("report-anonymise", answer.json) == []
    assert all(name in listing for name in files if name != "contents.txt")
    assert json.loads(files["versions.json"])["crossdock"]
    assert json.loads(files["project.json"])["destination"]["platform"] == "beta"
    route = json.loads(files["mapping.json"])["objects"][0]
    assert (route["from"], route["to"], route["fields"]["name"]["from"]) == ("crm.firm", "firm", ["title"])
    run = json.loads(next(text for name, text in files.items() if name.startswith("runs/run-")))
    assert run["totals"]["destination"]["rejected"] == 1
    assert run["phases"][0]["not_loaded"][0]["key"].startswith("id-")
    assert "http://toy.example" not in "".join(files.values())
    assert len(list((desk.folder / "reports").glob("support-*.zip"))) == 1


def test_one_record_has_one_stand_in_in_the_sample_in_findings_and_in_the_log(sent):
    _, _, files = sent
    sample = [json.loads(line) for line in files["sample.jsonl"].splitlines()]
    log = [json.loads(line) for line in files["log.jsonl"].splitlines()]
    checked = json.loads(next(text for name, text in files.items() if name.startswith("runs/reconcile-")))

    firms = {line["key"]: line["values"] for line in sample if line["object"] == "crm.firm"}
    logged = next(line["key"] for line in log if line.get("after") == 3 and "key" in line)
    finding = next(f for f in checked["first_findings"] if f["field"] == "name")
    assert finding["origin"] == f"main/crm.firm/{logged}"
    assert finding["expected"] == firms[logged]["title"]
    assert finding["kind"] == "edited there since"
    people = [line for line in sample if line["object"] == "crm.person"]
    assert {p["values"]["firm"]["$reference"][1] for p in people} <= set(firms)


def test_log_lines_keep_what_the_program_says_and_traces_their_places(sent):
    log = [json.loads(line) for line in sent[2]["log.jsonl"].splitlines()]

    assert {"event": "phase begins", "object": "crm.firm>firm", "after": 3}.items() <= next(
        line for line in log if line.get("after") == 3 and "key" in line
    ).items()
    exception = next(line["exception"] for line in log if "exception" in line)
    assert 'File "crossdock/run.py", line 12, in load' in exception
    assert "crossdock.errors.StorageError: cannot store" in exception


def test_types_nothing_and_structure_of_values_are_kept(sent):
    sample = [json.loads(line) for line in sent[2]["sample.jsonl"].splitlines()]
    planted = next(line["values"] for line in sample if line["object"] == "crm.planted")
    values = {name: load_value(value) for name, value in planted.items()}

    assert {n: type(v) for n, v in values.items()} == {n: type(v) for n, v in PLANTED.items()}
    assert (values["yes"], values["nothing"]) == (True, None)
    assert values["phone"].number.startswith("+7 ")
    assert values["phones"][1].number.startswith("0049 ")
    assert values["mail"].endswith(".example.org")
    assert values["html"].startswith("<p>")
    assert re.fullmatch(r"[А-Яа-я]+", values["person"].middle)
    assert values["file"].name.endswith(".pdf")
    assert values["file"].media_type == "application/octet-stream"
    assert len(str(values["number"])) == 8


def test_two_bundles_have_nothing_in_common_to_compare_by(sent):
    desk, _, files = sent
    path = desk("report", "--anonymise", json=True).json["file"]
    with zipfile.ZipFile(path) as file:
        other = file.read("sample.jsonl").decode()
    first = json.loads(files["sample.jsonl"].splitlines()[0])
    assert first["values"]["title"] not in other


def test_a_purged_project_has_a_bundle_without_records(sent):
    desk = sent[0]
    desk("purge", "--yes", "--force")
    path = desk("report", "--anonymise", json=True).json["file"]
    with zipfile.ZipFile(path) as file:
        assert file.read("sample.jsonl") == b""
        assert any(name.startswith("runs/") for name in file.namelist())


def test_a_project_without_mapping_catalog_and_runs_has_a_bundle_too(desk):
    desk.initialise()
    answer = desk("report", "--anonymise")
    assert answer.code == 0
    assert "look into it before you send it" in answer.out


def test_a_mapping_keeps_choices_and_offered_answers_and_loses_what_people_wrote(desk):
    desk.prepare(confirmed=False)
    desk.edit(
        "objects:\n",
        "questions:\n  history: {alternatives: [full, none]}\n  who: {about: Zinaida}\n"
        "decisions: {history: full, who: zinaida@quillfeather.test}\nobjects:\n",
    )
    desk.edit(
        "motto: motto}",
        "motto: {from: motto, values: {red: R}, otherwise: keep, where: \"title != 'Dreadnought'\"}}",
    )
    path = desk("report", "--anonymise", json=True).json["file"]
    with zipfile.ZipFile(path) as file:
        mapping = json.loads(file.read("mapping.json"))

    motto = mapping["objects"][0]["fields"]["motto"]
    assert mapping["decisions"]["history"] == "full"
    assert mapping["decisions"]["who"].endswith("example.org")
    assert motto["values"] == {"red": "R"}
    assert motto["conditions"] == ["where"]
    assert not any(word in json.dumps(mapping).lower() for word in WORDS)


# --- stand-ins ------------------------------------------------------------------------------------

LONG_WORD = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzабвгдежзиклмнопрстуфхцчшщэюяßéλω"), min_size=5)
SCALARS = st.one_of(
    st.text(max_size=40),
    st.integers(-(10**12), 10**12),
    st.booleans(),
    st.none(),
    st.decimals(allow_nan=True, allow_infinity=True, places=3),
    st.floats(),
    st.dates(),
    st.datetimes(timezones=st.one_of(st.none(), st.just(UTC), st.just(ZoneInfo("Europe/Moscow")))),
    st.timedeltas(),
    st.builds(Money, st.decimals(allow_nan=False, allow_infinity=False), st.text(max_size=5)),
    st.builds(Phone, *[st.text(max_size=20)] * 3),
    st.builds(Link, *[st.text(max_size=20)] * 2),
    st.builds(PersonName, *[st.text(max_size=10)] * 3),
    st.builds(Address, *[st.text(max_size=10)] * 6),
    st.builds(Author, *[st.text(max_size=10)] * 2),
    st.builds(Reference, *[st.text(max_size=10)] * 2),
    st.builds(StoredFile, st.text(max_size=10), st.integers(0, 10**9), st.just("ab" * 32)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=5), inner, max_size=3),
    ),
    max_leaves=5,
)


@given(VALUES)
def test_a_stand_in_has_the_type_of_its_value_and_is_the_same_each_time(value):
    first, second = NAMES.value(value), NAMES.value(value)

    assert type(first) is type(value)
    assert repr(first) == repr(second)
    assert (first is None) == (value is None)
    assert (first == "") == (value == "")
    dump_value(first)


@given(st.lists(LONG_WORD, min_size=4, max_size=12))
def test_no_four_words_in_a_row_survive(words):
    text = " ".join(words)
    fresh = re.findall(r"\w+", NAMES.text(text).casefold())
    old = re.findall(r"\w+", text.casefold())
    grams = {tuple(old[n : n + 4]) for n in range(len(old) - 3)}
    assert not grams & {tuple(fresh[n : n + 4]) for n in range(len(fresh) - 3)}


@given(LONG_WORD, LONG_WORD)
def test_different_words_have_different_stand_ins_and_none_is_the_word_itself(a, b):
    assume(a.casefold() != b.casefold())
    assert NAMES.text(a).casefold() != a.casefold()
    assert (NAMES.text(a).casefold() == NAMES.text(b).casefold()) is False


@given(st.integers(1, 10**15), st.integers(1, 10**15))
def test_keys_stay_different_and_numbers_keep_their_digits(a, b):
    assert (NAMES.key(str(a)) == NAMES.key(str(b))) == (a == b)
    assert len(str(NAMES.integer(a))) == len(str(a))
    assert NAMES.integer(a) != a
    assert NAMES.integer(-a) == -NAMES.integer(a)


@given(st.integers(0, 2 * 10**9), st.integers(0, 10_000))
def test_times_keep_the_days_between_them(seconds, days):
    moment = datetime.fromtimestamp(seconds, UTC)
    later = moment + timedelta(days=days)
    assert NAMES.time(later) - NAMES.time(moment) == timedelta(days=days)
    assert NAMES.time(moment.date()) == NAMES.time(moment).date()


def test_words_keep_script_and_case():
    assert re.fullmatch(r"[А-Я][а-я]+ [А-Я]+", NAMES.text("Пелагея ОЛЬГА"))
    assert re.fullmatch(r"[a-z]+ [A-Z][a-z]+", NAMES.text("zinaida Quillfeather"))
    assert NAMES.text("Zinaida").lower() == NAMES.text("zinaida")
    assert NAMES.text("山田") != "山田"
    assert NAMES.text("٣٤٥").isdecimal()


def test_addresses_keep_their_shape_and_equal_domains_stay_equal():
    first, second = NAMES.text("a.petrova@romashka.ru"), NAMES.text("i.ivanov@Romashka.ru")
    assert re.fullmatch(r"[a-z]\.[a-z]+@[a-z]+\.example\.org", first)
    assert first.partition("@")[2] == second.partition("@")[2]
    assert re.fullmatch(r"https://[a-z]+\.example\.org/[a-z]+/\d\d", NAMES.text("https://acme.ru/deal/42"))


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("+7 (912) 555-01-99", r"\+7 \(\d{3}\) \d{3}-\d\d-\d\d"),
        ("+375291234567", r"\+375\d{9}"),
        ("+49 30 1234567", r"\+49 \d\d \d{7}"),
        ("0044 20 7946 0018", r"0044 \d\d \d{4} \d{4}"),
        ("+1-202-555-0143", r"\+1-\d{3}-\d{3}-\d{4}"),
    ],
)
def test_phones_keep_country_and_form(number, kept):
    fresh = NAMES.phone(number)
    assert re.fullmatch(kept, fresh)
    assert fresh != number
    assert NAMES.text(number) == fresh


def test_choices_stay_and_other_texts_do_not():
    assert NAMES.values({"a": "new", "b": "new", "c": ("new", "old")}, {"a": {"new"}, "c": {"new"}}) == {
        "a": "new",
        "b": NAMES.text("new"),
        "c": ("new", NAMES.text("old")),
    }


# --- sentences ------------------------------------------------------------------------------------


def test_sentences_keep_the_programs_words_names_and_short_numbers_alone():
    scrub = Scrubber(phrases(), {"crm.firm", "email", "name"})
    for text, kept in (
        ("email: 'zinaida@q.test' is not an e-mail address", "email: '…' is not an e-mail address"),
        ("crm.firm/4711 is no firm there (held), left empty", "crm.firm/… is no … there (held), left empty"),
        ("Zinaida Quillfeather left Thistledown", "…"),
        ("«Пелагея» took its place", "«…» took its place"),
        ("status 429 of 4711", "… 429 of …"),
        ("field 'name' is 'Zinaida O'Hara'", None),
        ("", ""),
    ):
        found = scrub(text)
        assert kept is None or found == kept
        assert not any(word in found.lower() for word in (*WORDS, "hara", "4711"))


def test_words_of_a_record_are_no_words_of_the_program_because_it_knows_them_alone():
    scrub = Scrubber(phrases(), set())
    assert scrub("Phone Company Deal Contact") == "…"


def test_the_programs_phrases_hold_no_names_of_people():
    found = phrases()
    assert "left empty" in found
    assert not [pair for pair in found if "Anna" in pair.split() or "petrova" in pair.lower()]


def test_a_trace_keeps_no_folder_outside_of_packages():
    told = trace(TRACE, Scrubber(phrases(), set()))
    assert "zinaida" not in told.lower()
    assert 'File "…", line 3, in <module>' in told


def test_the_last_search_leaves_out_what_says_the_same_as_a_record():
    data = {
        "a": ["call me when the goose flies", "nothing"],
        "b": {"mail x@y.example now": 1},
        "c": "id 20471938",
        "d": "20471938-1111",
    }
    search = Search(data)
    search.see({"t": "Call me when THE goose", "m": "x@y.example", "n": 20471938, "z": None, "y": True})

    assert search.without(data) == {
        "a": [LEFT_OUT, "nothing"],
        "b": {LEFT_OUT: 1},
        "c": LEFT_OUT,
        "d": "20471938-1111",
    }
