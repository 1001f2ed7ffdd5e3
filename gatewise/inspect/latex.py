r"""The equations of a Program as LaTeX: an ``align*`` block for a paper, which needs amsmath only.

Quantities carry their time (``h_{t-1}`` entered the step, ``h_t`` leaves it), products unit by unit
are written ``\odot``, divisions as fractions, selects as cases.
"""

from __future__ import annotations

from gatewise.inspect.symbols import escape, symbol
from gatewise.inspect.symbols import latex as typeset
from gatewise.ir import ONE, Program, Size
from gatewise.ir.equations import Budget, rows
from gatewise.ir.reading import Reading, parts

Piece = tuple[str, int]  # text, how tightly it binds
_COMPARE, _SUM, _PRODUCT, _APPLY, _ATOM = 0, 1, 2, 3, 9

_FUNCTIONS = {
    "sigmoid": r"\sigma",
    "tanh": r"\tanh",
    "exp": r"\exp",
    "log": r"\log",
    "max": r"\max",
    "min": r"\min",
    "amax": r"\max",
    "amin": r"\min",
    "sin": r"\sin",
    "cos": r"\cos",
    "log_sigmoid": r"\log\sigma",
    "relu": r"\operatorname{ReLU}",
}
_RELATIONS = {"lt": "<", "le": r"\le", "eq": "="}
_TURNED = {"lt": ">", "le": r"\ge"}  # 0 < v reads better as v > 0
_LOGIC = {"and": r"\land", "or": r"\lor"}
_TALL = (r"\frac", r"\begin", r"\sqrt")


def latex(program: Program) -> str:
    r"""The equations of a cell as an ``align*`` environment of amsmath, one line each."""
    writer = _Writer(Reading(program))
    lines = []
    for row in rows(writer.reading):
        writer.budget = Budget()
        fixed = writer.reading.fixed(row.nodes[0])
        left = ",\\, ".join(writer.named(name, fixed) for name in row.names)
        lines.append(f"  {left} &= {writer.piece(row.nodes[0], row.written)[0]}")
    return "\\begin{align*}\n" + " \\\\\n".join(lines) + "\n\\end{align*}"


