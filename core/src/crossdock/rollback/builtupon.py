"""What else built upon records that are to be undone by themselves.

A record that goes may be referred to by others: by what this project loaded (the ledger has the references as
they were read back), or by what people made there. Some destinations would empty those references without
a word, so nothing is undone before somebody decided.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crossdock.errors import ConfigError, RefusedError
from crossdock.fieldtypes import FieldType
from crossdock.ledger import Among, Ledger, Link, LinkState, Run
from crossdock.model import Action, Catalog, ObjectSchema, Selection
from crossdock.rollback.edits import ids_of
from crossdock.rollback.undoing import Undoer

_NAMED = 10
_AT_ONCE = 100


@dataclass
class _Going:
    """What an undo takes away, target ids by object; and the records that it writes to."""

    destroyed: dict[str, set[str]] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)


class BuiltUpon:
    """Finds what refers to records that go, or lives in one of them."""

    def __init__(self, ledger: Ledger, destination: Undoer, catalog: Catalog) -> None:
        self._ledger = ledger
        self._destination = destination
        self._catalog = catalog

    def with_referring(self, runs: Sequence[Run], among: Among, *, with_later: bool) -> Among:
        """What of these runs is to be undone: with `with_later` also the records of this project that refer
        to those that go, and those that refer to them. Raises RefusedError, naming what refers to them,
        otherwise."""
        while others := self._referring(self._going(runs, among), among):
            if not with_later:
                raise RefusedError(
                    f"{len(others)} records that stay refer to what would be undone: {_named(others)}.",
                    hint="Name them too (--record, --object), or undo them with it: --with-later.",
                )
            among = Among(among.routes, among.links | {link.n for link in others})
        return among

    def require_no_foreign(self, runs: Sequence[Run], among: Among) -> None:
        """Raises RefusedError, naming them, if records of other people refer to what goes: `runs` and `among`
        have to be all that is undone."""
        if foreign := sorted(set(self._foreign(self._going(runs, among)))):
            raise RefusedError(
                f"{len(foreign)} records that people made refer to what would be undone: {_listed(foreign)}.",
                hint="Let them point elsewhere first.",
            )

    def _going(self, runs: Sequence[Run], among: Among) -> _Going:
        going = _Going()
        for run in runs:
            for entries in self._ledger.backwards.to_undo(run, 1000, among):
                for entry in entries:
                    going.links[entry.link.n] = entry.link
                    if entry.action is Action.CREATE:
                        of_object = going.destroyed.setdefault(entry.link.target_object, set())
                        of_object.add(entry.link.target_id)
        return going

    def _referring(self, going: _Going, among: Among) -> list[Link]:
        """Live links outside with a reference to what goes, or to a record that another one made."""
        found = [link for link in self._holding(going) if link.n not in going.links and not among.holds(link)]
        return [*found, *self._sharing(going, among, {link.n for link in found})]

    def _holding(self, going: _Going) -> Iterator[Link]:
        for tenant, source, target in self._ledger.links.target_objects():
            schema = self._catalog.object(target)
            fields = list(_references(schema, going.destroyed)) if schema else []
            if not fields:
                continue
            for links in self._ledger.links.scan(tenant, source, target):
                for link in links:
                    held = {i for name, _ in fields for i in ids_of((link.base or {}).get(name))}
                    if any(not held.isdisjoint(going.destroyed.get(o, ())) for _, to in fields for o in to):
                        yield link

    def _sharing(self, going: _Going, among: Among, known: set[int]) -> Iterator[Link]:
        """Links of other source records that became one of the records that go."""
        by_object: dict[str, list[Link]] = {}
        for link in going.links.values():
            if link.target_id in going.destroyed.get(link.target_object, ()):
                by_object.setdefault(link.target_object, []).append(link)
        for name, links in by_object.items():
            for others in self._ledger.links.sharing(name, links).values():
                yield from (
                    other
                    for other in others
                    if other.n not in going.links
                    and other.n not in known
                    and not among.holds(other)
                    and other.state is LinkState.LIVE
                )

    def _foreign(self, going: _Going) -> Iterator[str]:
        """Records there that are none of this project's and refer to what goes."""
        ours = {(link.target_object, link.target_id) for link in going.links.values()}
        for schema in self._catalog.objects:
            for name, objects in _references(schema, going.destroyed):
                ids = sorted({i for o in objects for i in going.destroyed.get(o, ())})
                for found in self._matching(schema, name, ids):
                    if (schema.name, found) not in ours:
                        yield f"{schema.name} {found} ({name})"

    def _matching(self, schema: ObjectSchema, name: str, ids: Sequence[str]) -> Iterator[str]:
        field_schema = schema.field(name)
        if field_schema is None or field_schema.read_only or field_schema.multiple:
            return
        for start in range(0, len(ids), _AT_ONCE):
            selection = Selection(match=(name, tuple(ids[start : start + _AT_ONCE])))
            try:
                yield from (o.id for o in self._destination.reconcile(schema.name, selection))
            except ConfigError:
                return  # a field that this platform does not look records up by


def _references(schema: ObjectSchema, to: Iterable[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Reference fields that may lead to one of these objects, with the objects that they lead to."""
    wanted = set(to)
    for each in schema.fields:
        if each.type is FieldType.REFERENCE and wanted.intersection(each.references):
            yield each.name, each.references


def _named(links: Sequence[Link]) -> str:
    return _listed([str(link.origin) for link in links])


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
