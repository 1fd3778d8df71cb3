"""The hooks against the sandbox over loopback."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest

from crossdock.connection import Connection
from crossdock.errors import BatchRefusedError, OutcomeUnknownError
from crossdock.fieldtypes import FieldType as T
from crossdock.filestore import FileStore
from crossdock.ids import external_id, target_uuid
from crossdock.model import (
    Action,
    Change,
    ChangeKind,
    FieldSchema,
    LedgerEntry,
    ObjectSchema,
    Observation,
    Option,
    Origin,
    Outcome,
    Receipt,
    Selection,
    TargetRecord,
)
from crossdock.sandbox.process import SandboxProcess, start
from crossdock.values import Author, Link, Money, PersonName, Phone
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.destination import TwentyDestination
from crossdock_twenty.settings import TwentySettings

PROJECT = "demo"
SITE = ObjectSchema(
    "site",
    (
        FieldSchema("name", T.TEXT, "Название"),
        FieldSchema("kind", T.SELECT, "Вид", options=(Option("склад", "Склад"), Option("OFFICE", "Офис"))),
        FieldSchema("rent", T.MONEY, "Аренда"),
        FieldSchema("phones", T.PHONE, "Телефоны", multiple=True),
        FieldSchema("company", T.REFERENCE, "Компания", references=("company",)),
    ),
    "Площадка",
    "Площадки",
)
COMPANY = ObjectSchema("company", (FieldSchema("inn", T.TEXT, "ИНН"),))
PERSON = ObjectSchema("person", (FieldSchema("name", T.PERSON_NAME),))
DEAL = ObjectSchema("opportunity", (FieldSchema("stage", T.SELECT, options=(Option("LOST", "Проиграна"),)),))
ATTACHMENT = ObjectSchema("attachment", (FieldSchema("file", T.FILE, multiple=True),))
WANTED = [COMPANY, SITE, PERSON, DEAL, ATTACHMENT]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    process = start("twenty", data=tmp_path_factory.mktemp("sandbox") / "twenty.db", seed="fresh", rate="off")
    yield process
    process.stop()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


@pytest.fixture
def twenty(sandbox: SandboxProcess, files: FileStore) -> Iterator[TwentyDestination]:
    httpx2.post(f"{sandbox.url}/_sandbox/reset", json={"seed": "fresh"}).raise_for_status()
    settings = TwentySettings(url=sandbox.url, key=sandbox.token, timeout=20)
    destination = TwentyDestination(settings, Connection("t", PROJECT, "ten", files))
    yield destination
    destination.close()


def dump(sandbox: SandboxProcess) -> Any:
    return httpx2.get(f"{sandbox.url}/_sandbox/dump", timeout=30).json()


def record(
    name: str, key: str, values: dict[str, Any], action: Action = Action.CREATE, at: str = ""
) -> TargetRecord:
    origin = Origin("ten", f"src.{name}", key)
    return TargetRecord(
        name, origin, at or target_uuid(PROJECT, origin, name), external_id(PROJECT, origin), values, action
    )


def load(twenty: TwentyDestination, *records: TargetRecord) -> list[Receipt]:
    return list(twenty.load(records[0].object_name, records))


def observe(twenty: TwentyDestination, one: TargetRecord) -> Observation:
    (found,) = twenty.reconcile(one.object_name, Selection(ids=(one.target_id,)))
    return found


def entry(
    one: TargetRecord, outcome: Outcome, before: Observation | None = None, fields: tuple[str, ...] = ()
) -> LedgerEntry:
    image = before.image if before else {}
    trashed = before.trashed if before else False
    return LedgerEntry(one.origin, one.object_name, one.target_id, outcome, fields, image, trashed)


def undo_schema(twenty: TwentyDestination, changes: list[Change], *, dry_run: bool = False) -> list[Receipt]:
    entries = [
        LedgerEntry(Origin("", "schema", c.key), c.object_name, "", Outcome.CREATED, change=c)
        for c in changes
    ]
    return [r for e in reversed(entries) for r in twenty.rollback([e], dry_run)]


def test_discover_names_counts_automations_and_the_workspace(twenty: TwentyDestination) -> None:
    catalog = twenty.discover()
    company, member = catalog.object("company"), catalog.object("workspaceMember")
    assert company is not None
    assert member is not None
    assert company.count == 5
    assert member.match_only
    assert catalog.identity == f"twenty:{twenty._client.workspace_id}"
    assert [a.kind for a in catalog.artifacts] == ["workflow", "webhook", "role"]
    assert [w.active for w in catalog.artifacts[0].found] == [False, True]  # one is started by hand


def test_a_dry_run_of_provision_names_the_same_changes_and_writes_nothing(
    twenty: TwentyDestination, sandbox: SandboxProcess
) -> None:
    before = dump(sandbox)
    planned = [c.key for c in twenty.provision(WANTED, True, ())]
    assert dump(sandbox) == before
    assert [c.key for c in twenty.provision(WANTED, False, ())] == planned
    assert list(twenty.provision(WANTED, False, ())) == []


def test_values_arrive_as_they_were_sent(twenty: TwentyDestination) -> None:
    list(twenty.provision(WANTED, False, ()))
    firm = record(
        "company", "1", {"name": "Ромашка", "domainName": (Link("https://r.example"),), "inn": "0770"}
    )
    made = datetime(2015, 3, 4, 5, 6, 7, tzinfo=UTC)
    site = record(
        "site",
        "1",
        {
            "name": "Склад №1",
            "kind": "SKLAD",
            "rent": Money(Decimal("1234.56"), "RUB"),
            "phones": (Phone("+74951234567"),),
            "company": firm.target_id,
            "createdAt": made,
            "createdBy": Author("Иванов И."),
        },
    )
    receipts = load(twenty, firm) + load(twenty, site)
    seen = observe(twenty, site)
    assert [r.outcome for r in receipts] == [Outcome.CREATED, Outcome.CREATED]
    assert {name: seen.values[name] for name in site.values} == site.values
    assert seen.external_id == site.external_id


def test_a_bad_record_is_rejected_and_the_rest_of_the_batch_goes_through(twenty: TwentyDestination) -> None:
    good, bad = (
        record("person", "1", {"name": PersonName("A", "B")}),
        record("person", "2", {"emails": ("x",)}),
    )
    receipts = {r.origin.key: r for r in load(twenty, good, bad)}
    assert receipts["1"].outcome is Outcome.CREATED
    assert receipts["2"].reasons == ("emails: 'x' is not an e-mail address",)


def test_a_refused_batch_leaves_nothing_and_a_refused_single_names_the_rival(
    twenty: TwentyDestination,
) -> None:
    first = record("company", "1", {"domainName": (Link("https://a.example"),)})
    load(twenty, first)
    rival = record("company", "2", {"domainName": (Link("https://a.example"),)})
    other = record("company", "3", {"name": "x"})
    with pytest.raises(BatchRefusedError):
        load(twenty, rival, other)
    (refused,) = load(twenty, rival)
    assert refused.outcome is Outcome.REJECTED
    assert first.target_id in refused.reasons[0]
    assert list(twenty.reconcile("company", Selection(ids=(other.target_id,)))) == []


def test_the_rival_is_named_for_authored_records_too(twenty: TwentyDestination) -> None:
    values = {"domainName": (Link("https://a.example"),), "createdBy": Author("A")}
    first, rival = record("company", "1", values), record("company", "2", values)
    load(twenty, first)
    assert first.target_id in load(twenty, rival)[0].reasons[0]


def test_loading_the_same_record_twice_changes_nothing(twenty: TwentyDestination) -> None:
    one = record("company", "1", {"name": "x"})
    load(twenty, one)
    assert load(twenty, one)[0].outcome is Outcome.UNCHANGED


def test_nothing_in_an_update_empties_the_field(twenty: TwentyDestination) -> None:
    full = {"emails": ("a@b.example",), "phones": (Phone("+74951234567"),), "name": PersonName("A", "B")}
    load(twenty, record("person", "1", full))
    empty = record("person", "1", dict.fromkeys(full), Action.UPDATE)
    assert load(twenty, empty)[0].outcome is Outcome.UPDATED
    assert {k: observe(twenty, empty).values[k] for k in full} == dict.fromkeys(full)


def test_an_update_of_a_record_that_is_gone_fails(twenty: TwentyDestination) -> None:
    assert load(twenty, record("company", "9", {"name": "x"}, Action.UPDATE))[0].outcome is Outcome.FAILED


def test_a_lost_answer_leaves_the_outcome_open(twenty: TwentyDestination, sandbox: SandboxProcess) -> None:
    list(twenty.reconcile("company", Selection(ids=())))
    one = record("company", "1", {"name": "x"})
    fault = {"kind": "reset_after", "method": "POST", "path": "/graphql"}
    httpx2.post(f"{sandbox.url}/_sandbox/faults", json=fault).raise_for_status()
    with pytest.raises(OutcomeUnknownError):
        load(twenty, one)
    assert observe(twenty, one).values["name"] == "x"


def test_an_attachment_keeps_its_content_and_gets_a_category(
    twenty: TwentyDestination, files: FileStore
) -> None:
    list(twenty.provision(WANTED, False, ()))
    stored = files.save([b"hello ", b"world"], name="отчёт.txt", media_type="text/plain")
    one = record("attachment", "1", {"name": "отчёт.txt", "file": (stored,)})
    load(twenty, one)
    seen = observe(twenty, one).values
    assert [f.sha256 for f in seen["file"]] == [stored.sha256]
    assert seen["fileCategory"] == "TEXT_DOCUMENT"


@pytest.mark.parametrize(
    ("field", "wanted"),
    [("domainName", "http://www.A.example/"), ("domainName", Link("a.example")), ("name", "РОМАШКА")],
)
def test_a_match_key_finds_other_forms_and_the_trash(
    twenty: TwentyDestination, field: str, wanted: Any
) -> None:
    one = record("company", "1", {"name": "Ромашка", "domainName": (Link("https://a.example"),)})
    load(twenty, one)
    twenty._client.trash("company", "companies", [one.target_id])
    found = list(twenty.reconcile("company", Selection(match=(field, (wanted, "nothing.example")))))
    assert [(o.id, o.trashed) for o in found] == [(one.target_id, True)]


def test_owned_finds_this_project_only(twenty: TwentyDestination) -> None:
    list(twenty.provision(WANTED, False, ()))
    mine = [record("company", str(n), {"name": str(n)}) for n in range(3)]
    load(twenty, *mine)
    found = list(twenty.reconcile("company", Selection(owned=f"{PROJECT}:")))
    assert {o.external_id for o in found} == {r.external_id for r in mine}
    assert list(twenty.reconcile("company", Selection(owned="dem%:"))) == []


def test_reading_pages_through_more_than_one_page(twenty: TwentyDestination) -> None:
    list(twenty.provision(WANTED, False, ()))
    for part in range(3):
        load(twenty, *(record("company", f"{part}-{n}", {"name": "x"}) for n in range(150)))
    found = {o.id for o in twenty.reconcile("company", Selection(owned=f"{PROJECT}:"))}
    assert len(found) == 450
    assert {o.id for o in twenty.reconcile("company", Selection(ids=tuple(found)))} == found


def test_rollback_puts_back_values_and_the_trash(twenty: TwentyDestination) -> None:
    one = record("company", "1", {"name": "old", "annualRevenue": Money(Decimal(5), "EUR")})
    load(twenty, one)
    twenty._client.trash("company", "companies", [one.target_id])
    before = observe(twenty, one)
    change = record("company", "1", {"name": "new", "annualRevenue": None}, Action.RESTORE)
    load(twenty, change)
    assert not observe(twenty, change).trashed
    (receipt,) = twenty.rollback([entry(change, Outcome.UPDATED, before, tuple(change.values))], False)
    assert receipt.outcome is Outcome.UPDATED
    assert observe(twenty, one).image == before.image


def test_rollback_of_everything_leaves_the_workspace_as_it_was(
    twenty: TwentyDestination, sandbox: SandboxProcess, files: FileStore
) -> None:
    before = dump(sandbox)
    changes = list(twenty.provision(WANTED, False, ()))
    firm = record("company", "1", {"name": "x", "inn": "1"})
    site = record("site", "1", {"name": "y", "company": firm.target_id, "kind": "OFFICE"})
    stored = files.save([b"x"], name="a.txt")
    paper = record("attachment", "1", {"file": (stored,), "targetCompany": firm.target_id})
    for one in (firm, site, paper):
        load(twenty, one)
    entries = [entry(one, Outcome.CREATED) for one in (paper, site, firm)]
    expected = [*twenty.rollback(entries, True), *undo_schema(twenty, changes, dry_run=True)]
    done = [*twenty.rollback(entries, False), *undo_schema(twenty, changes)]
    assert done == expected
    assert {r.outcome for r in done} == {Outcome.UPDATED}
    assert dump(sandbox) == before
    assert {r.outcome for r in twenty.rollback(entries, False)} == {Outcome.UNCHANGED}


def test_rollback_takes_what_was_noted_of_a_linked_task_with_it(
    twenty: TwentyDestination, sandbox: SandboxProcess
) -> None:
    list(twenty.provision([COMPANY], False, ()))
    firm = record("company", "1", {"name": "was there"})
    load(twenty, firm)
    before = dump(sandbox)["records"]["timelineActivity"]
    task = record("task", "1", {"title": "t"})
    link = record("taskTarget", "1", {"task": task.target_id, "targetCompany": firm.target_id})
    load(twenty, task)
    load(twenty, link)

    receipts = list(twenty.rollback([entry(one, Outcome.CREATED) for one in (link, task)], False))

    assert {r.outcome for r in receipts} == {Outcome.UPDATED}
    assert dump(sandbox)["records"]["timelineActivity"] == before


def test_undoing_fields_reads_the_schema_once(
    twenty: TwentyDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [c for c in twenty.provision([COMPANY, PERSON], False, ()) if c.kind is ChangeKind.FIELD]
    reads: list[TwentyClient] = []
    read = TwentyClient.objects

    def counted(client: TwentyClient) -> object:
        reads.append(client)
        return read(client)

    monkeypatch.setattr(TwentyClient, "objects", counted)

    receipts = undo_schema(twenty, changes)

    assert [r.outcome for r in receipts] == [Outcome.UPDATED] * 3
    assert len(reads) == 1


def test_schema_that_others_use_is_kept_and_the_count_given(twenty: TwentyDestination) -> None:
    changes = list(twenty.provision(WANTED, False, ()))
    mine, foreign = record("site", "1", {"name": "a"}), record("site", "2", {"name": "b", "kind": "SKLAD"})
    load(twenty, mine, foreign)
    list(twenty.rollback([entry(mine, Outcome.CREATED)], False))
    receipts = {r.origin.key: r for r in undo_schema(twenty, changes)}
    assert receipts["object:site"].reasons == ("kept: 1 records that stay",)
    assert receipts["field:site.kind"].outcome is Outcome.FAILED
    assert receipts["field:site.rent"].outcome is Outcome.UPDATED


def test_dates_keep_their_day(twenty: TwentyDestination) -> None:
    wanted = [ObjectSchema("company", (FieldSchema("founded", T.DATE),))]
    list(twenty.provision(wanted, False, ()))
    one = record("company", "1", {"founded": date(2020, 2, 29)})
    load(twenty, one)
    assert observe(twenty, one).values["founded"] == date(2020, 2, 29)
