"""Known ways to break the product, one for each row: which function, and what stands in its place.

Used by `MUTANTS=1 make acceptance` alone. A mutant is applied at the end of the import of its module, so
nothing is imported earlier than it would be.
"""

import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from breakage_ascora import ASCORA


class Mutant(NamedTuple):
    """`place` is `module:name` or `module:Class.name`; `make` turns the original into the mutant."""

    name: str
    place: str
    make: Callable[[Any], Any]


def _swapped_name(original: Any) -> Any:
    def encode_full_name(context: Any, value: Any) -> Any:
        wire = original(context, value)
        return {"firstName": wire["lastName"], "lastName": wire["firstName"]}

    return encode_full_name


def _no_parent(original: Any) -> Any:
    return lambda plan, parent, item: original(plan, "", item)


def _one_for_all(original: Any) -> Any:
    """The first value of a value map for every value."""

    def stage(mapping: Any, target: Any) -> Any:
        inner = original(mapping, target)
        first = next(iter(mapping.values))
        return lambda value, scene: inner(first if isinstance(value, str) else value, scene)

    return stage


def _without_references(original: Any) -> Any:
    def copies_of(own: Any, *arguments: Any, **more: Any) -> Any:
        return () if own.references else original(own, *arguments, **more)

    return copies_of


def _altered_bytes(original: Any) -> Any:
    def save(self: Any, chunks: Any, **details: Any) -> Any:
        return original(self, (bytes(chunk).replace(b"\xd0", b"\xd1") for chunk in chunks), **details)

    return save


def _composed(original: Any) -> Any:
    """Text in its composed form: looks the same, is not."""
    import unicodedata

    return lambda context, value: unicodedata.normalize("NFC", original(context, value))


def _silent_null(_original: Any) -> Any:
    return lambda *_: None


def _no_matches(_original: Any) -> Any:
    return lambda *_: {}


def _only_said(original: Any) -> Any:
    return lambda self, change, **_: original(self, change, dry_run=True)


def _unpaced(_original: Any) -> Any:
    return lambda _self: 0.0


def _no_time(original: Any) -> Any:
    def plan_of(*arguments: Any) -> Any:
        return original(*arguments) | {"minutes_at_limit": 9.9}

    return plan_of


def _data_first(original: Any) -> Any:
    """The last change of the schema comes after the load."""

    def load(self: Any, run: Any) -> Any:
        reports = original(self, run)
        client = self._migration.destination.plugin._client
        company = next(n for n in client.objects() if n["nameSingular"] == "company")
        wanted = {"objectMetadataId": company["id"], "type": "TEXT", "name": "tooLate", "label": "Too late"}
        client.change_schema(
            "mutation createOneField($input: CreateOneFieldMetadataInput!)"
            " { createOneField(input: $input) { id } }",
            {"input": {"field": wanted}},
        )
        return reports

    return load


def _no_second_pass(_original: Any) -> Any:
    return lambda *_: None


def _open_gate(_original: Any) -> Any:
    return lambda *_: True


def _only_created(original: Any) -> Any:
    def rows(*arguments: Any) -> Any:
        return (row for row in original(*arguments) if row[8] == "created")

    return rows


def _anybody_confirmed(_original: Any) -> Any:
    """A mapping that nobody confirmed is as good as one that somebody did."""
    from types import SimpleNamespace

    nobody = SimpleNamespace(by="nobody", at="", parts={})
    return lambda confirmation, *_, **__: confirmation or nobody


def _schema_stays(_original: Any) -> Any:
    return lambda *_, **__: None


def _trash_is_live(original: Any) -> Any:
    """A match in the trash is taken for a live record."""

    def place(self: Any, target: Any, hits: Any, link: Any, chunk: Any) -> Any:
        from dataclasses import replace

        return original(self, target, [replace(hit, trashed=False) for hit in hits], link, chunk)

    return place


def _blind_to_values(_original: Any) -> Any:
    """Every value is as it should be."""
    return lambda *_: []


def _no_plan_notes(_original: Any) -> Any:
    return lambda *_: iter(())


def _only_the_first(original: Any) -> Any:
    """Reads like an export: the first records and no more."""

    def look_up(context: Any, name: Any, values: Any) -> Any:
        return original(context, name, [v for v in values if "kraj-0" in str(v)])

    return look_up


def _two_letters(original: Any) -> Any:
    return lambda label: original(label)[:2]


def _nothing_incomplete(_original: Any) -> Any:
    return lambda _self, _values: None


def _nothing_lacking(_original: Any) -> Any:
    return lambda _destination, _sources: []


def _row_keys(_original: Any) -> Any:
    """Rows of tables are called by their number, not by their key."""
    return lambda _part, table, row, *_: f"{table.sheet.place}, row {row.number}"


