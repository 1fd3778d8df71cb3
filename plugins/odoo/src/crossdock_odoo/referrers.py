"""What refers to records, what would go with them, and what people hung on them.

Measured on 18.0: deleting a record empties the references to it without a word, or takes the referring
records along (a project takes its tasks and a task its subtasks, also those that others added), or is
refused, all by how the reference was declared. It also takes messages, attachments and activities of the
record along. `links` says which references there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crossdock.fieldtypes import FieldType
from crossdock_odoo.answers import RefusalError, RightsError
from crossdock_odoo.client import OdooClient
from crossdock_odoo.links import Link, Links
from crossdock_odoo.objects import KEY_FIELD, OWNED_BY, is_loadable
from crossdock_odoo.reading import Reader

SYSTEM_USER = 1  # the server itself (OdooBot)
_BY_PEOPLE = ["message_type", "in", ["email", "comment"]]
"""Messages that no server writes by itself; incoming mail is made by the server's user (code of 18.0)."""
_SAYING = [
    *("|", "|", ["message_type", "!=", "notification"]),
    *(["body", "not in", [False, ""]], ["attachment_ids", "!=", False]),
]
"""Messages that say anything: the server's notes of what somebody changed have neither text nor files
(measured on 18.0). What was changed counts by itself, if it still is."""
_KEYLESS = [KEY_FIELD, "=", False]
_NAMED = 3  # how many of the records that are in the way a message names
_UNKNOWN = 0  # the id of records that may be there and cannot be read


class Referrer(NamedTuple):
    """A record that refers to another one, or hangs on it. `id` 0: of records that the key may not read."""

    model: str
    id: int


Found = dict[int, list[Referrer]]
Written = Mapping[tuple[str, int], Mapping[str, Any]]
"""By model and database id, what columns of a record will hold when it is restored."""


class Referrers:
    """Looks up what refers to records of one database."""

    def __init__(self, client: OdooClient, reader: Reader) -> None:
        self._client, self._reader = client, reader
        self._links = Links(client)

    def refresh(self) -> None:
        """Forget which fields refer to which model: the schema was changed."""
        self._links.refresh()

    def all(self, model: str, ids: Collection[int]) -> Found:
        """Everything that refers to these records and would lose that, and what hangs on them.

        Of a model that is no object of this destination: what people made.
        """
        found: Found = defaultdict(list)
        names = self._reader.schemas.names()
        for link in self._links.to(model):
            if link.hard or link.model not in names:
                self._collect(found, model, link, ids, self._counting(link))
        for name in names:
            for field in self._reader.schemas.schema(name).fields:
                refers = field.type is FieldType.REFERENCE and model in field.references
                kind = field.settings["odoo_type"]
                if not refers or field.read_only or kind not in ("many2one", "many2many"):
                    continue
                self._collect(found, model, Link(name, field.settings["column"]), ids, [])
        for owner in OWNED_BY:
            self._hanging(found, owner, model, ids, others_only=False)
        return _distinct(found)

    def holding(
        self,
        model: str,
        ids: Collection[int],
        kept: Mapping[str, Collection[int]] | None = None,
        written: Written | None = None,
    ) -> Found:
        """What makes Odoo refuse to delete these records, what would be deleted with them, what people made
        that would lose them, and messages, attachments and activities that people added to them.

        `kept`: records of a migration that stay, and so keep what they refer to. `written`: what a dry run
        would have restored before; what no longer refers to a record then does not hold it.
        """
        found: Found = defaultdict(list)
        for link in self._links.to(model):
            domain = self._counting(link)
            staying = sorted((kept or {}).get(link.model, ()))
            if domain and staying and not link.hard:
                domain = ["|", ["id", "in", staying], *domain]
            self._collect(found, model, link, ids, domain, written or {})
        for owner in OWNED_BY:
            self._hanging(found, owner, model, ids, others_only=True)
        return _distinct(found)

    def _collect(
        self,
        found: Found,
        model: str,
        link: Link,
        ids: Collection[int],
        domain: Sequence[Any],
        written: Written | None = None,
    ) -> None:
        try:
            wanted = [[link.column, "in", sorted(ids)], *domain]
            rows = self._client.search_read(link.model, wanted, [link.column])
        except RightsError:
            if link.hard and self._links.may_hold(link.model):
                for target in ids:
                    found[target].append(Referrer(link.model, _UNKNOWN))
            return
        except RefusalError:
            # No table of its own, or one that does not keep who made its rows: nothing that people made.
            self._links.drop(model, link)
            return
        for row in rows:
            left = (written or {}).get((link.model, row["id"]), {})
            targets = left[link.column] if link.column in left else _targets(row[link.column])
            for target in targets:
                if target in ids:
                    found[target].append(Referrer(link.model, row["id"]))

    def _hanging(
        self, found: Found, owner: str, model: str, ids: Collection[int], *, others_only: bool
    ) -> None:
        """Messages, attachments or activities of the records: by people, or loaded by a migration."""
        column = "res_model" if owner != "mail.message" else "model"
        domain: list[Any] = [[column, "=", model], ["res_id", "in", sorted(ids)]]
        if not others_only and KEY_FIELD in self._reader.schemas.metadata(owner):
            domain += ["|", [KEY_FIELD, "!=", False]]
        domain += self._made_by_people(owner)
        for row in self._client.search_read(owner, domain, ["res_id"]):
            found[row["res_id"]].append(Referrer(owner, row["id"]))

    def _counting(self, link: Link) -> list[Any]:
        """A condition for the rows of a link that count; [] for all."""
        if link.strict:
            return []
        return [self._by_others()] if link.hard else self._made_by_people(link.model)

    def _by_others(self) -> list[Any]:
        return ["create_uid", "not in", [self._client.user_id, SYSTEM_USER]]

    def _made_by_people(self, model: str) -> list[Any]:
        """One condition for the rows of a model that somebody else than a migration made; [] for all.

        What the key's user made can be told by the external id that only a load writes.
        """
        others = self._by_others()
        if not is_loadable(model):
            return [others]
        known = self._reader.schemas.metadata(model) if model in self._reader.schemas.names() else {}
        if model == "mail.message":
            by_people = [*(["&", _KEYLESS] if KEY_FIELD in known else []), _BY_PEOPLE]
            return ["|", "&", others, *_SAYING, *by_people]
        if model in OWNED_BY or (KEY_FIELD in known and not known[KEY_FIELD].get("store")):
            return [others]  # the server makes such by itself; a user shows the external id of its contact
        return ["|", others, _KEYLESS] if KEY_FIELD in known else []


