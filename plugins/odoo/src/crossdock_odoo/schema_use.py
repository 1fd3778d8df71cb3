"""Whether a schema change can be taken back: what else in the database uses it.

Models, fields and choices are judged together, in few calls: what nothing uses, as most of it is, shows in
one question for a model. Only where something is found it is asked which of them it is.
"""

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from crossdock.model import Change, ChangeKind
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.naming import AUTOMATIC
from crossdock_odoo.objects import KEY_FIELD
from crossdock_odoo.presentation import ACTION, VIEW, Presentation

_Key = TypeVar("_Key", bound=Hashable)

_NUMBERS = frozenset({"integer", "float", "monetary"})
_FIELD, _MODEL, _CHOICE = "ir.model.fields", "ir.model", "ir.model.fields.selection"
# What people can hang on a model: Odoo model, the column that names it, what a message calls them.
_HANGING = (
    ("ir.actions.server", "model_id.model", "actions or automation rules"),
    (ACTION, "res_model", "window actions"),
    (VIEW, "model", "views"),
)

Place = tuple[str, str]
"""A model and one of its fields."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a change: unlink the record `id`, or nothing (0) and why (`kept`; "": it is gone)."""

    id: int = 0
    kept: str = ""


GONE = Verdict()


class SchemaUse:
    """Judges changes of one database. `removed`: keys of those that are gone, or would be in a dry run."""

    def __init__(self, client: OdooClient, presentation: Presentation) -> None:
        self._client, self._presentation = client, presentation
        self.removed: set[str] = set()

    def verdicts(
        self, changes: Sequence[Change], own: Callable[[Change], frozenset[int]]
    ) -> dict[str, Verdict]:
        """The verdicts by key on changes of one kind; `own`: the records of its model that do not count."""
        records = {change.undo["object"]: own(change) for change in changes}
        if changes[0].kind is ChangeKind.OBJECT:
            models = self._models(records)
            return {change.key: models.get(change.undo["object"], GONE) for change in changes}
        names = sorted({change.undo["field"] for change in changes})
        domain = [["model", "in", sorted(records)], ["state", "=", "manual"]]
        domain += ["|", ["name", "in", names], ["ttype", "=", "monetary"]]
        rows = self._client.search_read(_FIELD, domain, ["model", "name", "ttype", "currency_field"])
        held = {(row["model"], row["name"]): row for row in rows}
        if changes[0].kind is ChangeKind.OPTION:
            return self._options(changes, held, records)
        wanted = {(change.undo["object"], change.undo["field"]) for change in changes}
        fields = self._fields({place: row for place, row in held.items() if place in wanted}, records)
        for place, amount in self._amounts(held).items():
            stays = fields[amount].kept if amount in fields else amount not in wanted
            if place in fields and not fields[place].kept and stays:
                fields[place] = Verdict(kept=needed_by(amount[1]))
        return {c.key: fields.get((c.undo["object"], c.undo["field"]), GONE) for c in changes}

    def _fields(
        self, held: Mapping[Place, Row], records: Mapping[str, frozenset[int]]
    ) -> dict[Place, Verdict]:
        used: dict[Place, int] = {}
        for model in {model for model, _ in held}:
            domains = {p: _filled(p[1], row["ttype"]) for p, row in held.items() if p[0] == model}
            used |= self._used(model, domains, records[model])
        shown = self._shown(held)
        verdicts = {}
        for place, row in held.items():
            verdicts[place] = Verdict(row["id"])
            if place in used:
                verdicts[place] = Verdict(kept=f"kept: {used[place]} records that stay have a value in it")
            elif place in shown:
                views = ", ".join(shown[place])
                verdicts[place] = Verdict(kept=f"kept: shown in the views {views}; take it out of them first")
        return verdicts

    def _amounts(self, held: Mapping[Place, Row]) -> dict[Place, Place]:
        """Fields that hold currencies, and the amount in which each is needed, unless that is removed."""
        amounts = {place: row for place, row in held.items() if row["ttype"] == "monetary"}
        return {
            (model, row["currency_field"]): (model, name)
            for (model, name), row in amounts.items()
            if not self._is_removed({"model": model, "name": name})
        }

    def _shown(self, places: Collection[Place]) -> dict[Place, list[str]]:
        """The names of the views of people that show a field."""
        if not places:
            return {}
        models = sorted({model for model, _ in places})
        conditions = [[["arch_db", "like", f'"{name}"']] for name in sorted({name for _, name in places})]
        domain = [["model", "in", models], *_either(conditions)]
        views = self._client.search_read(VIEW, domain, ["name", "model", "arch_db"])
        mine = self._presentation.own(VIEW, [model for model in models if model.startswith("x_")])
        shown: dict[Place, list[str]] = {}
        for view in views:
            for model, name in places if view["id"] not in mine else ():
                if model == view["model"] and f'"{name}"' in view["arch_db"]:
                    shown.setdefault((model, name), []).append(view["name"])
        return shown

    def _options(
        self,
        changes: Sequence[Change],
        held: Mapping[Place, Row],
        records: Mapping[str, frozenset[int]],
    ) -> dict[str, Verdict]:
        values = sorted({change.undo["value"] for change in changes})
        domain = [["field_id", "in", [row["id"] for row in held.values()]], ["value", "in", values]]
        found = self._client.search_read(_CHOICE, domain, ["field_id", "value"]) if held else []
        ids = {(row["field_id"][0], row["value"]): row["id"] for row in found}
        verdicts, domains = {change.key: GONE for change in changes}, dict[str, dict[str, list[Any]]]()
        for change in changes:
            model, name, value = change.undo["object"], change.undo["field"], change.undo["value"]
            field = held.get((model, name))
            if field is not None and (field["id"], value) in ids:
                verdicts[change.key] = Verdict(ids[field["id"], value])
                domains.setdefault(model, {})[change.key] = [[name, "=", value]]
        options = {change.key: change.undo["value"] for change in changes}
        for model, wanted in domains.items():
            for key, count in self._used(model, wanted, records[model]).items():
                reason = f"kept: {count} records that stay use the option {options[key]}"
                verdicts[key] = Verdict(kept=reason)
        return verdicts

    def _models(self, records: Mapping[str, frozenset[int]]) -> dict[str, Verdict]:
        domain = [["model", "in", sorted(records)], ["state", "=", "manual"]]
        ids = {row["model"]: row["id"] for row in self._client.search_read(_MODEL, domain, ["model"])}
        if not ids:
            return {}
        foreign, hanging = self._foreign_fields(ids), self._hanging(sorted(ids))
        verdicts = {}
        for model, id_ in ids.items():
            kept = ""
            if count := self._others(model, [], records[model]):
                kept = f"kept: {count} records that stay"
            elif names := foreign.get(model):
                kept = f"kept: it has fields that this run did not create ({', '.join(sorted(names))})"
            elif model in hanging:
                kept = f"kept: {hanging[model]} that people made belong to it"
            verdicts[model] = Verdict(0 if kept else id_, kept)
        return verdicts

    def _foreign_fields(self, models: Collection[str]) -> dict[str, list[str]]:
        """Fields of the models, or of others that point to them, which are not undone with them."""
        domain = [["state", "=", "manual"], "|", ["model", "in", sorted(models)]]
        domain += [["relation", "in", sorted(models)]]
        foreign: dict[str, list[str]] = {}
        for row in self._client.search_read(_FIELD, domain, ["model", "name", "relation"]):
            automatic = row["model"] in models and row["name"] in AUTOMATIC - {KEY_FIELD}
            if automatic or self._is_removed(row):
                continue
            for model in {row["model"], row["relation"]} & set(models):
                foreign.setdefault(model, []).append(f"{row['model']}.{row['name']}")
        return foreign

    def _hanging(self, models: Sequence[str]) -> dict[str, str]:
        """How many things of which kind people made for a model, said in words."""
        found: dict[str, str] = {}
        for kind, column, what in _HANGING:
            mine = ["id", "not in", sorted(self._presentation.own(kind, models))]
            if not self._client.count(kind, [[column, "in", list(models)], mine]):
                continue
            for model in models:
                if model not in found and (count := self._client.count(kind, [[column, "=", model], mine])):
                    found[model] = f"{count} {what}"
        return found

    def _is_removed(self, row: Row) -> bool:
        """Whether a dry run would have removed this field already."""
        path = f"{row['model']}.{row['name']}"
        return bool(
            {f"{kind.value}:{path}" for kind in (ChangeKind.FIELD, ChangeKind.RELATION)} & self.removed
        )

    def _used(self, model: str, domains: Mapping[_Key, list[Any]], own: frozenset[int]) -> dict[_Key, int]:
        """How many records outside `own` each of the domains finds, where it finds any."""
        if not domains or not self._others(model, _either(list(domains.values())), own):
            return {}
        counts = {key: self._others(model, domain, own) for key, domain in domains.items()}
        return {key: count for key, count in counts.items() if count}

    def _others(self, model: str, domain: list[Any], own: frozenset[int]) -> int:
        """How many records that a domain finds are none of `own`, archived ones among them."""
        return len(set(self._client.search(model, domain)) - own)


def needed_by(amount: str) -> str:
    """Why the field that holds the currency of an amount stays.

    The server would delete it, and then know the amount no more (measured on 18.0).
    """
    return f"kept: it holds the currency of {amount}, which stays"


def _filled(name: str, kind: str) -> list[Any]:
    """The domain of the records that have a value in a field. Numbers are stored as 0 by a form."""
    if kind == "boolean":
        return [[name, "=", True]]
    nothing = [[name, "!=", False]]
    return [*nothing, [name, "!=", 0]] if kind in _NUMBERS else nothing


def _either(domains: Sequence[list[Any]]) -> list[Any]:
    """The domain of what any of the domains finds, each a list of conditions that all have to be met."""
    either: list[Any] = ["|"] * (len(domains) - 1)
    for conditions in domains:
        either += [*["&"] * (len(conditions) - 1), *conditions]
    return either
