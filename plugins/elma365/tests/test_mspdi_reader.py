"""MS Project files are read as a stream; harmful and broken ones are refused with their name and line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crossdock.errors import ConfigError
from crossdock_elma365.msproject.fields import BUILT_IN, RESOURCE, TASK, CustomField, custom_field
from crossdock_elma365.msproject.reader import MAX_TEXT, read

NS = 'xmlns="http://schemas.microsoft.com/project"'
GOOD = f"<Project {NS}><Name>План</Name><Tasks><Task><UID>1</UID><Name>Задача</Name></Task></Tasks></Project>"
Write = Callable[[bytes | str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(content: bytes | str) -> Path:
        path = tmp_path / "plan.xml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


@pytest.mark.parametrize(
    "content",
    [
        GOOD.encode(),
        b"\xef\xbb\xbf" + GOOD.encode(),
        b'<?xml version="1.0"?>' + GOOD.encode(),
        ('<?xml version="1.0" encoding="UTF-16"?>' + GOOD).encode("utf-16"),
        ('<?xml version="1.0" encoding="windows-1251"?>' + GOOD).encode("cp1251"),
    ],
    ids=["bare", "bom", "declaration", "utf-16", "windows-1251"],
)
def test_every_usual_encoding_is_read(write: Write, content: bytes) -> None:
    plan = read(write(content), 10_000)

    assert plan.properties["Name"] == "План"
    assert [task.text("Name") for task in plan.tasks] == ["Задача"]


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE Project [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + f"]><Project {NS}><Name>&i;</Name></Project>"
)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (BOMB, "document type"),
        (BOMB.encode("utf-16"), "document type"),
        (f'<!DOCTYPE Project SYSTEM "http://127.0.0.1:1/x.dtd"><Project {NS}/>', "document type"),
        (
            f'<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/x">]><Project {NS}><Name>&x;</Name></Project>',
            "document",
        ),
        ("<!--" + "x" * (2 << 20) + "-->" + GOOD, "no root element in its first megabyte"),
        (f"<Project {NS}><Name>&unknown;</Name></Project>", "cut off"),
        (GOOD[:60], "line 1"),
        (GOOD.replace("</Task>", "</Taks>"), "line 1"),
        ("", "not XML"),
        ("not xml at all", "not XML"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 100, "save the plan as XML"),
        ("<Project><Tasks/></Project>", "not Project of"),
        ("<html><body/></html>", "not Project of"),
        (f"<Project {NS}>" + "<a>" * 100 + "</a>" * 100 + "</Project>", "nested deeper"),
        (f"<Project {NS}><Name>{'x' * (MAX_TEXT + 1)}</Name></Project>", "text longer"),
        (f"<Project {NS}><Tasks><Task>{'<a/>' * 200_001}</Task></Tasks></Project>", "too large an element"),
    ],
)
def test_a_harmful_or_broken_file_is_refused(write: Write, content: bytes | str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason) as refusal:
        read(write(content), 10_000_000)

    assert "plan.xml" in str(refusal.value)


def test_a_file_above_the_size_limit_is_refused_unread(write: Write) -> None:
    with pytest.raises(ConfigError, match="mspdi_max_bytes"):
        read(write(GOOD), 50)


def test_a_missing_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path / "nowhere.xml", 50)


def test_time_phased_data_is_passed_over_and_what_stands_before_it_is_kept(write: Write) -> None:
    phased = "<TimephasedData><Type>1</Type><Value>PT8H</Value></TimephasedData>" * 1000
    item = f"<Assignment><UID>7</UID>{phased}<Units>1</Units></Assignment>"

    plan = read(write(f"<Project {NS}><Assignments>{item}</Assignments></Project>"), 10_000_000)

    assert [(a.text("UID"), a.text("Units")) for a in plan.assignments] == [("7", "1")]


@pytest.mark.parametrize(
    ("field_id", "expected"),
    [
        (188743731, CustomField(TASK, "Text", "Text1")),
        (188743734, CustomField(TASK, "Text", "Text2")),
        (188744016, CustomField(TASK, "Text", "Text30")),
        (188743941, CustomField(TASK, "Cost", "Cost7")),
        (188744114, CustomField(TASK, "OutlineCode", "OutlineCode10")),
        (205520904, CustomField(RESOURCE, "Text", "Text1")),
        (205521022, CustomField(RESOURCE, "Flag", "Flag10")),
        (205521023, CustomField(RESOURCE, "Flag", "Flag1")),
        (205521115, CustomField(RESOURCE, "Number", "Number20")),
        (188776500, CustomField(TASK, "", "Field188776500")),
    ],
)
def test_a_field_id_names_its_field(field_id: int, expected: CustomField) -> None:
    assert custom_field(field_id, TASK) == expected


def test_all_custom_fields_of_tasks_and_resources_are_known() -> None:
    assert len({(f.owner, f.name) for f in BUILT_IN.values()}) == len(BUILT_IN) == 2 * 130


def test_a_tag_without_an_end_is_refused_before_it_fills_the_memory(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crossdock_elma365.msproject.reader._MAX_SILENCE", 1 << 17)

    with pytest.raises(ConfigError, match="longer than any"):
        read(write(f"<Project {NS}><Name " + 'a="x>' + "x" * (1 << 20) + '"/></Project>'), 10_000_000)


@pytest.mark.parametrize("item", ["<Task/>", "<Task><ExtendedAttribute><a/></ExtendedAttribute></Task>"])
def test_countless_items_are_refused(write: Write, monkeypatch: pytest.MonkeyPatch, item: str) -> None:
    monkeypatch.setattr("crossdock_elma365.msproject.reader.MAX_ITEMS", 100)

    with pytest.raises(ConfigError, match="more than 100 items"):
        read(write(f"<Project {NS}><Tasks>{item * 101}</Tasks></Project>"), 10_000_000)


def test_an_encoding_that_nobody_knows_is_refused(write: Write) -> None:
    with pytest.raises(ConfigError, match="encoding cannot be read"):
        read(write('<?xml version="1.0" encoding="x-klingon"?>' + GOOD), 10_000)


def test_inner_elements_that_nothing_reads_are_named(write: Write) -> None:
    item = "<Task><UID>7</UID><Baseline><Number>0</Number></Baseline><Foreign><a>1</a></Foreign></Task>"

    (found,) = read(write(f"<Project {NS}><Tasks>{item}</Tasks></Project>"), 10_000).tasks

    assert found.others == {"Baseline", "Foreign"}
