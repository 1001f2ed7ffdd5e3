"""The interpreter behind the protocol of backends: the same numbers as plain operations, everywhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import gatewise as gw
from gatewise.errors import BackendError
from tests.tolerances import assert_close

T, B, I, H = 5, 3, 4, 6
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("asked", ["plain", "lengths", "reset", "record", "states"])
@pytest.mark.parametrize("cell", ["lstm", "gru_v3", "layernorm_lstm", "sru"])
def test_modules_give_the_same(cell: str, asked: str) -> None:
    results = []
    for backend in ("interpreter", "eager"):
        torch.manual_seed(0)
        sizes = {"bidirectional": True, "num_layers": 2, "dtype": torch.float64, "backend": backend}
        module = gw.nn.Recurrent(cell, I, H, **sizes)
        x = torch.randn(T, B, I, dtype=torch.float64, requires_grad=True)
        states = [
            torch.randn(4, B, H, dtype=torch.float64, requires_grad=True)
            for _ in module.plan.cell.program.states
        ]
        options = {
            "plain": {},
            "lengths": {"lengths": [5, 0, 2]},
            "record": {"record": ["h"]},
            "reset": {"reset": torch.rand(T, B) < 0.4},
            "states": {},
        }[asked]
        hx = states if asked == "states" else None
        output, last, *recorded = module(x, hx, **options)
        loss = output.square().sum() + sum(s.sum() for s in last)
        loss = loss + sum(r.exp().sum() for of in recorded for r in of["h"])
        loss.backward()
        grads = {name: p.grad for name, p in module.named_parameters()} | {"x": x.grad}
        if hx:
            grads |= {f"state {k}": s.grad for k, s in enumerate(states)}
        results.append((output, last, grads))
        assert backend in module.explain()
    (one, one_last, one_grads), (two, two_last, two_grads) = results
    assert_close(one, two, "float64", "forward")
    for a, b in zip(one_last, two_last, strict=True):
        assert_close(a, b, "float64", "state")
    for name, expected in two_grads.items():
        got = one_grads[name]
        assert got is not None, name
        # autograd has none for a state that the cell does not read
        want = torch.zeros_like(got) if expected is None else expected
        assert_close(got, want, "float64", "gradient", name=name)


def test_what_is_changed_before_the_way_back_is_noticed() -> None:
    module = gw.nn.LSTM(I, H, backend="interpreter")
    x = torch.randn(T, B, I)
    output = module(x)[0]
    x.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.sum().backward()


def test_what_it_cannot_serve_is_refused() -> None:
    module = gw.nn.LSTM(I, H, backend="interpreter").bfloat16()
    with pytest.raises(
        BackendError, match="interpreter cannot serve this call: it serves float64 and"
    ):
        module(torch.zeros(T, B, I, dtype=torch.bfloat16))
    module = gw.nn.LSTM(I, H, backend="interpreter")
    x = torch.randn(T, B, I, requires_grad=True)
    (first,) = torch.autograd.grad(module(x)[0].square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        first.sum().backward()


TOY = """
from gatewise.backends.interpreter import Interpreter

class Toy(Interpreter):
    name = "toy"
    ops = frozenset(Interpreter().ops - {"tanh"})
    def run(self, call):
        from gatewise.backends.base import refuse_ops
        refuse_ops(self, call.program)
        return super().run(call)

backend = Toy()
"""
USE = """
import sys
import gatewise.backends
gatewise.backends.__path__.append(sys.argv[1])
import torch, gatewise as gw
x = torch.randn(3, 2, 4)
module = gw.nn.Recurrent(gw.cells.get("rnn")(nonlinearity="relu"), 4, 5, backend="toy")
module(x)[0].sum().backward()
assert "toy (it was asked for)" in module.explain()
try:
    gw.nn.LSTM(4, 5, backend="toy")(x)
except gw.GatewiseError as error:
    assert "the backend toy has no op 'tanh', which the cell lstm needs" in str(error), error
else:
    raise AssertionError
try:
    gw.nn.LSTM(4, 5, backend="tyo")
except gw.GatewiseError as error:
    assert "Did you mean 'toy'" in str(error), error
"""


def test_a_backend_is_added_by_its_folder_alone(tmp_path: Path) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "__init__.py").write_text(TOY)
    done = subprocess.run(
        [sys.executable, "-c", USE, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
