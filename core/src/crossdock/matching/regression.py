"""Logistic regression with a ridge, by Newton's method: small enough to need no library for numbers."""

from collections.abc import Sequence
from math import exp

_ROUNDS = 25
_CLOSE = 1e-6


def probability(logit: float) -> float:
    """The probability that a log-odds stands for."""
    if logit >= 0:
        return 1 / (1 + exp(-logit))
    return exp(logit) / (1 + exp(logit))


def fit(rows: Sequence[Sequence[float]], right: Sequence[bool], ridge: float) -> list[float]:
    """The weights, the constant first. The ridge does not hold the constant down."""
    data = [(1.0, *row) for row in rows]
    size = len(data[0])
    weights = [0.0] * size
    for _ in range(_ROUNDS):
        gradient = [-ridge * w if i else 0.0 for i, w in enumerate(weights)]
        curvature = [[(ridge if i and i == j else 1e-9 * (i == j)) for j in range(size)] for i in range(size)]
        for row, is_right in zip(data, right, strict=True):
            filled = [i for i, x in enumerate(row) if x]
            p = probability(sum(weights[i] * row[i] for i in filled))
            error, bend = is_right - p, p * (1 - p)
            for i in filled:
                gradient[i] += error * row[i]
                share, line = bend * row[i], curvature[i]
                for j in filled:
                    line[j] += share * row[j]
        change = solve(curvature, gradient)
        weights = [w + c for w, c in zip(weights, change, strict=True)]
        if max(map(abs, change)) < _CLOSE:
            break
    return weights


def solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """The solution of a system of linear equations, by elimination."""
    size = len(right)
    table = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(table[r][i]))
        table[i], table[pivot] = table[pivot], table[i]
        for r in range(i + 1, size):
            factor = table[r][i] / table[i][i]
            if factor:
                table[r] = [a - factor * b for a, b in zip(table[r], table[i], strict=True)]
    found = [0.0] * size
    for i in reversed(range(size)):
        rest = sum(table[i][j] * found[j] for j in range(i + 1, size))
        found[i] = (table[i][size] - rest) / table[i][i]
    return found
