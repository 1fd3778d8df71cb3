"""Records that wait with what they belong to, fields that are flagged, and cycles cut without orphans."""

from collections.abc import Mapping
from typing import Any

import pytest

from crossdock.compare import compare
from crossdock.fieldtypes import FieldType
from crossdock.ids import ReferenceStatus
from crossdock.mapping import MappingFile, ObjectMapping
from crossdock.mappingfile.document import dump, parse
from crossdock.model import (
    FieldSchema,
    FindingKind,
    ObjectSchema,
    Observation,
    Record,
    Rejected,
    Skipped,
    TargetRecord,
)
from crossdock.order import plan
from crossdock.transform import compile_mapping
from crossdock.values import Reference

FIRM, PERSON = Reference("firms", "f1"), Reference("people", "p1")
ROUTE = {"from": "notes", "to": "note", "belongs_to": {"from": "about", "targets": ["firm", "person"]}}


class Ids:
    """An id map of a few references."""

    project, tenant = "p", "t"

    def __init__(self, **statuses: ReferenceStatus) -> None:
        self._statuses = statuses

    def target_id(self, object_name: str, key: str, target_object: str) -> str | None:
        loaded = self.status(object_name, key, target_object) is ReferenceStatus.LOADED
        return f"{target_object}-{key}" if loaded else None

    def status(self, object_name: str, key: str, target_object: str) -> ReferenceStatus:
        own = {"firms": "firm", "people": "person"}.get(object_name)
        return self._statuses.get(key, ReferenceStatus.ABSENT) if own == target_object else _UNMAPPED

    def source_values(self, object_name: str, key: str) -> Mapping[str, Any] | None:
        return None

    def fallback(self, match: str, target_object: str) -> str | None:
        return None

    def holder(self, *_arguments: Any) -> None:
        return None


_UNMAPPED = ReferenceStatus.UNMAPPED


def outcome(about: Any, **statuses: ReferenceStatus) -> Any:
    convert = compile_mapping(ObjectMapping.model_validate(ROUTE))
    (found,) = convert(Record("notes", "n1", {"about": about}), Ids(**statuses))
    return found


@pytest.mark.parametrize("status", [ReferenceStatus.HELD, ReferenceStatus.REJECTED, ReferenceStatus.ABSENT])
def test_a_record_waits_while_what_it_belongs_to_is_not_there(status: ReferenceStatus) -> None:
    found = outcome(FIRM, f1=status)

    assert isinstance(found, Rejected)
    assert found.queue == "references"
    assert found.reasons == (f"about: firms/f1 is not there ({status.value})",)


def test_one_of_several_owners_is_enough() -> None:
    found = outcome((FIRM, PERSON), f1=ReferenceStatus.REJECTED, p1=ReferenceStatus.LOADED)

    assert isinstance(found, TargetRecord)


@pytest.mark.parametrize("about", [None, ()])
def test_a_record_that_belongs_to_nothing_is_free(about: Any) -> None:
    assert isinstance(outcome(about), TargetRecord)


def test_a_record_is_left_out_with_what_it_belongs_to() -> None:
    found = outcome((FIRM, PERSON), f1=ReferenceStatus.SKIPPED, p1=ReferenceStatus.SKIPPED)

    assert found == Skipped("notes", "n1", "about: what it belongs to was left out")


def test_a_record_of_an_object_that_no_route_moves_is_rejected() -> None:
    found = outcome(Reference("stores", "s1"))

    assert isinstance(found, Rejected)
    assert found.queue == ""
    assert found.reasons == ("about: stores/s1 is not there (no route moves it)",)


def test_owners_are_loaded_before_what_belongs_to_them() -> None:
    notes = ObjectMapping.model_validate(ROUTE)
    firms = ObjectMapping.model_validate({"from": "firms", "to": "firm"})

    phases = plan([notes, firms])

    assert [phase.mapping.target for phase in phases] == ["firm", "note"]
    assert phases[1].after == ("firms>firm",)


def test_a_link_that_a_record_needs_is_the_last_to_wait() -> None:
    """A file that is linked later than it is made is linked to nothing if its record is refused."""
    link = {"from": "owner", "reference": "firm"}
    logo = {"from": "logo", "reference": "file"}
    files = ObjectMapping.model_validate(
        {"from": "files", "to": "file", "fields": {"firm": link}, "require_one": ["firm"]}
    )
    firms = ObjectMapping.model_validate({"from": "firms", "to": "firm", "fields": {"logo": logo}})

    phases = plan([files, firms])

    assert [phase.mapping.target for phase in phases] == ["firm", "file"]
    assert [phase.deferred for phase in phases] == [("logo",), ()]


def test_needed_links_wait_where_nothing_else_can() -> None:
    def needing(source: str, to: str) -> ObjectMapping:
        fields = {"link": {"from": "link", "reference": to}}
        return ObjectMapping.model_validate(
            {"from": source, "to": source, "fields": fields, "require_one": ["link"]}
        )

    phases = plan([needing("a", "b"), needing("b", "a")])

    assert [phase.deferred for phase in phases if phase.deferred] == [("link",)]


# --- flags ------------------------------------------------------------------------------------

SCHEMA = ObjectSchema("file", (FieldSchema("seal", FieldType.TEXT),))
SEALED = {"seal": {"from": "seal", "flag": "nobody can check it"}}


def flagged(seal: str | None) -> TargetRecord:
    mapping = ObjectMapping.model_validate({"from": "files", "to": "file", "fields": SEALED})
    (found,) = compile_mapping(mapping, SCHEMA)(Record("files", "1", {"seal": seal}), Ids())
    assert isinstance(found, TargetRecord)
    return found


def test_a_flagged_field_that_arrived_is_named_in_the_findings() -> None:
    target = flagged("wax")

    (finding,) = compare(target, Observation("file", target.target_id, {"seal": "wax"}), None, SCHEMA)

    assert (finding.kind, finding.field_name, finding.note) == (
        FindingKind.NORMALISED,
        "seal",
        "nobody can check it",
    )


def test_a_flagged_field_that_did_not_arrive_differs() -> None:
    target = flagged("wax")

    (finding,) = compare(target, Observation("file", target.target_id, {"seal": None}), None, SCHEMA)

    assert finding.kind is FindingKind.DIFFERS


def test_an_empty_field_is_not_flagged() -> None:
    target = flagged(None)

    assert target.flags == {}
    assert compare(target, Observation("file", target.target_id, {"seal": None}), None, SCHEMA) == []


def test_flags_and_owners_survive_being_written_to_a_file() -> None:
    others = {"fields": SEALED, "extend": {"seal": {"type": "text", "label": "Seal"}}}
    routes = [{**ROUTE, "fields": SEALED}, {"from": "tags", "to": "tag", "belongs_to": "about"}]
    mapping = MappingFile.model_validate(
        {"source": "a", "destination": "b", "objects": routes, "others": others}
    )

    again = parse(dump(mapping))

    assert again == mapping
    assert "belongs_to: about" in dump(mapping)
