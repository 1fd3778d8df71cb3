"""ET09: HR documents with their signatures."""

# ruff: noqa: N802 - a test is named after its row

import base64
from typing import Any

from acceptance.harness import Pair, moved
from acceptance.platforms import Row
from acceptance.slices import ANNA, ANNA_MEMBER, Slice, key

ORDERS, EMPLOYEES = "kedo.orders", "kedo.employees"
FLAG = "signature not verifiable in Twenty"
KINDS = {"hire": "Приём", "leave": "Отпуск"}


def document(name: object) -> bytes:
    """The bytes of an order."""
    return f"%PDF-1.4 приказ {name}\n".encode()


def signature(name: object) -> bytes:
    """The bytes of a detached signature."""
    return b"\x30\x82\x01\x0a" + f"подпись {name}".encode() + bytes(range(200, 256))


def signed_files(row: str, name: object) -> list[dict[str, Any]]:
    """The document and its signature, for the data of a row."""
    named = (
        (f"Приказ {name}.pdf", document(name), "pdf"),
        (f"Приказ {name}.pdf.p7s", signature(name), "p7s"),
    )
    return [
        {
            "__id": key(row, kind, name),
            "__name": title,
            "base64": base64.b64encode(content).decode(),
            "__createdBy": ANNA,
        }
        for title, content, kind in named
    ]


def order(name: object, **more: Any) -> dict[str, Any]:
    """One HR document with everything that is known of its signature."""
    return {
        "__id": key("ET09", "order", name),
        "__name": f"Приказ {name}",
        "__createdAt": "2022-04-05T06:07:08Z",
        "__createdBy": ANNA,
        "number": f"К-{name}",
        "order_date": "2022-04-05T00:00:00Z",
        "kind": [{"code": "leave", "name": "Отпуск"}],
        "employee": [key("ET09", "employee")],
        "document": [key("ET09", "pdf", name)],
        "signature_file": [key("ET09", "p7s", name)],
        "signer": [ANNA],
        "signed_at": "2022-04-06T10:00:00Z",
        "certificate_serial": f"01 D8 {name}",
        **more,
    }


ITEMS: list[dict[str, Any]] = [order(n) for n in range(52)] + [
    order("unsigned", signature_file=[], signer=[], signed_at=None, certificate_serial=None),
    order("nameless", __name=""),
]
SEED: dict[str, Any] = {
    "namespaces": {"kedo": "КЭДО"},
    "apps": [
        {"namespace": "kedo", "code": "employees", "name": "Сотрудники КЭДО", "fields": []},
        {
            "namespace": "kedo",
            "code": "orders",
            "name": "Кадровые приказы",
            "type": "DOCUMENT",
            "fields": [
                {"code": "number", "type": "STRING", "name": "Номер"},
                {"code": "order_date", "type": "DATETIME", "kind": "date", "name": "Дата приказа"},
                {"code": "kind", "type": "ENUM", "options": KINDS, "name": "Вид"},
                {"code": "employee", "type": "SYS_COLLECTION", "link": EMPLOYEES, "name": "Сотрудник"},
                {"code": "document", "type": "FILE", "name": "Документ"},
                {"code": "signature_file", "type": "FILE", "many": True, "name": "Файл подписи"},
                {"code": "signer", "type": "SYS_USER", "name": "Подписант"},
                {"code": "signed_at", "type": "DATETIME", "kind": "datetime", "name": "Время подписания"},
                {"code": "certificate_serial", "type": "STRING", "name": "Номер сертификата"},
            ],
        },
    ],
    "files": [item for name in (*range(52), "unsigned", "nameless") for item in signed_files("ET09", name)],
    "items": {
        EMPLOYEES: [{"__id": key("ET09", "employee"), "__name": "Кадрова Инна"}],
        ORDERS: ITEMS,
    },
}
SLICES = {"ET09": [Slice("ET09", SEED)]}


