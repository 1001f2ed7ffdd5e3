"""The one table of tolerances: how far a result may lie from its reference, on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["TOLERANCES", "Tolerance", "assert_close", "tolerance"]


@dataclass(frozen=True)
class Tolerance:
    """An element may differ by ``relative * |expected| + of_largest * max |expected|``.

    The second term is there because every element of a matrix product carries the rounding of
    the largest things summed into it, also where the sum itself is near zero. It scales with
    the array, so tiny gradients are not waved through as an absolute tolerance would do; only
    where everything expected is zero, it is absolute.
    """

    relative: float
    of_largest: float


# Against a float64 reference. An LSTM of PyTorch, written out by hand, lies from its own float64
# run, relative to the largest element and over sizes up to H=256, T=1000, at most at 5e-7
# (outputs, states) and 2e-6 (gradients) in float32, at 5e-3 and 8e-3 in bfloat16. Where a cell is not
# bounded (NIAF at H=100), outputs near zero carry the rounding of its large summands: 2.3e-6.
TOLERANCES: dict[tuple[str, str], Tolerance] = {
    ("float64", "forward"): Tolerance(relative=1e-12, of_largest=1e-13),
    ("float64", "state"): Tolerance(relative=1e-12, of_largest=1e-13),
    ("float64", "gradient"): Tolerance(relative=1e-10, of_largest=1e-12),
    ("float32", "forward"): Tolerance(relative=2e-6, of_largest=3e-6),
    ("float32", "state"): Tolerance(relative=2e-6, of_largest=2e-6),
    ("float32", "gradient"): Tolerance(relative=1e-5, of_largest=5e-6),
    ("bfloat16", "forward"): Tolerance(relative=1e-2, of_largest=1e-2),
    ("bfloat16", "state"): Tolerance(relative=1e-2, of_largest=1e-2),
    ("bfloat16", "gradient"): Tolerance(relative=2e-2, of_largest=2e-2),
    ("float16", "forward"): Tolerance(relative=1.5e-3, of_largest=1.5e-3),
    ("float16", "state"): Tolerance(relative=1.5e-3, of_largest=1.5e-3),
    ("float16", "gradient"): Tolerance(relative=3e-3, of_largest=3e-3),
    # computed in float32 from the same numbers and rounded once: half a unit in the last place, and
    # float32's own
    ("bfloat16", "rounded"): Tolerance(relative=2.0**-8, of_largest=1e-5),
    ("float16", "rounded"): Tolerance(relative=2.0**-11, of_largest=1e-5),
}


def tolerance(dtype: Any, quantity: str) -> Tolerance:
    """Look a tolerance up; ``dtype`` is a name, or a dtype of NumPy or PyTorch."""
    name = np.dtype(dtype).name if isinstance(dtype, type) else str(dtype).removeprefix("torch.")
    try:
        return TOLERANCES[name, quantity]
    except KeyError:
        known = ", ".join(" ".join(key) for key in TOLERANCES)
        raise KeyError(f"no tolerance for {name} {quantity}; there are: {known}") from None


def assert_close(actual: Any, expected: Any, dtype: Any, quantity: str, *, name: str = "") -> None:
    """Assert that two arrays (NumPy or PyTorch) agree as the table says.

    ``dtype`` is the type that was computed in, ``quantity`` one of forward, state, gradient, rounded.
    Shapes must be equal; NaN agrees with NaN only, an infinity only with itself.
    """
    allowed = tolerance(dtype, quantity)
    got, want = _as_float64(actual), _as_float64(expected)
    what = " ".join(filter(None, [name or quantity, f"({dtype})"]))
    assert got.shape == want.shape, f"{what}: shape {got.shape}, expected {want.shape}"
    if not want.size:
        return
    finite = np.isfinite(want)
    size = np.where(finite, np.abs(want), 0.0)
    limit = allowed.relative * size + allowed.of_largest * (float(size.max()) or 1.0)
    with np.errstate(invalid="ignore"):  # infinity less infinity
        error = np.abs(got - want)
        same = np.where(finite, error <= limit, (got == want) | (np.isnan(got) & np.isnan(want)))
    if not same.all():
        raise AssertionError(_message(what, got, want, error, limit, ~same))


def _as_float64(array: Any) -> np.ndarray:
    if hasattr(array, "detach"):  # a tensor; NumPy knows no bfloat16
        array = array.detach().cpu().double().numpy()
    return np.asarray(array, dtype=np.float64)


def _message(
    what: str,
    got: np.ndarray,
    want: np.ndarray,
    error: np.ndarray,
    limit: np.ndarray,
    wrong: np.ndarray,
) -> str:
    """Say how many elements are wrong, and show the worst one."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.nan_to_num(error / limit, nan=np.inf, posinf=np.inf)
    ratio = np.where(wrong, ratio, -1.0)
    index = np.unravel_index(int(ratio.argmax()), ratio.shape)
    place = ", ".join(str(int(i)) for i in index)
    return (
        f"{what}: {int(wrong.sum())} of {wrong.size} elements are off, shape {got.shape}\n"
        f"  worst at [{place}]: got {got[index]:.9g}, expected {want[index]:.9g}\n"
        f"  error {error[index]:.3g}, allowed {limit[index]:.3g}: {ratio[index]:.3g} times that"
    )
