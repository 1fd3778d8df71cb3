"""The step that keeps phone extensions as text."""

from crossdock.steps import bind
from crossdock.values import Phone


def test_numbers_with_an_extension_are_listed_a_line_each():
    numbers = (Phone("+7 495 000-11-22", "960"), Phone("+7 900 000-33-44"), Phone("+7 812 000-55-66", "4"))
    assert bind("extensions", {})[1](numbers) == "+7 495 000-11-22 ext. 960\n+7 812 000-55-66 ext. 4"


def test_without_an_extension_there_is_no_text():
    assert bind("extensions", {})[1]((Phone("+7 900 000-33-44"),)) is None
