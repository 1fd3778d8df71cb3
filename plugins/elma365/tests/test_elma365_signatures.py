"""HR documents and signatures: told apart from other files, counted, and named on the record."""

from collections.abc import Callable
from typing import Any

import pytest

from crossdock.filestore import FileStore
from crossdock.model import Selection
from crossdock_elma365.signatures import file_signature
from crossdock_elma365.source import Elma365Source

Field = Callable[..., dict[str, Any]]
Make = Callable[..., Elma365Source]


@pytest.mark.parametrize(
    ("name", "field_code", "said"),
    [
        ("Приказ.pdf", "document", None),
        ("Приказ.pdf.SIG", "files", "signature file (sig)"),
        ("приказ.p7s", "document", "signature file (p7s)"),
        ("data.bin", "sign_file", "file of a signature"),
        ("data.xml", "employeeSignature", "file of a signature"),
        ("cert.cer", "lines.certificate", "file of a signature"),
        ("design.pdf", "design_files", None),
        ("signal.pdf", "assigned_docs", None),
    ],
)
def test_a_signature_is_told_by_its_file_name_or_its_field(
    name: str, field_code: str, said: str | None
) -> None:
    assert file_signature(name, field_code) == said


def orders(company: Any, field: Field) -> None:
    signature = field("sign_file", "FILE", single=False)
    signature["view"]["name"] = "Файл подписи"
    items = [{"sign_file": ["f1"], "document": ["f2"]}, {"sign_file": [], "document": ["f2"]}]
    company.add("kedo.orders", [field("document", "FILE"), signature], items)
    company.add_file("f1", "a.p7s", b"1")
    company.add_file("f2", "a.pdf", b"2")


def test_a_signed_record_names_what_it_is_signed_by(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    orders(company, field)
    source = make_source()

    first = [
        r.values["__signatures"] for b in source.extract("kedo.orders", None, None, store) for r in b.records
    ]
    second = [seen.values["__signatures"] for seen in source.reconcile("kedo.orders", Selection(owned=""))]

    assert first == second == ["Файл подписи", None]


def test_records_without_signature_fields_have_nothing_added(
    make_source: Make, company: Any, field: Field
) -> None:
    company.add("shop.orders", [field("document", "FILE")])

    schema = make_source().discover().object("shop.orders")

    assert schema is not None
    assert schema.field("__signatures") is None


def test_every_record_of_an_application_of_certificates_is_one(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    company.add("kedo.certificates", [field("serial", "STRING", "string")], [{"serial": "01"}])

    ((record,),) = (b.records for b in make_source().extract("kedo.certificates", None, None, store))

    assert record.values["__signatures"] == "kedo.certificates"


def test_discover_counts_what_is_signed(make_source: Make, company: Any, field: Field) -> None:
    orders(company, field)
    source = make_source()

    catalog = source.discover()
    report = next(each for each in catalog.artifacts if each.kind == "signature")

    assert report.summary() == "1 found"
    (found,) = report.found
    assert (found.name, found.details["where"]) == ("kedo.orders", "kedo.orders")
    assert found.details["fields"] == ["Файл подписи"]
    asked = [body for _, path, body in company.requests if path.endswith("/kedo/orders/list")]
    assert {"or": [{"not": {"eq": [{"field": "sign_file"}, None]}}]} in [body.get("filter") for body in asked]
    assert any(note.startswith("HR documents: kedo.orders") for note in catalog.notes)


def test_the_files_of_a_signed_record_say_who_signed_when_and_with_what(
    make_source: Make, company: Any, store: FileStore, field: Field
) -> None:
    anna = "a0000000-0000-4000-8000-000000000001"
    company.users = [{"__id": anna, "__name": "Петрова Анна"}]
    signed_at = field("signed_at", "DATETIME", "datetime")
    signer, serial = field("signer", "SYS_USER"), field("certificate_serial", "STRING")
    signer["view"]["name"], serial["view"]["name"] = "Подписант", "Номер сертификата"
    item = {
        "document": ["f1"],
        "signed_at": "2024-05-01T10:00:00Z",
        "signer": [anna],
        "certificate_serial": "01A",
    }
    company.add(
        "kedo.orders", [field("document", "FILE"), signed_at, signer, serial], [item, {"document": ["f1"]}]
    )
    company.add_file("f1", "a.pdf", b"1")
    source = make_source()

    first = {
        r.key: r.values["signed"]
        for b in source.extract("_system.files", None, None, store)
        for r in b.records
    }
    second = {
        seen.id: seen.values["signed"] for seen in source.reconcile("_system.files", Selection(owned=""))
    }

    assert first == second
    assert list(first.values()) == [
        "Label of signed_at: 2024-05-01 10:00+00:00; Подписант: Петрова Анна; Номер сертификата: 01A",
        None,
    ]
