"""Attachments: where they are found, whose they are, from where they may be fetched, and what is missing."""

import csv
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from crossdock.errors import ConfigError
from crossdock.model import Record, Rejected, Selection
from crossdock.values import Reference
from crossdock_ascora.attachmentplaces import hidden
from crossdock_ascora.filesettings import AttachmentSettings
from crossdock_ascora.layouts import tables_alone
from crossdock_ascora.source import AscoraSource

Read = Callable[[AscoraSource, str], tuple[dict[str, Record], list[Rejected]]]
HEADER = ("PATH", "URL", "ENTITY", "NUMBER", "NAME", "FOLDER", "DATE", "AUTHOR", "CONFIDENTIAL")


@pytest.fixture
def make(
    workbook: Callable[..., Path], tmp_path: Path, open_source: Callable[..., AscoraSource]
) -> Callable[..., AscoraSource]:
    """Makes a source with two customers, two jobs and attachments; `rows` are those of an index."""
    customers = [
        ("CUSTOMER NUMBER", "CUSTOMER NAME", "BILLING CUSTOMER"),
        ("C1", "Ann Lee", ""),
        ("S1", "Shed", "C1"),
    ]
    jobs = [("JOB NUMBER", "JOB STATUS"), ("J1", "New"), ("J2", "New")]
    layout = tmp_path / "layout.yaml"
    layout.write_text(tables_alone().read_text(encoding="utf-8"), encoding="utf-8")
    files = [workbook("customers.xlsx", customers=customers), workbook("jobs.xlsx", Jobs=jobs)]
    text = (
        layout.read_text()
        .replace("    sheet: Contacts", "    sheet: customers")
        .replace("    sheet: Equipment", "    sheet: customers")
    )
    layout.write_text(_without(text, "contacts", "equipment"))

    def made(rows: list[tuple[str, ...]] | None = None, **settings: Any) -> AscoraSource:
        folder = tmp_path / "files"
        folder.mkdir(exist_ok=True)
        given: dict[str, Any] = {"folder": folder, **settings}
        if rows is not None:
            with (tmp_path / "index.csv").open("w", newline="") as out:
                csv.writer(out).writerows([HEADER, *rows])
            given["index"] = tmp_path / "index.csv"
        return open_source(tables={"layout": layout, "files": files}, attachments=given)

    return made


def _without(text: str, *names: str) -> str:
    """A layout without some objects."""
    kept, skip = [], False
    for line in text.splitlines():
        if line.startswith("  ") and not line.startswith("   ") and line.strip().endswith(":"):
            skip = line.strip(" :") in names
        if not skip:
            kept.append(line)
    return "\n".join(kept)


def put(tmp_path: Path, name: str, content: str = "x") -> None:
    path = tmp_path / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


def test_the_index_says_whose_a_file_is(
    make: Callable[..., AscoraSource], read: Read, tmp_path: Path
) -> None:
    put(tmp_path, "a/plan.pdf", "plan")
    source = make(
        [("a\\plan.pdf", "", "Job", "J1", "The plan.pdf", "Plans/2024", "05/03/2024", "Tom Kelly", "Yes")]
    )

    files, rejected = read(source, "files")

    assert rejected == []
    values = files["a/plan.pdf@jobs/J1"].values
    assert (values["name"], values["folder"], values["size"]) == ("The plan.pdf", "Plans/2024", 4)
    assert values["owner"] == Reference("jobs", "J1")
    assert values["author"] == Reference("users", "tom kelly")
    assert values["created_at"].isoformat() == "2024-03-05T00:00:00+11:00"
    assert values["confidential"] is True
    assert values["content"].sha256 == hashlib.sha256(b"plan").hexdigest()
    [seen] = source.reconcile("files", Selection(owned=""))
    assert seen.values == values


