"""The few letters inside the shapes of a diagram."""

from __future__ import annotations

from gatewise.inspect.symbols import spans, symbol
from gatewise.ir import Size
from gatewise.ir.equations import right
from gatewise.ir.reading import FUNCTIONS, TOGETHER, Reading

OPERATORS = {
    "add": "+",
    "sub": "−",
    "mul": "×",
    "div": "÷",
    "max": "max",
    "min": "min",
    "and": "∧",
    "or": "∨",
    "lt": "<",
    "le": "≤",
    "eq": "=",
    "mod": "mod",
    "outer": "⊗",
    "matvec": "@",
    "matvec_t": "ᵀ@",
}
# the operand that must be told apart from the first
SECOND = {"sub": "−", "div": "÷", "lt": "2nd", "le": "2nd", "mod": "2nd"}
SECOND |= {"matvec": "v", "matvec_t": "v"}
_NAMES = {
    "sigmoid": "σ",
    "tanh": "tanh",
    "log_sigmoid": "log σ",
    "relu": "ReLU",
    "hard_sigmoid": "hard σ",
    "abs": "|v|",
    "floor": "⌊v⌋",
    "sqrt": "√",
    "neg": "−",
    "not": "not",
    "row_repeat": "rows",
    "column_repeat": "columns",
}
_NAMES |= {"amax": "max", "amin": "min", "cumsum": "Σ↓", "stop_gradient": "stop"}
_NAMES |= {"row_sum": "sum rows", "column_sum": "sum columns"}
_TURNED = {"lt": ">", "le": "≥"}
_SQUASHING = FUNCTIONS - {*TOGETHER, "power", "not", "cumsum"}


def function(r: Reading, index: int) -> str:
    """What stands in an oval."""
    term = r.terms[index]
    if term.name == "power":
        return f"v{'⁰¹²³⁴⁵⁶⁷⁸'[int(str(term.attr))]}"
    if term.name == "repeat":
        number = isinstance(term.attr, Size) and not term.attr.names
        return f"repeat {term.attr}" if number else "repeat"
    return _NAMES.get(term.name, OPERATORS.get(term.name, term.name))


def name(r: Reading, index: int) -> str:
    """The letters of a named quantity, an input, a state or a parameter; a dot if it has indices."""
    runs = spans(symbol(r.labels.get(index, str(r.terms[index].attr)).removesuffix("'")))
    return runs[0].text if len(runs) == 1 else "·"


def fixed(r: Reading, index: int) -> str:
    """A number, a parameter, or a short expression of them; a dot for a long one."""
    value = r.constant(index)
    if value is not None:
        return f"{value:g}".replace("-", "−").replace("inf", "∞")
    if r.terms[index].name == "param":
        return spans(symbol(str(r.terms[index].attr).partition(".")[0]))[0].text
    if index in r.labels:
        return name(r, index)
    text = right(r, index, top=True)
    return text if len(text) <= 8 else "·"


def with_fixed(r: Reading, index: int) -> str:
    """An operation with a number or parameter: ``1−``, ``× p``, ``< ρ``."""
    term = r.terms[index]
    if len(term.args) == 1:
        return function(r, index)
    first = r.fixed(term.args[0])
    text = fixed(r, term.args[0] if first else term.args[1])
    sign = OPERATORS[term.name]
    if first and term.name in ("sub", "div", "mod"):
        return f"{text}{sign}" if len(text) == 1 else f"{text} {sign}"
    if first and term.name in _TURNED:
        sign = _TURNED[term.name]
    return f"{sign} {text}"


def squashing(r: Reading, index: int) -> tuple[str, int]:
    """A function, scaled and shifted by numbers perhaps: ("4σ − 2", its node). ("", 0) if it is none.

    Only numbers that nothing else reads are taken in: each further operation must be unnamed.
    """
    text, node = "{}", index
    while node == index or (r.uses.get(node) == 1 and node not in r.labels):
        term = r.terms[node]
        if term.name in _SQUASHING:
            return text.format(_NAMES.get(term.name, term.name)), node
        constants = [r.constant(a) for a in term.args]
        if len(constants) != 2 or (constants[0] is None) == (constants[1] is None):
            return "", 0
        value = constants[0] if constants[1] is None else constants[1]
        number = f"{value:g}".replace("-", "−")
        if term.name == "mul":
            text = text.format(number + "{}")
        elif term.name in ("add", "sub") and constants[1] is not None:
            inner = f"{{}} {OPERATORS[term.name]} {number}"
            text = text.format(inner if text.startswith("{}") else f"({inner})")
        else:
            return "", 0
        node = term.args[0] if constants[1] is not None else term.args[1]
    return "", 0
