"""EO08 and EO09: files, and documents of the HR with their signatures."""

# ruff: noqa: N802 - a test is named after its row

import hashlib
from typing import Any

from acceptance.harness import Pair, moved
from acceptance.platforms import Row
from acceptance.slices import ANNA, ANNA_MAIL, COMPANIES, IVAN, IVAN_MAIL, Json, Slice, key
from acceptance.test_et_files import BIG, FILE_ITEMS, by_number, content, source_key
from acceptance.test_et_files import SEED as FILES_SEED
from acceptance.test_et_hr import document, signature, signed_files

FILES, ORDERS = "_system.files", "kedo.papers"
SIGNED = "signature file (p7s)"


def paper(name: object, **more: Any) -> Json:
    """An order about an employee, signed."""
    return {
        "__id": key("EO09", "paper", name),
        "__name": f"Приказ {name}",
        "employee": [ANNA if isinstance(name, int) and name % 2 else IVAN],
        "document": [key("EO09", "pdf", name)],
        "signature_file": [key("EO09", "p7s", name)],
        "signer": [ANNA],
        "signed_at": "2022-04-06T10:00:00Z",
        "__createdAt": "2022-04-05T06:07:08Z",
    } | more


PAPERS = [
    *(paper(n) for n in range(52)),
    paper("of nobody", employee=[], signer=[]),
    paper("lost", employee=[ANNA]),  # its files are not there any more
]


def hr_seed(papers: list[Json], names: tuple[object, ...]) -> Json:
    """The application of the papers, with the files that these names have."""
    return {
        "namespaces": {"kedo": "КЭДО"},
        "apps": [
            {
                "namespace": "kedo",
                "code": "papers",
                "name": "Приказы по людям",
                "type": "DOCUMENT",
                "fields": [
                    {"code": "employee", "type": "SYS_USER", "name": "Сотрудник"},
                    {"code": "document", "type": "FILE", "name": "Документ"},
                    {"code": "signature_file", "type": "FILE", "many": True, "name": "Файл подписи"},
                    {"code": "signer", "type": "SYS_USER", "name": "Подписант"},
                    {"code": "signed_at", "type": "DATETIME", "kind": "datetime", "name": "Время подписания"},
                ],
            }
        ],
        "files": [each for name in names for each in signed_files("EO09", name)],
        "items": {ORDERS: papers},
    }


HR_SEED = hr_seed(PAPERS, (*range(52), "of nobody"))
SLICES = {"EO08": [Slice("EO08", FILES_SEED)], "EO09": [Slice("EO09", HR_SEED)]}


def by_file(shared: Pair) -> dict[str, Row]:
    """Attachments by the id of their source file."""
    found = shared.destination.ours("ir.attachment", FILES)
    return {source.partition("@")[0]: row for source, row in found.items()}


def sha1(data: bytes) -> str:
    """The checksum that the platform keeps of a file."""
    return hashlib.sha1(data).hexdigest()


def test_EO08_files_become_attachments_of_their_record(shared: Pair, record_property):
    found = by_file(shared)
    companies = shared.destination.ours("res.partner", COMPANIES)
    for n in range(54):
        row = found[key("ET07", "file", n)]
        folder = "Договоры/2020 год" if n % 2 else "Договоры"
        assert row["name"] == f"{folder}/Договор {n}.txt"
        assert (row["res_model"], row["res_id"]) == ("res.partner", companies[by_number(n)]["id"])
        assert row["checksum"] == sha1(content(n))
        assert row["x_source_created_at"] == f"2020-10-{n % 28 + 1:02d} 07:00:00"
        assert row["x_source_author"] == "Петрова Анна Сергеевна"
    keys = [source_key("empty", "odd"), source_key("lost", "odd")]
    refused = shared.refused(keys)
    assert source_key("lost", "odd") in refused
    moved(record_property, len(FILE_ITEMS) + 1, len(refused))


def test_EO08_contents_are_equal_by_checksum(shared: Pair):
    found, there = by_file(shared), shared.destination
    big = found[key("ET07", "file", "big")]
    assert (big["name"], big["checksum"]) == ("архив.zip", sha1(BIG))
    for n in (0, 17, 53):
        row = found[key("ET07", "file", n)]
        assert there.content({"number": row["id"]}) == content(n)


def test_EO09_documents_and_signatures_are_attached_to_the_employee(shared: Pair, record_property):
    found, there = by_file(shared), shared.destination
    rows = there.all("hr.employee", fields=["user_id"])
    employees = {row["user_id"][0]: row["id"] for row in rows if row["user_id"]}
    anna, ivan = employees[there.user(ANNA_MAIL)], employees[there.user(IVAN_MAIL)]
    for n in range(52):
        for kind, data in (("pdf", document(n)), ("p7s", signature(n))):
            row = found[key("EO09", kind, n)]
            assert (row["res_model"], row["res_id"]) == ("hr.employee", anna if n % 2 else ivan)
            assert row["checksum"] == sha1(data)
    keys = {line["source_id"] for line in shared.audit if line["source_id"].partition("@")[0] in LOST}
    refused = shared.refused(sorted(keys))
    assert {source.partition("@")[0] for source in refused} == LOST
    moved(record_property, 2 * len(PAPERS), len(refused))


LOST = {key("EO09", kind, "lost") for kind in ("pdf", "p7s")}


def test_EO09_a_signature_is_described_and_its_loss_flagged(shared: Pair):
    found = by_file(shared)
    for n in range(52):
        assert SIGNED in found[key("EO09", "p7s", n)]["description"]
    flags = [x for x in shared.report["normalised"] if "not verifiable in Odoo" in x["rule"]]
    assert {x["object"] for x in flags} >= {"ir.attachment"}


def test_EO09_what_names_no_employee_stays_with_its_record(shared: Pair):
    there = shared.destination
    made = there.made("Приказы по людям")
    papers = there.ours(made.name, ORDERS)
    row = by_file(shared)[key("EO09", "pdf", "of nobody")]
    assert (row["res_model"], row["res_id"]) == (made.name, papers[key("EO09", "paper", "of nobody")]["id"])
