"""Deletes records for good, with what the server made beside them.

Measured on 18.0: `unlink` takes all its records or none, and one that is gone makes it refuse. Messages,
attachments, activities, followers and external ids of a record go with it. A user leaves two things behind:
the contact that was made with it, and the stages that sort its own tasks, which then belong to nobody and are
stages for everybody. An employee leaves the contact of its work address.
"""

from collections.abc import Collection, Sequence

from crossdock_odoo.answers import GoneError, RefusalError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.identity import MODULE, Identity, chunks
from crossdock_odoo.reading import PAGE
from crossdock_odoo.referrers import SYSTEM_USER, Referrers, blocked

_USER, _EMPLOYEE, _PARTNER = "res.users", "hr.employee", "res.partner"
_STAGE = "project.task.type"
_PURCHASE, _OPEN = "purchase.order", ["draft", "sent"]
_SUFFIX = "_res_partner"  # of the external id that the server gives the contact of a loaded user


class Unlinker:
    """Deletes records of one database."""

    def __init__(self, client: OdooClient, identity: Identity, referrers: Referrers) -> None:
        self._client, self._identity, self._referrers = client, identity, referrers

    def unlink(self, model: str, ids: Collection[int], names: Collection[str] = ()) -> dict[int, str]:
        """Delete these records; what stays and why. `names`: the target ids of all that were asked for."""
        kept: dict[int, str] = {}
        contacts = self._contacts_of_employees(ids) if model == _EMPLOYEE else {}
        stages = self._stages_of_nobody() if model == _USER else set()
        if model == _PURCHASE:
            self._cancel(ids)
        for chunk in chunks(sorted(ids), PAGE):
            kept |= self._all_or_some(model, chunk)
        self._free([contact for employee, contact in contacts.items() if employee not in kept])
        if model == _USER:
            self._free(self._contacts_of_users(names))
            if orphans := sorted(self._stages_of_nobody() - stages):
                self._all_or_some(_STAGE, orphans)
        self._identity.forget()
        return kept

    def _cancel(self, ids: Collection[int]) -> None:
        """Cancel the requests for quotation among these orders: no other are deleted (assumed).

        One that somebody confirmed stays as it is, and the server says why it cannot be deleted.
        """
        for chunk in chunks(sorted(ids), PAGE):
            open_ones = self._client.search(_PURCHASE, [["id", "in", chunk], ["state", "in", _OPEN]])
            if open_ones:
                self._client.write(_PURCHASE, open_ones, {"state": "cancel"})

    def _all_or_some(self, model: str, ids: Sequence[int]) -> dict[int, str]:
        """Delete all in one call; if that is refused, find by halves which of them are the reason."""
        there = self._client.search(model, [["id", "in", list(ids)]])
        if not there:
            return {}
        try:
            self._client.unlink(model, there)
        except GoneError:
            return self._all_or_some(model, there)  # somebody deleted one in between
        except RefusalError as error:
            if len(there) == 1:
                return {there[0]: error.message}
            half = len(there) // 2
            return self._all_or_some(model, there[:half]) | self._all_or_some(model, there[half:])
        return {}

    def _stages_of_nobody(self) -> set[int]:
        """Stages of tasks with neither a user nor a project, made by the key's user or the server.

        A personal stage is shown to its user alone, so it is found once the user is gone.
        """
        own = [self._client.user_id, SYSTEM_USER]
        domain = [["user_id", "=", False], ["project_ids", "=", False], ["create_uid", "in", own]]
        try:
            return set(self._client.search(_STAGE, domain))
        except RefusalError:
            return set()  # the app project is not installed

    def _contacts_of_users(self, names: Collection[str]) -> list[int]:
        """Contacts that a load made with users: the server gave them an external id of their own."""
        found: list[int] = []
        for chunk in chunks(sorted(names), PAGE):
            wanted = [name + _SUFFIX for name in chunk]
            domain = [["module", "=", MODULE], ["name", "in", wanted], ["model", "=", _PARTNER]]
            rows = self._client.search_read("ir.model.data", domain, ["res_id"])
            found += [row["res_id"] for row in rows]
        return found

    def _contacts_of_employees(self, ids: Collection[int]) -> dict[int, int]:
        """By employee the contact that the server made in the same transaction, and nobody asked for."""
        rows = self._client.read(_EMPLOYEE, sorted(ids), ["work_contact_id", "create_date"])
        held = {row["work_contact_id"]: row for row in rows if row["work_contact_id"]}
        made = self._client.read(_PARTNER, sorted(held), ["create_date", "create_uid"])
        own = {self._client.user_id, SYSTEM_USER}
        born = [
            r["id"]
            for r in made
            if r["create_uid"] in own and r["create_date"] == held[r["id"]]["create_date"]
        ]
        names = self._identity.names_of(_PARTNER, born)
        return {held[i]["id"]: i for i in born if names[i] == str(i)}

    def _free(self, contacts: Sequence[int]) -> None:
        """Delete contacts that nothing needs; one that somebody uses is theirs by now."""
        found = self._referrers.all(_PARTNER, contacts) if contacts else {}
        stuck = blocked(_PARTNER, contacts, found, {})
        free = [contact for contact in contacts if contact not in stuck]
        if free:
            self._all_or_some(_PARTNER, free)