def _tenant_forgotten(original: Any) -> Any:
    def target_uuid(project: str, origin: Any, target: str) -> Any:
        from dataclasses import replace

        return original(project, replace(origin, tenant=""), target)

    return target_uuid


def _nobody_is_referred_to(_original: Any) -> Any:
    return lambda *_: set()


def _really_loaded(_original: Any) -> Any:
    return lambda self, *arguments: self._real.load(*arguments)


def _all_equal(_original: Any) -> Any:
    return lambda *_: ("equal", "")


def _anybody_signed(_original: Any) -> Any:
    return lambda *_: True


def _nobody(_original: Any) -> Any:
    """Nothing belongs to anything: a note is made without its record, a file without its owner."""
    return lambda _mapping: lambda _record, _ids: None


def _load_time(original: Any) -> Any:
    """The time of the move in place of the time when it happened."""

    def row(*arguments: Any) -> Any:
        return original(*arguments) | {"__createdAt": "2026-01-01T00:00:00Z"}

    return row


def _nothing_signed(_original: Any) -> Any:
    return lambda *_: None


def _all_planned(_original: Any) -> Any:
    return lambda *_: "planned"


def _no_steps(_original: Any) -> Any:
    return lambda _row: ([], [])


def _no_robot_steps(_original: Any) -> Any:
    return lambda _node: False


def _no_conditions(_original: Any) -> Any:
    return lambda _definition: iter(())


def _first_page(original: Any) -> Any:
    from itertools import islice

    return lambda *arguments: islice(original(*arguments), 500)


def _clock_of_this_machine(original: Any) -> Any:
    """The next delta starts from when this machine began to read, whatever the source's clock says."""

    def mark_after(known: Any, extraction: Any, clock: Any) -> Any:
        from dataclasses import replace
        from datetime import UTC, datetime

        began = datetime.fromtimestamp(extraction.started_at, UTC)
        return replace(original(known, extraction, clock), until=began)

    return mark_after


def _always_18(original: Any) -> Any:
    """Every version calls things as 18 does."""
    return lambda what, _version: original(what, (18, 0))


def _nothing_examined(_original: Any) -> Any:
    return lambda *_: None


def _nobody_known(_original: Any) -> Any:
    """Whom the directory knows is not looked at."""
    return lambda _self: (set(), set())


def _no_words(_original: Any) -> Any:
    return lambda _name: ""


