"""Packed weights are kept between calls for inference, and never stale.

Nothing tells of a change but the values themselves, so every way to change them is tried: each has
to give what a layer gives that has never seen other weights.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gatewise.backends.llvm.run import numpy_api
from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
from gatewise.compile import layer_for
from gatewise.interp import Sequences
from tests.backends.llvm.helpers import CELLS, Problem, draw, packing, sizes_of

Array = np.ndarray[Any, Any]
NAMES = ("rnn", "lstm", "sru", "slstm-heads")


def problem(name: str, units: int) -> Problem:
    program = CELLS[name].program
    return draw(program, sizes_of(name, H=units, I=units), Sequences(2, 2), ())


def fresh(p: Problem, dtype: str) -> CompiledLayer:
    return layer_for.__wrapped__(p.program, tuple(p.sizes.items()), dtype)


def output(layer: CompiledLayer, p: Problem) -> Array:
    return numpy_api.run(layer, p.inputs, p.params, 2, 2).output


def everywhere(f: Callable[[Array], Any]) -> Callable[[dict[str, Array]], None]:
    def change(params: dict[str, Array]) -> None:
        for array in params.values():
            array[...] = f(array)

    return change


def at(index: tuple[int, ...], factor: float) -> Callable[[dict[str, Array]], None]:
    """One value of the last matrix."""

    def change(params: dict[str, Array]) -> None:
        [a for a in params.values() if a.ndim > 1][-1][(..., *index)] *= factor

    return change


def swapped(axis: int) -> Callable[[dict[str, Array]], None]:
    """Two neighbours trade places: rows, or columns."""

    def change(params: dict[str, Array]) -> None:
        array = [a for a in params.values() if a.ndim > 1][-1]
        array[...] = np.flip(array, axis)

    return change


def exchanged(params: dict[str, Array]) -> None:
    """The first two parameters of one shape trade their values."""
    names = list(params)
    a, b = next(
        (m, n) for m in names for n in names if m < n and params[m].shape == params[n].shape
    )
    params[a][...], params[b][...] = params[b].copy(), params[a].copy()


CHANGES: dict[str, Callable[[dict[str, Array]], None]] = {
    "negated": everywhere(np.negative),
    "doubled": everywhere(lambda a: 2 * a),
    "quartered": everywhere(lambda a: a / 4),
    "zeroed": everywhere(lambda a: 0.0),
    "ones": everywhere(lambda a: 1.0),
    "moved a little": everywhere(lambda a: a + 1e-3),
    "noise": everywhere(lambda a: a + np.random.default_rng(1).standard_normal(a.shape) / 9),
    "first value": at((0, 0), 1.01),
    "last value": at((-1, -1), 1.01),
    "last value zeroed": at((-1, -1), 0.0),
    "one value negated": at((0, 1), -1.0),
    "rows turned": swapped(-2),
    "columns turned": swapped(-1),
    "parameters exchanged": exchanged,
    "signs of every other value": everywhere(
        lambda a: np.where(np.arange(a.size).reshape(a.shape) % 2, -a, a)
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("units", [4, 64])
@pytest.mark.parametrize("name", NAMES)
def test_changed_weights_are_seen(name: str, units: int, dtype: str, change: str) -> None:
    p = problem(name, units).of_type(dtype)
    layer = fresh(p, dtype)
    before = output(layer, p)
    assert output(layer, p).tobytes() == before.tobytes()
    CHANGES[change](p.params)
    after = output(layer, p)
    assert after.tobytes() == output(fresh(p, dtype), p).tobytes()
    assert not np.array_equal(after, before)


def test_weights_that_did_not_change_are_not_packed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = packing(monkeypatch)
    p = problem("lstm", 16).of_type("float32")
    layer = fresh(p, "float32")
    for _ in range(3):
        output(layer, p)
    assert len(packed) == 1
    p.params["b.i"][3] += 1.0
    output(layer, p)
    assert len(packed) == 2


def test_copies_of_the_same_weights_are_the_same_weights() -> None:
    """Values count, not where they lie."""
    p = problem("lstm", 16).of_type("float32")
    layer = fresh(p, "float32")
    before = output(layer, p)
    assert output(layer, p.map(np.copy)).tobytes() == before.tobytes()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_weights_that_are_no_numbers(value: float) -> None:
    """They come out where they went in, and are forgotten once they are gone."""
    p = problem("lstm", 16).of_type("float32")
    layer = fresh(p, "float32")
    before = output(layer, p)
    original = p.params["W.o"][2, 5]
    p.params["W.o"][2, 5] = value
    bad = output(layer, p)
    others = [k for k in range(16) if k != 2]
    assert np.isfinite(bad[0][:, others]).all()
    assert np.isnan(bad[0][:, 2]).all() if np.isnan(value) else np.isfinite(bad).all()
    p.params["W.o"][2, 5] = original
    assert output(layer, p).tobytes() == before.tobytes()
