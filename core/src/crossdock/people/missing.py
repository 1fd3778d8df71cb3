"""People who have no account at the destination, looked for before the first record is written.

Where a destination lets no key make users, the people that the records refer to are invited by hand: the
list for that is written here. The decision `missing_users` says how the run goes on without them:

    wait      it stops (exit 4) until everybody is there or somebody stands for them in queues/unmatched.csv
    fallback  `fallback_user` stands for them
    queue     their fields stay empty and they are in queues/unmatched.csv
    auto      fallback if there is a `fallback_user`, else queue

Whatever was decided: a later run puts them in where nobody changed the field there since. Somebody who is
invited and has not accepted is not there yet.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.errors import ConfigError, RefusedError
from crossdock.fieldpaths import whole_fields
from crossdock.idmap import LedgerIdMap
from crossdock.loading.matching import Lookup, find_existing
from crossdock.mapping import SELF, ObjectMapping
from crossdock.mappingfile.resolution import ResolvedMapping
from crossdock.migration import Migration
from crossdock.model import Catalog, ObjectSchema, TargetRecord
from crossdock.names import shown_name
from crossdock.queues import NOBODY, UNMATCHED, QueueLine, decisions_of, read_queues, update_queue
from crossdock.spreadsheet import write_rows
from crossdock.staging import StagedRecord
from crossdock.values import Reference
from crossdock.wholefile import write_whole

DECISION, FALLBACK_USER = "missing_users", "fallback_user"
COLUMNS = ("email", "name", "position", "tenant", "records", "waiting")
_POSITIONS = frozenset({"position", "jobtitle", "title", "post"})


@dataclass(frozen=True, slots=True)
class MissingPerson:
    """Somebody whom records refer to and who is not there. `waiting`: records by source object."""

    tenant: str
    object_name: str
    key: str
    email: str
    name: str = ""
    position: str = ""
    waiting: Mapping[str, int] = field(default_factory=dict)


class People:
    """Compares the people of all tenants with the accounts at the destination. Reads, and writes a list."""

    def __init__(
        self, migration: Migration, resolved: ResolvedMapping, ids: Mapping[str, LedgerIdMap]
    ) -> None:
        self._migration = migration
        self._resolved = resolved
        self._ids = ids
        self._decided = read_queues(migration.queues)

    def meet(self) -> list[MissingPerson]:
        """Everybody who is missing; their list is written, and the run goes on as was decided.

        Raises RefusedError if it was decided to wait for them, ConfigError for a fallback who is not there.
        """
        missing = self.missing()
        path = write_invitations(self._migration.project.reports, missing)
        if not missing:
            return []
        decision = self._resolved.decisions.get(DECISION)
        if decision == "fallback":
            self._check_fallback(missing)
        if decision == "wait":
            self._wait(missing, path)
        return missing

    def missing(self) -> list[MissingPerson]:
        """People whom records refer to and who are neither there nor stood for, in the source's order."""
        found = [person for tenant in self._ids for person in self._missing_of(tenant)]
        return [person for person in found if person.waiting]

    def _missing_of(self, tenant: str) -> list[MissingPerson]:
        people = [
            _person(tenant, staged, target, route)
            for route, schema in self._routes(tenant)
            for staged, target in self._absent(tenant, route, schema)
        ]
        waiting = self._waiting(tenant, people) if people else {}
        return [
            MissingPerson(p.tenant, p.object_name, p.key, p.email, p.name, p.position, waiting[p.key])
            for p in people
            if p.key in waiting
        ]

    def _routes(self, tenant: str) -> Iterator[tuple[ObjectMapping, ObjectSchema]]:
        return people_routes(self._migration, self._resolved, tenant)

    def _absent(
        self, tenant: str, route: ObjectMapping, schema: ObjectSchema
    ) -> Iterator[tuple[StagedRecord, TargetRecord]]:
        migration, ids = self._migration, self._ids[tenant]
        lookup = Lookup(route, schema, migration.destination)
        decisions = decisions_of(self._decided, tenant, route.source)
        for staged in migration.staging.scan(tenant, route.source):
            by_key = {s.record.key: s for s in staged}
            results = migration.transform([s.record for s in staged], route, ids)
            targets = [t for t in results if isinstance(t, TargetRecord)]
            for target in without_account(lookup, targets):
                named = decisions.get((UNMATCHED, target.origin.key), "")
                stands = named == NOBODY or (named and ids.fallback(named, route.target) is not None)
                if not stands:
                    yield by_key[target.origin.key], target

    def _waiting(self, tenant: str, people: Sequence[MissingPerson]) -> dict[str, dict[str, int]]:
        """Records that refer to these people: person's key -> source object -> how many."""
        wanted = {(person.object_name, person.key) for person in people}
        found: dict[str, Counter[str]] = {}
        used: dict[str, set[str]] = {}
        for route in self._resolved.objects:
            used.setdefault(route.source, set()).update(whole_fields(route, route.source_schema))
        for object_name in used.keys() - {person.object_name for person in people}:
            for staged in self._migration.staging.scan(tenant, object_name):
                for record in (one.record for one in staged if not one.record.deleted):
                    for _, key in wanted & _referred(record.values, used[object_name]):
                        found.setdefault(key, Counter())[object_name] += 1
        return {key: dict(sorted(counts.items())) for key, counts in found.items()}

    def _check_fallback(self, missing: Sequence[MissingPerson]) -> None:
        person = str(self._resolved.decisions.get(FALLBACK_USER) or "")
        for tenant in dict.fromkeys(m.tenant for m in missing):
            for route, schema in self._routes(tenant):
                if self._ids[tenant].fallback(person, route.target) is None:
                    raise ConfigError(
                        f"{person!r}, who is to stand for {len(missing)} people without an account, is no"
                        f" {schema.label or schema.name} there; nothing was written.",
                        hint=f"Correct decisions.{FALLBACK_USER} in mapping.yaml, or invite that person.",
                    )

    def _wait(self, missing: Sequence[MissingPerson], path: Path | None) -> None:
        lines = [
            QueueLine(UNMATCHED, m.tenant, m.object_name, m.key, f"{m.name}: no account with {m.email}")
            for m in missing
        ]
        update_queue(self._migration.queues, UNMATCHED, lines)
        raise RefusedError(
            f"{len(missing)} people whom records refer to have no account at the destination; no record was"
            " written.",
            hint=f"Invite those in {path} and start again when they have accepted, or say in"
            f" queues/{UNMATCHED}.csv who stands for them, or change decisions.{DECISION}.",
        )


