"""Layers of any cell against the interpreter: values, every gradient, sizes, names, several inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import gatewise as gw
from gatewise import interp
from gatewise.compile import program_for
from gatewise.lang import sigmoid, tanh
from gatewise.passes.differentiate import differentiate
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 5, 3
LENGTHS = [3, 5, 0]
COMPOSED = {
    "zoneout(peephole)": lambda: gw.cells.zoneout(gw.cells.peephole_lstm, h=0.2, c=0.4),
    "layer_norm(dropout(gru_v3))": lambda: gw.cells.layer_norm(
        gw.cells.recurrent_dropout(gw.cells.gru_v3, 0.3)
    ),
    "project(lstm)": lambda: gw.cells.project(gw.cells.lstm),
    "gal(ealstm)": lambda: gw.cells.recurrent_dropout(gw.cells.ealstm, 0.3, "gal"),
}
ALL = [*gw.cells.names(), *COMPOSED, "slstm(heads)"]


def cell_of(name: str) -> gw.Cell:
    if name == "slstm(heads)":
        return gw.cells.slstm(heads=2)
    return COMPOSED[name]() if name in COMPOSED else gw.cells.get(name)


def sizes_of(cell: gw.Cell) -> tuple[Any, dict[str, int]]:
    """An input_size for the constructor, and the further sizes."""
    free_inputs = [i for i in cell.program.inputs if i.rate is None]
    sizes = tuple({"I": I, "H": H, "1": 1, "S": 2}[str(i.size)] for i in free_inputs)
    more = {"P": 2} if "P" in cell.program.sizes else {}
    return (sizes if len(sizes) > 1 else sizes[0]), more


def inputs_of(module: gw.nn.Recurrent) -> list[Tensor]:
    g = torch.Generator().manual_seed(2)
    inputs = []
    for item in module.plan.inputs:
        size = item.size.evaluate(module.plan.layers[0].sizes)
        shape = (T, B, size) if item.per == "step" else (B, size)
        inputs.append(torch.rand(shape, dtype=torch.float64, generator=g).requires_grad_())
    return inputs


def drawn(module: gw.nn.Recurrent) -> list[np.ndarray]:
    masks = []
    for mask in module.plan.masks:
        shape = [B, mask.size.evaluate(module.plan.layers[0].sizes)]
        masks.append(torch.rand([T, *shape] if mask.per == "step" else shape) < mask.rate)
    return [m.double().numpy() for m in masks]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("backend", ["eager", "llvm"])
def test_every_cell_is_what_the_interpreter_says(name: str, training: bool, backend: str) -> None:
    cell = cell_of(name)
    torch.manual_seed(4)
    size, more = sizes_of(cell)
    module = gw.nn.Recurrent(
        cell, size, H, bidirectional=True, sizes=more, dtype=torch.float64, backend=backend
    )
    module.train(training)
    with torch.no_grad():  # large enough to reach kinks, ties apart
        for p in module.parameters():
            p.add_(torch.randn_like(p) * 0.3)
    program = program_for(cell.program, training)
    inputs = inputs_of(module)
    g = torch.Generator().manual_seed(3)
    reset = torch.rand(T, B, generator=g) < 0.3
    start = [torch.randn(2, B, w, dtype=torch.float64, generator=g) for w in module.plan.widths]
    start = [s.requires_grad_() for s in start]
    record = tuple(n for n, _ in program.names)
    torch.manual_seed(9)
    sample = tuple(inputs) if len(inputs) > 1 else inputs[0]
    output, states, seen = module(sample, start, lengths=LENGTHS, reset=reset, record=record)
    weights = [torch.randn(t.shape, dtype=t.dtype, generator=g) for t in (output, *states)]
    results = (output, *states)
    sum((r * w).sum() for r, w in zip(results, weights, strict=True)).backward()  # type: ignore[union-attr]

    torch.manual_seed(9)
    width = module.plan.widths[0]
    d_inputs: dict[str, Any] = {}
    for d in range(2):
        masks = drawn(module) if training else []
        arrays = iter([*(x.detach().numpy() for x in inputs), *masks])
        named = {i.name: next(arrays) for i in program.inputs}
        params = {n: v.detach().numpy() for n, v in module.equation_parameters(0, d).items()}
        at = dict(module.plan.layers[0].sizes)
        seq = interp.Sequences(T, B, np.array(LENGTHS), reset.numpy(), reverse=d == 1)
        first = [s[d].detach().numpy() for s in start]
        run = interp.run(program, named, params, at, seq, states=first, record=record)
        part = slice(d * width, (d + 1) * width)
        assert_close(output[..., part], run.output, "float64", "forward")
        for state, expected in zip(states, run.states, strict=True):
            assert_close(state[d], expected, "float64", "state")
        for n in record:
            assert_close(seen[n][d], run.recorded[n], "float64", "forward", name=n)
        back = differentiate(program, (program.states[0].name,))
        grads = interp.run_backward(
            program,
            back,
            run,
            named,
            params,
            at,
            seq,
            seeds={program.states[0].name: weights[0][..., part].numpy()},
            d_states=[w[d].numpy() for w in weights[1:]],
        )
        for n, value in grads.inputs.items():
            d_inputs[n] = d_inputs.get(n, 0) + value
        for s, expected in zip(start, grads.states, strict=True):
            assert_close(s.grad[d], expected, "float64", "gradient")
        _check_parameters(module, d, grads.params)
    for item, x in zip(module.plan.inputs, inputs, strict=True):
        expected = d_inputs.get(item.name)
        if expected is not None:
            assert_close(x.grad, expected, "float64", "gradient", name=item.name)


def _check_parameters(module: gw.nn.Recurrent, d: int, expected: dict[str, np.ndarray]) -> None:
    layout, at = module.plan.layout, module.plan.layers[0]
    stacks = [module.parameter(n).grad for n in at.names[d]]
    for name, value in layout.views(stacks, at.sizes).items():
        assert_close(value, expected[name].reshape(value.shape), "float64", "gradient", name=name)


def test_states_are_all_and_in_the_cells_order() -> None:
    module = gw.nn.Recurrent("slstm", 3, 4, 2, bidirectional=True)
    output, states = module(torch.randn(T, B, 3))
    assert output.shape == (T, B, 8)
    assert [s.shape for s in states] == [(4, B, 4)] * 4
    assert [s.name for s in module.cell.program.states] == ["h", "c", "n", "m"]
    assert torch.equal(output[-1, :, :4], states[0][2]) and torch.equal(
        output[0, :, 4:], states[0][3]
    )
    again = module(torch.randn(1, B, 3), states)[0]
    assert again.shape == (1, B, 8)
    assert gw.nn.Recurrent("gru", 3, 4)(torch.randn(2, B, 3), torch.zeros(1, B, 4))[1][0].shape == (
        1,
        B,
        4,
    )


def test_equation_parameters_set_read_and_tie() -> None:
    module = gw.nn.Recurrent("peephole_lstm", I, H, 2, bidirectional=True)
    for layer, direction in ((0, 0), (1, 1)):
        named = module.equation_parameters(layer, direction)
        assert set(named) == {p.name for p in gw.cells.peephole_lstm.program.params}
        with torch.no_grad():
            named["b.f"].fill_(3.0)
            named["U.o"].zero_()
        end = f"_l{layer}" + ("_reverse" if direction else "")
        stacked = getattr(module, f"b{end}")
        assert sorted(stacked.unique().tolist())[-1] == 3.0 and (stacked == 3).sum() == H
        assert torch.equal(
            module.equation_parameters(layer, direction)["b.f"], torch.full((H,), 3.0)
        )
    (module.equation_parameters()["W.i"] ** 2).sum().backward()
    grad = module.W_l0.grad
    assert grad is not None and grad[:H].any() and not grad[H:].any()
    # tie: one gate's matrix is that of another, by a tensor that the graph goes through
    tied = gw.nn.Recurrent("lstm", I, H)
    with torch.no_grad():
        tied.equation_parameters()["W.f"].copy_(tied.equation_parameters()["W.i"])
    assert torch.equal(tied.equation_parameters()["W.f"], tied.equation_parameters()["W.i"])


def test_equation_parameters_of_the_drop_ins_name_both_biases() -> None:
    module = gw.nn.LSTM(I, H, bias=True, proj_size=2)
    named = module.equation_parameters()
    x = torch.randn(T, B, I)
    with torch.no_grad():
        for name, value in named.items():
            if name.startswith("b."):
                value.zero_()
    assert not module.bias_ih_l0.any() and not module.bias_hh_l0.any()
    assert {"b.f", "b.hf", "W.h", "U.z"} <= set(named)
    with torch.no_grad():
        named["b.f"].fill_(0.25)
        named["b.hf"].fill_(0.5)
    f = module(x, record="f")[2]["f"][0]
    other = gw.nn.Recurrent("lstmp", I, H, sizes={"P": 2})
    with torch.no_grad():
        for name, value in other.equation_parameters().items():
            value.copy_(named[name])
        other.equation_parameters()["b.f"].fill_(0.75)
    assert_close(other(x, record="f")[2]["f"][0], f, "float32", "forward")
    gru = gw.nn.GRU(I, H).equation_parameters()
    assert {"b.n", "b.hn", "b.z", "b.hz"} <= set(gru)
    assert set(gw.nn.RNN(I, H).equation_parameters()) == {"W", "U", "b", "b.h"}


def test_several_inputs_are_a_tuple() -> None:
    module = gw.nn.Recurrent("ealstm", (I, 2), H, 2, batch_first=True)
    x, s = torch.randn(B, T, I), torch.randn(B, 2)
    output, _ = module((x, s))
    assert output.shape == (B, T, H)
    one, _ = module((x[1], s[1]))
    assert_close(one, output[1], "float32", "forward")
    timed = gw.nn.Recurrent("phased_lstm", I, H)  # its scalar input needs no size
    assert timed.input_size == (I, 1)
    t = torch.arange(float(T)).view(T, 1, 1).expand(T, B, 1)
    assert timed((torch.randn(T, B, I), t))[0].shape == (T, B, H)


def test_a_cell_of_ones_own() -> None:
    @gw.cell(init={"b.f": 1.0, "U": "orthogonal", "p": ("normal", 0.1)})
    def mine(x, /, h, c, *, W, U, b, p, V):
        """Two families of unlike shapes, a vector, a matrix over a computed vector."""
        f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
        z = tanh(W.z @ x + U.z @ (f * h) + b.z)
        new = f * c + (1 - f) * z
        m = tanh(V.c @ new)
        return sigmoid(V.m @ m) * m, new

    torch.manual_seed(0)
    module = gw.nn.Recurrent(mine, I, H, 2, dtype=torch.float64)
    names = [n for n, _ in module.named_parameters() if n.endswith("_l0")]
    assert names == ["W_l0", "U_l0", "p_l0", "b_l0", "V_l0"]
    assert module.U_l0.shape == (2 * H, H) and module.p_l0.shape == (H,)
    eye = module.equation_parameters()["U.f"] @ module.equation_parameters()["U.f"].mT
    assert_close(eye, torch.eye(H, dtype=torch.float64), "float64", "gradient")
    assert torch.equal(module.equation_parameters()["b.f"].data, torch.ones(H, dtype=torch.float64))
    x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: module(v)[0], (x,))
    a = module.equation_parameters()
    h, c = torch.zeros(2, B, H, dtype=torch.float64)
    f = torch.sigmoid(x[0] @ a["W.f"].T + h @ a["U.f"].T + c * a["p.f"] + a["b.f"])
    assert_close(module(x, record="f")[2]["f"][0][0], f, "float64", "forward")


def test_chrono_and_negative_initial_values() -> None:
    cell = gw.cells.lstm.with_init({"b.f": ("chrono", 50), "b.i": ("negative", "b.f")})
    module = gw.nn.Recurrent(cell, I, 500)
    named = module.equation_parameters()
    assert torch.equal(named["b.i"], -named["b.f"])
    assert 0 <= float(named["b.f"].detach().min()) and float(named["b.f"].detach().max()) <= np.log(
        49
    )
    assert float(named["b.f"].detach().exp().mean()) == pytest.approx(25, rel=0.1)


def test_frequencies_fall_along_the_units() -> None:
    module = gw.nn.Recurrent("hgrn", I, 8)
    theta = module.equation_parameters()["theta"].detach()
    expected = 10000.0 ** (-2 * torch.arange(8, dtype=torch.float64) / 8)
    torch.testing.assert_close(theta, expected.float())


def test_sizes_that_the_equations_tie() -> None:
    with pytest.raises(gw.GatewiseError, match="input"):
        gw.nn.Recurrent("ealstm", I, H)

    @gw.cell
    def leaky(x, /, h, *, a):
        """The input is as wide as the state."""
        g = sigmoid(a)
        return g * h + (1 - g) * x

    assert gw.nn.Recurrent(leaky, H, H)(torch.randn(T, B, H))[0].shape == (T, B, H)
    with pytest.raises(gw.nn.CallError):
        gw.nn.Recurrent(leaky, H, H)(torch.randn(T, B, I))
    with pytest.raises(ValueError, match="size"):
        gw.nn.Recurrent(leaky, I, H)
    with pytest.raises(ValueError, match="layer 1 gets 8"):
        gw.nn.Recurrent(leaky, H, H, 2, bidirectional=True)


def test_layers_whose_states_are_as_long_as_their_input() -> None:
    @gw.cell(sizes={"before": "I"})
    def shifted(x, /, h, before, *, W, U):
        h = tanh(W.x @ x + W.before @ before + U @ h)
        return h, 1 * x

    with pytest.raises(ValueError, match=r"before has I units: 3 in the first layer, 4 in layer 1"):
        gw.nn.Recurrent(shifted, 3, 4, num_layers=2)
    _, (_, before) = gw.nn.Recurrent(shifted, 4, 4, num_layers=2)(torch.randn(T, B, 4))
    assert before.shape == (2, B, 4)


def test_repr_says_what_is_not_the_default() -> None:
    module = gw.nn.Recurrent("lstm", 3, 4, 2, zoneout=0.1, batch_first=True, backend="eager")
    assert (
        repr(module)
        == "Recurrent(zoneout(lstm), 3, 4, num_layers=2, batch_first=True, backend=eager, zoneout=0.1)"
    )
    assert "eager" in module.explain() and "asked for" in module.explain()