def blocked(
    model: str,
    ids: Iterable[int],
    found: Mapping[int, Sequence[Referrer]],
    gone: Mapping[str, Collection[int]],
) -> dict[int, list[Referrer]]:
    """Which of these records have to stay, and what is in the way of each.

    `gone`: what was or will be deleted before. A record that has to stay keeps what it refers to, so this is
    counted until nothing changes.
    """
    going = set(ids)
    while True:
        staying = {
            target: [
                r
                for r in found.get(target, ())
                if r.id not in gone.get(r.model, ()) and not (r.model == model and r.id in going)
            ]
            for target in ids
        }
        stuck = {target: referrers for target, referrers in staying.items() if referrers}
        if not going & stuck.keys():
            return stuck
        going -= stuck.keys()


def told(referrers: Sequence[Referrer]) -> str:
    """`2 crm.lead (5, 6), 1 mail.message (7)`; models that cannot be read are named as such."""
    by_model: dict[str, list[int]] = defaultdict(list)
    for referrer in referrers:
        by_model[referrer.model].append(referrer.id)
    return ", ".join(_counted(model, ids) for model, ids in sorted(by_model.items()))


def _counted(model: str, ids: Sequence[int]) -> str:
    if _UNKNOWN in ids:
        return f"{model} (which the key may not read, and which would go along)"
    return f"{len(ids)} {model} ({_some(ids)})"


def _some(ids: Sequence[int]) -> str:
    return ", ".join(map(str, ids[:_NAMED])) + (", ..." if len(ids) > _NAMED else "")


def _targets(held: Any) -> Iterator[int]:
    if isinstance(held, list) and len(held) == 2 and isinstance(held[1], str):
        yield held[0]
    elif isinstance(held, list):
        yield from held


def _distinct(found: Found) -> Found:
    return {target: list(dict.fromkeys(referrers)) for target, referrers in found.items()}
