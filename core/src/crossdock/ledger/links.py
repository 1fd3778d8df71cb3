"""The id map: which target record a source record became."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Engine, Row, Select, and_, bindparam, func, or_, select, update

from crossdock.database import SQLITE_PARAMETERS, transaction
from crossdock.ledger import tables
from crossdock.ledger.records import EntryState, Link, LinkState
from crossdock.model import Origin
from crossdock.serial import dumps, loads

_link, _route = tables.link, tables.route
NO_ROUTE = 0
_SET_BASE = update(_link).where(_link.c.n == bindparam("link_n")).values(base=bindparam("new_base"))


class Links:
    """Reads and changes links. New ones are written by the journal together with their intent."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._routes: dict[tuple[str, str, str], int] = {}

    def route(self, tenant: str, source_object: str, target_object: str) -> int:
        """The number of a route; made at its first use."""
        name = (tenant, source_object, target_object)
        if name not in self._routes and self.known_route(*name) == NO_ROUTE:
            values = dict(zip(("tenant", "source_object", "target_object"), name, strict=True))
            with transaction(self._engine) as db:
                db.execute(_route.insert().values(values))
        return self.known_route(*name)

    def known_route(self, tenant: str, source_object: str, target_object: str) -> int:
        """The number of a route, NO_ROUTE if there is none yet: who only reads makes none."""
        name = (tenant, source_object, target_object)
        if name not in self._routes:
            where = (
                _route.c.tenant == tenant,
                _route.c.source_object == source_object,
                _route.c.target_object == target_object,
            )
            with transaction(self._engine) as db:
                n = db.execute(select(_route.c.n).where(*where)).scalar_one_or_none()
            if n is None:
                return NO_ROUTE
            self._routes[name] = n
        return self._routes[name]

    def of_keys(self, tenant: str, source_object: str, target_object: str, keys: Iterable[str]) -> list[Link]:
        """All links (every part and state) of these source records to one target object."""
        route = self.known_route(tenant, source_object, target_object)
        found: list[Link] = []
        wanted = list(dict.fromkeys(keys))
        with transaction(self._engine) as db:
            for start in range(0, len(wanted), SQLITE_PARAMETERS):
                chunk = wanted[start : start + SQLITE_PARAMETERS]
                query = _select().where(_link.c.route == route, _link.c.key.in_(chunk))
                found.extend(map(as_link, db.execute(query).all()))
        return found

    def scan(
        self,
        tenant: str,
        source_object: str,
        target_object: str,
        *,
        size: int = 1000,
        states: Collection[LinkState] = (LinkState.LIVE,),
    ) -> Iterator[list[Link]]:
        """Links of a route in these states, oldest first, `size` at a time."""
        route = self.known_route(tenant, source_object, target_object)
        where = (_link.c.route == route, _link.c.state.in_(states))
        after = 0
        while True:
            query = _select().where(*where, _link.c.n > after).order_by(_link.c.n).limit(size)
            with transaction(self._engine) as db:
                rows = db.execute(query).all()
            if not rows:
                return
            yield [as_link(row) for row in rows]
            after = rows[-1].n

    def standing_for(self, target_object: str, target_ids: Iterable[str]) -> dict[str, Origin]:
        """Of these target ids those of records that were there before, with the origin that took each."""
        found: dict[str, Origin] = {}
        wanted = list(dict.fromkeys(target_ids))
        with transaction(self._engine) as db:
            for start in range(0, len(wanted), SQLITE_PARAMETERS):
                query = _select().where(
                    _route.c.target_object == target_object,
                    _link.c.state == LinkState.LIVE,
                    _link.c.made_by.is_(None),
                    _link.c.target_id.in_(wanted[start : start + SQLITE_PARAMETERS]),
                )
                found.update({row.target_id: as_link(row).origin for row in db.execute(query)})
        return found

    def added_fields(self, target_object: str, target_ids: Iterable[str]) -> dict[str, set[str]]:
        """By target id the fields that links wrote which did not make it: it was there before, or they were
        merged into it."""
        found: dict[str, set[str]] = {}
        wanted = list(dict.fromkeys(target_ids))
        with transaction(self._engine) as db:
            for start in range(0, len(wanted), SQLITE_PARAMETERS):
                query = (
                    select(_link.c.target_id, tables.entry.c.fields)
                    .join(_route, _link.c.route == _route.c.n)
                    .join(tables.entry, tables.entry.c.link == _link.c.n)
                    .where(
                        _route.c.target_object == target_object,
                        _link.c.state == LinkState.LIVE,
                        _link.c.made_by.is_(None),
                        _link.c.target_id.in_(wanted[start : start + SQLITE_PARAMETERS]),
                        tables.entry.c.state != EntryState.UNDONE,
                    )
                )
                for target_id, fields in db.execute(query):
                    found.setdefault(target_id, set()).update(json.loads(fields))
        return found

    def as_written(self, links: Sequence[Link]) -> list[Link]:
        """The links, with no more in their base than this project wrote.

        That of a record that was there before also holds what both sides agreed on.
        """
        before: dict[str, list[str]] = {}
        for link in links:
            if link.made_by is None and link.base:
                before.setdefault(link.target_object, []).append(link.target_id)
        wrote = {
            (name, i): f for name, ids in before.items() for i, f in self.added_fields(name, ids).items()
        }
        return [
            replace(
                link,
                base={
                    name: value
                    for name, value in link.base.items()
                    if name in wrote.get((link.target_object, link.target_id), ())
                },
            )
            if link.made_by is None and link.base
            else link
            for link in links
        ]

    def bases(self, target_object: str, target_ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """By target id the base of each source record that lives in it."""
        found: dict[str, list[dict[str, Any]]] = {}
        wanted = list(dict.fromkeys(target_ids))
        with transaction(self._engine) as db:
            for start in range(0, len(wanted), SQLITE_PARAMETERS):
                query = _select().where(
                    _route.c.target_object == target_object,
                    _link.c.state == LinkState.LIVE,
                    _link.c.base.is_not(None),
                    _link.c.target_id.in_(wanted[start : start + SQLITE_PARAMETERS]),
                )
                for row in db.execute(query):
                    found.setdefault(row.target_id, []).append(loads(row.base))
        return found

    def sharing(self, target_object: str, links: Sequence[Link]) -> dict[str, list[Link]]:
        """By target id all links that lead where these lead, in every state. Those of records that were
        merged have an index; the one that made a record is looked for only where such a one asks."""
        joined = {link.target_id for link in links if link.made_by is None}
        found: dict[str, list[Link]] = {}
        asked = [
            (_link.c.made_by.is_(None), list(dict.fromkeys(link.target_id for link in links))),
            (_link.c.made_by.is_not(None), sorted(joined)),
        ]
        with transaction(self._engine) as db:
            for made, wanted in asked:
                for start in range(0, len(wanted), SQLITE_PARAMETERS):
                    some = _link.c.target_id.in_(wanted[start : start + SQLITE_PARAMETERS])
                    query = _select().where(made, _route.c.target_object == target_object, some)
                    for row in db.execute(query):
                        found.setdefault(row.target_id, []).append(as_link(row))
        return found

    def target_objects(self) -> list[tuple[str, str, str]]:
        """Every route: (tenant, source object, target object)."""
        with transaction(self._engine) as db:
            rows = db.execute(select(_route).order_by(_route.c.n)).all()
        return [(row.tenant, row.source_object, row.target_object) for row in rows]

    def count(self, tenant: str, source_object: str, target_object: str) -> int:
        """Live links of a route."""
        route = self.known_route(tenant, source_object, target_object)
        query = select(func.count()).where(_link.c.route == route, _link.c.state == LinkState.LIVE)
        with transaction(self._engine) as db:
            return int(db.execute(query).scalar_one())

    def forgotten(self, tenant: str, source_object: str, target_object: str) -> set[str]:
        """Keys of records of a route that are to be written again though nothing of them changed: what was
        written of them was undone."""
        route = self.known_route(tenant, source_object, target_object)
        again = or_(
            _link.c.state == LinkState.UNDONE,
            and_(_link.c.state == LinkState.LIVE, _link.c.hash.is_(None)),
        )
        query = select(_link.c.key).where(_link.c.route == route, again).distinct()
        with transaction(self._engine) as db:
            return set(db.execute(query).scalars())

    def noted(
        self,
        tenant: str,
        source_object: str,
        target_object: str,
        endings: Sequence[str],
        keys: Sequence[str] | None = None,
    ) -> set[str]:
        """Keys of live links of a route with a note of this kind on an entry that was not undone.

        Of all, or of `keys`: those of a stretch.
        """
        route = self.known_route(tenant, source_object, target_object)
        # Not LIKE: which letters are alike to that is another matter in each database.
        alike = or_(
            *(
                func.replace(tables.entry.c.reasons, ending, "") != tables.entry.c.reasons
                for ending in endings
            )
        )
        query = select(_link.c.key).join(tables.entry, tables.entry.c.link == _link.c.n)
        query = query.where(_link.c.route == route, _link.c.state == LinkState.LIVE)
        query = query.where(tables.entry.c.state == EntryState.DONE, alike).distinct()
        if keys is not None:
            query = query.where(_link.c.key.in_(keys))
        with transaction(self._engine) as db:
            return set(db.execute(query).scalars())

    def set_bases(self, bases: Sequence[tuple[Link, dict[str, Any]]]) -> None:
        """Keep the written fields as they were read back: the base that people's edits are told by."""
        if not bases:
            return
        rows = [{"link_n": link.n, "new_base": dumps(base)} for link, base in bases]
        with transaction(self._engine) as db:
            db.execute(_SET_BASE, rows)

    def set_state(self, links: Sequence[Link], state: LinkState) -> None:
        """Note what became of target records."""
        with transaction(self._engine) as db:
            for link in links:
                db.execute(update(_link).where(_link.c.n == link.n).values(state=state))


def _select() -> Select[Any]:
    return select(_link, _route.c.tenant, _route.c.source_object, _route.c.target_object).join(
        _route, _link.c.route == _route.c.n
    )


def as_link(row: Row[Any]) -> Link:
    """A row of link joined with route."""
    return Link(
        row.n,
        Origin(row.tenant, row.source_object, row.key, row.part),
        row.target_object,
        row.target_id,
        LinkState(row.state),
        row.hash,
        None if row.base is None else loads(row.base),
        row.made_by,
    )
