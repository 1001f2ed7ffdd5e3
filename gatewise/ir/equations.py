"""The equations of a Program as plain text, in the language itself, idioms folded back."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.ir import Node, Program, Size
from gatewise.ir.idioms import Term
from gatewise.ir.node import Attr
from gatewise.ir.reading import Reading, parts, side

_INFIX = {"add": ("+", 1), "sub": ("-", 1), "mul": ("*", 2), "div": ("/", 2), "mod": ("%", 2)}
_INFIX |= {"lt": ("<", 0), "le": ("<=", 0), "eq": ("==", 0)}
_TURNED = {"lt": ">", "le": ">="}
_NAMES = {"max": "maximum", "min": "minimum", "row_repeat": "rows", "column_repeat": "columns"}
_NAMES |= {"amax": "max", "amin": "min", "row_sum": "sum", "column_sum": "sum"}
_LOGIC = {"and": "&", "or": "|"}
_ATOM = 9

Piece = tuple[str, int]  # text, how tightly it binds


def equations(program: Program) -> list[tuple[str, str]]:
    """The named quantities in order, as (left side, right side).

    A state that is bound anew is written with a prime: ``c' = f * c + i * z``. Vectors that are
    normalised together are one row, as in the language: ``i, f = norm(W.i @ x, W.f @ x)``.
    """
    reading = Reading(program)
    return [
        (", ".join(row.names), right(reading, row.nodes[0], row.written)) for row in rows(reading)
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One equation: the names on its left, their nodes, and whether the right side is written out.

    It is not for a state that becomes something which has a name already: ``g' = h``.
    """

    names: tuple[str, ...]
    nodes: tuple[int, ...]
    written: bool = True


def rows(reading: Reading) -> list[Row]:
    """What is to be written, in order."""
    p, out, done = reading.program, list[Row](), set[int]()
    for index in sorted(set(reading.labels) & set(reading.terms)):
        if index not in done:
            group = _together(reading, index)
            done.update(group)
            out.append(Row(tuple(reading.labels[i] for i in group), tuple(group)))
    for state, index in zip(p.states, p.next, strict=True):
        new = state.name + "'"
        if reading.labels.get(index) != new:
            out.append(Row((new,), (index,), written=False))
    return out


def _together(reading: Reading, index: int) -> list[int]:
    """The nodes of a joint norm if each of them has a name; else the node alone."""
    term = reading.terms[index]
    if term.name == "norm" and len(term.args) > 1:
        parts = {
            other.attr: i
            for i, other in reading.terms.items()
            if other.name == "norm" and other.args == term.args and i in reading.labels
        }
        if len(parts) == len(term.args):
            return [parts[k] for k in range(len(term.args))]
    return [index]


def right(reading: Reading, index: int, top: bool = False) -> str:
    """The right side of an equation; ``top`` says to write the node itself, not its name.

    Of one that no page could hold, the innermost parts are given as ``%12``.
    """
    return _Writer(reading).piece(index, top)[0]


class Budget:
    """How much may still be written of one equation: equal nodes are written out again and again."""

    def __init__(self) -> None:
        self.left, self.depth = 400, 60

    def spent(self) -> bool:
        """Whether it is time to stop."""
        self.left -= 1
        return self.left < 0 or self.depth < 0


class _Writer:
    def __init__(self, reading: Reading) -> None:
        self.reading, self.budget = reading, Budget()

    def piece(self, index: int, top: bool = False) -> Piece:
        """The text of a node and how tightly it binds."""
        r = self.reading
        if index in r.labels and not top:
            return r.labels[index], _ATOM
        if self.budget.spent():
            return f"%{index}", _ATOM
        self.budget.depth -= 1
        text = _piece(r, index, top, [self.piece(a) for a in r.terms[index].args])
        self.budget.depth += 1
        return text


def _piece(r: Reading, index: int, top: bool, args: list[Piece]) -> Piece:
    node, term = r.node(index), r.terms[index]
    if term.name in ("input", "state", "param"):
        return str(term.attr), _ATOM
    if term.name == "const":
        value = r.constant(index) or 0.0
        return f"{value:g}", _ATOM if value >= 0 else 1
    if term.name == "size":
        return _units(r, term.attr)
    if term.name == "spread":
        return args[0]
    if term.name in _INFIX:
        sign, rank = _INFIX[term.name]
        if term.name in _TURNED and r.constant(term.args[0]) is not None:
            sign, args = _TURNED[term.name], args[::-1]  # 0 < v reads better as v > 0
        # @ and * bind alike in Python: a matrix inside a product gets parentheses
        tight = 4 if term.name in ("mul", "div", "mod") and args[1][1] == 3 else rank
        first = 4 if term.name in ("mul", "div", "mod") and args[0][1] == 3 else rank
        strict = tight if tight == 4 else rank + (term.name in ("sub", "div", "mod"))
        return f"{_wrap(args[0], first)} {sign} {_wrap(args[1], strict)}", rank
    if term.name == "neg":
        return f"-{_wrap(args[0], 2)}", 1
    if term.name == "matvec":
        return f"{_wrap(args[0], _ATOM)} @ {_wrap(args[1], 4)}", 3
    if term.name == "matvec_t":
        return f"transpose({args[0][0]}) @ {_wrap(args[1], 4)}", 3
    if term.name == "concat":
        return f"[{', '.join(a for a, _ in args)}]", _ATOM
    if term.name == "power":
        return f"{_wrap(args[0], _ATOM)} ** {term.attr}", 4
    if term.name == "not":
        return f"~{_wrap(args[0], _ATOM)}", 4
    if term.name in _LOGIC:
        return f"{_wrap(args[0], 4)} {_LOGIC[term.name]} {_wrap(args[1], 4)}", 0
    if term.name == "slice":
        return f"{_wrap(args[0], _ATOM)}[{term.attr}:+{node.size}]", _ATOM
    count, by = parts(r, index), side(r, index)
    extra = [str(count)] if term.name == "sum" and count is not None else []
    extra += [f"parts={count}"] if term.name != "sum" and count is not None else []
    extra += [f'by="{by}"'] if by else []
    extra += _count(term, node) if term.name == "repeat" else []
    extra += ["reverse=True"] if term.name == "cumsum" and term.attr else []
    part = f"[{term.attr}]" if term.name == "norm" and len(args) > 1 and not top else ""
    call = f"{_NAMES.get(term.name, term.name)}({', '.join([a for a, _ in args] + extra)})"
    return call + part, _ATOM


def _units(r: Reading, size: Attr) -> Piece:
    """How many units there are, by a vector that has so many; else the size itself."""
    p = r.program
    vectors = [(s.name, s.size) for s in p.states] + [(i.name, i.size) for i in p.inputs]
    vectors += [(name, p.nodes[index].size) for name, index in p.names]
    name = next((name for name, of in vectors if of == size), "")
    if name:
        return f"units({name})", _ATOM
    return str(size), _ATOM if str(size).isalnum() else 1


def _count(term: Term, node: Node) -> list[str]:
    """The runs of a sum, or how often units are repeated: in the words of the language, where a sum names
    its parts, and what is repeated as often as needed names nothing."""
    if not Size.of(term.attr).names:  # type: ignore[arg-type]
        return [str(term.attr)]
    return [str(node.size)] if term.name == "sum" else []


def _wrap(piece: Piece, rank: int) -> str:
    return piece[0] if piece[1] >= rank else f"({piece[0]})"
