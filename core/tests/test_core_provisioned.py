"""A run goes by what provisioning made, not by what it asked for."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from core.tests.toy_platforms import FIRM, PERSON, Desk, world

from crossdock.fieldtypes import FieldType
from crossdock.model import Change, FieldSchema

NOTE = "<p>Red <b>door</b></p>"


def one_text_type(monkeypatch: Any) -> None:
    """Let the destination make a markdown field wherever HTML is asked for."""
    whole = world.destination.provision

    def provision(wanted: Sequence[Any], dry_run: bool, *pauses: Any) -> Iterator[Change]:
        yield from whole(wanted, dry_run, *pauses)
        for name, schema in world.destination.schemas.items():
            fields = tuple(
                dataclasses.replace(f, type=FieldType.MARKDOWN) if f.type is FieldType.HTML else f
                for f in schema.fields
            )
            world.destination.schemas[name] = dataclasses.replace(schema, fields=fields)

    monkeypatch.setattr(world.destination, "provision", provision)


def with_notes(desk: Desk) -> None:
    """Firms have a text with tags, and a field for it is to be made."""
    note = FieldSchema("note", FieldType.HTML)
    world.source.schemas = (dataclasses.replace(FIRM, fields=(*FIRM.fields, note)), PERSON)
    for key, record in list(world.source.records["crm.firm"].items()):
        world.source.put("crm.firm", key, **{**record.values, "note": NOTE})
    desk.prepare(confirmed=False)
    desk.edit(
        "motto: {type: text, label: Motto}", "motto: {type: text, label: Motto}\n      note: {type: html}"
    )
    desk.edit("motto: motto}", "motto: motto, note: note}")
    assert desk("map", "confirm", "--by", "Anna").code == 0


def notes() -> set[Any]:
    return {row.values.get("note") for row in world.destination.table("firm").values()}


def test_a_value_is_written_in_the_type_that_the_made_field_has_there(desk, monkeypatch):
    one_text_type(monkeypatch)
    with_notes(desk)
    desk("run")
    assert notes() == {"Red **door**"}


def test_provisioned_first_and_loaded_later_it_is_the_same(desk, monkeypatch):
    one_text_type(monkeypatch)
    with_notes(desk)
    assert desk("provision").code == 0
    desk("run")
    assert notes() == {"Red **door**"}
