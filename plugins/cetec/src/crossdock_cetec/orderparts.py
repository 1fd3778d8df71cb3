"""The part of a work order that no list names: a work order is a line of its order (documented)."""

from collections.abc import Callable, Iterable, Sequence

from crossdock.model import Record, Rejected
from crossdock.values import Reference

Result = Record | Rejected


class OrderParts:
    """Parts by order and line. `orders` gives the keys of the orders with a number, `lines` the lines of one;
    they may cost a request, so each order is asked for once."""

    def __init__(
        self, orders: Callable[[str], Sequence[str]], lines: Callable[[str], Iterable[Result]]
    ) -> None:
        self._orders = orders
        self._lines = lines
        self._found: dict[str, dict[str, str]] = {}

    def of(self, key: str) -> str | None:
        """The part of a work order `12345.1/2`; None if no order has such a line, or several orders do."""
        number, _, line = key.rpartition("/")
        orders = self._orders(number) if number else ()
        if len(orders) != 1:
            return None
        if number not in self._found:
            self._found[number] = {
                str(each.values.get("line")): part.key
                for each in self._lines(orders[0])
                if isinstance(each, Record) and isinstance(part := each.values.get("part"), Reference)
            }
        return self._found[number].get(line)