def test_one_file_of_two_records_is_two_attachments(
    make: Callable[..., AscoraSource], read: Read, tmp_path: Path
) -> None:
    put(tmp_path, "plan.pdf")
    rest = ("", "", "", "", "")
    source = make(
        [
            ("plan.pdf", "", "Job", "J1", *rest),
            ("plan.pdf", "", "Job", "J2", *rest),
            ("plan.pdf", "", "Job", "J2", *rest),
        ]
    )

    files, _ = read(source, "files")

    assert set(files) == {"plan.pdf@jobs/J1", "plan.pdf@jobs/J2"}


def test_a_file_that_the_index_gives_to_nobody_is_refused_once(
    make: Callable[..., AscoraSource], read: Read, tmp_path: Path
) -> None:
    put(tmp_path, "plan.pdf")
    source = make([("plan.pdf", "", "Job", "J77", "", "", "", "", "")])

    _, rejected = read(source, "files")

    assert [one.key for one in rejected] == ["plan.pdf@Job J77"]
    assert "'J77' names no job" in rejected[0].reasons[0]


def test_without_an_index_the_paths_say_it(
    make: Callable[..., AscoraSource], read: Read, tmp_path: Path
) -> None:
    for name in (
        "Job/J1/photos/2024/roof.jpg",
        "Customer/S1/key.txt",
        "Job/J77/x.txt",
        "loose.txt",
        "Job/J1/Thumbs.db",
    ):
        put(tmp_path, name)

    files, rejected = read(make(), "files")

    assert files["Job/J1/photos/2024/roof.jpg@jobs/J1"].values["folder"] == "photos/2024"
    shed = files["Customer/S1/key.txt@sites/S1"].values
    assert (shed["owner"], shed["owner_customer"]) == (Reference("sites", "S1"), Reference("customers", "C1"))
    assert {r.key: r.reasons[0] for r in rejected} == {
        "Job/J77/x.txt": "Job/J77/x.txt: 'J77' names no job",
        "loose.txt": "loose.txt: does not fit the rule {object}/{key}/{folder}/{name}",
    }


def test_links_are_not_followed(make: Callable[..., AscoraSource], read: Read, tmp_path: Path) -> None:
    source = make()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "files" / "Job" / "J1").mkdir(parents=True)
    (tmp_path / "files" / "Job" / "J1" / "x.txt").symlink_to(tmp_path / "secret.txt")

    files, rejected = read(source, "files")

    assert files == {}
    assert "links are not followed" in rejected[0].reasons[0]


def served(tenant: Any) -> None:
    tenant.answers["/a.pdf"] = b"content"
    tenant.answers["/moved"] = httpx2.Response(302, headers={"Location": "https://evil.example/x"})


def test_addresses_are_fetched_from_named_hosts_without_a_key(
    make: Callable[..., AscoraSource], read: Read, tenant: Any
) -> None:
    served(tenant)
    rows = [("", "https://Files.Acme.example/a.pdf?sig=s3cret", "Job", "J1", "", "", "", "", "")]
    source = make(rows, hosts=["files.acme.example"])

    files, rejected = read(source, "files")

    assert rejected == []
    [(key, record)] = files.items()
    assert record.values["name"] == "a.pdf"
    assert "s3cret" not in key
    assert "auth" not in tenant.requests[-1].headers


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/a.pdf",
        "http://files.acme.example/a.pdf",
        "https://user:pw@files.acme.example/a.pdf",
        "file:///etc/passwd",
        "https://files.acme.example/moved",
    ],
)
def test_no_other_address_is_asked(
    make: Callable[..., AscoraSource], read: Read, tenant: Any, address: str
) -> None:
    served(tenant)
    source = make([("", address, "Job", "J1", "", "", "", "", "")], hosts=["files.acme.example"])

    files, rejected = read(source, "files")

    assert files == {}
    assert "not allowed" in rejected[0].reasons[0]
    assert all(request.url.host == "files.acme.example" for request in tenant.requests)
    assert "pw" not in str(rejected[0])


