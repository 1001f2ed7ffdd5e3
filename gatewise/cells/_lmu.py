"""A memory that holds a sliding window of its input as coefficients of Legendre polynomials."""

from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import inf
from operator import add, mul

from gatewise.errors import CellError
from gatewise.lang import cell, constant, tanh

Matrix = list[list[float]]
_MOST = 256
_ONE = 1 << 128


@lru_cache(maxsize=8, typed=True)
def _window(order: int, theta: float) -> tuple[Matrix, list[float]]:
    """A and B of the paper for steps of 1: exp of [[A, B], [0, 0]] / theta has both.

    Where the window is short, the exponential of a fraction of it is squared so many times.
    """
    whole = isinstance(order, int) and not isinstance(order, bool) and 1 <= order <= _MOST
    if not whole or not 0 < theta < inf:
        raise CellError(
            f"lmu(order={order!r}, theta={theta!r}): order is a whole number from 1 to {_MOST}, theta is "
            "above 0\n  Fix: give the number of polynomials and the window in steps"
        )
    halvings, window = 0, Fraction(theta)
    while 8 * window < order:
        halvings, window = halvings + 1, 2 * window
    rows = [_row(i, order, window) for i in range(order)]
    power = [[v / _ONE for v in row] for row in rows] + [[0.0] * order + [1.0]]
    for _ in range(halvings):
        power = _times(power, power)
    return [row[:-1] for row in power[:-1]], [row[-1] for row in power[:-1]]


def _row(i: int, order: int, window: Fraction) -> list[int]:
    """A row of exp([[A, B], [0, 0]] / theta) by its Taylor series, in multiples of 1 / _ONE.

    Below the diagonal A alternates, above it is constant, so a row times A is two running sums. Terms grow
    before they fall, for windows of at least an eighth of the order by less than 2^64: whole numbers keep what
    cancels. They are the same with every version of Python and on every machine.
    """
    odd = range(1, 2 * order, 2)
    term = [0] * (order + 1)
    term[i] = _ONE
    total, k = term, 0
    while any(term):
        k += 1
        weighted = list(map(mul, term, odd))  # without the last, which nothing reads
        below = list(accumulate(weighted, initial=0))
        signed = [w if j % 2 == 0 else -w for j, w in enumerate(weighted)]
        after = list(accumulate(reversed(signed), initial=0))[::-1]
        row = [-(after[j] if j % 2 == 0 else -after[j]) - below[j] for j in range(order)]
        divisor = window.numerator * k
        half = divisor // 2
        term = [(v * window.denominator + half) // divisor for v in (*row, after[0])]
        total = list(map(add, total, term))
    return total


def _times(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum(map(mul, row, column)) for column in columns] for row in a]


@cell(sizes={"u": 1}, init={"e": "glorot", "e.h": 0.0, "e.m": 0.0, "W": "glorot", "b": 0.0})
def lmu(x, /, h, m, *, e, W, b, order=6, theta=100.0):
    """Legendre memory unit: one number u is written into a memory m that recalls its last theta steps.

    Voelker, Kajic & Eliasmith (2019), Legendre memory units: continuous-time representation in recurrent
    neural networks, NeurIPS, equations 1 to 7. The matrices of the memory are fixed: they follow from
    theta m' = A m + B u, held between steps (zero-order hold). In bfloat16 the matrix of a long window is
    rounded: train in float32.

    Options: order, the number of polynomials, at most 256; theta, the length of the window in steps.
    """
    A_bar, B_bar = map(constant, _window(order, theta))
    u = e.x @ x + e.h @ h + e.m @ m
    m_new = A_bar @ m + B_bar * u
    h = tanh(W.x @ x + W.h @ h + W.m @ m_new + b)
    return h, m_new
