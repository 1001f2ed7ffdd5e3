"""Which Programs are legal. Checked when one is loaded and, in tests, after every pass."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from gatewise.errors import GatewiseError, ProgramError
from gatewise.ir.axes import Axes
from gatewise.ir.constants import fault
from gatewise.ir.matrices import axes_of
from gatewise.ir.node import INITS, REVERSE, Init, Node, Param, Program
from gatewise.ir.ops import OPS, PRODUCTS, REDUCTIONS
from gatewise.ir.size import ONE, Size

# what equations call things, and what passes and combinators make of it: c, W.i, c#1, seed.h, d.W.i
_NAME = re.compile(r"[^\W\d]\w*(?:[.#]\w+)*")
_LONGEST = 200  # characters of a name
# half a character, and what would move the cursor of a terminal: neither can be shown
_UNSHOWN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
LARGEST = 1e30  # of an initial value: float32 holds it, and what is drawn with it
# what derivatives and their passes call the things that they add
_ADDED = ("d.", "seed.", "save.", "grab.", "kept.")


def validate(program: Program) -> Program:
    """Return ``program`` unchanged if it is legal.

    Raises ProgramError naming the first node, leaf or result that is not.
    """
    _leaves(program)
    for index, node in enumerate(program.nodes):
        try:
            _node(program, index, node)
        except GatewiseError as error:
            op = node.op if node.op in OPS else f"{node.op!r:.80}"
            raise ProgramError(f"{program.name}: node %{index} ({op}): {error}") from None
    axes_of(program)
    _results(program)
    return program


@lru_cache(maxsize=1024)
def validate_cell(program: Program) -> Program:
    """Return ``program`` unchanged if it is legal as a cell: what people write, load and train.

    A step that the compiler derives may have more: outputs, inputs under names of its own. Kernels are
    made of cells, and count on these rules. Remembered by program, so asking again costs little.

    Raises ProgramError saying what is wrong and what to do.
    """
    validate(program)
    name = program.name
    if program.outputs:
        raise ProgramError(
            f"{name} has the output {program.outputs[0].name}, which only steps that the compiler "
            "derives may have: leave outputs empty, and give the node a name to record it"
        )
    if not any(i.per == "step" and i.rate is None for i in program.inputs):
        raise ProgramError(f"{name} has no input at every step: add one that is no random mask")
    arguments = [i.name for i in program.inputs] + [s.name for s in program.states]
    _names([*arguments, *(p.name for p in program.params)], "input, state or parameter")
    for argument in arguments:
        if argument.startswith(_ADDED):
            raise ProgramError(
                f"{name} has an input or state {argument}, as derivatives call theirs: rename it"
            )
    _recorded(program)
    _masks(program)
    return program


def _recorded(program: Program) -> None:
    """The name of a state is what it becomes; the first one's must be there."""
    recorded = dict(program.names)
    for state, index in zip(program.states, program.next, strict=True):
        node = recorded.get(state.name, index)
        if node != index:
            raise ProgramError(
                f"{program.name}: the state {state.name} becomes %{index}, its name means %{node}: "
                "let the name mean what the state becomes"
            )
    if program.states[0].name not in recorded:
        raise ProgramError(
            f"{program.name}: the first state, {program.states[0].name}, is not among the names: "
            "add it, with the node that it becomes"
        )


def _masks(program: Program) -> None:
    """A random mask selects; nothing else reads it, so that it has an expectation."""
    drawn = {i.name for i in program.inputs if i.rate is not None}
    masks = {k for k, n in enumerate(program.nodes) if n.op == "input" and n.attr in drawn}
    read = {a for n in program.nodes for k, a in enumerate(n.args) if n.op != "where" or k}
    for index in sorted(masks & (read | set(program.next) | {n for _, n in program.names})):
        raise ProgramError(
            f"{program.name}: the random mask {program.nodes[index].attr} is used outside of a "
            "select: let it only be the condition of a where"
        )


def _need(truth: bool, message: str) -> None:
    if not truth:
        raise ProgramError(message)


def _names(names: Iterable[str], what: str) -> None:
    seen: set[str] = set()
    for name in names:
        fits = len(name) <= _LONGEST and _NAME.fullmatch(name) is not None
        _need(fits, f"{what} {name!r:.{_LONGEST}} is not a name")
        _need(name not in seen, f"{what} {name!r} appears twice")
        seen.add(name)


