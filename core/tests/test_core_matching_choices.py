"""Options of selects: which becomes which."""

from crossdock.matching.choices import map_choices
from crossdock.model import Option


def options(*labels):
    return [Option(f"v{i}_{label}", label) for i, label in enumerate(labels)]


def test_russian_stages_find_their_english_counterparts():
    own = options("Новая", "Переговоры", "Сделка успешна", "Сделка провалена")
    there = [Option("NEW", "New"), Option("NEGO", "Negotiation"), Option("WON", "Closed Won"), Option("LOST")]
    found = map_choices(own, there)
    assert list(found.values.values()) == ["NEW", "NEGO", "WON", "LOST"]
    assert found.losses() == []


def test_an_option_that_is_like_none_stays_open_and_is_said():
    found = map_choices(options("Низкий", "Зюйд-вест"), [Option("low", "Low"), Option("high", "High")])
    assert list(found.values.values()) == ["low"]
    assert found.open == ("Зюйд-вест",)
    assert found.losses() == ["options without a counterpart are rejected: Зюйд-вест"]


def test_several_options_that_become_one_are_said():
    found = map_choices(options("Отменена", "Отказ"), [Option("x", "Cancelled"), Option("y", "Done")])
    assert set(found.values.values()) == {"x"}
    assert found.losses() == ["Отменена and Отказ become Cancelled"]


def test_the_same_value_is_the_same_option_whatever_it_is_called():
    assert map_choices([Option("a", "One")], [Option("b", "One"), Option("a", "Two")]).values == {"a": "a"}
