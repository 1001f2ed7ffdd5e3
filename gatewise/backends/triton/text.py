"""Lines of a Triton kernel, and the functions that stand above every kernel."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

# Written out where Triton has no function of that name that is exact near zero and where it is flat.
# log1p: log(w) * u / (w - 1) with w = 1 + u takes back what rounding w did (Kahan).
PRELUDE = """\
import triton
import triton.language as tl


@triton.jit
def _sigmoid(x):
    e = tl.exp(-tl.abs(x))
    return tl.where(x < 0, e, 1.0) / (1.0 + e)


@triton.jit
def _tanh(x):
    e = tl.exp(-2.0 * tl.abs(x))
    y = (1.0 - e) / (1.0 + e)
    q = x * x
    p = x * (1.0 + q * (-1 / 3 + q * (2 / 15 + q * (-17 / 315 + q * (62 / 2835)))))
    return tl.where(tl.abs(x) < 0.2, p, tl.where(x < 0, -y, y))


@triton.jit
def _softplus(x):
    u = tl.exp(-tl.abs(x))
    w = 1.0 + u
    log1p = tl.where(w == 1.0, u, tl.log(w) * (u / tl.where(w == 1.0, 1.0, w - 1.0)))
    return tl.maximum(x, 0.0, propagate_nan=tl.PropagateNan.ALL) + log1p


@triton.jit
def _larger(a, b):
    return tl.maximum(a, b, propagate_nan=tl.PropagateNan.ALL)
"""

# One counter for each group of rows, which only grows: ``expected`` is how often all programs of the group
# have come by. docs/decisions says why this is enough. A program that has looked ``patience`` times (about a
# second) leaves a mark and goes on. It has no patience left for barriers to come, so that nothing hangs.
BARRIER = """

@triton.jit
def _grid_barrier(counter, failed, expected, patience):
    tl.debug_barrier()
    tl.atomic_add(counter, 1, sem="release", scope="gpu")
    tries = 0
    while (tl.atomic_add(counter, 0, sem="acquire", scope="gpu") < expected) & (tries < patience):
        tries += 1
    if (patience > 0) & (tries >= patience):
        tl.atomic_add(failed, 1, sem="relaxed", scope="gpu")
        patience = 0
    tl.debug_barrier()
    return patience
"""

EXPRESSIONS = {
    "neg": "-{0}",
    "exp": "tl.exp({0})",
    "log": "tl.log({0})",
    "sqrt": "tl.sqrt_rn({0})",
    "sigmoid": "_sigmoid({0})",
    "tanh": "_tanh({0})",
    "softplus": "_softplus({0})",
    "sin": "tl.sin({0})",
    "cos": "tl.cos({0})",
    "erf": "tl.erf({0})",
    "abs": "tl.abs({0})",
    "floor": "tl.floor({0})",
    "stop_gradient": "{0}",
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "max": "tl.maximum({0}, {1}, propagate_nan=tl.PropagateNan.ALL)",
    "min": "tl.minimum({0}, {1}, propagate_nan=tl.PropagateNan.ALL)",
    "lt": "tl.where({0} < {1}, 1.0, 0.0)",
    "le": "tl.where({0} <= {1}, 1.0, 0.0)",
    "eq": "tl.where({0} == {1}, 1.0, 0.0)",
    "where": "tl.where({0} != 0.0, {1}, {2})",
}


class Writer:
    """Lines, indented."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._depth = 1

    def __call__(self, line: str) -> None:
        self.lines.append("    " * self._depth + line)

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Lines under a head such as ``for ...:``."""
        self(head)
        self._depth += 1
        yield
        self._depth -= 1


def number(value: float) -> str:
    """A float as it is written in a kernel."""
    return repr(value) if math.isfinite(value) else f'float("{value}")'


def power_of_two(n: int) -> int:
    """The smallest power of two that is at least n."""
    return 1 << (n - 1).bit_length()
