"""Automations of the destination: what was decided about each, and who has to decide first."""

from dataclasses import replace

import pytest
from core.tests.fake_destination import FakeDestination

from crossdock.automations.decisions import (
    active_automations,
    decided,
    decision_on,
    require_decisions,
    undecided_names,
    unknown_names,
)
from crossdock.errors import ConfigError, ContractError, RefusedError
from crossdock.hookspecs import hookimpl
from crossdock.model import Artifact, ArtifactReport, Change, ChangeKind
from crossdock.plugins import Destination

WELCOME = Artifact("workflow", "Welcome mail", "w1", active=True)
HOOK = Artifact("webhook", "https://hook.example", "h1", active=True)
DRAFT = Artifact("workflow", "Draft", "w2", active=False)


def catalog(*found):
    reports = tuple(
        ArtifactReport(kind, tuple(a for a in found if a.kind == kind)) for kind in ("workflow", "webhook")
    )
    return replace(FakeDestination({}).discover(), artifacts=reports)


def test_only_what_would_act_by_itself_has_to_be_decided():
    assert active_automations(catalog(WELCOME, DRAFT, HOOK)) == [WELCOME, HOOK]


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ({}, "undecided"),
        ({"workflow": "pause"}, "pause"),
        ({"workflow": "pause", "workflow Welcome mail": "keep"}, "keep"),
        ({"workflow": "pause", "workflow Welcome mail": "undecided"}, "undecided"),
        ({"webhook": "pause"}, "undecided"),
    ],
)
def test_the_entry_of_its_own_wins_over_that_of_its_kind(decisions, expected):
    assert decision_on(WELCOME, decisions) == expected


def test_one_without_a_name_is_named_by_its_id():
    nameless = Artifact("workflow", "", "w7", active=True)
    assert decided(catalog(nameless), {"workflow w7": "keep"}, "keep") == [nameless]


def test_all_undecided_ones_are_refused_at_once():
    with pytest.raises(RefusedError) as caught:
        require_decisions(catalog(WELCOME, HOOK), {})
    assert "workflow Welcome mail" in caught.value.message
    assert "webhook https://hook.example" in caught.value.message
    assert caught.value.exit_code == 4


def test_one_that_appeared_since_the_decisions_is_undecided():
    assert undecided_names(catalog(WELCOME, HOOK), {"webhook https://hook.example": "keep"}) == [
        "workflow Welcome mail"
    ]


def test_an_entry_that_names_nothing_is_found():
    decisions = {"workflow Welcom mail": "keep", "workflow Draft": "keep", "webhook": "pause"}
    assert unknown_names(catalog(WELCOME, DRAFT), decisions) == ["workflow Welcom mail"]


class Unable(FakeDestination):
    """A platform whose hook knows nothing of pauses."""

    @hookimpl
    def provision(self, wanted, dry_run):  # type: ignore[override]
        return iter(())


class Eager(FakeDestination):
    """A platform that pauses what it was not asked to."""

    @hookimpl
    def provision(self, wanted, dry_run, pauses):  # type: ignore[override]
        yield Change(ChangeKind.PAUSE, "automation:workflow w9", "workflow", "Other")


def test_a_destination_that_cannot_pause_says_so():
    with pytest.raises(ConfigError, match="cannot pause workflow Welcome mail"):
        list(Destination(Unable({}), name="beta").provision((), True, [WELCOME]))


def test_a_destination_that_cannot_pause_may_still_provision():
    assert list(Destination(Unable({})).provision((), True)) == []


def test_what_nobody_asked_for_may_not_be_paused():
    with pytest.raises(ContractError, match="not asked to"):
        list(Destination(Eager({})).provision((), False, [WELCOME]))
