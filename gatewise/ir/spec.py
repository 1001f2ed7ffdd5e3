"""Which Programs are legal. Checked when one is loaded and, in tests, after every pass."""

from __future__ import annotations

import math
from collections.abc import Iterable

from gatewise.errors import GatewiseError, ProgramError
from gatewise.ir.node import INITS, Init, Node, Program
from gatewise.ir.ops import OPS
from gatewise.ir.size import ONE, Size


def validate(program: Program) -> Program:
    """Return ``program`` unchanged if it is legal.

    Raises ProgramError naming the first node, leaf or result that is not.
    """
    _leaves(program)
    for index, node in enumerate(program.nodes):
        try:
            _node(program, index, node)
        except GatewiseError as error:
            raise ProgramError(f"{program.name}: node %{index} ({node.op}): {error}") from None
    _results(program)
    return program


def _need(truth: bool, message: str) -> None:
    if not truth:
        raise ProgramError(message)


def _unique(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        _need(name not in seen, f"{what} {name!r} appears twice")
        seen.add(name)


def _leaves(program: Program) -> None:
    _need(bool(program.states), f"{program.name} has no state: it is not recurrent")
    _unique((i.name for i in program.inputs), "input")
    _unique((s.name for s in program.states), "state")
    _unique((p.name for p in program.params), "parameter")
    _unique((n for n, _ in program.names), "name")
    for item in program.inputs:
        _need(item.per in ("step", "sequence"), f"input {item.name}: per={item.per!r}")
        _need(item.rate is None or 0 <= item.rate <= 1, f"mask {item.name}: rate {item.rate}")
    for state in program.states:
        _need(not math.isnan(state.initial), f"state {state.name} starts at NaN")
    for param in program.params:
        _need(param.blocks >= 1, f"parameter {param.name}: {param.blocks} blocks")
        _need(param.blocks == 1 or param.cols is not None, f"vector {param.name} has blocks")
        _init(param.name, param.init)
    free = set(program.sizes)
    used = [i.size for i in program.inputs] + [s.size for s in program.states]
    used += [p.rows for p in program.params] + [p.cols for p in program.params if p.cols]
    for size in used:
        _need(size.names <= free, f"size {size} is not made of {', '.join(program.sizes)}")


def _init(name: str, init: Init) -> None:
    _need(init.kind in INITS, f"parameter {name}: unknown initialisation {init.kind!r}")
    count = INITS[init.kind][0]
    _need(len(init.args) == count, f"parameter {name}: {init.kind} takes {count} argument(s)")


def _node(program: Program, index: int, node: Node) -> None:
    _need(node.op in OPS, "unknown op")
    op = OPS[node.op]
    _need(all(0 <= a < index for a in node.args), "reads a node that does not come before it")
    _need(len(node.args) >= 1 if op.arity is None else len(node.args) == op.arity, "operand count")
    operands = [program.nodes[a] for a in node.args]
    if op.kind != "matrix":
        _need(all(a.cols is None for a in operands), "a matrix where a vector belongs")
    if op.name in ("input", "state", "param"):
        _need(isinstance(node.attr, str), "a leaf without a name")
        name = str(node.attr)
        if op.name == "param":
            param = program.param(name)
            _need((node.size, node.cols) == (param.rows, param.cols), f"size of {name}")
        else:
            known = program.input(name) if op.name == "input" else program.state(name)
            _need(node.size == known.size and node.cols is None, f"size of {name}")
    elif op.name == "const":
        _need(isinstance(node.attr, float) and node.size == ONE, "a constant is one number")
    elif op.name == "size":
        _need(isinstance(node.attr, Size) and node.size == ONE, "a size is one number")
    elif op.name == "slice":
        _need(isinstance(node.attr, Size) and node.cols is None, "a slice needs an offset")
    else:
        _need((node.size, node.cols) == op.shape(operands, node.attr), "size does not follow")


def _results(program: Program) -> None:
    count = len(program.nodes)
    _need(len(program.next) == len(program.states), f"{program.name}: one next node for each state")
    for state, index in zip(program.states, program.next, strict=True):
        _need(0 <= index < count, f"state {state.name}: no node %{index}")
        size = program.nodes[index].size
        _need(size in (state.size, ONE), f"state {state.name} of {state.size} becomes {size}")
    for output in program.outputs:
        _need(0 <= output.node < count, f"output {output.name}: no node %{output.node}")
        _need(output.over in ("step", "row", "batch"), f"output {output.name}: {output.over!r}")
    for name, index in program.names:
        _need(0 <= index < count, f"name {name}: no node %{index}")
