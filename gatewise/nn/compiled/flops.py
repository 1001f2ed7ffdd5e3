"""How many floating point operations a compiled layer takes, for ``torch.utils.flop_counter``.

Counted is what PyTorch counts: matrix products, 2 * m * n * k each; sums and gates are not. Of a
block-diagonal matrix the blocks are counted, with ``lengths`` the steps that are visited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor
from torch._ops import OpOverloadPacket
from torch._subclasses import FakeTensor
from torch.utils.flop_counter import register_flop_formula

from gatewise.ir import PRODUCTS, Program
from gatewise.nn.plan.registry import registered


class _Reach(NamedTuple):
    """What a vector depends on."""

    step: bool = False  # something that comes at every step
    row: bool = False  # something that differs from row to row
    learned: bool = False  # a parameter or a state: there is a gradient to pass on
    outside: bool = False  # an input that may want a gradient

    def joined(self, other: _Reach) -> _Reach:
        return _Reach(*(a or b for a, b in zip(self, other, strict=True)))


def _reaches(program: Program) -> list[_Reach]:
    """What each node depends on."""
    leaves = {i.name: _Reach(i.per == "step", True, False, i.rate is None) for i in program.inputs}
    reaches: list[_Reach] = []
    for node in program.nodes:
        reach = _Reach()
        if node.op == "input":
            reach = leaves[str(node.attr)]
        elif node.op in ("state", "param"):
            reach = _Reach(node.op == "state", node.op == "state", True)
        for a in node.args:
            reach = reach.joined(reaches[a])
        reaches.append(reach)
    return reaches


def _products(
    key: str, sizes: Sequence[int], inputs: Sequence[Tensor], lengths: Tensor | None
) -> list[tuple[int, _Reach]]:
    """Each product with a matrix: its operations in the forward pass, and what its vector depends on."""
    program = registered(key).program
    numbers = dict(zip(program.sizes, (int(s) for s in sizes), strict=True))
    steps, batch = next((t.shape[0], t.shape[1]) for t in inputs if t.dim() == 3)
    visited = steps * batch
    if lengths is not None and not isinstance(lengths, FakeTensor):
        visited = int(lengths.sum())
    reaches, products = _reaches(program), []
    for node in program.nodes:
        if node.op in PRODUCTS:
            matrix, reach = program.nodes[node.args[0]], reaches[node.args[1]]
            count = 1
            for n in program.param(str(matrix.attr)).shape(numbers):
                count *= n
            rows = visited if reach.step else batch if reach.row else 1
            products.append((2 * count * rows, reach))
    return products


def layer_flops(
    key: str,
    sizes: Sequence[int],
    inputs: Sequence[Tensor],
    params: Sequence[Tensor],
    states: Sequence[Tensor],
    restart: Sequence[Tensor],
    lengths: Tensor | None,
    reset: Tensor | None,
    reverse: bool,
    record: str,
    training: bool,
    *,
    out_val: object = None,
) -> int:
    """Operations of ``gatewise::layer``; ``out_val`` is what it gave."""
    return sum(count for count, _ in _products(key, sizes, inputs, lengths))


def layer_backward_flops(
    key: str,
    sizes: Sequence[int],
    inputs: Sequence[Tensor],
    params: Sequence[Tensor],
    saved: Tensor,
    grads: Sequence[Tensor],
    lengths: Tensor | None,
    reset: Tensor | None,
    reverse: bool,
    record: str,
    wants_inputs: bool,
    *,
    out_val: object = None,
) -> int:
    """Operations of ``gatewise::layer_backward``: for each product one for the gradient of its matrix,
    and one for that of its vector if something wants it."""
    total = 0
    for count, reach in _products(key, sizes, inputs, lengths):
        total += count * (1 + (reach.learned or (reach.outside and wants_inputs)))
    return total


def register(layer: OpOverloadPacket, layer_backward: OpOverloadPacket) -> None:
    """Tell torch's counter about the operators."""
    register_flop_formula(layer, get_raw=True)(layer_flops)
    register_flop_formula(layer_backward, get_raw=True)(layer_backward_flops)