def people_routes(
    migration: Migration, resolved: ResolvedMapping, tenant: str
) -> Iterator[tuple[ObjectMapping, ObjectSchema]]:
    """The routes of a tenant that only find people, with their target's schema.

    People are what the destination lets no key make, and what the source lets none make either (users) if
    the mapping makes none. Only the first such route of an object is about them: another one finds something
    else of theirs. So does one to which nobody but they themselves refers, such as that of their groups.
    """
    catalog, seen = migration.source_catalogs[tenant], set[str]()
    own_only = _referred_by_themselves(resolved.objects)
    for route in resolved.objects:
        schema, own = migration.destination_catalog.object(route.target), catalog.object(route.source)
        if schema is None or own is None:
            continue
        if own.match_only:
            if (route.create and not schema.match_only) or own.name in seen:
                continue
            if (own.name, route.target) in own_only:
                continue
            seen.add(own.name)
        elif not schema.match_only or _any_people(migration.source_catalogs.values()):
            continue
        yield route, schema


def _referred_by_themselves(routes: Iterable[ObjectMapping]) -> set[tuple[str, str]]:
    """Source and target of the routes whose records are referred to by those of the same record alone."""
    own, others = set[tuple[str, str]](), set[str]()
    for route in routes:
        for entry in route.fields.values():
            if entry.reference and entry.source == SELF:
                own.add((route.source, entry.reference))
            elif entry.reference:
                others.add(entry.reference)
    return {(source, target) for source, target in own if target not in others}


def _any_people(catalogs: Iterable[Catalog]) -> bool:
    """Whether the sources say which of their objects are people."""
    return any(schema.match_only for catalog in catalogs for schema in catalog.objects)


def without_account(lookup: Lookup, targets: Sequence[TargetRecord]) -> list[TargetRecord]:
    """Those of the people whom no match key finds among the accounts that are not in the trash."""
    there = find_existing(lookup, targets)
    return [t for t in targets if all(hit.trashed for hit in there.get(t.target_id, ()))]


def write_invitations(folder: Path, missing: Sequence[MissingPerson]) -> Path | None:
    """`invitations.csv`, and their addresses in one line in `invitations.txt`, ready to be pasted.

    Gives the path of the table; without anybody there are no files. Raises StorageError.
    """
    table, addresses = folder / "invitations.csv", folder / "invitations.txt"
    if not missing:
        table.unlink(missing_ok=True)
        addresses.unlink(missing_ok=True)
        return None
    write_rows(table, COLUMNS, (_row(person) for person in missing))
    emails = dict.fromkeys(person.email for person in missing if person.email)
    write_whole(addresses, (", ".join(emails) + "\n").encode())
    return table


def _row(person: MissingPerson) -> Sequence[str]:
    waiting = "; ".join(f"{name}: {count}" for name, count in person.waiting.items())
    records = str(sum(person.waiting.values()))
    return (person.email, person.name, person.position, person.tenant, records, waiting)


def _person(tenant: str, staged: StagedRecord, target: TargetRecord, route: ObjectMapping) -> MissingPerson:
    values = staged.record.values
    sought = [target.values.get(name) for key in route.match for name in key]
    email = next((value for value in sought if isinstance(value, str) and value), "")
    position = next((v for n, v in values.items() if _plain(n) in _POSITIONS and isinstance(v, str)), "")
    return MissingPerson(tenant, route.source, staged.record.key, email, shown_name(values), position)


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _referred(values: Mapping[str, Any], names: Collection[str]) -> set[tuple[str, str]]:
    used = (values.get(name) for name in names)
    return {
        (element.object_name, element.key)
        for value in used
        for element in (value if type(value) is tuple else (value,))
        if type(element) is Reference
    }
