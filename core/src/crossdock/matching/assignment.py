"""One-to-one assignment with "unmapped" as a choice: the pairs whose worth together is greatest.

The method is the Hungarian one (shortest augmenting paths). A pair that is worth nothing is never taken;
fields that share no candidate are settled apart, so that 60 by 70 fields take milliseconds.
"""

from collections.abc import Hashable, Mapping
from itertools import count
from typing import TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)


def assign(worth: Mapping[tuple[Row, Column], float]) -> dict[Row, Column]:
    """The best pairs, at most one a row and one a column. `worth` holds what a pair is worth; only those
    above 0 are looked at. Of equal choices the one that comes first in `worth` is taken."""
    good = {pair: value for pair, value in worth.items() if value > 0}
    chosen: dict[Row, Column] = {}
    for rows, columns in _apart(good):
        cost = [[-good.get((row, column), 0.0) for column in columns] + [0.0] * len(rows) for row in rows]
        for row, place in zip(rows, _cheapest(cost), strict=True):
            if place < len(columns) and (row, columns[place]) in good:
                chosen[row] = columns[place]
    return chosen


def _apart(good: Mapping[tuple[Row, Column], float]) -> list[tuple[list[Row], list[Column]]]:
    """Groups of rows and columns that have no candidate in common."""
    by_row: dict[Row, list[Column]] = {}
    by_column: dict[Column, list[Row]] = {}
    for row, column in good:
        by_row.setdefault(row, []).append(column)
        by_column.setdefault(column, []).append(row)
    seen: set[Row] = set()
    groups = []
    for start in by_row:
        if start in seen:
            continue
        seen.add(start)
        rows, columns = [start], dict[Column, None]()
        for row in rows:  # grows while it is walked
            for column in by_row[row]:
                columns[column] = None
                for other in by_column[column]:
                    if other not in seen:
                        seen.add(other)
                        rows.append(other)
        groups.append((rows, list(columns)))
    return groups


def _cheapest(cost: list[list[float]]) -> list[int]:
    """The column of every row, so that the sum is least; there are at least as many columns as rows."""
    rows, columns = len(cost), len(cost[0])
    row_price, column_price = [0.0] * (rows + 1), [0.0] * (columns + 1)
    taken = [0] * (columns + 1)  # the row that has the column, counted from 1
    for row in range(1, rows + 1):
        taken[0] = row
        before = [0] * (columns + 1)
        least = [float("inf")] * (columns + 1)
        used = [False] * (columns + 1)
        at = 0
        for _ in count():
            used[at] = True
            step, after = _reach(cost, taken[at], at, row_price, column_price, least, before, used)
            for column in range(columns + 1):
                if used[column]:
                    row_price[taken[column]] += step
                    column_price[column] -= step
                else:
                    least[column] -= step
            at = after
            if not taken[at]:
                break
        while at:
            taken[at] = taken[before[at]]
            at = before[at]
    place = [0] * rows
    for column in range(1, columns + 1):
        if taken[column]:
            place[taken[column] - 1] = column - 1
    return place


def _reach(
    cost: list[list[float]],
    row: int,
    at: int,
    row_price: list[float],
    column_price: list[float],
    least: list[float],
    before: list[int],
    used: list[bool],
) -> tuple[float, int]:
    """The cheapest way on from the columns reached: what it costs, and the column it leads to."""
    step, after = float("inf"), 0
    for column in range(1, len(least)):
        if used[column]:
            continue
        price = cost[row - 1][column - 1] - row_price[row] - column_price[column]
        if price < least[column]:
            least[column], before[column] = price, at
        if least[column] < step:
            step, after = least[column], column
    return step, after
