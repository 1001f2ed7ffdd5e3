"""What ops mean, in NumPy: ``f(np, attribute as a number, *operands)``.

Vectors are arrays [..., units], matrices [rows, cols] or [blocks, rows/blocks, cols/blocks].
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gatewise.ir.node import REVERSE


def sigmoid(np: Any, attr: Any, a: Any) -> Any:
    e = np.exp(-np.abs(a))  # never overflows
    return np.where(a < 0, e, 1) / (1 + e)


def erf(np: Any, attr: Any, a: Any) -> Any:
    a = np.asarray(a)
    return np.array([math.erf(v) for v in a.ravel()], a.dtype).reshape(a.shape)


def softplus(np: Any, attr: Any, a: Any) -> Any:
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a)))


def _block_apply(np: Any, m: Any, v: Any, spec: str) -> Any:
    k = m.shape[0]
    out = np.einsum(spec, m, v.reshape(*v.shape[:-1], k, v.shape[-1] // k))
    return out.reshape(*v.shape[:-1], k * out.shape[-1])


def matvec(np: Any, attr: Any, m: Any, v: Any) -> Any:
    return v @ m.T if m.ndim == 2 else _block_apply(np, m, v, "kij,...kj->...ki")


def matvec_t(np: Any, attr: Any, m: Any, v: Any) -> Any:
    return v @ m if m.ndim == 2 else _block_apply(np, m, v, "kij,...ki->...kj")


def outer(np: Any, attr: Any, a: Any, b: Any) -> Any:
    """Summed over the batch: [rows, cols] or [blocks, rows/blocks, cols/blocks]."""
    if a.shape[:-1] != b.shape[:-1]:
        batch = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
        a, b = (np.broadcast_to(v, (*batch, v.shape[-1])) for v in (a, b))
    a, b = (v.reshape(-1, v.shape[-1]) for v in (a, b))
    if attr in (None, 1):
        return a.T @ b
    a, b = (v.reshape(len(v), attr, v.shape[-1] // attr) for v in (a, b))
    return np.einsum("nki,nkj->kij", a, b)


def sum(np: Any, run: Any, a: Any) -> Any:
    return a.reshape(*a.shape[:-1], a.shape[-1] // run, run).sum(-1)


def amax(np: Any, run: Any, a: Any) -> Any:
    return a.reshape(*a.shape[:-1], a.shape[-1] // run, run).max(-1)


def cumsum(np: Any, attr: Any, a: Any) -> Any:
    return np.cumsum(a[..., ::-1], -1)[..., ::-1] if attr == REVERSE else np.cumsum(a, -1)


def _of(dtype: Any, mask: Any) -> Any:
    return mask.astype(dtype)


def lt(np: Any, attr: Any, a: Any, b: Any) -> Any:
    return _of(np.result_type(a, b), a < b)


def le(np: Any, attr: Any, a: Any, b: Any) -> Any:
    return _of(np.result_type(a, b), a <= b)


def eq(np: Any, attr: Any, a: Any, b: Any) -> Any:
    return _of(np.result_type(a, b), a == b)


def concat(np: Any, attr: Any, *xs: Any) -> Any:
    return np.concatenate(_broadcast(np, xs), axis=-1)


def repeat(np: Any, times: Any, a: Any) -> Any:
    return np.repeat(a, times, axis=-1)


# rows, columns and blocks of a matrix whose entries lie row after row, block after block


def row_repeat(np: Any, axes: Any, a: Any) -> Any:
    _, cols, blocks = axes
    return np.repeat(a, cols // blocks, axis=-1)


def column_repeat(np: Any, axes: Any, a: Any) -> Any:
    rows, cols, blocks = axes
    parts = a.reshape(*a.shape[:-1], blocks, 1, cols // blocks)
    shape = (*a.shape[:-1], blocks, rows // blocks, cols // blocks)
    return np.broadcast_to(parts, shape).reshape(*a.shape[:-1], rows * cols // blocks)


def row_sum(np: Any, axes: Any, a: Any) -> Any:
    rows, cols, blocks = axes
    return a.reshape(*a.shape[:-1], rows, cols // blocks).sum(-1)


def column_sum(np: Any, axes: Any, a: Any) -> Any:
    rows, cols, blocks = axes
    parts = a.reshape(*a.shape[:-1], blocks, rows // blocks, cols // blocks)
    return parts.sum(-2).reshape(*a.shape[:-1], cols)


def where(np: Any, attr: Any, chosen: Any, a: Any, b: Any) -> Any:
    return np.where(chosen != 0, a, b)


def _broadcast(np: Any, xs: Sequence[Any]) -> list[Any]:
    """Give vectors the same leading (batch) shape, keeping each one's units."""
    lead = np.broadcast_shapes(*(x.shape[:-1] for x in xs))
    return [np.broadcast_to(x, (*lead, x.shape[-1])) for x in xs]
