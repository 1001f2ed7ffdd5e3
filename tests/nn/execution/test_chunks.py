"""Checkpoints in time: for every kind of cell the same values and gradients as without."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch

import gatewise as gw
from tests.tolerances import assert_close

I, H, T, B = 3, 4, 7, 3
CELLS: dict[str, tuple[Any, Any]] = {
    "lstm_1997": ("lstm_1997", I),
    "gru": ("gru", I),
    "gru_v3, two phases": ("gru_v3", I),
    "slstm, a state from minus infinity": ("slstm", I),
    "minlstm, no matrix of a state": ("minlstm", I),
    "ealstm, a static input": ("ealstm", (I, 2)),
    "phased_lstm, a scalar input": ("phased_lstm", I),
    "layer norm": (gw.cells.layer_norm(gw.cells.peephole_lstm), I),
}


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("memory", ["sqrt", 3])
def test_the_same_with_everything_at_once(name: str, memory: Any) -> None:
    """Both directions, two layers, lengths, resets, recording, given states."""
    cell, size = CELLS[name]
    g = torch.Generator().manual_seed(2)

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, dtype=torch.float64, generator=g)

    seen = []
    state: dict[str, Any] = {}
    for mode in ("all", memory):
        torch.manual_seed(0)
        module = gw.nn.Recurrent(
            cell,
            size,
            H,
            2,
            bidirectional=True,
            memory=mode,
            learned_initial_state=True,
            dtype=torch.float64,
        )
        if not state:
            state["x"] = [
                draw(*((T, B) if i.per == "step" else (B,)), w)
                for i, w in zip(module.plan.inputs, module.plan.input_widths, strict=True)
            ]
            state["hx"] = [draw(4, B, w) for w in module.plan.widths]
            state["reset"] = torch.rand(T, B, generator=g) < 0.3
        inputs = [x.clone().requires_grad_() for x in state["x"]]
        start = [s.clone().requires_grad_() for s in state["hx"]]
        record = tuple(n for n, _ in module.cell.program.names)
        output, last, recorded = module(
            tuple(inputs) if len(inputs) > 1 else inputs[0],
            start,
            lengths=[4, T, 0],
            reset=state["reset"],
            record=record,
        )
        results = [output, *last, *(v for n in record for v in recorded[n])]
        g2 = torch.Generator().manual_seed(3)
        sum(
            (r * torch.randn(r.shape, dtype=r.dtype, generator=g2)).sum() for r in results
        ).backward()  # type: ignore[union-attr]
        leaves = [*inputs, *start, *module.parameters()]
        seen.append((results, [torch.zeros(1) if t.grad is None else t.grad for t in leaves]))
    for a, b in zip(seen[1][0], seen[0][0], strict=True):
        assert_close(a, b, "float64", "forward")
    for a, b in zip(seen[1][1], seen[0][1], strict=True):
        assert_close(a, b, "float64", "gradient")
    assert sum(bool(grad.any()) for grad in seen[0][1]) > 4


PEAK = """
import resource, sys, torch
import gatewise as gw

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

torch.set_num_threads(1)
rnn = gw.nn.LSTM(1, 64, memory="sqrt")
rnn(torch.randn(500, 1, 1))[0][-1].sum().backward()
x = torch.randn(60_000, 1, 1)
before = peak()
output, _ = rnn(x)
output[-1].sum().backward()
print((peak() - before) / (output.numel() * 4))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the peak is counted by POSIX")
def test_memory_does_not_grow_with_what_a_step_keeps() -> None:
    """The output, its pieces and its gradient, and little more; all steps would be fourteen outputs."""
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 5


@pytest.mark.parametrize("extra", [{"memory": 3}, {"detach_every": 3}], ids=str)
def test_no_gradient_of_a_piece_is_as_long_as_the_sequence(extra: dict[str, Any]) -> None:
    """A slice of the input would give one back for each piece: time that grows with T times the pieces."""
    module = gw.nn.Recurrent("lstm", I, H, **extra)
    output, _ = module(torch.randn(T, B, I).requires_grad_())
    waiting, names = [output.grad_fn], dict[Any, str]()
    while waiting:
        node = waiting.pop()
        if node is not None and node not in names:
            names[node] = node.name()
            waiting += [after for after, _ in node.next_functions]
    assert [n for n in names.values() if n.startswith("Slice")] == []
    assert "SplitWithSizesBackward0" in names.values()
