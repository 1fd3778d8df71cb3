"""Artifacts in documents: every kind answers, what is lacking has its processes, no secret comes along."""

from datetime import date

from crossdock.artifacts import artifact_reports, lacking, plain, report_data
from crossdock.capabilities import Capabilities, Capability, Support
from crossdock.model import Artifact, ArtifactReport, Catalog, Limits

NO = Capabilities({Capability.APPROVALS: Support.NO, Capability.SEQUENCES: Support.YES})


def catalog(*reports, can=NO):
    return Catalog("p", "1", (), can, Limits("p"), artifacts=reports)


def workflow(name, *steps, **details):
    return Artifact("workflow", name, details={"steps": list(steps), **details})


def test_a_kind_that_a_catalog_does_not_name_was_not_examined():
    found = artifact_reports(catalog(ArtifactReport("workflow")))
    said = {report.kind: report.summary() for report in found}
    assert said["workflow"] == "none found"
    assert said["robot"] == "not examined: the connector says nothing about it"


def test_a_report_is_told_with_its_details_in_plain_values():
    report = ArtifactReport(
        "robot", (Artifact("robot", "R", "7", True, {"people": ("Анна",), "since": date(2024, 5, 1)}),)
    )
    told = report_data(report)
    assert (told["label"], told["examined"], told["summary"]) == ("Robots", True, "1 found")
    assert told["found"][0] == {
        "name": "R",
        "id": "7",
        "active": True,
        "details": {"people": ["Анна"], "since": "2024-05-01"},
    }


def test_data_says_of_a_kind_whether_somebody_looked():
    looked, not_looked = ArtifactReport("robot"), ArtifactReport("robot", not_examined="no rights")
    assert [report_data(report)["examined"] for report in (looked, not_looked)] == [True, False]


def test_what_the_destination_lacks_is_listed_with_the_processes_that_need_it():
    approve = workflow("Договор", {"name": "Согласовать", "kind": "approval_list_process"})
    other = workflow("Отчёт", {"name": "Посчитать", "kind": "script"})
    (need,) = lacking(catalog(), [catalog(ArtifactReport("workflow", (approve, other)))])
    assert (need["capability"], need["support"]) == ("approvals", "no")
    assert need["needed_by"] == [{"kind": "workflow", "name": "Договор", "steps": ["Согласовать"]}]


def test_a_plugin_may_say_itself_what_a_process_needs():
    said = workflow("Тендер", needs=["approvals"])
    (need,) = lacking(catalog(), [catalog(ArtifactReport("workflow", (said,)))])
    assert [n["name"] for n in need["needed_by"]] == ["Тендер"]


def test_what_a_destination_does_not_say_is_a_question():
    needs = lacking(catalog(can=Capabilities()), [])
    assert {n["capability"]: n["support"] for n in needs} == {"approvals": "unknown", "sequences": "unknown"}


def test_secrets_and_scripts_stay_out():
    details = {
        "scripts": "const a = 1\nlet token = 'e365-4711'",
        "settings": {"apiKey": "4711", "url": "https://x.example"},
        "steps": [{"name": "A", "script": "fetch('4711')"}],
    }
    told = plain(details)
    assert "4711" not in str(told)
    assert told["scripts"] == "2 lines of script, not shown"
    assert told["settings"]["url"] == "https://x.example"
