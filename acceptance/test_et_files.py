"""ET07: files."""

# ruff: noqa: N802 - a test is named after its row

import base64
import hashlib
from typing import Any

from acceptance.harness import Pair, moved
from acceptance.slices import ANNA, ANNA_MEMBER, COMPANIES, Slice, key

FILES = "_system.files"
ROOT, SUB = key("ET07", "folder"), key("ET07", "sub-folder")
BIG = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(100_000))  # 3.2 MB


def content(number: int) -> bytes:
    """The bytes of one file, Cyrillic text and bytes that are no text."""
    return f"Договор № {number}\n".encode() + bytes(range(256)) * (number % 5 + 1)


FILE_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("ET07", "file", n),
        "__name": f"Договор {n}.txt",
        "__createdAt": f"2020-10-{n % 28 + 1:02d}T07:00:00Z",
        "__createdBy": ANNA,
        "directory": SUB if n % 2 else ROOT,
        "base64": base64.b64encode(content(n)).decode(),
    }
    for n in range(54)
] + [
    {"__id": key("ET07", "file", "big"), "__name": "архив.zip", "base64": base64.b64encode(BIG).decode()},
    {"__id": key("ET07", "file", "empty"), "__name": "пусто.txt", "text": ""},
]
COMPANY_ITEMS: list[dict[str, Any]] = [
    {
        "__id": key("ET07", "company", n),
        "__name": f"Бумажная {n}",
        "_website": f"https://bumaga-{n}.example",
        "contract_files": [key("ET07", "file", m) for m in range(n * 6, n * 6 + 6)],
    }
    for n in range(9)
] + [
    {
        "__id": key("ET07", "company", "odd"),
        "__name": "Бумажная с архивом",
        "_website": "https://bumaga-arhiv.example",
        "contract_files": [key("ET07", "file", m) for m in ("big", "empty", "lost")],
    }
]
SEED: dict[str, Any] = {
    "directories": [
        {"__id": ROOT, "__name": "Договоры"},
        {"__id": SUB, "__name": "2020 год", "parent": ROOT},
    ],
    "files": FILE_ITEMS,
    "items": {COMPANIES: COMPANY_ITEMS},
}
SLICES = {"ET07": [Slice("ET07", SEED)]}


def source_key(name: object, company: object) -> str:
    """The key of a file record: the file, and the field that holds it."""
    return f"{key('ET07', 'file', name)}@{COMPANIES}/{key('ET07', 'company', company)}/contract_files"


def by_number(number: int) -> str:
    """The key of the company that has a file."""
    return key("ET07", "company", number // 6)


def by_file(shared: Pair) -> dict[str, dict]:
    """Attachments by the id of their source file."""
    found = shared.destination.ours("attachments", FILES)
    return {source.partition("@")[0]: row for source, row in found.items()}


def test_ET07_files_become_attachments_of_their_record(shared: Pair, record_property):
    found = by_file(shared)
    companies = shared.destination.ours("companies", COMPANIES)
    for n in range(54):
        row = found[key("ET07", "file", n)]
        assert row["name"] == f"Договор {n}.txt"
        assert row["targetCompanyId"] == companies[by_number(n)]["id"]
        assert row["createdAt"] == f"2020-10-{n % 28 + 1:02d}T07:00:00.000Z"
        assert row["createdBy"]["workspaceMemberId"] == ANNA_MEMBER
        assert row["fileCategory"] == "TEXT_DOCUMENT"
    assert found[key("ET07", "file", "big")]["fileCategory"] == "ARCHIVE"
    keys = [source_key("empty", "odd"), source_key("lost", "odd")]
    refused = shared.refused(keys)
    assert set(refused) == set(keys)
    moved(record_property, len(FILE_ITEMS) + 1, len(refused))


def test_ET07_contents_are_equal_by_checksum(shared: Pair):
    found = by_file(shared)
    for n in (0, 17, 53):
        (stored,) = found[key("ET07", "file", n)]["file"]
        assert shared.destination.fetch(stored["url"]) == content(n)
    (stored,) = found[key("ET07", "file", "big")]["file"]
    assert hashlib.sha256(shared.destination.fetch(stored["url"])).digest() == hashlib.sha256(BIG).digest()
    held = {f["sha256"] for f in shared.destination.dump()["files"]}
    assert {hashlib.sha256(content(n)).hexdigest() for n in range(54)} <= held


def test_ET07_the_folder_path_is_kept(shared: Pair):
    found = by_file(shared)
    assert found[key("ET07", "file", 2)]["folder"] == "Договоры"
    assert found[key("ET07", "file", 3)]["folder"] == "Договоры/2020 год"
