"""Gradient by lag: the facts of the literature and of this catalogue, in float64 and beyond its range."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise.errors import InputError
from gatewise.inspect.gradients import gradient_by_lag
from gatewise.nn import init

T, H, I, B = 1000, 64, 8, 8
LAGS = (10, 100, 500)


def layer(cell: object, size: int = H) -> gw.nn.Recurrent:
    return gw.nn.Recurrent(cell, I, size, dtype=torch.float64)


@pytest.fixture(scope="module")
def x() -> torch.Tensor:
    return torch.randn(T, B, I, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


# a start that forgets, as an Elman network does; the catalogue declares others
FORGETFUL = {"b": "uniform_hidden", "W": "uniform_hidden"}
# start -> log10 of the norm at lag 10, 100, 500 (H 64, I 8, normal input)
FACTS: dict[str, tuple[Callable[[], gw.nn.Recurrent], tuple[float, float, float]]] = {
    "rnn": (lambda: layer("rnn"), (-2.5, -22.6, -109)),
    "rnn, orthogonal": (lambda: init.orthogonal_(layer("rnn")), (-0.6, -5.6, -28)),
    "lstm, forget bias 0": (lambda: init.forget_bias_(layer("lstm"), 0), (-2.5, -20, -100)),
    "lstm, forget bias 1": (lambda: init.forget_bias_(layer("lstm"), 1), (-1.1, -7.6, -36)),
    "lstm, forget bias 5": (lambda: init.forget_bias_(layer("lstm"), 5), (-0.2, 0.0, 0.5)),
    "lstm, chrono": (lambda: init.chrono_(layer("lstm"), 1000), (-0.1, -0.2, -0.5)),
    "lstm_1997": (lambda: layer("lstm_1997"), (-0.25, -0.2, 0.1)),
    "gru": (
        lambda: layer(gw.cells.gru.with_init({"b.z": "uniform_hidden"})),
        (-2.2, -19, -94),
    ),
    "gru, as declared": (lambda: layer("gru"), (-0.1, -0.7, -2.6)),
    "slstm, as declared": (lambda: layer("slstm"), (0.3, 0.3, -0.8)),
    "mingru, as declared": (lambda: layer("mingru"), (-0.2, -1.0, -3.2)),
    "minlstm, as declared": (lambda: layer("minlstm"), (-0.1, -0.8, -3.0)),
    "gru, chrono": (lambda: init.chrono_(layer("gru"), 1000), (-0.02, -0.1, -0.4)),
    "slstm": (
        lambda: layer(gw.cells.slstm.with_init(FORGETFUL | {"R": "uniform_hidden"})),
        (-2.3, -20, -98),
    ),
    "mingru": (lambda: layer(gw.cells.mingru.with_init(FORGETFUL)), (-3.0, -28, -140)),
    "janet": (
        lambda: layer(gw.cells.janet.with_init({"b.f": ("chrono", 100)})),
        (-0.1, -0.3, -0.7),
    ),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts(name: str, x: torch.Tensor) -> None:
    """The bias, and not the cell, is the memory. Decays agree within a seventh, single values within 0.8."""
    make, expected = FACTS[name]
    torch.manual_seed(0)
    measured = gradient_by_lag(make(), x, LAGS).total
    for have, fact in zip(measured, expected, strict=True):
        # the largest eigenvalue of a random matrix varies from draw to draw
        allowed = 0.28 * abs(fact) if name == "rnn" else 0.15 * abs(fact)
        assert abs(have - fact) < max(0.8, allowed), (name, measured)


def test_far_beyond_the_range_of_floats(x: torch.Tensor) -> None:
    """10^-600 is a number: the gradient of a cell that keeps a thousandth at each step."""

    @gw.cell
    def leak(x, /, h, *, W):  # type: ignore[no-untyped-def]
        h = 0.001 * h + W @ x
        return h

    measured = gradient_by_lag(layer(leak, 4), x, (1, 100, 200, 500))
    assert np.allclose(measured.total, [-3, -300, -600, -1500])
    assert np.allclose(measured.direct["h"], [-3, -300, -600, -1500])
    assert measured.slope == pytest.approx(-3)


def test_exploding_gradient(x: torch.Tensor) -> None:
    """An orthogonal matrix times 1.5 makes the gradient grow: +9 at lag 500, +18 at 1000."""
    torch.manual_seed(0)
    measured = gradient_by_lag(init.orthogonal_(layer("rnn"), 1.5), x, (500,))
    assert 6 < measured.at(500) < 13


def test_the_direct_path_of_1997_is_exactly_one(x: torch.Tensor) -> None:
    measured = gradient_by_lag(layer("lstm_1997", 8), x[:101], (1, 100))
    assert measured.direct["c"] == (0.0, 0.0)


def test_total_against_the_full_jacobian() -> None:
    """For a direction drawn at random the norm is that of the vector times the Jacobian of PyTorch."""
    torch.manual_seed(0)
    net, x = layer("lstm", 3), torch.randn(7, 1, I, dtype=torch.float64)
    measured = gradient_by_lag(net, x, (4,), seed=5)
    with torch.no_grad():
        _, states = net(x[:3])

    def end(h: torch.Tensor, c: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(net(x[3:], [h, c])[1])

    jacobian = torch.autograd.functional.jacobian(end, tuple(states))
    full = torch.cat([torch.cat([b.reshape(3, 3) for b in row], 1) for row in jacobian])
    random = torch.Generator().manual_seed(5)
    vector = torch.cat(
        [torch.randn((1, 1, 3), generator=random, dtype=torch.float64) for _ in range(2)], -1
    )
    vector = vector.reshape(-1) / vector.norm()
    assert measured.total[0] == pytest.approx(float((vector @ full).norm().log10()), abs=1e-9)


@pytest.mark.parametrize("name", gw.cells.names())
def test_every_cell_can_be_measured(name: str) -> None:
    program = gw.cells.get(name).program
    widths = [3, *(1 if i.per == "step" else 2 for i in program.inputs[1:])]
    more = {"P": 4} if name == "lstmp" else {}
    net = gw.nn.Recurrent(name, tuple(widths) if len(widths) > 1 else 3, 4, sizes=more)
    x: list[torch.Tensor] = [torch.randn(12, 2, 3)]
    for item, width in zip(program.inputs[1:], widths[1:], strict=True):
        x.append(torch.rand(12, 2, 1).cumsum(0) if item.per == "step" else torch.randn(2, width))
    measured = gradient_by_lag(net, tuple(x) if len(x) > 1 else x[0], (1, 10))
    assert not np.isnan(measured.total).any()


def test_both_directions_and_upper_layers() -> None:
    net = gw.nn.LSTM(3, 4, 2, bidirectional=True, batch_first=True)
    x = torch.randn(2, 30, 3)
    for k in (0, 1):
        for direction in (0, 1):
            measured = gradient_by_lag(net, x, (5,), layer=k, direction=direction)
            assert np.isfinite(measured.total[0])
    with pytest.raises(InputError, match="there is no layer 2"):
        gradient_by_lag(net, x, (5,), layer=2)


@pytest.mark.parametrize("lags", [(0,), (12,), (1.5,), ()])
def test_lags_that_do_not_fit(lags: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="lag"):
        gradient_by_lag(layer("lstm", 4), torch.randn(12, 1, I), lags)
