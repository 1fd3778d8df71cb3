"""A scheme of the platform becomes an object with typed, labelled fields."""

from collections.abc import Callable
from typing import Any

from crossdock.fieldtypes import FieldType
from crossdock.model import Option, Provenance
from crossdock_elma365.schema import Application, application, object_schema

Field = Callable[..., dict[str, Any]]
STATUSES = [{"id": 1, "code": "new", "name": "Новый"}, {"id": 2, "code": "won", "name": "Успех"}]


def make(*fields: dict[str, Any], statuses: list[dict[str, Any]] | None = None) -> Application:
    scheme = {"namespace": "shop", "code": "orders", "name": "Заказы", "fields": list(fields)}
    return application(scheme, statuses or [])


def test_labels_come_from_the_platform(field: Field) -> None:
    found = object_schema(make(field("colour", "STRING"))).field("colour")

    assert found is not None
    assert (found.label, found.provenance, found.custom) == ("Label of colour", Provenance.PLATFORM, True)


def test_labels_of_system_fields_do_not(field: Field) -> None:
    shifted = field(
        "__index", "FLOAT", "integer", view={"name": "Название", "data": {"additionalType": "integer"}}
    )

    found = object_schema(make(shifted)).field("__index")

    assert found is not None
    assert (found.label, found.settings["label_ru"]) == ("Number", "Номер")


def test_deleted_fields_are_left_out(field: Field) -> None:
    app = make(field("old", "STRING", deleted=True))

    assert object_schema(app).field("old") is None
    assert "old" in app.ignored


def test_statuses_are_the_options_of_status() -> None:
    found = object_schema(make(statuses=STATUSES)).field("__status")

    assert found is not None
    assert found.type is FieldType.SELECT
    assert found.options == (Option("new", "Новый"), Option("won", "Успех"))


def test_an_application_without_statuses_has_no_status_field() -> None:
    assert object_schema(make()).field("__status") is None


def test_system_fields_exist_even_if_the_scheme_does_not_list_them() -> None:
    names = {f.name for f in object_schema(make()).fields}

    assert {"__id", "__name", "__createdAt", "__createdBy", "__updatedAt", "__deletedAt"} <= names


def test_choices_become_options(field: Field) -> None:
    items = {"enumItems": [{"code": "a", "name": "А"}, {"code": "b", "name": "Б", "checked": True}]}

    found = object_schema(make(field("kind", "ENUM", data=items))).field("kind")

    assert found is not None
    assert found.options == (Option("a", "А"), Option("b", "Б"))


def test_a_link_names_its_target_and_single_tells_one_from_many(field: Field) -> None:
    target = {"namespace": "_clients", "code": "_companies"}

    schema = object_schema(
        make(
            field("one", "SYS_COLLECTION", data=target),
            field("many", "SYS_COLLECTION", data=target, single=False),
        )
    )

    one, many = schema.field("one"), schema.field("many")
    assert one is not None
    assert many is not None
    assert one.references == ("_clients._companies",)
    assert (one.multiple, many.multiple) == (False, True)


def test_files_users_and_unknown_types_are_typed(field: Field) -> None:
    schema = object_schema(make(field("doc", "FILE"), field("boss", "SYS_USER"), field("odd", "HOLOGRAM")))

    found = [(f.type, f.references) for name in ("doc", "boss", "odd") if (f := schema.field(name))]
    assert found == [
        (FieldType.REFERENCE, ("_system.files",)),
        (FieldType.REFERENCE, ("_system.users",)),
        (FieldType.JSON, ()),
    ]