@pytest.mark.parametrize(("name", "arrives"), [("a.pdf", False), ("a.html", True)])
def test_a_web_page_in_place_of_a_file_is_no_file(
    make: Callable[..., AscoraSource], read: Read, tenant: Any, name: str, arrives: bool
) -> None:
    tenant.answers[f"/{name}"] = b"  <!DOCTYPE html><html><body>Log in</body></html>"
    rows = [("", f"https://files.acme.example/{name}", "Job", "J1", "", "", "", "", "")]
    source = make(rows, hosts=["files.acme.example"])

    files, rejected = read(source, "files")

    assert bool(files) is arrives
    assert [("answered with a web page" in r.reasons[0]) for r in rejected] == ([] if arrives else [True])


def test_what_is_missing_is_a_checklist(
    make: Callable[..., AscoraSource], read: Read, tmp_path: Path, tenant: Any
) -> None:
    rows = [
        ("gone.pdf", "", "Job", "J1", "", "", "", "", ""),
        ("", "https://files.acme.example/404.pdf", "Job", "J1", "", "", "", "", ""),
        ("", "https://other.example/a.pdf", "Job", "J1", "", "", "", "", ""),
        ("x.pdf", "", "Enquiry", "E1", "", "", "", "", ""),
    ]
    source = make(rows, hosts=["files.acme.example"])

    _, rejected = read(source, "files")
    [report] = [r for r in source.discover().artifacts if r.kind == "attachment_to_upload"]

    assert len(rejected) == 4
    with (tmp_path / "handoff" / "attachments" / "checklist.csv").open(newline="") as table:
        assert [row[0] for row in csv.reader(table)][1:] == [r.key for r in rejected]
    [known] = report.found
    assert known.details["count"] == 3  # that a host answers 404 shows when it is asked
    assert "enquiries are not read" in str(known.details["list"])


def test_a_file_that_is_too_large_is_left_out(
    make: Callable[..., AscoraSource], read: Read, tmp_path: Path
) -> None:
    put(tmp_path, "Job/J1/big.bin", "x" * 100)

    _, rejected = read(make(max_bytes=50), "files")

    assert "larger than 50 bytes" in rejected[0].reasons[0]


def test_without_attachments_the_gap_is_said(
    open_source: Callable[..., AscoraSource], make: Callable[..., AscoraSource]
) -> None:
    tables = make()._settings.model_dump()["tables"]

    reports = {r.kind: r for r in open_source(tables=tables).discover().artifacts}

    assert reports["attachment_to_upload"].summary().startswith("not examined: the API gives no attachments")


def test_a_reading_goes_on_where_it_stopped(
    make: Callable[..., AscoraSource], connection: Any, tmp_path: Path
) -> None:
    for number in range(60):
        put(tmp_path, f"Job/J1/{number:02d}.txt", str(number))
    source = make()

    first = next(iter(source.extract("files", None, None, connection.files)))
    rest = list(source.extract("files", first.cursor, None, connection.files))

    assert len(first.records) == 50
    assert [r.values["name"] for batch in rest for r in batch.records] == [
        f"{n:02d}.txt" for n in range(50, 60)
    ]


@pytest.mark.parametrize(
    "rule", ["{object}/{name}", "{object}/{key}/{folder}{name}", "{key}/{key}/{object}/{name}"]
)
def test_a_rule_has_to_say_whose_a_file_is(rule: str) -> None:
    with pytest.raises(ValidationError):
        AttachmentSettings.model_validate({"folder": "x", "rule": rule})


def test_an_address_is_shown_without_its_secrets() -> None:
    assert hidden("https://u:pw@h.example:8443/a/b.pdf?sig=1").startswith("https://h.example:8443/a/b.pdf?")
    assert "sig" not in hidden("https://h.example/a.pdf?sig=1")


def test_a_folder_that_is_not_there_is_said(make: Callable[..., AscoraSource], tmp_path: Path) -> None:
    source = make(folder=tmp_path / "nowhere")

    with pytest.raises(ConfigError, match="there is no folder"):
        source.discover()
