"""Plans become projects, tasks, resources, assignments and links; custom fields keep their meaning."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crossdock.errors import ConfigError
from crossdock.fieldtypes import FieldType
from crossdock.model import FieldSchema, ObjectSchema, Option, Provenance, Record, Rejected
from crossdock.values import Money, Reference
from crossdock_elma365.msproject import PlanLibrary

ZONE = ZoneInfo("Europe/Moscow")
Open = Callable[..., PlanLibrary]


def xml(body: str, name: str = "roof", **properties: str) -> str:
    leaves = "".join(f"<{tag}>{text}</{tag}>" for tag, text in properties.items())
    return (
        f'<Project xmlns="http://schemas.microsoft.com/project"><Name>{name}</Name>{leaves}{body}</Project>'
    )


def task(uid: int, level: int = 1, more: str = "", name: str = "T") -> str:
    return f"<Task><UID>{uid}</UID><Name>{name}{uid}</Name><OutlineLevel>{level}</OutlineLevel>{more}</Task>"


def custom(field_id: int, value: str, tag: str = "Value") -> str:
    return f"<ExtendedAttribute><FieldID>{field_id}</FieldID><{tag}>{value}</{tag}></ExtendedAttribute>"


def definition(field_id: int, alias: str = "", more: str = "") -> str:
    return f"<ExtendedAttribute><FieldID>{field_id}</FieldID><Alias>{alias}</Alias>{more}</ExtendedAttribute>"


def tasks(*rows: str) -> str:
    return f"<Tasks>{''.join(rows)}</Tasks>"


@pytest.fixture
def library(tmp_path: Path) -> Open:
    def make(*texts: str) -> PlanLibrary:
        paths = [tmp_path / f"plan{n}.xml" for n in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text)
        return PlanLibrary(paths, ZONE, 10_000_000)

    return make


def read(plans: PlanLibrary, name: str) -> dict[str, Record]:
    return {r.key: r for batch in plans.batches(f"msproject.{name}", None) for r in batch.records}


def rejects(plans: PlanLibrary, name: str) -> list[Rejected]:
    return [r for batch in plans.batches(f"msproject.{name}", None) for r in batch.rejected]


def named(schema: ObjectSchema, name: str) -> FieldSchema:
    found = schema.field(name)
    assert found is not None
    return found


def test_the_tree_follows_order_and_level_not_the_wbs(library: Open) -> None:
    rows = tasks(task(0, 0), task(5, 1), task(2, 2, "<WBS>9.9</WBS>"), task(7, 2), task(3, 1))

    found = read(library(xml(rows)), "tasks")

    assert {k: v.values["parent"] and v.values["parent"].key for k, v in found.items()} == {
        "roof:0": None,
        "roof:5": "roof:0",
        "roof:2": "roof:5",
        "roof:7": "roof:5",
        "roof:3": "roof:0",
    }


def test_blank_rows_are_left_out_and_counted(library: Open) -> None:
    blank = "<Task><UID>9</UID><IsNull>1</IsNull><OutlineLevel>0</OutlineLevel></Task>"

    plans = library(xml(tasks(task(0, 0), task(1), blank, task(2))))

    assert list(read(plans, "tasks")) == ["roof:0", "roof:1", "roof:2"]
    assert read(plans, "tasks")["roof:2"].values["parent"] == Reference("msproject.tasks", "roof:0")
    assert read(plans, "projects")["roof"].values["blank_rows"] == 1


@pytest.mark.parametrize(
    ("text", "shown_as", "minutes", "days", "elapsed", "unit"),
    [
        ("PT8H0M0S", 7, "480", "1", False, "d"),
        ("PT12H0M0S", 7, "480", "1.5", False, "d"),
        ("PT8H0M0S", 7, "1440", "0.3333", False, "d"),
        ("PT24H0M0S", 8, "480", "1", True, "ed"),
        ("PT160H0M0S", 39, "480", "20", False, "d?"),
    ],
)
def test_a_duration_is_working_time_and_days_of_the_projects_length(
    library: Open, text: str, shown_as: int, minutes: str, days: str, elapsed: bool, unit: str
) -> None:
    body = f"<Duration>{text}</Duration><DurationFormat>{shown_as}</DurationFormat>"

    values = read(library(xml(tasks(task(1, 1, body)), MinutesPerDay=minutes)), "tasks")["roof:1"].values

    assert (values["duration"], values["duration_days"]) == (text, Decimal(days))
    assert (values["duration_elapsed"], values["duration_unit"]) == (elapsed, unit)


def test_times_get_the_zone_of_the_settings(library: Open) -> None:
    found = read(library(xml(tasks(task(1, 1, "<Start>2024-03-01T09:00:00</Start>")))), "tasks")

    assert found["roof:1"].values["start"] == datetime(2024, 3, 1, 9, tzinfo=ZONE)


@pytest.mark.parametrize(("number", "word"), [(0, "FF"), (1, "FS"), (2, "SF"), (3, "SS")])
def test_a_link_has_type_and_lag(library: Open, number: int, word: str) -> None:
    link = (
        f"<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>{number}</Type>"
        "<LinkLag>-2400</LinkLag><LagFormat>7</LagFormat></PredecessorLink>"
    )

    (found,) = read(library(xml(tasks(task(1), task(2, 1, link)))), "links").values()

    assert (found.key, found.values["type"]) == ("roof:2<-1", word)
    assert (found.values["lag"], found.values["lag_days"]) == ("-PT4H0M0S", Decimal("-0.5"))


def test_a_link_to_a_task_that_is_not_there_is_rejected(library: Open) -> None:
    link = "<PredecessorLink><PredecessorUID>99</PredecessorUID><Type>1</Type></PredecessorLink>"

    (reject,) = rejects(library(xml(tasks(task(1, 1, link)))), "links")

    assert "predecessor task 99 is not in the file" in reject.reasons[0]


@pytest.mark.parametrize("nobody", ["-65535", "-1", "0"])
def test_an_assignment_to_nobody_has_no_resource(library: Open, nobody: str) -> None:
    rows = tasks(task(1)) + (
        "<Resources><Resource><UID>0</UID></Resource><Resource><UID>4</UID><Name>Ann</Name></Resource></Resources>"
        f"<Assignments><Assignment><UID>1</UID><TaskUID>1</TaskUID><ResourceUID>{nobody}</ResourceUID></Assignment>"
        "<Assignment><UID>2</UID><TaskUID>1</TaskUID><ResourceUID>4</ResourceUID></Assignment></Assignments>"
    )
    plans = library(xml(rows))

    found = read(plans, "assignments")

    assert found["roof:1"].values["resource"] is None
    assert found["roof:2"].values["resource"] == Reference("msproject.resources", "roof:4")
    assert list(read(plans, "resources")) == ["roof:4"]


def test_custom_values_of_every_kind_are_typed(library: Open) -> None:
    values = (
        custom(188743731, "Текст")
        + custom(188743767, "55.56")
        + custom(188743786, "9995")
        + custom(188743945, "2024-07-18T08:00:00")
        + custom(188743752, "1")
        + custom(188743783, "PT104H0M0S")
    )

    found = read(library(xml(tasks(task(1, 1, values)), CurrencyCode="RUB", CurrencyDigits="2")), "tasks")

    assert {k: v for k, v in found["roof:1"].values.items() if k[0].isupper()} == {
        "Text1": "Текст",
        "Number1": Decimal("55.56"),
        "Cost1": Money(Decimal("99.95"), "RUB"),
        "Date1": datetime(2024, 7, 18, 8, tzinfo=ZONE),
        "Flag1": True,
        "Duration1": "PT104H0M0S",
        "Duration1InDays": Decimal(13),
    }


def test_a_custom_field_is_labelled_by_its_alias(library: Open) -> None:
    choices = "<ValueList><Value><ID>5</ID><Value>North</Value></Value></ValueList>"
    header = f"<ExtendedAttributes>{definition(188743731, 'Регион', choices)}</ExtendedAttributes>"

    plans = library(
        xml(header + tasks(task(1, 1, custom(188743731, "5", "ValueID") + custom(188743752, "0"))))
    )

    schema = plans.schema("msproject.tasks")
    region, flag = named(schema, "Text1"), named(schema, "Flag1")
    assert (region.label, region.provenance) == ("Регион", Provenance.DECLARED)
    assert region.options == (Option("North", "North"),)
    assert (flag.type, flag.provenance) == (FieldType.BOOLEAN, Provenance.PROFILED)
    assert read(plans, "tasks")["roof:1"].values["Text1"] == "North"


def test_two_meanings_of_one_field_are_two_fields(library: Open) -> None:
    def plan(name: str, alias: str, value: str) -> str:
        header = f"<ExtendedAttributes>{definition(188743731, alias)}</ExtendedAttributes>"
        return xml(header + tasks(task(1, 1, custom(188743731, value))), name)

    plans = library(plan("a", "ИНН клиента", "77"), plan("b", "Регион", "Юг"))

    found = read(plans, "tasks")
    assert found["a:1"].values["Text1_ИНН_клиента"] == "77"
    assert found["b:1"].values["Text1_Регион"] == "Юг"
    assert named(plans.schema("msproject.tasks"), "Text1_Регион").label == "Регион"


def test_a_value_of_a_field_that_nobody_knows_is_kept(library: Open) -> None:
    found = read(library(xml(tasks(task(1, 1, custom(188776500, "kept"))))), "tasks")

    assert found["roof:1"].values["Field188776500"] == "kept"


def test_outline_codes_are_looked_up_with_their_parents(library: Open) -> None:
    codes = (
        "<OutlineCodes><OutlineCode><FieldID>188744096</FieldID><Values>"
        "<Value><ValueID>1</ValueID><ParentValueID>0</ParentValueID><Value>A</Value></Value>"
        "<Value><ValueID>2</ValueID><ParentValueID>1</ParentValueID><Value>B</Value></Value>"
        "</Values></OutlineCode></OutlineCodes>"
    )
    use = "<OutlineCode><FieldID>188744096</FieldID><ValueID>2</ValueID></OutlineCode>"

    found = read(library(xml(codes + tasks(task(1, 1, use)))), "tasks")

    assert found["roof:1"].values["OutlineCode1"] == "A.B"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<Start>soon</Start>", "Start: 'soon' is not a time"),
        ("<Duration>3 days</Duration>", "Duration: '3 days' is not a duration"),
        (custom(188743767, "many"), "Number1: 'many' is not a number"),
        (custom(188743767, "1") + custom(188743767, "2"), "Number1 has two values"),
    ],
)
def test_a_task_that_cannot_be_read_is_rejected_with_line_and_reason(
    library: Open, body: str, reason: str
) -> None:
    (reject,) = rejects(library(xml(tasks(task(1, 1, body)))), "tasks")

    assert reject.key == "roof:1"
    assert reject.reasons[0].startswith("line 1 of plan0.xml: ")
    assert reason in reject.reasons[0]


def test_a_doubled_uid_is_rejected_once(library: Open) -> None:
    plans = library(xml(tasks(task(1), task(1))))

    assert list(read(plans, "tasks")) == ["roof:1"]
    assert [r.key for r in rejects(plans, "tasks")] == ["roof:1#2"]


def test_keys_begin_with_the_guid_if_there_is_one(library: Open) -> None:
    assert list(read(library(xml(tasks(task(1)), GUID="G-1")), "tasks")) == ["G-1:1"]


def test_two_files_of_one_project_are_refused(library: Open) -> None:
    with pytest.raises(ConfigError, match=r"plan0\.xml and plan1\.xml are both project roof"):
        list(library(xml(""), xml("")).schemas())


def test_batches_go_on_after_a_cursor(library: Open) -> None:
    plans = library(xml(tasks(*(task(n) for n in range(1, 1202)))))
    whole = list(plans.batches("msproject.tasks", None))

    rest = list(plans.batches("msproject.tasks", whole[0].cursor))

    assert [len(b.records) for b in whole] == [500, 500, 201]
    assert rest == whole[1:]


def test_the_second_reading_agrees(library: Open) -> None:
    plans = library(xml(tasks(task(1, 1, custom(188743731, "x")), task(2))))

    seen = {o.id: o.values for o in plans.observations("msproject.tasks", {"roof:1"})}

    assert seen == {"roof:1": read(plans, "tasks")["roof:1"].values}


def test_fields_that_the_companys_project_lacks_are_named(library: Open) -> None:
    header = f"<ExtendedAttributes>{definition(188743731, 'Регион')}</ExtendedAttributes>"
    plans = library(
        xml(header + tasks(task(1, 1, custom(188743731, "Юг") + custom(188743752, "1")))), xml("", "alone")
    )
    schema = ObjectSchema("_projects._projects", (FieldSchema("region", FieldType.TEXT, "регион"),))

    notes = list(plans.compare_projects(schema, [{"__name": "Roof"}]))

    assert len(notes) == 2
    assert "has fields that _projects._projects lacks: Flag1 (1 values)" in notes[0]
    assert "'alone'" in notes[1]


def test_an_object_that_does_not_exist_is_named(library: Open) -> None:
    with pytest.raises(ConfigError, match=r"no object msproject\.calendars"):
        list(library(xml("")).batches("msproject.calendars", None))


def test_a_text_field_with_several_values_is_a_list_everywhere(library: Open) -> None:
    twice = custom(188743731, "a") + custom(188743731, "b") + custom(188743731, "a")
    plans = library(xml(tasks(task(1, 1, twice), task(2, 1, custom(188743731, "c")))))

    found = read(plans, "tasks")

    assert named(plans.schema("msproject.tasks"), "Text1").multiple
    assert [found[key].values["Text1"] for key in ("roof:1", "roof:2")] == [("a", "b"), ("c",)]


def test_names_made_of_like_aliases_stay_apart(library: Open) -> None:
    one = f"<ExtendedAttributes>{definition(188743731, 'A-B')}</ExtendedAttributes>"
    two = f"<ExtendedAttributes>{definition(188743731, 'A B')}</ExtendedAttributes>"

    held = tasks(task(1, 1, custom(188743731, "x")))
    schema = library(xml(one + held, "first"), xml(two + held, "second")).schema("msproject.tasks")

    assert [f.name for f in schema.fields if f.custom] == ["Text1_A_B", "Text1_A_B_"]


def test_a_custom_field_without_any_value_is_named_and_not_provisioned(library: Open) -> None:
    defined = definition(188743731, "Used") + definition(188743734, "Unused")
    held = tasks(task(1, 1, custom(188743731, "x")))
    plans = library(xml(f"<ExtendedAttributes>{defined}</ExtendedAttributes>{held}"))

    assert [f.name for f in plans.schema("msproject.tasks").fields if f.custom] == ["Text1"]
    assert "msproject.tasks: custom fields without any value are left out: Unused." in list(plans.notes())


def test_links_and_assignments_are_called_by_what_they_join(library: Open) -> None:
    link = "<PredecessorLink><PredecessorUID>1</PredecessorUID><Type>1</Type></PredecessorLink>"
    work = "<Assignment><UID>3</UID><TaskUID>2</TaskUID><ResourceUID>4</ResourceUID></Assignment>"
    people = "<Resources><Resource><UID>4</UID><Name>Ann</Name></Resource></Resources>"
    plans = library(xml(tasks(task(1), task(2, 1, link)) + people + f"<Assignments>{work}</Assignments>"))

    assert read(plans, "links")["roof:2<-1"].values["name"] == "T1 → T2"
    assert read(plans, "assignments")["roof:3"].values["name"] == "T2 — Ann"