class _Writer:
    """Typesets the nodes of one Reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.static = {i.name for i in reading.program.inputs if i.per == "sequence"}
        self.budget = Budget()
        self.inline = False  # inside cases a fraction is written a / b

    def named(self, name: str, fixed: bool = False) -> str:
        """A quantity of this step; a prime marks the new value of a state, which time says here.

        One that is ``fixed``, made of parameters alone, has no time.
        """
        return typeset(symbol(name.removesuffix("'"), "" if fixed else "t"))

    def input(self, name: str) -> str:
        """An input: with its time unless it is static, or is the time itself."""
        return typeset(symbol(name, "" if name in self.static or name == "t" else "t"))

    def piece(self, index: int, top: bool = False) -> Piece:
        """The text of a node and how tightly it binds; ``top`` writes it out, not its name."""
        r = self.reading
        if index in r.labels and not top:
            return self.named(r.labels[index], r.fixed(index)), _ATOM
        if self.budget.spent():
            return f"\\langle {index} \\rangle", _ATOM
        term = r.terms[index]
        if term.name == "input":
            return self.input(str(term.attr)), _ATOM
        if term.name == "state":
            return typeset(symbol(str(term.attr), "t-1")), _ATOM
        if term.name == "param":
            return typeset(symbol(str(term.attr))), _ATOM
        if term.name == "const":
            return _number(r.constant(index) or 0.0)
        if term.name == "size":
            return str(term.attr).replace("*", "\\,"), _ATOM if str(term.attr).isalnum() else _SUM
        if term.name == "spread":
            return self.piece(term.args[0])
        self.budget.depth -= 1
        text = self.select(index) if term.name == "where" else self.operation(index)
        self.budget.depth += 1
        return text

    def select(self, index: int) -> Piece:
        """Cases; inside them, fractions are written in line."""
        self.inline, before = True, self.inline
        text = self.cases(index)
        self.inline = before
        return text, _COMPARE

    def operation(self, index: int) -> Piece:
        """Everything that is written with its operands: sums, products, matrices, functions."""
        r, term = self.reading, self.reading.terms[index]
        args = [self.piece(a) for a in term.args]
        texts = [text for text, _ in args]
        if term.name in ("add", "sub"):
            return self.sum(index, args), _SUM
        if term.name == "neg":
            return f"-{_wrap(args[0], _PRODUCT)}", _SUM
        if term.name == "mul":
            return self.product(index, args)
        if term.name == "div" and self.inline:
            return f"{_wrap(args[0], _PRODUCT)} / {_wrap(args[1], _ATOM)}", _PRODUCT
        if term.name == "div":
            return f"\\frac{{{texts[0]}}}{{{texts[1]}}}", _APPLY
        if term.name == "mod":
            return f"{_wrap(args[0], _APPLY)} \\bmod {_wrap(args[1], _APPLY)}", _SUM
        if term.name == "matvec":
            return f"{texts[0]} {_wrap(args[1], _ATOM)}", _APPLY
        if term.name == "matvec_t":
            return f"{texts[0]}^\\top {_wrap(args[1], _ATOM)}", _APPLY
        if term.name == "row_repeat":
            return f"{_wrap(args[0], _ATOM)} \\mathbf{{1}}^\\top", _APPLY
        if term.name == "column_repeat":
            return f"\\mathbf{{1}} {_wrap(args[0], _ATOM)}^\\top", _APPLY
        if term.name in ("row_sum", "column_sum"):
            matrix, turned = _wrap(args[0], _ATOM), "" if term.name == "row_sum" else "^\\top"
            return f"{matrix}{turned} \\mathbf{{1}}", _APPLY
        if term.name == "outer":
            return f"{_wrap(args[0], _ATOM)} {_wrap(args[1], _ATOM)}^\\top", _APPLY
        if term.name in _RELATIONS or term.name in _LOGIC or term.name == "not":
            return f"[{self.condition(index)}]", _ATOM
        if term.name == "concat":
            return "\\left[" + ";\\, ".join(texts) + "\\right]", _ATOM
        if term.name == "power":
            return f"{_wrap(args[0], _ATOM)}^{term.attr}", _APPLY
        if term.name == "sqrt":
            return f"\\sqrt{{{texts[0]}}}", _ATOM
        if term.name == "abs":
            return f"\\left|{texts[0]}\\right|", _ATOM
        if term.name == "floor":
            return f"\\left\\lfloor {texts[0]} \\right\\rfloor", _ATOM
        if term.name == "slice":
            first, count = term.attr, r.node(index).size
            return f"{_group(texts[0])}_{{{first}:{first} + {count}}}", _ATOM
        name = _FUNCTIONS.get(term.name, f"\\operatorname{{{escape(term.name)}}}")
        counted = term.name == "repeat" and isinstance(term.attr, Size) and not term.attr.names
        times = parts(r, index) or (term.attr if counted else None)
        if times is not None:
            name += f"_{{{times}}}"
        if term.name == "norm" and len(args) > 1 and not self._together(index):
            name += f"_{{{int(str(term.attr)) + 1}}}"
        return name + _group(",\\, ".join(texts)), _ATOM

    def _together(self, index: int) -> bool:
        """Whether all parts of a joint norm have names, so that they stand in one row."""
        r = self.reading
        same = [i for i, t in r.terms.items() if t.name == "norm" and t.args == r.terms[index].args]
        return sum(i in r.labels for i in same) == len(r.terms[index].args)

    def sum(self, index: int, args: list[Piece]) -> str:
        """a + b, a - b; plus a negative is minus."""
        term, r = self.reading.terms[index], self.reading
        if term.name == "sub":
            return f"{_wrap(args[0], _SUM)} - {_wrap(args[1], _PRODUCT)}"
        second = r.terms[term.args[1]]
        if second.name == "neg" and term.args[1] not in r.labels:
            return f"{_wrap(args[0], _SUM)} - {_wrap(self.piece(second.args[0]), _PRODUCT)}"
        return f"{_wrap(args[0], _SUM)} + {_wrap(args[1], _SUM)}"

    def product(self, index: int, args: list[Piece]) -> Piece:
        """Numbers and scalars stand before what they scale; vectors meet unit by unit."""
        a, b = self.reading.terms[index].args
        if self.reading.constant(b) is not None and self.reading.constant(a) is None:
            a, b, args = b, a, args[::-1]
        left, right = _wrap(args[0], _PRODUCT), _wrap(args[1], _PRODUCT)
        if self.reading.constant(a) is not None:
            return left + (" \\cdot " if right[:1].isdigit() else " ") + right, _PRODUCT
        if ONE in (self.reading.node(a).size, self.reading.node(b).size):
            return f"{left} \\, {right}", _PRODUCT
        matrices = [
            _wrap(arg, _ATOM) if arg[1] == _APPLY and "frac" not in arg[0][:5] else text
            for arg, text in zip(args, (left, right), strict=True)
        ]
        return f"{matrices[0]} \\odot {matrices[1]}", _PRODUCT

    def cases(self, index: int) -> str:
        """A select; selects in the last branch become further cases."""
        branches = []
        while True:
            condition, a, b = self.reading.terms[index].args
            branches.append(f"{self.piece(a)[0]} & \\text{{if }} {self.condition(condition)}")
            inner = self.reading.terms[b].name == "where" and b not in self.reading.labels
            if not inner:
                branches.append(f"{self.piece(b)[0]} & \\text{{otherwise}}")
                break
            index = b
        return "\\begin{cases} " + " \\\\ ".join(branches) + " \\end{cases}"

    def condition(self, index: int) -> str:
        """A comparison, or a combination of them, as it stands after "if"."""
        term = self.reading.terms[index]
        if index in self.reading.labels:
            return self.piece(index)[0]
        if term.name in _RELATIONS:
            left, right = (_wrap(self.piece(a), _SUM) for a in term.args)
            if term.name != "eq" and self.reading.constant(term.args[0]) is not None:
                return f"{right} {_TURNED[term.name]} {left}"
            return f"{left} {_RELATIONS[term.name]} {right}"
        if term.name in _LOGIC:
            left, right = (self.condition(a) for a in term.args)
            return f"{left} {_LOGIC[term.name]} {right}"
        if term.name == "not":
            return f"\\lnot {self.condition(term.args[0])}"
        return self.piece(index)[0]


def _number(value: float) -> Piece:
    if value in (float("inf"), float("-inf")):
        return ("\\infty", _ATOM) if value > 0 else ("-\\infty", _SUM)
    text = f"{value:g}"
    if "e" in text:
        digits, _, power = text.partition("e")
        ten = f"10^{{{int(power)}}}"
        text = ten if digits == "1" else f"{digits} \\cdot {ten}"
    return text, _ATOM if value >= 0 else _SUM


def _wrap(piece: Piece, rank: int) -> str:
    return piece[0] if piece[1] >= rank else _group(piece[0])


def _group(text: str) -> str:
    if any(tall in text for tall in _TALL):
        return f"\\left({text}\\right)"
    return f"({text})"
