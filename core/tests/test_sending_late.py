"""A request may be carried out after the process that sent it was killed, and after it was looked up."""

import pytest
from core.tests.company import firm
from core.tests.fake_destination import KilledError

from crossdock.model import Outcome


def test_what_is_carried_out_while_it_is_sent_again_is_no_duplicate_of_itself(company, monkeypatch):
    def killed(object_name, records, _policy):
        company.destination.late.append((object_name, list(records)))
        raise KilledError

    company.stage(firm("1"), firm("2"))
    monkeypatch.setattr(company.destination, "load", killed)
    with pytest.raises(KilledError):
        company.load()
    monkeypatch.undo()
    company.reopen()

    run = company.load()

    assert company.books(run).source == {Outcome.LOADED: 2}
    assert company.books(run).destination == {Outcome.CREATED: 2}
    assert set(company.destination.made.values()) == {1}