def _leaves(program: Program) -> None:
    _need(program.name.isprintable() and program.name != "", "a program needs a name")
    unshown = _UNSHOWN.search(program.doc)
    if unshown:
        raise ProgramError(f"the description has {unshown[0]!r}, which cannot be shown: remove it")
    _need(bool(program.states), f"{program.name} has no state: it is not recurrent")
    _names(program.sizes, "size")
    arguments = [i.name for i in program.inputs] + [s.name for s in program.states]
    _names(arguments, "input or state")
    _names((p.name for p in program.params), "parameter")
    _names((n for n, _ in program.names), "name")
    for item in program.inputs:
        _need(item.per in ("step", "sequence"), f"input {item.name}: per={item.per!r:.80}")
        _need(item.rate is None or 0 <= item.rate <= 1, f"mask {item.name}: rate {item.rate}")
    for state in program.states:
        _need(not math.isnan(state.initial), f"state {state.name} starts at NaN")
        fits = abs(state.initial) <= LARGEST or math.isinf(state.initial)
        _need(fits, f"state {state.name} starts at {state.initial:g}: at most {LARGEST:g}, or inf")
        if state.axes is not None:
            _matrix(program, state.axes)
            _need(
                state.size == state.axes.entries,
                f"the matrix {state.name} has {state.size} entries",
            )
    for param in program.params:
        _need(param.blocks >= 1, f"parameter {param.name}: {param.blocks} blocks")
        _need(param.blocks == 1 or param.cols is not None, f"vector {param.name} has blocks")
        _init(program, param)
        complaint = "" if param.values is None else fault(param)
        _need(not complaint, f"constant {param.name}: {complaint}")
    used = [i.size for i in program.inputs] + [s.size for s in program.states]
    used += [p.rows for p in program.params] + [p.cols for p in program.params if p.cols]
    for size in used:
        _sized(program, size)


def _matrix(program: Program, axes: Axes) -> None:
    for size in (axes.rows, axes.cols):
        _sized(program, size)
    whole = isinstance(axes.blocks, int) and not isinstance(axes.blocks, bool)
    _need(whole and axes.blocks >= 1, f"a matrix of {axes.blocks!r:.80} blocks")
    _need(axes.entries != ONE, "a matrix of one row and one column is a number")


def _sized(program: Program, size: Size) -> None:
    # the message is written only if it is needed: there are sizes at every node
    if not size.names.issubset(program.sizes):
        raise ProgramError(f"size {size} is not made of {', '.join(program.sizes)}")


def init_problem(init: Init) -> str:
    """What is wrong with an initialisation by itself; empty if nothing is."""
    if init.kind not in INITS:
        return f"unknown initialisation {init.kind!r:.80}"
    count, args = INITS[init.kind][0], init.args
    if len(args) != count:
        return f"{init.kind} takes {count} argument{'' if count == 1 else 's'}, not {len(args)}"
    if init.kind == "negative":
        return "" if isinstance(args[0], str) else "negative takes the name of a parameter"
    numbers = [a for a in args if isinstance(a, float) and abs(a) <= LARGEST]
    if len(numbers) < count:
        return f"{init.kind} takes numbers of at most {LARGEST:g}"
    if init.kind == "uniform" and numbers[0] > numbers[1]:
        return f"uniform from {numbers[0]:g} to {numbers[1]:g}: the smaller bound comes first"
    if init.kind == "log_uniform" and not 0 < numbers[0] <= numbers[1]:
        return f"log_uniform from {numbers[0]:g} to {numbers[1]:g}: both above 0, the smaller first"
    if init.kind == "frequencies" and not numbers[0] > 0:
        return f"frequencies with the base {numbers[0]:g}: it must be above 0"
    if init.kind == "power_law" and not numbers[2] > 0:
        return f"power_law with the power {numbers[2]:g}: it must be above 0"
    if init.kind == "power_law" and not (numbers[3] >= 1 and numbers[3].is_integer()):
        return f"power_law in {numbers[3]:g} parts: a whole number of at least 1"
    if init.kind == "normal" and numbers[0] < 0:
        return f"normal with the standard deviation {numbers[0]:g}: it must be at least 0"
    if init.kind == "chrono" and numbers[0] < 2:
        return f"chrono with a longest dependency of {numbers[0]:g}: it must be at least 2"
    return ""


