"""Contents of files, on their way there and back."""

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crossdock.model import Outcome
from crossdock.values import StoredFile
from crossdock_odoo.files import _decoded, image_of, of_image


def lead(stand: Any) -> str:
    return str(stand.made("crm.lead", "l", {"name": "L"}).target_id)


def attachment(stand: Any, content: list[bytes], name: str = "a.txt", media: str = "text/plain") -> Any:
    file = stand.files.save(content, name=name, media_type=media)
    return stand.record("ir.attachment", name, {"on_crm.lead": lead(stand), "datas": file})


def test_a_file_arrives_and_is_proved_by_the_checksum_of_the_server(stand: Any) -> None:
    record = attachment(stand, [b"hello"])
    stand.load(record)
    assert stand.findings(record) == []
    (row,) = stand.client.read(
        "ir.attachment", [stand.database_id(record)], ["name", "mimetype", "checksum", "res_model"]
    )
    assert (row["name"], row["mimetype"], row["res_model"]) == ("a.txt", "text/plain", "crm.lead")
    assert row["checksum"] == hashlib.sha1(b"hello").hexdigest()


def test_a_file_is_read_back_by_a_process_that_did_not_send_it(stand: Any) -> None:
    record = attachment(stand, [bytes(range(256)) * 5000, b"end"])
    stand.load(record)
    other = stand.destination()
    (found,) = other.reconcile("ir.attachment", _by_id(record))
    other.close()
    assert found.values["datas"].sha256 == record.values["datas"].sha256
    assert found.values["datas"].size == record.values["datas"].size


def _by_id(record: Any) -> Any:
    from crossdock.model import Selection

    return Selection(ids=(record.target_id,))


def test_an_empty_file_is_a_file(stand: Any) -> None:
    record = attachment(stand, [])
    stand.load(record)
    assert stand.findings(record) == []


def test_only_the_files_seen_last_are_remembered(stand: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("crossdock_odoo.files._REMEMBERED", 2)
    owner = lead(stand)
    files = [stand.files.save([b"hello", bytes([i])], name=str(i)) for i in range(4)]
    records = [
        stand.record("ir.attachment", file.name, {"on_crm.lead": owner, "datas": file}) for file in files
    ]
    stand.load(*records)
    assert len(stand.odoo._reader.contents._known) == 2
    assert stand.findings(*records) == []


def test_many_files_go_in_parts(stand: Any) -> None:
    owner = lead(stand)
    content = {str(i): bytes([i]) * 3_000_000 for i in range(5)}
    records = [
        stand.record(
            "ir.attachment",
            key,
            {"on_crm.lead": owner, "datas": stand.files.save([data], name=key), "name": f"дом/{key}"},
        )
        for key, data in content.items()
    ]
    receipts = stand.load(*records)
    assert {r.outcome for r in receipts.values()} == {Outcome.CREATED}
    assert stand.findings(*records) == []


def test_a_file_that_differs_at_the_server_is_taken_out_again(stand: Any, monkeypatch: Any) -> None:
    record = attachment(stand, [b"hello"])
    right = stand.odoo._reader.contents.encode(record.values["datas"])
    wrong = type(right)(right.cell, "0" * 40)
    monkeypatch.setattr(stand.odoo._reader.contents, "encode", lambda _: wrong)
    (receipt,) = stand.load(record).values()
    assert receipt.outcome is Outcome.FAILED
    assert "checksum" in receipt.reasons[0]
    assert stand.observed(record) == {}


def test_a_picture_is_kept_by_its_record_and_can_be_written_back(stand: Any) -> None:
    file = stand.files.save([PNG], name="p.png")
    person = stand.made("res.partner", "p", {"name": "P", "image_1920": file})
    before = stand.observed(person)[person.target_id]
    assert before.values["image_1920"].size > 0
    stand.changed(person, {"image_1920": None})
    assert stand.values(person)["image_1920"] is None
    schema = stand.odoo._schemas.schema("res.partner")
    back = stand.odoo._reader.wire_back(schema, before.image, ("image_1920",))
    stand.client.write("res.partner", [stand.database_id(person)], back)
    assert stand.values(person)["image_1920"].sha256 == before.values["image_1920"].sha256


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_an_image_names_a_file_by_its_address_in_the_store() -> None:
    file = StoredFile("a.txt", 5, "ab", "text/plain")
    assert of_image(image_of(file)) == file
    assert image_of(None) is None
    assert of_image(None) is None


@given(st.binary(max_size=200))
def test_base64_of_the_server_is_decoded_whatever_its_lines(content: bytes) -> None:
    import base64

    digest = hashlib.sha1(usedforsecurity=False)
    text = base64.encodebytes(content).decode()
    assert b"".join(_decoded(text, digest)) == content
    assert digest.hexdigest() == hashlib.sha1(content).hexdigest()
