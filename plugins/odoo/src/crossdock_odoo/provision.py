"""Adds models, fields and choices to a database, in as few calls as there can be.

Measured on 18.0: every such call makes the server build its schema anew, 0.3 to 2.5 s, and each of its
processes once more with the next call that it answers. A list of fields in one call costs it once, be they
of one model or of several; all of them are made or none. A call that is refused does not say which of its
rows is at fault, so they are tried again model by model, and then one by one. Access rights that come in a
call of their own stay unknown to the worker that made them, so they go along with the model. What was made
is usable in the next call.
"""

from collections.abc import Iterable, Iterator, Sequence

from crossdock.errors import ConfigError
from crossdock.model import Change, ObjectSchema
from crossdock_odoo.answers import RefusalError, RightsError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.edition import examine, problems
from crossdock_odoo.naming import ACTIVE_FIELD, NAME_FIELD
from crossdock_odoo.plan import Addition, Fields, Plan, Planner, needed
from crossdock_odoo.presentation import Presentation

MADE = "crossdock"
"""How the names of the access rights begin that a model of this connector was made with."""

_ATTRIBUTES = ("type", "string", "relation", "related", "manual", "readonly", "selection")
_EVERYBODY, _SETTINGS = "group_user", "group_system"
_NAME_ROW = {"name": NAME_FIELD, "ttype": "char", "field_description": "Name"}
# A model is archived by a field of this name (measured). Without a default a new record would be archived.
_ACTIVE_ROW = {"name": ACTIVE_FIELD, "ttype": "boolean", "field_description": "Active"}


class Provisioner:
    """Makes the additions of a plan."""

    def __init__(self, client: OdooClient) -> None:
        self._client = client
        self._presentation = Presentation(client)

    def provision(self, wanted: Sequence[ObjectSchema], *, dry_run: bool) -> Iterator[Change]:
        """Yield each change after it was made (with `dry_run`: that would be made).

        Raises MappingError for conflicts and ConfigError for what edition, apps or rights do not allow,
        both before anything is written; ConfigError if the server refuses after all.
        """
        held = self._held(needed(wanted))
        plan = Planner(held).plan(wanted)
        self._require(wanted, plan)
        for stretch in plan.calls():
            if dry_run:
                yield from _changes(stretch)
            else:
                yield from self._make(stretch)
        if not dry_run:
            self._complete(wanted)

    def _require(self, wanted: Sequence[ObjectSchema], plan: Plan) -> None:
        said = problems(self._client, examine(self._client), wanted, list(plan))
        if said:
            listed = "".join(f"\n  - {problem}" for problem in said)
            raise ConfigError(
                f"Odoo will not allow what the mapping wants:{listed}", hint="Nothing was written."
            )

    def _held(self, names: Iterable[str]) -> dict[str, Fields]:
        """The fields of those of the models that exist."""
        held: dict[str, Fields] = {}
        for name in names:
            try:
                held[name] = self._client.fields_get(name, _ATTRIBUTES)
            except RightsError:
                raise
            except RefusalError:
                continue  # there is no such model
        return held

    def _make(self, stretch: Sequence[Addition]) -> Iterator[Change]:
        """Make additions of one kind, in one call if the server takes it."""
        parts: list[Addition] = []
        try:
            self._create(stretch)
        except RefusalError as error:
            parts = list(stretch) if len(stretch) > 1 else stretch[0].parts()
            if len(parts) == 1 or isinstance(error, RightsError):
                keys = ", ".join(change.key for change in _changes(stretch))
                raise ConfigError(
                    f"Odoo refuses to add {keys}: {error.message}",
                    hint="Change the mapping; what was added before stays and is found again.",
                ) from error
        if not parts:
            yield from _changes(stretch)
        for part in parts:
            yield from self._make([part])

    def _create(self, stretch: Sequence[Addition]) -> None:
        if stretch[0].kind == "model":
            access = self._access()
            self._client.create("ir.model", [_model_row(addition, access) for addition in stretch])
        elif stretch[0].kind == "options":
            self._create_options(stretch)
        else:
            models = self._model_ids([addition.target for addition in stretch])
            rows = [{**row, "model_id": models[a.target]} for a in stretch for row in a.rows]
            self._client.create("ir.model.fields", rows)

    def _access(self) -> list[Row]:
        """Rights for everybody in the company, and to delete for those who may change the schema."""
        groups = [_EVERYBODY, _SETTINGS]
        domain = [["module", "=", "base"], ["name", "in", groups], ["model", "=", "res.groups"]]
        found = {
            r["name"]: r["res_id"]
            for r in self._client.search_read("ir.model.data", domain, ["name", "res_id"])
        }
        for group in groups:
            if group not in found:
                raise ConfigError(f"Odoo has no group base.{group}, which new models are opened to.")
        rights = {"perm_read": True, "perm_write": True, "perm_create": True}
        return [
            {"name": f"{MADE} {g}", "group_id": found[g], **rights, "perm_unlink": g == _SETTINGS}
            for g in groups
        ]

    def _create_options(self, stretch: Sequence[Addition]) -> None:
        models, names = {a.target for a in stretch}, {a.field_name for a in stretch}
        domain = [["model", "in", sorted(models)], ["name", "in", sorted(names)]]
        found = self._client.search_read("ir.model.fields", domain, ["model", "name"])
        ids = {(row["model"], row["name"]): row["id"] for row in found}
        rows = [{**row, "field_id": ids[a.target, a.field_name]} for a in stretch for row in a.rows]
        self._client.create("ir.model.fields.selection", rows)

    def _model_ids(self, names: Sequence[str]) -> dict[str, int]:
        rows = self._client.search_read("ir.model", [["model", "in", sorted(set(names))]], ["model"])
        return {row["model"]: row["id"] for row in rows}

    def _complete(self, wanted: Sequence[ObjectSchema]) -> None:
        """Make what the models of this connector have besides their fields, where it is missing.

        A process that was killed after it made a model comes back to this.
        """
        labels = {item.name: item.label_plural or item.label or item.name for item in wanted}
        made = self._made_here([name for name in labels if name.startswith("x_")])
        shown = self._presentation.shown(made)
        missing = [name for name in made if name not in shown]
        for name in missing:
            self._client.call(
                "ir.default", "set", safe=True, model_name=name, field_name=ACTIVE_FIELD, value=True
            )
        self._presentation.show({name: labels[name] for name in missing})

    def _made_here(self, names: Sequence[str]) -> list[str]:
        if not names:
            return []
        domain = [["model_id.model", "in", list(names)], ["name", "=like", f"{MADE} %"]]
        try:
            rights = self._client.search_read("ir.model.access", domain, ["model_id"])
        except RightsError:
            return []  # a key that may not change the schema: whoever made the models completed them
        ids = sorted({row["model_id"][0] for row in rights})
        return [row["model"] for row in self._client.read("ir.model", ids, ["model"])]


def _changes(stretch: Iterable[Addition]) -> Iterator[Change]:
    for addition in stretch:
        yield from addition.changes


def _model_row(addition: Addition, access: Sequence[Row]) -> Row:
    return {
        "name": addition.changes[0].label.replace("\x00", ""),
        "model": addition.target,
        "is_mail_thread": True,
        "is_mail_activity": True,
        "field_id": [[0, 0, one] for one in (_NAME_ROW, _ACTIVE_ROW, *addition.rows)],
        "access_ids": [[0, 0, one] for one in access],
    }
