"""In which order the records of a phase are taken away."""

from dataclasses import replace

from core.tests.fake_destination import reference

from crossdock.ledger import Link, LinkState
from crossdock.loading.removalorder import circles, references_of, stretches
from crossdock.model import ObjectSchema, Origin


def test_what_refers_to_a_record_goes_before_it():
    order = [one for part in circles({"a": ["b"], "b": ["c"], "c": [], "d": ["c"]}) for one in part]
    assert order.index("a") < order.index("b") < order.index("c")
    assert order.index("d") < order.index("c")


def test_records_that_refer_to_each_other_stand_together():
    parts = list(circles({"top": [], "a": ["b"], "b": ["c"], "c": ["a", "top"], "leaf": ["b"]}))
    assert [sorted(part) for part in parts] == [["leaf"], ["a", "b", "c"], ["top"]]


def test_references_to_others_and_to_itself_count_for_nothing():
    assert list(circles({"a": ["a", "elsewhere"]})) == [["a"]]


def test_a_long_chain_is_put_in_order():
    chain = {str(n): [str(n + 1)] for n in range(5000)}
    assert [part[0] for part in circles(dict(reversed(chain.items())))] == list(chain)


def test_a_circle_is_never_cut_by_a_stretch():
    parts = [["a"], ["b", "c"], ["d"], ["e", "f", "g", "h"]]
    assert list(stretches(parts, 2)) == [["a"], ["b", "c"], ["d"], ["e", "f", "g", "h"]]
    assert list(stretches(parts, 3)) == [["a", "b", "c"], ["d"], ["e", "f", "g", "h"]]


def test_each_of_several_references_counts_and_those_to_other_objects_do_not():
    fields = (
        reference("up", "part"),
        reference("maker", "firm"),
        replace(reference("likes", "part"), multiple=True),
    )
    base = {"up": "1", "maker": "2", "likes": ("3", "4"), "name": "5"}
    link = Link(1, Origin("t", "src", "k"), "part", "0", LinkState.LIVE, base=base)
    assert references_of(link, ObjectSchema("part", fields)) == ["1", "3", "4"]