def made(shared: Pair, label: str) -> Row:
    """The object that was made for an application, by its label; its fields by label."""
    found = next(o for o in shared.destination.objects().values() if o["labelSingular"] == label)
    return found | {"fields": {f["label"]: f for f in found["fields"].values()}}


def orders(shared: Pair) -> dict[str, Row]:
    """The records of the HR documents, by source key."""
    return shared.destination.ours(made(shared, "Кадровые приказы")["namePlural"], ORDERS)


def test_ET09_an_hr_document_keeps_what_is_known_of_it(shared: Pair, record_property):
    found, target = orders(shared), made(shared, "Кадровые приказы")
    column = {label: field["name"] for label, field in target["fields"].items()}
    staff = shared.destination.ours(made(shared, "Сотрудники КЭДО")["namePlural"], EMPLOYEES)
    for n in range(52):
        row = found[key("ET09", "order", n)]
        assert (row["name"], row[column["Номер"]]) == (f"Приказ {n}", f"К-{n}")
        assert (row[column["Дата приказа"]], row[column["Вид"]]) == ("2022-04-05", "LEAVE")
        assert row[f"{column['Сотрудник']}Id"] == staff[key("ET09", "employee")]["id"]
        assert row[f"{column['Подписант']}Id"] == ANNA_MEMBER
        assert row[column["Время подписания"]] == "2022-04-06T10:00:00.000Z"
        assert row[column["Номер сертификата"]] == f"01 D8 {n}"
        assert row["createdAt"] == "2022-04-05T06:07:08.000Z"
    refused = shared.refused([item["__id"] for item in ITEMS], f"{ORDERS}>{target['nameSingular']}")
    assert set(refused) == {key("ET09", "order", "nameless")}
    moved(record_property, len(ITEMS), len(refused))


def test_ET09_documents_and_signature_files_are_attached(shared: Pair):
    target, found = made(shared, "Кадровые приказы"), orders(shared)
    end = f"target{target['nameSingular'][0].upper()}{target['nameSingular'][1:]}Id"
    rows = {
        source.partition("@")[0]: row
        for source, row in shared.destination.ours("attachments", "_system.files").items()
    }
    for n in range(52):
        for kind, content in (("pdf", document(n)), ("p7s", signature(n))):
            row = rows[key("ET09", kind, n)]
            assert row[end] == found[key("ET09", "order", n)]["id"]
            assert shared.destination.fetch(row["file"][0]["url"]) == content
        assert not rows[key("ET09", "pdf", n)]["signature"]
        assert rows[key("ET09", "p7s", n)]["signature"] == "signature file (p7s)"
    assert {key("ET09", "pdf", "nameless"), key("ET09", "p7s", "nameless")}.isdisjoint(rows)


def test_ET09_the_loss_of_verifiability_is_flagged(shared: Pair):
    target, found = made(shared, "Кадровые приказы"), orders(shared)
    field = target["fields"]["Signature (not verifiable in Twenty)"]["name"]
    assert {found[key("ET09", "order", n)][field] for n in range(52)} == {"Файл подписи"}
    assert not found[key("ET09", "order", "unsigned")][field]
    flags = {(x["object"], x["field"]): x["count"] for x in shared.report["normalised"] if x["rule"] == FLAG}
    assert flags == {(target["nameSingular"], field): 52, ("attachment", "signature"): 52}
    again = shared.answers["reconcile"].json
    assert not [
        f for f in again["findings"] if f["kind"] not in ("normalised",) and f["object"] == "attachment"
    ]


def test_ET09_signatures_are_inventoried(shared: Pair):
    (source,) = shared.answers["discover"]["sources"]
    kinds = {report["kind"]: report for report in source["artifacts"]}
    assert kinds["signature"]["summary"] == "1 found"
    assert [each["name"] for each in kinds["signature"]["found"]] == ["Кадровые приказы"]
    assert any("HR documents: kedo.employees, kedo.orders" in note for note in source["notes"])
