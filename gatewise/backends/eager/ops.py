"""What each op means in torch. Autograd then follows torch's own rules."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gatewise.ir import OPS as RECORDS
from gatewise.ir import REVERSE


def _blocks(m: Tensor, v: Tensor, spec: str) -> Tensor:
    k = m.shape[0]
    out = torch.einsum(spec, m, v.reshape(*v.shape[:-1], k, v.shape[-1] // k))
    return out.reshape(*v.shape[:-1], out.shape[-1] * k)


def _matvec(attr: object, m: Tensor, v: Tensor) -> Tensor:
    return v @ m.mT if m.dim() == 2 else _blocks(m, v, "kij,...kj->...ki")


def _matvec_t(attr: object, m: Tensor, v: Tensor) -> Tensor:
    return v @ m if m.dim() == 2 else _blocks(m, v, "kij,...ki->...kj")


def _sum(run: int, a: Tensor) -> Tensor:
    return a.reshape(*a.shape[:-1], a.shape[-1] // run, run).sum(-1)


def _amax(run: int, a: Tensor) -> Tensor:
    return a.reshape(*a.shape[:-1], a.shape[-1] // run, run).amax(-1)


def _cumsum(attr: object, a: Tensor) -> Tensor:
    return a.flip(-1).cumsum(-1).flip(-1) if attr == REVERSE else a.cumsum(-1)


def _repeat(times: int, a: Tensor) -> Tensor:
    return a.expand(*a.shape[:-1], times) if a.shape[-1] == 1 else a.repeat_interleave(times, -1)


def _concat(attr: object, *parts: Tensor) -> Tensor:
    lead = torch.broadcast_shapes(*(p.shape[:-1] for p in parts))
    return torch.cat([p.expand(*lead, p.shape[-1]) for p in parts], -1)


def _where(attr: object, c: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(c != 0, a, b)


def _row_repeat(axes: tuple[int, int, int], a: Tensor) -> Tensor:
    width = axes[1] // axes[2]
    return a[..., None].expand(*a.shape, width).reshape(*a.shape[:-1], a.shape[-1] * width)


def _column_repeat(axes: tuple[int, int, int], a: Tensor) -> Tensor:
    rows, cols, blocks = axes
    parts = a.reshape(*a.shape[:-1], blocks, 1, cols // blocks)
    whole = parts.expand(*a.shape[:-1], blocks, rows // blocks, cols // blocks)
    return whole.reshape(*a.shape[:-1], rows * cols // blocks)


def _row_sum(axes: tuple[int, int, int], a: Tensor) -> Tensor:
    return a.reshape(*a.shape[:-1], axes[0], axes[1] // axes[2]).sum(-1)


def _column_sum(axes: tuple[int, int, int], a: Tensor) -> Tensor:
    rows, cols, blocks = axes
    parts = a.reshape(*a.shape[:-1], blocks, rows // blocks, cols // blocks)
    return parts.sum(-2).reshape(*a.shape[:-1], cols)


# op -> (attribute as a number, *operands). ``outer`` is missing: autograd makes the gradients here.
MEANING: dict[str, Callable[..., Tensor]] = {
    "neg": lambda at, a: -a,
    "exp": lambda at, a: torch.exp(a),
    "log": lambda at, a: torch.log(a),
    "sqrt": lambda at, a: torch.sqrt(a),
    "sigmoid": lambda at, a: torch.sigmoid(a),
    "tanh": lambda at, a: torch.tanh(a),
    "softplus": lambda at, a: torch.logaddexp(a, torch.zeros_like(a)),
    "sin": lambda at, a: torch.sin(a),
    "cos": lambda at, a: torch.cos(a),
    "erf": lambda at, a: torch.erf(a),
    "abs": lambda at, a: torch.abs(a),
    "floor": lambda at, a: torch.floor(a),
    "stop_gradient": lambda at, a: a.detach(),
    "add": lambda at, a, b: a + b,
    "sub": lambda at, a, b: a - b,
    "mul": lambda at, a, b: a * b,
    "div": lambda at, a, b: a / b,
    "max": lambda at, a, b: torch.maximum(a, b),
    "min": lambda at, a, b: torch.minimum(a, b),
    "lt": lambda at, a, b: (a < b).to(a.dtype),
    "le": lambda at, a, b: (a <= b).to(a.dtype),
    "eq": lambda at, a, b: (a == b).to(a.dtype),
    "where": _where,
    "matvec": _matvec,
    "matvec_t": _matvec_t,
    "sum": _sum,
    "amax": _amax,
    "cumsum": _cumsum,
    "repeat": _repeat,
    "concat": _concat,
    "row_repeat": _row_repeat,
    "column_repeat": _column_repeat,
    "row_sum": _row_sum,
    "column_sum": _column_sum,
}

# the leaves and slices need sizes, so ``run.py`` takes them itself
OPS = frozenset({*MEANING, "slice", *(op.name for op in RECORDS.values() if op.kind == "leaf")})
