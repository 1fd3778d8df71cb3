"""Takes records away because their source records were deleted.

Odoo has no trash: a record is archived, and its external id marked. That changes nothing else but stamps
(closing date of a lead) and, of a project, its tasks, which are archived with it (measured on 18.0): so a
project with tasks that stay is not put away.

Deleting empties the references to a record, or takes the referring records along. None of that could be
brought back, so a record that anything refers to is not deleted, unless that is deleted by the same request.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crossdock.model import Action, LedgerEntry, ObjectSchema, Outcome, Receipt, TargetRecord
from crossdock_odoo import marks
from crossdock_odoo.answers import RefusalError
from crossdock_odoo.client import OdooClient, Row
from crossdock_odoo.identity import Identity, chunks
from crossdock_odoo.objects import KEY_FIELD, active_field
from crossdock_odoo.reading import PAGE, Reader
from crossdock_odoo.referrers import Referrer, Referrers, blocked, told
from crossdock_odoo.restoring import Restorer
from crossdock_odoo.returning import ARCHIVED_WITH, PARTS, Returner
from crossdock_odoo.unlinking import Unlinker


class Remover:
    """Removes records of one database, and makes removed ones again."""

    def __init__(self, client: OdooClient, identity: Identity, reader: Reader) -> None:
        self._client, self._identity, self._reader = client, identity, reader
        self.referrers = Referrers(client, reader)
        self.unlinker = Unlinker(client, identity, self.referrers)
        self.restorer = Restorer(client, reader)
        self._returner = Returner(client, identity, reader, self.restorer)

    def remove(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        """Take the records away as their action says; one receipt each, `unchanged` if it was gone."""
        for chunk in chunks([r for r in records if r.action is Action.TRASH], PAGE):
            yield from self._trash(schema, chunk)
        for chunk in chunks([r for r in records if r.action is Action.DESTROY], PAGE):
            yield from self._destroy(schema, chunk)

    def bring_back(
        self, schema: ObjectSchema, entries: Sequence[LedgerEntry], *, dry_run: bool
    ) -> Iterator[Receipt]:
        """Take records out of the trash, or make them again: see `returning`."""
        yield from self._returner.bring_back(schema, entries, dry_run=dry_run)

    @property
    def promised(self) -> frozenset[tuple[str, str]]:
        """Model and target id of what a dry run would have brought back."""
        return self._returner.promised

    def _trash(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        column = active_field(self._reader.schemas.metadata(schema.name))
        if not column or schema.field(KEY_FIELD) is None:
            lacks = (
                f"has no field {KEY_FIELD} to mark it in" if column else "has no field `active` to archive it"
            )
            reason = f"{schema.name} {lacks}; decide `deletions: report` or `destroy`"
            yield from (_rejected(record, f"not put into the trash: {reason}") for record in records)
            return
        ids = self._identity.ids_of(schema.name, [r.target_id for r in records])
        held = self._client.read(schema.name, sorted(ids.values()), [column, KEY_FIELD])
        live = {row["id"]: row for row in held if not _in_trash(row, column)}
        stuck = self._archived_with(schema.name, set(live))
        refused = self._archive(schema.name, column, [live[i] for i in sorted(live) if i not in stuck])
        for record in records:
            record_id = ids.get(record.target_id, 0)
            reason = refused.get(record_id, "")
            if record_id in stuck:
                reason = f"archiving it would archive {told(stuck[record_id])} too, which stay"
            if reason:
                yield _rejected(record, f"not put into the trash: {reason}")
            else:
                yield _removed(record, was_there=record_id in live)

    def _archive(self, model: str, column: str, rows: Sequence[Row]) -> dict[int, str]:
        """Archive and mark these records; those that Odoo does not let go, and why."""
        marked = {row["id"]: marks.TRASH + marks.split(row[KEY_FIELD])[1] for row in rows}
        cells = [[str(record_id), content, "0"] for record_id, content in marked.items()]
        try:
            if not rows or self._client.load(model, [".id", KEY_FIELD, column], cells)["ids"]:
                return {}
        except RefusalError:
            pass  # one of them is the reason: each alone
        refused: dict[int, str] = {}
        for record_id, content in marked.items():
            try:
                self._client.write(model, [record_id], {KEY_FIELD: content, column: False}, safe=True)
            except RefusalError as error:
                refused[record_id] = error.message
        return refused

    def _archived_with(self, model: str, ids: set[int]) -> dict[int, list[Referrer]]:
        """Records that would be archived with these, though nobody asked for it.

        Parts come back with their record, unless some of them were archived: nobody would know which.
        """
        if model in PARTS and ids:
            other, column = PARTS[model]
            rows = self._client.search_read(other, [[column, "in", sorted(ids)]], [column, "active"])
            mixed = {r[column][0] for r in rows if not r["active"]}
            parts: dict[int, list[Referrer]] = defaultdict(list)
            for row in rows:
                if row["active"] and row[column][0] in mixed:
                    parts[row[column][0]].append(Referrer(other, row["id"]))
            return dict(parts)
        if model not in ARCHIVED_WITH or not ids:
            return {}
        other, column = ARCHIVED_WITH[model]
        found: dict[int, list[Referrer]] = defaultdict(list)
        domain = [[column, "in", sorted(ids)], ["active", "=", True]]
        for row in self._client.search_read(other, domain, [column]):
            found[row[column][0]].append(Referrer(other, row["id"]))
        return dict(found)

    def _destroy(self, schema: ObjectSchema, records: Sequence[TargetRecord]) -> Iterator[Receipt]:
        names = [r.target_id for r in records]
        ids = self._identity.ids_of(schema.name, names)
        there = self._reader.existing(schema.name, ids.values())
        found = self.referrers.all(schema.name, there) if there else {}
        stuck = blocked(schema.name, there, found, {})
        going = there - stuck.keys()
        kept = self.unlinker.unlink(schema.name, going, names) if going else {}
        for record in records:
            record_id = ids.get(record.target_id, 0)
            if record_id in stuck:
                yield _rejected(record, _loss(stuck[record_id]))
            elif record_id in kept:
                yield _rejected(record, f"not destroyed: {kept[record_id]}")
            else:
                yield _removed(record, was_there=record_id in there)


def _in_trash(row: Row, column: str) -> bool:
    return not row[column] and marks.split(row[KEY_FIELD])[0] == marks.TRASH


def _loss(referrers: Sequence[Referrer]) -> str:
    return (
        f"not destroyed: {told(referrers)} refer to it, and would lose that for good. Delete them at the"
        " source too, or see why they stay if they are deleted there; or decide `deletions: trash`."
    )


def _removed(record: TargetRecord, *, was_there: bool) -> Receipt:
    outcome = Outcome.UPDATED if was_there else Outcome.UNCHANGED
    return Receipt(record.origin, outcome, record.target_id)


def _rejected(record: TargetRecord, reason: str) -> Receipt:
    return Receipt(record.origin, Outcome.REJECTED, record.target_id, (reason,))
