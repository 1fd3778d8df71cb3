"""Takes back schema changes: objects, fields, relations and options that nothing else uses.

Measured on 2.21.0: an active custom object or field is deleted in one call, data and inverse fields
with it; taking an option away empties the column of the records that use it, without a word.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.model import Change, ChangeKind, FieldSchema, ObjectSchema, Outcome
from crossdock_twenty.answers import RefusalError
from crossdock_twenty.client import TwentyClient
from crossdock_twenty.plan import AUTOMATIC
from crossdock_twenty.readback import decode
from crossdock_twenty.reading import Reader
from crossdock_twenty.schema import object_schema, standard_application

_DELETE_OBJECT = "mutation($i: DeleteOneObjectInput!) { deleteOneObject(input: $i) { id } }"
_DELETE_FIELD = "mutation($i: DeleteOneFieldInput!) { deleteOneField(input: $i) { id } }"
_UPDATE_FIELD = "mutation($i: UpdateOneFieldMetadataInput!) { updateOneField(input: $i) { id } }"

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What to do with a change: call `mutation` with `body`, or nothing and why."""

    mutation: str = ""
    body: Mapping[str, Any] | None = None
    kept: str = ""


_GONE = _Verdict()


class SchemaUndo:
    """Undoes changes of one workspace; remembers what a dry run would have removed."""

    def __init__(self, client: TwentyClient, reader: Reader) -> None:
        self._client, self._reader = client, reader
        self._removed: set[str] = set()
        self._nodes: dict[str, dict[str, Any]] = {}

    def forget(self) -> None:
        """Forget what a dry run assumed."""
        self._removed.clear()

    def refresh(self) -> None:
        """Read the schema again before the next change."""
        self._nodes = {}

    def undo(self, change: Change, own: frozenset[str], *, dry_run: bool) -> tuple[Outcome, str]:
        """Undo one change; `own` are the ids of the object's records that are undone too.

        Gives updated (undone), unchanged (was gone already) or failed with the reason.
        """
        nodes = self._schema_for(change)
        node = nodes.get(change.undo["object"])
        verdict = self._verdict(change, node, nodes, own) if node else _GONE
        if verdict.kept:
            return Outcome.FAILED, verdict.kept
        try:
            if verdict.mutation and not dry_run:
                self._client.change_schema(verdict.mutation, {"i": verdict.body})
                self._took_back(change, nodes)
        except RefusalError as error:
            return Outcome.FAILED, error.message
        self._removed.add(change.key)
        return (Outcome.UPDATED if verdict.mutation else Outcome.UNCHANGED), ""

    def _schema_for(self, change: Change) -> dict[str, dict[str, Any]]:
        """The schema as it is. Reading it takes a second, so fields share one reading.

        An object goes with all it holds, and options are sent back as a whole: those are read anew.
        """
        if not self._nodes or change.kind in (ChangeKind.OBJECT, ChangeKind.OPTION):
            self._nodes = {n["nameSingular"]: n for n in self._client.objects()}
        return self._nodes

    def _took_back(self, change: Change, nodes: dict[str, dict[str, Any]]) -> None:
        """Take a field that was deleted, and its other ends, out of what was read."""
        if change.kind not in (ChangeKind.FIELD, ChangeKind.RELATION):
            self.refresh()
            return
        owner, name = change.undo["object"], change.undo["field"]
        for target, field in [(owner, name), *_ends(nodes.get(owner), name)]:
            if target in nodes:
                kept = [f for f in nodes[target]["fieldsList"] if f["name"] != field]
                nodes[target]["fieldsList"] = kept

    def _verdict(
        self, change: Change, node: Node, nodes: Mapping[str, Node], own: frozenset[str]
    ) -> _Verdict:
        if change.kind is ChangeKind.OBJECT:
            return self._object(node, nodes, own)
        schema = object_schema(node, standard=standard_application(nodes.values()))
        name = change.undo["field"]
        raw = next((f for f in node["fieldsList"] if f["name"] == name), None)
        if raw is None:
            return _GONE
        fields = [f for f in schema.fields if f.settings["id"] == raw["id"]]
        if change.kind is ChangeKind.OPTION:
            return self._option(schema, fields, raw, change.undo["value"], own)
        used = sum(self._holders(schema, f, own, _holds) for f in fields)
        if used:
            return _Verdict(kept=f"kept: {used} records that stay have a value in it")
        return _Verdict(_DELETE_FIELD, {"id": raw["id"]})

    def _object(self, node: Node, nodes: Mapping[str, Node], own: frozenset[str]) -> _Verdict:
        schema = object_schema(node, standard=standard_application(nodes.values()))
        records = self._reader.outside(schema, own)
        if records:
            return _Verdict(kept=f"kept: {records} records that stay")
        foreign = {f["name"] for f in node["fieldsList"]} - AUTOMATIC - self._accounted(schema.name, nodes)
        if foreign:
            names = ", ".join(sorted(foreign))
            return _Verdict(kept=f"kept: it has fields that this run did not create ({names})")
        return _Verdict(_DELETE_OBJECT, {"id": node["id"]})

    def _accounted(self, name: str, nodes: Mapping[str, Node]) -> set[str]:
        """Fields of the object that are undone: its own, and the inverse ends of undone relations."""
        names: set[str] = set()
        for key in self._removed:
            kind, _, path = key.partition(":")
            owner, _, field = path.partition(".")
            if owner == name and kind in (ChangeKind.FIELD, ChangeKind.RELATION):
                names.add(field)
            if kind == ChangeKind.RELATION:
                names |= {inverse for target, inverse in _ends(nodes.get(owner), field) if target == name}
        return names

    def _option(
        self,
        schema: ObjectSchema,
        fields: Sequence[FieldSchema],
        raw: Node,
        value: str,
        own: frozenset[str],
    ) -> _Verdict:
        rest = [o for o in raw["options"] or [] if o["value"] != value]
        if len(rest) == len(raw["options"] or []):
            return _GONE
        used = sum(self._holders(schema, f, own, lambda held: _has_option(held, value)) for f in fields)
        if used:
            return _Verdict(kept=f"kept: {used} records that stay use the option {value}")
        return _Verdict(_UPDATE_FIELD, {"id": raw["id"], "update": {"options": rest}})

    def _holders(
        self, schema: ObjectSchema, field: FieldSchema, own: frozenset[str], test: Callable[[Any], bool]
    ) -> int:
        kind, column = field.settings["twenty_type"], field.settings["column"]
        count = 0
        for node in self._reader.holders(schema, field):
            is_default = kind == "ACTOR" and (node[column] or {}).get("name") in (None, "", "System")
            if node["id"] not in own and not is_default and test(decode(kind, node[column])):
                count += 1
        return count


def _ends(node: Node | None, name: str) -> list[tuple[str, str]]:
    """Target object and inverse field of each end of the relation field `name`."""
    ends: list[tuple[str, str]] = []
    for raw in (node or {}).get("fieldsList", []):
        if raw["name"] == name:
            relations = [raw.get("relation"), *(raw.get("morphRelations") or [])]
            ends += [
                (r["targetObjectMetadata"]["nameSingular"], r["targetFieldMetadata"]["name"])
                for r in relations
                if r
            ]
    return ends


def _holds(held: Any) -> bool:
    return held not in (None, [], ())


def _has_option(held: Any, value: str) -> bool:
    return value in held if isinstance(held, tuple) else held == value
