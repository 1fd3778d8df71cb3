"""Source and Destination: what they hand on, what they refuse, what they close."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crossdock.capabilities import Capabilities
from crossdock.errors import ContractError, OutcomeUnknownError, PluginError
from crossdock.fieldtypes import FieldType
from crossdock.filestore import FileStore
from crossdock.hookspecs import hookimpl
from crossdock.model import (
    Batch,
    Catalog,
    Change,
    ChangeKind,
    FieldSchema,
    LedgerEntry,
    Limits,
    LoadPolicy,
    ObjectSchema,
    Observation,
    Origin,
    Outcome,
    Receipt,
    Record,
    Rejected,
    Selection,
    TargetRecord,
)
from crossdock.plugins import Destination, Source, Transform

FILES = FileStore(Path("unused"))
CATALOG = Catalog("toy", "toy-1", (), Capabilities(), Limits("toy"))
POLICY = LoadPolicy("run-1", "p")
ORIGINS = tuple(Origin("main", "deals", key) for key in "abc")
RECORDS = tuple(TargetRecord("deal", o, f"id-{o.key}", f"p:{o}", {}) for o in ORIGINS)
ENTRIES = tuple(LedgerEntry(o, "deal", f"id-{o.key}", Outcome.CREATED) for o in ORIGINS)


def created(origin: Origin) -> Receipt:
    return Receipt(origin, Outcome.CREATED, f"id-{origin.key}")


class ToySource:
    """Yields `script` from extract; an exception in it is raised there."""

    def __init__(self, *script: Any, catalog: Any = CATALOG) -> None:
        self.script, self.catalog, self.closed, self.left = script, catalog, False, 0

    @hookimpl
    def discover(self) -> Any:
        return self.catalog

    @hookimpl
    def extract(self, object_name: str) -> Iterator[Any]:
        try:
            for item in self.script:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.left += 1

    @hookimpl
    def reconcile(self, object_name: str, selection: Selection) -> Iterator[Any]:
        yield from (Observation(object_name, i, {}) for i in selection.ids or ())

    def close(self) -> None:
        self.closed = True


class ToyDestination:
    """Yields the same script from provision, load and rollback."""

    def __init__(self, *script: Any) -> None:
        self.script = script

    @hookimpl
    def discover(self) -> Catalog:
        return CATALOG

    @hookimpl
    def provision(self, wanted: Sequence[ObjectSchema]) -> Any:
        return self._play()

    @hookimpl
    def load(self, records: Sequence[TargetRecord]) -> Any:
        return self._play()

    @hookimpl
    def reconcile(self) -> Any:
        return self.script[0] if self.script else None

    @hookimpl
    def rollback(self, entries: Sequence[LedgerEntry]) -> Any:
        return self._play()

    def _play(self) -> Iterator[Any]:
        for item in self.script:
            if isinstance(item, Exception):
                raise item
            yield item


def batch(*keys: str, cursor: str, object_name: str = "deals") -> Batch:
    return Batch(tuple(Record(object_name, key, {"name": key}) for key in keys), cursor)


def test_a_source_hands_on_what_its_plugin_gives() -> None:
    batches = [batch("a", cursor="1"), batch("b", cursor="2"), batch(cursor="2")]
    source = Source(ToySource(*batches))

    assert source.discover() is CATALOG
    assert list(source.extract("deals", files=FILES)) == batches
    assert [o.id for o in source.reconcile("deals", Selection(ids=("x", "y")))] == ["x", "y"]


def test_a_source_without_infer_schema_gets_the_cores_profiling() -> None:
    schema = Source(ToySource()).infer_schema("deals", [Record("deals", "a", {"size": 3})])
    assert [(f.name, f.type) for f in schema.fields] == [("size", FieldType.INTEGER)]


def test_a_sources_own_infer_schema_replaces_the_cores() -> None:
    class Knowing(ToySource):
        @hookimpl
        def infer_schema(self, object_name: str) -> ObjectSchema:
            return ObjectSchema(object_name, (FieldSchema("size", FieldType.MONEY),))

    schema = Source(Knowing()).infer_schema("deals", [Record("deals", "a", {"size": 3})])
    assert schema.fields[0].type is FieldType.MONEY


def test_a_source_closes_its_plugin_at_the_end() -> None:
    plugin = ToySource()
    with Source(plugin) as source:
        assert not plugin.closed
    assert source.plugin is plugin
    assert plugin.closed


def test_a_plugin_without_close_is_left_alone() -> None:
    with Destination(ToyDestination(), name="toy") as destination:
        assert destination.name == "toy"


def test_a_stream_that_is_left_early_closes_the_plugins_generator() -> None:
    plugin = ToySource(batch("a", cursor="1"), batch("b", cursor="2"))

    with closing(Source(plugin).extract("deals", files=FILES)) as batches:
        next(batches)

    assert plugin.left == 1


def test_a_foreign_exception_names_plugin_and_hook_and_keeps_its_cause() -> None:
    source = Source(ToySource(batch("a", cursor="1"), KeyError("token=hunter22")), name="toy")

    with pytest.raises(ContractError, match="plugin 'toy' failed in its hook extract: KeyError") as caught:
        list(source.extract("deals", files=FILES))

    assert isinstance(caught.value.__cause__, KeyError)
    assert "hunter22" not in str(caught.value)


def test_crossdocks_own_errors_pass_unchanged() -> None:
    error = OutcomeUnknownError("lost")
    with pytest.raises(OutcomeUnknownError) as caught:
        list(Destination(ToyDestination(error)).load("deal", RECORDS, POLICY))
    assert caught.value is error


@pytest.mark.parametrize("catalog", [None, {"objects": []}])
def test_a_discover_that_gives_no_catalog_is_refused(catalog: object) -> None:
    with pytest.raises(ContractError, match="where Catalog belongs"):
        Source(ToySource(catalog=catalog)).discover()


@pytest.mark.parametrize("item", [None, {"records": []}])
def test_a_stream_with_a_foreign_item_is_refused(item: object) -> None:
    with pytest.raises(ContractError, match="where Batch belongs"):
        list(Source(ToySource(item)).extract("deals", files=FILES))


@pytest.mark.parametrize("given", [(), (5,)])
def test_a_hook_that_gives_no_iterator_is_refused(given: tuple[int, ...]) -> None:
    with pytest.raises(ContractError, match="where an iterator belongs"):
        list(Destination(ToyDestination(*given)).reconcile("deal", Selection(ids=())))


def test_a_list_is_as_good_as_a_generator() -> None:
    seen = Observation("deal", "1", {})
    assert list(Destination(ToyDestination([seen])).reconcile("deal", Selection(ids=("1",)))) == [seen]


@pytest.mark.parametrize("start", [None, "1"])
def test_a_cursor_that_does_not_move_on_is_refused(start: str | None) -> None:
    source = Source(ToySource(batch("a", cursor="1"), batch("b", cursor="1")))
    with pytest.raises(ContractError, match="cursor '1' of deals twice"):
        list(source.extract("deals", start, files=FILES))


def test_a_cursor_that_goes_back_is_refused() -> None:
    source = Source(ToySource(*(batch(c, cursor=c) for c in "121")))
    with pytest.raises(ContractError, match="twice"):
        list(source.extract("deals", files=FILES))


@pytest.mark.parametrize(
    "item",
    [batch("z", cursor="1", object_name="leads"), Batch((), "1", rejected=(Rejected("leads", "z", ("x",)),))],
)
def test_a_record_of_another_object_is_refused(item: Batch) -> None:
    with pytest.raises(ContractError, match="mixed leads z into deals"):
        list(Source(ToySource(item)).extract("deals", files=FILES))


def test_one_receipt_a_record_in_any_order_is_right() -> None:
    given = [created(o) for o in reversed(ORIGINS)]
    assert list(Destination(ToyDestination(*given)).load("deal", RECORDS, POLICY)) == given


BAD = {
    "missing": ([created(ORIGINS[0])], "no receipt for main/deals/b, main/deals/c"),
    "double": ([created(o) for o in (*ORIGINS, ORIGINS[1])], "second receipt for main/deals/b"),
    "foreign": ([created(Origin("main", "deals", "z"))], "receipt for main/deals/z, which it was not handed"),
}


@pytest.mark.parametrize("case", BAD)
def test_load_owes_each_record_exactly_one_receipt(case: str) -> None:
    given, message = BAD[case]
    with pytest.raises(ContractError, match=message):
        list(Destination(ToyDestination(*given)).load("deal", RECORDS, POLICY))


@pytest.mark.parametrize("case", BAD)
def test_rollback_owes_each_entry_exactly_one_receipt(case: str) -> None:
    given, message = BAD[case]
    with pytest.raises(ContractError, match=message):
        list(Destination(ToyDestination(*given)).rollback(ENTRIES))


def test_rollback_takes_as_many_receipts_of_an_origin_as_it_has_entries() -> None:
    entries = [ENTRIES[0], replace(ENTRIES[0], outcome=Outcome.UPDATED)]
    given = [Receipt(ORIGINS[0], Outcome.UNCHANGED)] * 2
    assert list(Destination(ToyDestination(*given)).rollback(entries)) == given


def test_many_missing_receipts_are_counted_not_listed() -> None:
    many = [replace(RECORDS[0], origin=Origin("main", "deals", str(n))) for n in range(10)]
    with pytest.raises(ContractError, match="and 7 more"):
        list(Destination(ToyDestination()).load("deal", many, POLICY))


@pytest.mark.parametrize(
    ("receipt", "message"),
    [
        (Receipt(ORIGINS[0], Outcome.CREATED), "says created without a target id for main/deals/a"),
        (Receipt(ORIGINS[0], Outcome.HELD), "outcome held for main/deals/a"),
    ],
)
def test_a_receipt_that_says_nothing_usable_is_refused(receipt: Receipt, message: str) -> None:
    with pytest.raises(ContractError, match=message):
        list(Destination(ToyDestination(receipt)).load("deal", RECORDS[:1], POLICY))


def test_a_record_may_be_refused_without_a_target_id() -> None:
    given = [Receipt(o, Outcome.REJECTED, reasons=("bad",)) for o in ORIGINS]
    assert list(Destination(ToyDestination(*given)).load("deal", RECORDS, POLICY)) == given


def test_each_change_has_a_key_of_its_own() -> None:
    change = Change(ChangeKind.FIELD, "field:deal.size", "deal", "size")

    assert list(Destination(ToyDestination(change)).provision([])) == [change]
    with pytest.raises(ContractError, match=r"field:deal\.size twice"):
        list(Destination(ToyDestination(change, change)).provision([], dry_run=True))


def test_a_transform_extension_replaces_the_core_and_is_named_when_it_fails() -> None:
    class Extension:
        @hookimpl
        def transform(self, records: Sequence[Record]) -> Any:
            return [Rejected(r.object_name, r.key, ("no",)) for r in records] if records else 1 / 0

    transform = Transform({"strict": Extension()})
    mapping: Any = None
    ids: Any = None

    assert transform([Record("deals", "a", {})], mapping, ids) == [Rejected("deals", "a", ("no",))]
    with pytest.raises(ContractError, match="'strict' failed in its hook transform: ZeroDivisionError"):
        transform([], mapping, ids)


def test_the_cores_transform_is_imported_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys
    from types import ModuleType

    module = ModuleType("crossdock.transform")
    monkeypatch.setattr(module, "transform", lambda records, mapping, ids: [], raising=False)
    monkeypatch.setitem(sys.modules, "crossdock.transform", module)
    nothing: Any = None

    assert Transform()([Record("deals", "a", {})], nothing, nothing) == []


def test_an_object_that_is_no_plugin_is_refused() -> None:
    with pytest.raises(PluginError, match="lacks the required hooks: discover, extract, reconcile"):
        Source(object())