def _init(program: Program, param: Param) -> None:
    name, init = param.name, param.init
    problem = init_problem(init)
    _need(not problem, f"parameter {name}: {problem}")
    _need(
        init.kind != "identity" or param.cols is not None,
        f"parameter {name} is a vector: only a matrix that stands before @ starts as the identity",
    )
    if init.kind != "negative":
        return
    other = next((p for p in program.params if p.name == init.args[0]), None)
    _need(
        other is not None,
        f"parameter {name} starts from {init.args[0]!r:.80}, which is no parameter",
    )
    if other is not None:
        same = (other.rows, other.cols, other.blocks) == (param.rows, param.cols, param.blocks)
        _need(same, f"parameter {name} starts from {other.name}, which has another shape")
        _need(other.values is None, f"{name} starts from {other.name}, which is a constant")
        _need(other.init.kind != "negative", f"{name} starts from {other.name}, itself a negative")


def _node(program: Program, index: int, node: Node) -> None:
    _need(node.op in OPS, "unknown op")
    op = OPS[node.op]
    for a in node.args:
        _need(0 <= a < index, "reads a node that does not come before it")
    _need(len(node.args) >= 1 if op.arity is None else len(node.args) == op.arity, "operand count")
    _sized(program, node.size)
    operands = [program.nodes[a] for a in node.args]
    vectors = operands
    if op.name in PRODUCTS:
        _need(operands[0].op == "param", "the matrix is not a parameter")
        vectors = operands[1:]
    for vector in vectors:
        _need(vector.cols is None, "a matrix where a vector belongs")
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
        _need(isinstance(node.attr, float) and not math.isnan(node.attr), "a constant is a number")
        _need((node.size, node.cols) == (ONE, None), "a constant is one number")
    elif op.name == "size":
        _need(isinstance(node.attr, Size), "a size is counted")
        _need((node.size, node.cols) == (ONE, None), "a size is one number")
    elif op.name == "slice":
        _need(isinstance(node.attr, Size) and node.cols is None, "a slice needs an offset")
    elif op.name == "outer":
        blocks = node.attr is None or (isinstance(node.attr, int) and node.attr >= 1)
        _need(blocks, "an outer product has a number of blocks")
        _need((node.size, node.cols) == op.shape(operands, node.attr), "size does not follow")
    elif op.kind == "axes":
        _need(isinstance(node.attr, Axes), "the axes of the matrix are missing")
        _need((node.size, node.cols) == op.shape(operands, node.attr), "size does not follow")
        _matrix(program, node.attr)  # type: ignore[arg-type]
    else:
        counted = op.name in (*REDUCTIONS, "repeat")
        turned = op.name == "cumsum" and node.attr == REVERSE
        right = isinstance(node.attr, Size) if counted else node.attr is None or turned
        _need(right, "a wrong attribute")
        _need((node.size, node.cols) == op.shape(operands, node.attr), "size does not follow")
    if isinstance(node.attr, Size):
        _sized(program, node.attr)


def _results(program: Program) -> None:
    count = len(program.nodes)
    _need(len(program.next) == len(program.states), f"{program.name}: one next node for each state")
    for state, index in zip(program.states, program.next, strict=True):
        _need(0 <= index < count, f"state {state.name}: no node %{index}")
        node = program.nodes[index]
        fits = node.size in (state.size, ONE) and node.cols is None
        _need(fits, f"state {state.name} of {state.size} becomes {node.size}")
    for output in program.outputs:
        _need(0 <= output.node < count, f"output {output.name}: no node %{output.node}")
        _need(output.over in ("step", "row", "batch"), f"output {output.name}: {output.over!r:.80}")
        matrix = program.nodes[output.node].cols is not None
        _need(not matrix or output.over == "batch", f"output {output.name}: a matrix at a step")
    for name, index in program.names:
        _need(0 <= index < count, f"name {name}: no node %{index}")
        _need(program.nodes[index].cols is None, f"name {name}: a matrix cannot be recorded")
