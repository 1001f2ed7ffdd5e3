"""Differentiate: the backward step of a Program, which is a Program again.

Reverse mode over one step. For a Program with states s, inputs x and parameters p, the derivative has

- as inputs: the inputs, the states that entered the step (under their names), and for each recorded
  name q the gradient ``seed.q`` that comes from outside at this step;
- as parameters: the same;
- as states: ``d.s``, the gradient of each state, carried from step t+1 to step t;
- as outputs: ``d.x`` for each input (at every step, or summed over time if x is static) and ``d.p``
  for each parameter that is no constant, summed over time and batch. A matrix's is a sum of outer products, one output
  each, so that a backend can do all steps as one matrix product after the loop.

Random masks are inputs without a gradient, so the derivative is exact for the masks given. What the
Program itself sums (its outputs over rows or batch) is differentiated too: the derivative of a
derivative exists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatewise.ir import ONE, OPS, Builder, Input, Output, Param, Program, Size, State
from gatewise.ir.builder import needed, spread


def differentiate(program: Program, record: Sequence[str] | None = None) -> Program:
    """The backward step with respect to the recorded names (by default the first state's).

    Precondition: legal. Postcondition: legal; contains the nodes of the forward step that it needs,
    recomputed from the entering states (``save`` decides which of them to keep instead).
    Raises ProgramError for an unknown name.
    """
    program = spread(program)
    recorded = dict(program.names)
    recorded.setdefault(program.states[0].name, program.next[0])
    chosen = (program.states[0].name,) if record is None else tuple(dict.fromkeys(record))
    recorded |= {name: program.named(name) for name in chosen if name not in recorded}
    b = Builder(program.params)
    to = _copy_forward(program, b, [recorded[name] for name in chosen])
    forward_count = len(b.nodes)
    seeds: list[Input] = []
    adjoints: dict[int, list[int]] = {}

    def seed(node: int, adjoint: int) -> None:
        adjoints.setdefault(node, []).append(_fit(b, adjoint, b.nodes[node].size))

    for state, node in zip(program.states, program.next, strict=True):
        seed(to[node], b.leaf("state", f"d.{state.name}", state.size))
    for name in chosen:
        node = to[recorded[name]]
        seeds.append(Input(f"seed.{name}", b.nodes[node].size))
        seed(node, b.leaf("input", f"seed.{name}", b.nodes[node].size))
    for output in program.outputs:
        node = to[output.node]
        name, size, cols = f"seed.{output.name}", b.nodes[node].size, b.nodes[node].cols
        if output.over == "batch":
            param = b.param(Param(name, size, cols, b.blocks(node) if cols else 1))
            adjoints.setdefault(node, []).append(param)
        else:
            if all(s.name != name for s in seeds):
                seeds.append(Input(name, size, "sequence" if output.over == "row" else "step"))
            seed(node, b.leaf("input", name, size))
    _sweep(b, forward_count, adjoints)
    return _result(program, b, adjoints, tuple(seeds))


def _copy_forward(program: Program, b: Builder, record: Sequence[int]) -> dict[int, int]:
    """The forward nodes that the results need; states that enter are inputs here."""
    to: dict[int, int] = {}
    for index in needed(replace(program, names=()), record):
        node = program.nodes[index]
        if node.op == "state":
            to[index] = b.leaf("input", str(node.attr), node.size)
        else:
            to[index] = b.again(node, tuple(to[a] for a in node.args))
    return to


def _fit(b: Builder, adjoint: int, size: Size) -> int:
    """Undo broadcasting: a scalar that met every unit gets the sum, a vector the same value."""
    have = b.nodes[adjoint].size
    if have == size:
        return adjoint
    return b("sum", adjoint, attr=have) if size == ONE else b("repeat", adjoint, attr=size)


def _sweep(b: Builder, count: int, adjoints: dict[int, list[int]]) -> None:
    """Go back over the forward nodes, handing each adjoint to the operands."""
    for index in range(count - 1, -1, -1):
        node = b.nodes[index]
        vjp = OPS[node.op].vjp
        if index not in adjoints or vjp is None:
            continue
        # several seeds of one matrix (an outer product) go back one by one: matrices are never added
        parts = adjoints[index] if node.cols is not None else [b.total(adjoints[index])]
        for total in parts:
            for arg, part in zip(node.args, vjp(b, index, node.args, total), strict=True):
                if part is None or b.nodes[arg].op in ("const", "size"):
                    continue
                fitted = part if b.nodes[arg].cols else _fit(b, part, b.nodes[arg].size)
                adjoints.setdefault(arg, []).append(fitted)


def _result(
    program: Program, b: Builder, adjoints: dict[int, list[int]], seeds: tuple[Input, ...]
) -> Program:
    zero = b.const(0.0)

    def of_leaf(name: str, size: Size) -> int:
        leaf = b.leaf("input", name, size)
        return b.total(adjoints[leaf]) if leaf in adjoints else zero

    following = tuple(of_leaf(s.name, s.size) for s in program.states)
    outputs = []
    for item in program.inputs:
        if item.rate is None:
            over = "step" if item.per == "step" else "row"
            node = of_leaf(item.name, item.size)
            outputs.append(Output(f"d.{item.name}", _fit(b, node, item.size), over))  # type: ignore[arg-type]
    for param in program.trainable:
        leaf = b.leaf("param", param.name, param.rows, param.cols)
        parts = adjoints.get(leaf, [])
        if param.cols is None:  # zero if it is only compared
            parts = [b.total(parts) if parts else b.zeros(param.rows)]
        outputs += [Output(f"d.{param.name}", part, "batch") for part in parts]
    entering = tuple(Input(s.name, s.size) for s in program.states)
    states = tuple(State(f"d.{s.name}", s.size, axes=s.axes) for s in program.states)
    used = {str(n.attr) for n in b.nodes if n.op == "param"}
    return Program(
        name=f"d.{program.name}",
        nodes=tuple(b.nodes),
        inputs=(*program.inputs, *entering, *seeds),
        states=states,
        params=tuple(p for p in b.params.values() if p.name in used),
        next=following,
        outputs=tuple(outputs),
        sizes=program.sizes,
        doc=f"Backward step of {program.name}.",
    )