MUTANTS: dict[str, Mutant] = {
    "ET01": Mutant("no look-up by match key", "crossdock.loading.classify:find_existing", _no_matches),
    "ET02": Mutant(
        "first and last name swapped", "crossdock_twenty.composites:encode_full_name", _swapped_name
    ),
    "ET03": Mutant("no parent task", "crossdock_elma365.msproject.records:_task_values", _no_parent),
    "ET04": Mutant("one status for all", "crossdock.fieldplan:_value_stage", _one_for_all),
    "ET05": Mutant("links are not copied", "crossdock.mappingfile.wanted:copies_of", _without_references),
    "ET06": Mutant("nobody is referred to", "crossdock.people.missing:_referred", _nobody_is_referred_to),
    "ET07": Mutant("bytes altered", "crossdock.filestore:FileStore.save", _altered_bytes),
    "ET09": Mutant("no file is a signature", "crossdock_elma365.signatures:file_signature", _nothing_signed),
    "ET08": Mutant("steps are not read", "crossdock_elma365.instances:read_steps", _no_steps),
    "ET10": Mutant("steps call no robot", "crossdock_elma365.robots:_calls_robot", _no_robot_steps),
    "ET11": Mutant("conditions lost", "crossdock_elma365.definitions:_conditions", _no_conditions),
    "ET12": Mutant("the first page of a report", "crossdock_elma365.reports:_rows", _first_page),
    "ET14": Mutant("everything is still to come", "crossdock_elma365.activities:_state", _all_planned),
    "ET13": Mutant("one stage for all", "crossdock.fieldplan:_value_stage", _one_for_all),
    "EO01": Mutant("the directory unknown", "crossdock_elma365.work:_Gathering._known", _nobody_known),
    "EO02": Mutant("companies not named", "crossdock_elma365.mentions:firm_words", _no_words),
    "EO03": Mutant("one state for all", "crossdock.fieldplan:_value_stage", _one_for_all),
    "EO04": Mutant("no second pass", "crossdock.run:MigrationRun._second_pass", _no_second_pass),
    "EO05": Mutant("steps are not read", "crossdock_elma365.instances:read_steps", _no_steps),
    "EO06": Mutant("links are not copied", "crossdock.mappingfile.wanted:copies_of", _without_references),
    "EO07": Mutant("one state for all", "crossdock.fieldplan:_value_stage", _one_for_all),
    "EO08": Mutant("bytes altered", "crossdock.filestore:FileStore.save", _altered_bytes),
    "EO09": Mutant("no file is a signature", "crossdock_elma365.signatures:file_signature", _nothing_signed),
    "EO10": Mutant("conditions lost", "crossdock_elma365.definitions:_conditions", _no_conditions),
    "EO11": Mutant("steps call no robot", "crossdock_elma365.robots:_calls_robot", _no_robot_steps),
    "EO12": Mutant("the first page of a report", "crossdock_elma365.reports:_rows", _first_page),
    "EO13": Mutant("won and lost alike", "crossdock.fieldplan:_value_stage", _one_for_all),
    "EO14": Mutant("everything is still to come", "crossdock_elma365.activities:_state", _all_planned),
    "G11": Mutant("nothing is examined", "crossdock_odoo.provision:Provisioner._require", _nothing_examined),
    "G12": Mutant("all majors are 18", "crossdock_odoo.edition:since", _always_18),
    "G03": Mutant(
        "own fields not compared",
        "crossdock_elma365.msproject.library:PlanLibrary.compare_projects",
        _no_plan_notes,
    ),
    "G01": Mutant("rows are called by number", "crossdock.layout.rows:key_of", _row_keys),
    "G02": Mutant("tenant not in the id", "crossdock.ids:target_uuid", _tenant_forgotten),
    "G04": Mutant("text composed", "crossdock_twenty.scalars:encode_text", _composed),
    "G05": Mutant("null in silence", "crossdock.referenceplan:_substitute", _silent_null),
    "G06": Mutant("a part is looked up", "crossdock.loading.matching:_look_up", _only_the_first),
    "G07": Mutant("trash taken for live", "crossdock.loading.classify:Classifier._place", _trash_is_live),
    "G08": Mutant("no time", "crossdock.scoping.planning:plan_of", _no_time),
    "G09": Mutant("option labels cut", "crossdock_twenty.naming:_option_label", _two_letters),
    "P01": Mutant(
        "nothing is incomplete", "crossdock.scoping.profiling:Profile._complete", _nothing_incomplete
    ),
    "G22": Mutant(
        "nothing is switched on again", "crossdock_twenty.automations:Automations.resume", _only_said
    ),
    "G21": Mutant("shared keys not seen", "crossdock.loading.duplicates:SharedKeys.group", _silent_null),
    "P02": Mutant("anybody may run", "crossdock.mappingfile.confirmation:verify", _anybody_confirmed),
    "P03": Mutant("schema changed after the load", "crossdock.run:MigrationRun.load", _data_first),
    "P04": Mutant("the dry run writes", "crossdock.trial.drydestination:DryDestination.load", _really_loaded),
    "P05": Mutant("everything is equal", "crossdock.trial.samplediff:_verdict", _all_equal),
    "P06": Mutant("no second pass", "crossdock.run:MigrationRun._second_pass", _no_second_pass),
    "P07": Mutant("the gate is open", "crossdock.loading.settlement:Settlement.passes", _open_gate),
    "P11": Mutant("values not compared", "crossdock.reconcile.routes:compare", _blind_to_values),
    "P08": Mutant("time of the move", "crossdock_elma365.conversation:_row", _load_time),
    "P09": Mutant("left behind alone", "crossdock.belonging:belonging", _nobody),
    "P10": Mutant("the clock of this machine", "crossdock.delta.marks:mark_after", _clock_of_this_machine),
    "P12": Mutant("only what was created", "crossdock.audit:audit_lines", _only_created),
    "P13": Mutant("schema stays", "crossdock.rollback.undo:Rollback._undo_changes", _schema_stays),
    "P17": Mutant("no pacing", "crossdock.ratelimit:RateBudget.acquire", _unpaced),
    "P19": Mutant("signed by nobody", "crossdock.trial.signoff:_signed", _anybody_signed),
    "G10": Mutant("nothing is lacking", "crossdock.artifacts:lacking", _nothing_lacking),
    "P18": Mutant("nobody is waited for", "crossdock.people.missing:People._wait", _schema_stays),
}

MUTANTS |= {row: Mutant(*each) for row, each in ASCORA.items()}


def install(row: str) -> None:
    """Break what the mutant of this row breaks, as soon as its module is imported."""
    mutant = MUTANTS[row]
    sys.meta_path.insert(0, _Finder(mutant))


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one module by the other finders and wraps its loader."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._module = mutant.place.partition(":")[0]

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """The usual spec with a loader that applies the mutant; None for any other module."""
        if fullname != self._module:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        assert spec.loader is not None
        spec.loader = _Loader(spec.loader, self._mutant)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: Any, mutant: Mutant) -> None:
        self._inner = inner
        self._mutant = mutant

    def create_module(self, spec: Any) -> Any:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        *owners, name = self._mutant.place.partition(":")[2].split(".")
        holder: Any = module
        for owner in owners:
            holder = getattr(holder, owner)
        setattr(holder, name, self._mutant.make(getattr(holder, name)))
        if mark := os.environ.get("ACCEPTANCE_MARK"):
            Path(mark).touch()
