"""Takes back schema changes: models, fields and choices that nothing else uses.

Measured on 18.0: deleting a model takes its records along, and every field of another model that points to
it, without a word; deleting a choice empties the records that use it. A field that a view shows cannot be
deleted. After a model is gone, external ids of the rows that said what it inherits stay behind.

Every call that deletes makes the server build its schema anew, as in `provision`: so what goes, goes in one
call, and in parts if that is refused. `schema_use` says what goes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from crossdock.model import Change, ChangeKind, Outcome
from crossdock_odoo.answers import GoneError, RefusalError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.identity import chunks
from crossdock_odoo.naming import currency_field
from crossdock_odoo.presentation import Presentation
from crossdock_odoo.schema_use import SchemaUse, needed_by

Own = Callable[[Change], frozenset[int]]
"""The database ids of the records of a change's model that are undone too."""

_FIELDS = (ChangeKind.FIELD, ChangeKind.RELATION)
# A choice goes before its field, a field before its model: newest first within any stretch as well.
_ORDER = ((ChangeKind.OPTION,), _FIELDS, (ChangeKind.OBJECT,))
_HOLDS = {ChangeKind.OBJECT: "ir.model", ChangeKind.OPTION: "ir.model.fields.selection"}
_AT_ONCE = 200


class SchemaUndo:
    """Undoes changes of one database; remembers what a dry run would have removed."""

    def __init__(self, client: OdooClient) -> None:
        self._client, self._presentation = client, Presentation(client)
        self._use = SchemaUse(client, self._presentation)

    def forget(self) -> None:
        """Forget what a dry run assumed."""
        self._use.removed.clear()

    def undo(
        self, changes: Sequence[Change], own: Own, *, dry_run: bool
    ) -> Iterator[tuple[Change, Outcome, str]]:
        """Undo changes, given newest first, each with its outcome as soon as that is known.

        Updated (undone), unchanged (was gone already) or failed with the reason.
        """
        for kinds in _ORDER:
            for part in chunks([change for change in changes if change.kind in kinds], _AT_ONCE):
                yield from self._undo(part, own, dry_run=dry_run)

    def _undo(
        self, changes: Sequence[Change], own: Own, *, dry_run: bool
    ) -> Iterator[tuple[Change, Outcome, str]]:
        verdicts = self._use.verdicts(changes, own)
        going = {change.key: verdicts[change.key].id for change in changes if verdicts[change.key].id}
        refused = {} if dry_run else self._remove([c for c in changes if c.key in going], going)
        for change in changes:
            reason = verdicts[change.key].kept or refused.get(change.key, "")
            if reason:
                yield change, Outcome.FAILED, reason
                continue
            self._use.removed.add(change.key)
            yield change, Outcome.UPDATED if change.key in going else Outcome.UNCHANGED, ""

    def _remove(self, changes: Sequence[Change], ids: Mapping[str, int]) -> dict[str, str]:
        """Remove changes of one kind, in one call if the server takes it; the refused ones, and why."""
        if not changes:
            return {}
        try:
            self._unlink(changes, [ids[change.key] for change in changes])
        except RefusalError as error:
            if len(changes) == 1:
                return {} if isinstance(error, GoneError) else {changes[0].key: error.message}
        else:
            return {}
        by_model = [list(group) for _, group in groupby(changes, key=lambda c: c.object_name)]
        parts = by_model if len(by_model) > 1 else [[change] for change in changes]
        refused: dict[str, str] = {}
        for part in parts:
            # An amount comes before its currency, as it was made after it.
            amount = next((c for c in changes if c.key in refused and _is_currency(part, c)), None)
            refused |= {part[0].key: needed_by(amount.name)} if amount else self._remove(part, ids)
        return refused

    def _unlink(self, changes: Sequence[Change], ids: Sequence[int]) -> None:
        kind, names = changes[0].kind, list(dict.fromkeys(change.undo["object"] for change in changes))
        if kind is ChangeKind.OBJECT:
            self._presentation.hide(names)
        elif kind in _FIELDS:
            fields = {n: [c.undo["field"] for c in changes if c.undo["object"] == n] for n in names}
            self._presentation.leave_out({n: held for n, held in fields.items() if n.startswith("x_")})
        self._client.unlink(_HOLDS.get(kind, "ir.model.fields"), ids)
        if kind is ChangeKind.OBJECT:
            self._clear_inheritance(names)

    def _clear_inheritance(self, names: Sequence[str]) -> None:
        """Remove the external ids that the server gave to the rows on what models inherit."""
        prefixes = [f"model_inherit__{name}__".replace("_", "\\_") + "%" for name in names]
        conditions = [["name", "=like", prefix] for prefix in prefixes]
        either = ["|"] * (len(conditions) - 1)
        ids = self._client.search("ir.model.data", [["model", "=", "ir.model.inherit"], *either, *conditions])
        if ids:
            self._client.unlink("ir.model.data", ids)


def _is_currency(part: Sequence[Change], amount: Change) -> bool:
    """Whether a part is the field that was made for the currency of an amount."""
    one = part[0]
    return one.object_name == amount.object_name and one.name == currency_field(amount.name)
