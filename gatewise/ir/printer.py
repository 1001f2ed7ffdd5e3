"""Programs as text: the node list, and the expression of one node. ``equations.py`` has what a person reads."""

from __future__ import annotations

from collections.abc import Callable

from gatewise.ir.axes import Axes
from gatewise.ir.matrices import MAKES
from gatewise.ir.node import Attr, Node, Program
from gatewise.ir.ops import OPS, REDUCTIONS
from gatewise.ir.size import ONE, Size

# op -> sign, how tightly it binds, and how tightly its operands must not to need parentheses:
# a - (b - c) and a / (b / c) need theirs; sums and products do not; (a < b) < c is no chain
_INFIX = {
    "add": ("+", 1, 1, 1),
    "sub": ("-", 1, 1, 2),
    "mul": ("*", 2, 2, 2),
    "div": ("/", 2, 2, 3),
    "lt": ("<", 0, 1, 1),
    "le": ("<=", 0, 1, 1),
    "eq": ("==", 0, 1, 1),
}
_NAMES = {"max": "maximum", "min": "minimum", "amax": "max"}
_NAMES |= {"row_repeat": "rows", "column_repeat": "columns"}
_MOST_NODES, _DEEPEST = 2000, 100  # of one expression: a loaded program may be of any shape


def text(program: Program) -> str:
    """The whole Program, one node a line, with sizes."""
    out = [f"program {program.name}  (sizes: {', '.join(program.sizes) or 'none'})"]
    for item in program.inputs:
        mask = "" if item.rate is None else f", random ones with probability {item.rate:g}"
        per = "" if item.per == "step" else ", one value a sequence"
        out.append(f"  input  {item.name} [{item.size}]{per}{mask}")
    for state in program.states:
        of = str(state.size if state.axes is None else state.axes)
        out.append(f"  state  {state.name} [{of}] from {state.initial:g}")
    for param in program.params:
        cols = "" if param.cols is None else f", {param.cols}"
        blocks = "" if param.blocks == 1 else f" in {param.blocks} diagonal blocks"
        init = " ".join([param.init.kind, *(str(a) for a in param.init.args)])
        if param.values is not None:
            out.append(f"  constant {param.name} [{param.rows}{cols}]")
            continue
        out.append(f"  param  {param.name} [{param.rows}{cols}]{blocks}, {init}")
    names: dict[int, list[str]] = {}
    for name, index in program.names:
        names.setdefault(index, []).append(name)
    width = len(str(len(program.nodes)))
    for index, node in enumerate(program.nodes):
        left = f"  %{index:<{width}} = {_operation(node)}"
        shape = str(node.size) if node.cols is None else f"{node.size}, {node.cols}"
        label = "  # " + ", ".join(names[index]) if index in names else ""
        out.append(f"{left:<44}[{shape}]{label}")
    for state, index in zip(program.states, program.next, strict=True):
        out.append(f"  next   {state.name} = %{index}")
    for result in program.outputs:
        over = {
            "step": "at every step",
            "row": "summed over time",
            "batch": "summed over time and batch",
        }
        out.append(f"  output {result.name} = %{result.node}, {over[result.over]}")
    return "\n".join(out)


def _operation(node: Node) -> str:
    parts = [node.op, *(f"%{a}" for a in node.args)]
    if node.attr is not None:
        parts.append(f"{node.attr:g}" if isinstance(node.attr, float) else _attribute(node.attr))
    return " ".join(parts)


def _attribute(attr: Attr) -> str:
    return f"[{attr}]" if isinstance(attr, Axes) else str(attr)


def label(program: Program) -> dict[int, str]:
    """A name for each named node; the new value of a state gets a prime."""
    states = {s.name: n for s, n in zip(program.states, program.next, strict=True)}
    labels: dict[int, str] = {}
    for name, index in program.names:
        if program.nodes[index].op in ("input", "state", "param"):
            continue
        primed = name + "'" if states.get(name) == index else name
        if index not in labels or primed.endswith("'"):
            labels[index] = primed
    for state, index in states.items():
        if program.nodes[index].op not in ("input", "state", "param"):
            labels.setdefault(index, state + "'")
    return labels


def expression(program: Program, index: int, labels: dict[int, str] | None = None) -> str:
    """The equation of one node, written with the names of ``labels`` for what it reads.

    Of an expression that no page could hold, the innermost parts are given as ``%12``.
    """
    names = labels or {}
    left = _MOST_NODES

    def walk(i: int, depth: int) -> tuple[str, int]:
        nonlocal left
        node, left = program.nodes[i], left - 1
        if i in names and depth:
            return names[i], 9
        if node.op in ("input", "state", "param"):
            return str(node.attr), 9
        if node.op == "const":
            return f"{node.attr:g}", 9
        if node.op == "size":
            return str(node.attr), 9 if len(str(node.attr)) < 3 else 1
        if left < 0 or depth > _DEEPEST:
            return f"%{i}", 9
        args = [walk(a, depth + 1) for a in node.args]
        if node.op == "mul" and [program.nodes[a].op for a in node.args] == [*MAKES]:
            vectors = [walk(program.nodes[a].args[0], depth + 2)[0] for a in node.args]
            return f"outer({', '.join(vectors)})", 9
        if node.op in _INFIX:
            sign, rank, wrap_left, wrap_right = _INFIX[node.op]
            return f"{_wrap(args[0], wrap_left)} {sign} {_wrap(args[1], wrap_right)}", rank
        if node.op == "neg":
            return f"-{_wrap(args[0], 2)}", 2
        if node.op == "matvec":
            return f"{args[0][0]} @ {_wrap(args[1], 4)}", 3
        if node.op == "matvec_t":
            return f"transpose({args[0][0]}) @ {_wrap(args[1], 4)}", 3
        if node.op == "concat":
            return f"[{', '.join(a for a, _ in args)}]", 9
        if node.op in ("row_sum", "column_sum"):
            return _summed(program, node, args, walk, depth)
        extra = [str(node.attr)] if node.attr is not None and OPS[node.op].kind == "shape" else []
        if node.op in REDUCTIONS:
            count = program.nodes[node.args[0]].size.over(Size.of(node.attr))  # type: ignore[arg-type]
            if count is not None and not count.names:
                extra = [] if count == ONE else [f"parts={count}"]
        return f"{_NAMES.get(node.op, node.op)}({', '.join([a for a, _ in args] + extra)})", 9

    return walk(index, 0)[0]


Walk = Callable[[int, int], tuple[str, int]]


def _summed(
    program: Program, node: Node, args: list[tuple[str, int]], walk: Walk, depth: int
) -> tuple[str, int]:
    """A matrix of the step, or its transpose, times a vector; else the sums of its rows or columns."""
    rows = node.op == "row_sum"
    product = program.nodes[node.args[0]]
    factors = [program.nodes[a] for a in product.args]
    if product.op == "mul" and factors[1].op == ("column_repeat" if rows else "row_repeat"):
        matrix, vector = walk(product.args[0], depth + 2), walk(factors[1].args[0], depth + 2)
        left = _wrap(matrix, 9) if rows else f"transpose({matrix[0]})"
        return f"{left} @ {_wrap(vector, 4)}", 3
    return f'sum({args[0][0]}, by="{"rows" if rows else "columns"}")', 9


def _wrap(part: tuple[str, int], rank: int) -> str:
    return part[0] if part[1] >= rank else f"({part[0]})"
