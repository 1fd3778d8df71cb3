import uuid

from hypothesis import given
from hypothesis import strategies as st

from crossdock.ids import external_id, target_uuid
from crossdock.model import Origin

words = st.text("ab1/#:", max_size=4)


def test_the_same_record_always_gets_the_same_id():
    origin = Origin("acme", "src.firms", "1")
    assert target_uuid("p1", origin, "firm") == "f0f75538-e881-5147-a104-686fda2b3e7e"


@given(key=st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_a_target_id_is_the_uuid5_of_all_that_names_the_record(key):
    namespace = uuid.UUID("6f4a1b0e-0d0c-5b0e-9a53-0c5d0c7a11d5")
    whole = "\x1f".join(("p1", "acme", "src.firms", key, "firm", "2"))
    assert target_uuid("p1", Origin("acme", "src.firms", key, "2"), "firm") == str(
        uuid.uuid5(namespace, whole)
    )


@given(
    one=st.tuples(words, words, words, words, words, words),
    two=st.tuples(words, words, words, words, words, words),
)
def test_records_that_differ_in_anything_get_different_ids(one, two):
    ids = {target_uuid(p, Origin(t, o, k, part), target) for p, t, o, k, part, target in (one, two)}
    assert len(ids) == len({one, two})


def test_an_external_id_names_project_tenant_object_key_and_part():
    assert external_id("p1", Origin("acme", "src.firms", "7")) == "p1:acme/src.firms/7"
    assert external_id("p1", Origin("acme", "src.firms", "7", "2")) == "p1:acme/src.firms/7#2"
