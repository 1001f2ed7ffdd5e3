"""A memory that holds a sliding window of its input as coefficients of Legendre polynomials."""

from operator import mul

from gatewise.errors import CellError
from gatewise.lang import cell, constant, tanh

Matrix = list[list[float]]
_MOST = 256


def _window(order: int, theta: float) -> tuple[Matrix, list[float]]:
    """A and B of the paper for steps of 1: exp of [[A, B], [0, 0]] / theta has both."""
    whole = isinstance(order, int) and not isinstance(order, bool) and 1 <= order <= _MOST
    if not whole or not theta > 0:
        raise CellError(
            f"lmu(order={order!r}, theta={theta!r}): order is a whole number from 1 to {_MOST}, theta is "
            "above 0\n  Fix: give the number of polynomials and the window in steps"
        )
    rows = []
    for i in range(order):
        signs = [-1.0 if i < j else (-1.0) ** (i - j + 1) for j in range(order)]
        rows.append([(2 * i + 1) / theta * s for s in (*signs, (-1.0) ** i)])
    rows.append([0.0] * (order + 1))
    power = _exponential(rows)
    return [row[:-1] for row in power[:-1]], [row[-1] for row in power[:-1]]


def _exponential(a: Matrix) -> Matrix:
    """exp(a): a Taylor series of a / 2^k, squared k times."""
    norm, halvings = max(sum(map(abs, row)) for row in a), 0
    while norm > 0.5:
        norm, halvings = norm / 2, halvings + 1
    scaled = [[v / 2.0**halvings for v in row] for row in a]
    size = len(a)
    result = [[float(i == j) for j in range(size)] for i in range(size)]
    term = result
    for k in range(1, 19):  # 0.5^18 / 18! is far below a rounding
        term = [[v / k for v in row] for row in _times(term, scaled)]
        result = [
            [p + q for p, q in zip(*rows, strict=True)] for rows in zip(result, term, strict=True)
        ]
    for _ in range(halvings):
        result = _times(result, result)
    return result


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
