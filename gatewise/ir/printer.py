"""Programs as text: the node list, and the equations that a person would write."""

from __future__ import annotations

from gatewise.ir.node import Node, Program
from gatewise.ir.ops import OPS

_INFIX = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2)}
_INFIX |= {"lt": ("<", 0), "le": ("<=", 0), "eq": ("==", 0)}


def text(program: Program) -> str:
    """The whole Program, one node a line, with sizes."""
    out = [f"program {program.name}  (sizes: {', '.join(program.sizes) or 'none'})"]
    for item in program.inputs:
        mask = "" if item.rate is None else f", random ones with probability {item.rate:g}"
        per = "" if item.per == "step" else ", one value a sequence"
        out.append(f"  input  {item.name} [{item.size}]{per}{mask}")
    for state in program.states:
        out.append(f"  state  {state.name} [{state.size}] from {state.initial:g}")
    for param in program.params:
        cols = "" if param.cols is None else f", {param.cols}"
        blocks = "" if param.blocks == 1 else f" in {param.blocks} diagonal blocks"
        init = " ".join([param.init.kind, *(str(a) for a in param.init.args)])
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
        over = {"step": "at every step", "row": "summed over time", "batch": "summed over time and batch"}
        out.append(f"  output {result.name} = %{result.node}, {over[result.over]}")
    return "\n".join(out)


def _operation(node: Node) -> str:
    parts = [node.op, *(f"%{a}" for a in node.args)]
    if node.attr is not None:
        parts.append(f"{node.attr:g}" if isinstance(node.attr, float) else str(node.attr))
    return " ".join(parts)


def equations(program: Program) -> list[tuple[str, str]]:
    """The named quantities in order, as (left side, right side).

    A state that is bound anew is written with a prime: ``c' = f * c + i * z``.
    """
    labels = label(program)
    order = sorted({index for _, index in program.names} | set(program.next))
    rows = []
    for index in order:
        if program.nodes[index].op not in ("input", "state", "param"):
            rows.append((labels[index], expression(program, index, labels)))
    for state, index in zip(program.states, program.next, strict=True):
        if labels.get(index) != state.name + "'" and program.nodes[index].op != "state":
            rows.append((state.name + "'", labels[index]))
    return rows


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
    """The equation of one node, written with the names of ``labels`` for what it reads."""
    names = labels or {}

    def walk(i: int, top: bool = False) -> tuple[str, int]:
        node = program.nodes[i]
        if i in names and not top:
            return names[i], 9
        if node.op in ("input", "state", "param"):
            return str(node.attr), 9
        if node.op == "const":
            return f"{node.attr:g}", 9
        if node.op == "size":
            return str(node.attr), 9 if len(str(node.attr)) < 3 else 1
        args = [walk(a) for a in node.args]
        if node.op in _INFIX:
            sign, rank = _INFIX[node.op]
            # @ binds no closer than *: (W @ x) * v needs its parentheses, W @ x + v does not
            apart = 4 if node.op in ("mul", "div") else rank
            left = _wrap(args[0], apart if args[0][1] == 3 else rank)
            # a - (b - c) and a / (b / c) need their parentheses; sums and products do not
            right = _wrap(args[1], apart if args[1][1] == 3 else rank + (node.op in ("sub", "div")))
            return f"{left} {sign} {right}", rank
        if node.op == "neg":
            return f"-{_wrap(args[0], 2)}", 2
        if node.op == "matvec":
            return f"{_wrap(args[0], 3)} @ {_wrap(args[1], 3)}", 3
        if node.op == "matvec_t":
            return f"{_wrap(args[0], 9)}.T @ {_wrap(args[1], 3)}", 3
        if node.op == "concat":
            return f"[{', '.join(a for a, _ in args)}]", 9
        extra = [str(node.attr)] if node.attr is not None and OPS[node.op].kind == "shape" else []
        return f"{node.op}({', '.join([a for a, _ in args] + extra)})", 9

    return walk(index, top=True)[0]


def _wrap(part: tuple[str, int], rank: int) -> str:
    return part[0] if part[1] >= rank else f"({part[0]})"
