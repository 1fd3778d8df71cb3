"""Adds objects, fields, select options and relations to a workspace, one call each.

Measured on 2.21.0: an object takes 1 to 2.4 s, a field about 0.5 s; both are usable in the next
request; parallel calls are no faster. Options of a select are replaced as a whole, so they are sent
back with their ids and the new ones behind them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crossdock.errors import ConfigError
from crossdock.model import Change, FieldSchema, ObjectSchema, Option
from crossdock_twenty.answers import RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.naming import plural_of
from crossdock_twenty.plan import Addition, Planner

_CREATE_OBJECT = "mutation($i: CreateOneObjectInput!) { createOneObject(input: $i) { id } }"
_CREATE_FIELD = "mutation($i: CreateOneFieldMetadataInput!) { createOneField(input: $i) { id } }"
_CREATE_RELATION = """mutation($i: CreateOneFieldMetadataInput!) { createOneField(input: $i) { id
  relation { targetObjectMetadata { nameSingular } targetFieldMetadata { id label } }
  morphRelations { targetObjectMetadata { nameSingular } targetFieldMetadata { id label } } } }"""
_UPDATE_FIELD = "mutation($i: UpdateOneFieldMetadataInput!) { updateOneField(input: $i) { id } }"
_COLORS = ("green", "turquoise", "sky", "blue", "purple", "pink", "red", "orange", "yellow", "gray")
_MAX_FILES = 10  # of a FILES field; the user interface takes no more


class Provisioner:
    """Makes the additions of a plan."""

    def __init__(self, client: TwentyClient) -> None:
        self._client = client
        self._ids: dict[str, str] = {}

    def provision(self, wanted: Sequence[ObjectSchema], *, dry_run: bool) -> Iterator[Change]:
        """Yield each change after it was made (with `dry_run`: that would be made).

        Raises MappingError for conflicts, before anything is written, ConfigError if the server refuses.
        """
        nodes = self._client.objects()
        self._ids = {n["nameSingular"]: n["id"] for n in nodes}
        raw = {(n["nameSingular"], f["name"]): f for n in nodes for f in n["fieldsList"]}
        plan = Planner(nodes).plan(wanted)
        for field, label in [] if dry_run else plan.labels:
            self._relabel(field, label)
        for addition in plan:
            if not dry_run:
                self._make(addition, raw)
            yield from addition.changes

    def _make(self, addition: Addition, raw: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
        change = addition.changes[0]
        try:
            if addition.object is not None:
                self._ids[change.name] = self._create_object(change, addition.object)
            elif addition.wanted is not None and not addition.twenty_type:
                self._add_options(raw[addition.target, addition.wanted.name], addition.options)
            elif addition.ends:
                self._create_relation(addition, change)
            else:
                self._create_field(addition, change)
        except RefusalError as error:
            raise ConfigError(
                f"Twenty refuses to add {change.key}: {error.message}",
                hint="Change the mapping; what was added before stays and is found again.",
            ) from error

    def _create_object(self, change: Change, wanted: ObjectSchema) -> str:
        plural_label = wanted.label_plural or change.label
        if plural_label == change.label:
            plural_label += " (all)"  # the two labels must differ
        body = {
            "nameSingular": change.name,
            "namePlural": plural_of(change.name),
            "labelSingular": change.label,
            "labelPlural": plural_label,
            "isLabelSyncedWithName": False,
        }
        answer = self._client.change_schema(_CREATE_OBJECT, {"i": {"object": body}})
        return str(answer["createOneObject"]["id"])

    def _field_body(self, addition: Addition, change: Change) -> dict[str, Any]:
        return {
            "objectMetadataId": self._ids[addition.target],
            "type": addition.twenty_type,
            "name": change.name,
            "label": change.label,
            "isLabelSyncedWithName": False,
        }

    def _create_field(self, addition: Addition, change: Change) -> None:
        wanted = addition.wanted
        assert wanted is not None  # noqa: S101 - for the type checker; fields always have one
        body = self._field_body(addition, change)
        body |= _type_settings(wanted, addition.twenty_type)
        if addition.options and addition.twenty_type in ("SELECT", "MULTI_SELECT"):
            body["options"] = [_option(o, n) for n, o in enumerate(addition.options)]
        if wanted.unique:
            body["isUnique"] = True
        self._client.change_schema(_CREATE_FIELD, {"i": {"field": body}})

    def _add_options(self, field: Mapping[str, Any], options: Sequence[Option]) -> None:
        held = list(field.get("options") or [])
        start = max((int(o.get("position") or 0) for o in held), default=-1) + 1
        added = [_option(o, start + n) for n, o in enumerate(options)]
        update = {"id": field["id"], "update": {"options": held + added}}
        self._client.change_schema(_UPDATE_FIELD, {"i": update})

    def _create_relation(self, addition: Addition, change: Change) -> None:
        # The server makes the inverse field's name from its label, so the label is the name at first.
        ends = [
            {
                "type": "MANY_TO_ONE",
                "targetObjectMetadataId": self._ids[end.target],
                "targetFieldLabel": end.name,
                "targetFieldIcon": "IconRelationOneToMany",
            }
            for end in addition.ends
        ]
        body = self._field_body(addition, change)
        if addition.twenty_type == "MORPH_RELATION":
            body["morphRelationsCreationPayload"] = ends
        else:
            body["relationCreationPayload"] = ends[0]
        made = self._client.change_schema(_CREATE_RELATION, {"i": {"field": body}})["createOneField"]
        labels = {end.target: end.label for end in addition.ends}
        for relation in [made["relation"], *(made["morphRelations"] or [])]:
            if relation:
                label = labels.get(relation["targetObjectMetadata"]["nameSingular"], "")
                self._relabel(relation["targetFieldMetadata"], label)

    def _relabel(self, field: Mapping[str, Any], label: str) -> None:
        if label and label != field["label"]:
            update = {"label": label, "isLabelSyncedWithName": False}
            self._client.change_schema(_UPDATE_FIELD, {"i": {"id": field["id"], "update": update}})


def _type_settings(wanted: FieldSchema, kind: str) -> dict[str, Any]:
    if kind == "FILES":
        return {"settings": {"maxNumberOfValues": _MAX_FILES if wanted.multiple else 1}}
    if kind == "NUMBER":
        whole = wanted.type.value == "integer"
        decimals = 0 if whole else wanted.settings.get("decimals", 2)  # only for display
        return {"settings": {"dataType": "int" if whole else "float", "decimals": decimals, "type": "number"}}
    return {}


def _option(option: Option, position: int) -> dict[str, Any]:
    return {
        "value": option.value,
        "label": option.label,
        "color": _COLORS[position % len(_COLORS)],
        "position": position,
    }
