"""Leads and employees share an e-mail and a phone with a contact: none of the two may overwrite the other.

What a lead has of its own is written into its partner, and from there into each other lead of it; a partner
that gets known later writes its own into the lead. An employee's are written into the contact of its user.
(Code of 18.0; for leads measured.) A record that would do so is rejected: what it says belongs into a field
of its own.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crossdock.model import ObjectSchema
from crossdock_odoo.client import Row
from crossdock_odoo.filling import Item
from crossdock_odoo.reading import Reader

_ADDRESS = re.compile(r"[^\s<>\"',;]+@[^\s<>\"',;]+")


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a model shares with a contact: the column of the contact and that of a user who stands for it,
    its own columns with those of the contact, and what follows the contact unless the call says it."""

    contact: str
    user: str
    columns: Mapping[str, str]
    following: tuple[str, ...] = ()


_SHARED = {
    "crm.lead": _Shared(
        "partner_id",
        "",
        {"email_from": "email", "phone": "phone"},
        (
            *("partner_name", "contact_name", "title", "street", "street2", "zip", "city", "state_id"),
            *("country_id", "mobile", "function", "website", "lang_id"),
        ),
    ),
    "hr.employee": _Shared("work_contact_id", "user_id", {"work_email": "email", "mobile_phone": "mobile"}),
}


class Contacts:
    """Guards the contacts of one database."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def guard(self, schema: ObjectSchema, items: Sequence[Item]) -> None:
        """Reject what would overwrite a contact, or be overwritten by it; keep what follows it."""
        shared = _SHARED.get(schema.name)
        if shared is None or not items:
            return
        there = self._there(schema, shared, items)
        contacts = self._contacts(shared, items, there)
        found = self._read("res.partner", list(set(contacts.values())), list(shared.columns.values()))
        for item in items:
            held = there.get(item.record_id or 0, {})
            contact = found.get(contacts.get(item.record.target_id, 0))
            if contact is None:
                continue
            moved = {f"{c}/.id" for c in (shared.contact, shared.user) if c} & set(item.cells)
            for own, theirs in shared.columns.items():
                if theirs in contact and (moved or own in item.cells):
                    _guard(item, held, contact, own, theirs)
            if moved and not item.creating:
                self._keep_own(schema, shared, item, held)

    def _there(self, schema: ObjectSchema, shared: _Shared, items: Sequence[Item]) -> dict[int, Row]:
        columns = [*shared.columns, *shared.following, shared.contact, *filter(None, [shared.user])]
        return self._read(schema.name, [i.record_id for i in items if i.record_id is not None], columns)

    def _contacts(self, shared: _Shared, items: Sequence[Item], there: Mapping[int, Row]) -> dict[str, int]:
        """By target id, the contact that the record will have."""
        users = {i.record.target_id: _id(i, there, shared.user) for i in items if shared.user}
        of_users = self._reader.tables.partners_of(u for u in users.values() if u)
        found = {}
        for item in items:
            named = users.get(item.record.target_id, 0)
            contact = of_users.get(named) or _id(item, there, shared.contact)
            if contact:
                found[item.record.target_id] = contact
        return found

    def _read(self, model: str, ids: Sequence[int], columns: Sequence[str]) -> dict[int, Row]:
        known = self._reader.schemas.metadata(model)  # versions differ: 19 has no mobile
        rows = self._reader.client.read(model, ids, [c for c in columns if c in known]) if ids else []
        return {row["id"]: row for row in rows}

    def _keep_own(self, schema: ObjectSchema, shared: _Shared, item: Item, held: Row) -> None:
        metadata = self._reader.schemas.metadata(schema.name)
        for column in shared.following:
            if held.get(column):
                cell = f"{column}/.id" if metadata[column]["type"] == "many2one" else column
                item.cells.setdefault(cell, str(held[column]))


def _id(item: Item, there: Mapping[int, Row], column: str) -> int:
    """The database id that a reference of the record will hold, 0 for none."""
    cell = f"{column}/.id"
    if cell in item.cells:
        return int(item.cells[cell] or 0)
    return int(there.get(item.record_id or 0, {}).get(column) or 0)


def _guard(item: Item, held: Row, contact: Row, own: str, theirs: str) -> None:
    mine, its = item.cells.get(own, held.get(own) or ""), contact.get(theirs) or ""
    if not mine or _alike(theirs, mine, its):
        return
    if own in item.cells:
        has = f"has {its}" if its else "has none"
        item.reject(
            f"{own}: its contact {has}, and Odoo would write {mine} there and into whatever shares it;"
            f" leave it out, or map it to a field of its own (x_...)"
        )
    elif its:
        item.reject(
            f"{own}: Odoo would replace {mine} by its new contact's {its};"
            " map it to a field of its own (x_...)"
        )


def _alike(kind: str, mine: str, its: str) -> bool:
    """Whether the server takes both for the same, and so changes nothing."""
    if mine == its:
        return True
    if kind == "email":
        return bool(its) and _address(mine) == _address(its)
    both = mine.strip().startswith("+") and its.strip().startswith("+")
    return both and re.sub(r"\D", "", mine) == re.sub(r"\D", "", its)


def _address(text: str) -> str:
    found = _ADDRESS.findall(text)
    return found[0].lower() if len(found) == 1 else text
