"""Malformed definitions, as source text: run from a file, by ``python -c`` and at the prompt.

In each text the line to be quoted ends with ``# !``. ``say`` must stand in the message; where there
is no source to read, ``rebuilt`` must (the equation, put together from what was traced).
"""

from __future__ import annotations

from dataclasses import dataclass

PREAMBLE = """\
import builtins
import math
import numpy as np
import torch
import gatewise as gw
from gatewise.lang import *
A = np.ones(4)
T = torch.ones(4)
M = torch.ones(4, 4)
"""


@dataclass(frozen=True)
class Bad:
    name: str
    text: str
    say: str
    rebuilt: str = ""


def body(name: str, line: str, say: str, rebuilt: str = "") -> Bad:
    """A cell of one equation."""
    text = f"@gw.cell\ndef k(x, /, h, *, W, U):\n    h = {line}  # !\n    return h\n"
    return Bad(name, text, say, rebuilt)


def lines(name: str, say: str, *equations: str, rebuilt: str = "", head: str = "") -> Bad:
    """A cell with its equations as they are."""
    head = head or "def k(x, /, h, c, *, W, U):"
    text = "\n".join(["@gw.cell", head, *(f"    {e}" for e in equations)]) + "\n"
    return Bad(name, text, say, rebuilt)


STEP = "h = tanh(W.h @ x + U.h @ h) + c"
NO_VALUE = "it has no value yet"
CAPTURED = "captured from outside the cell"

RETURNS = [
    lines("too_few", "1 value(s), but has 2 state(s): h, c", STEP, "return h  # !"),
    lines("too_many", "3 value(s), but has 2 state(s): h, c", STEP, "return h, c, x  # !"),
    lines("nothing", "returns nothing", STEP + "  # !", rebuilt="def k"),
    lines("a_dict", "a dict", STEP, "return {'h': h}, c  # !"),
    lines("a_parameter", "is the parameter W.h", STEP, "return h, W.h  # !", rebuilt="W.h"),
    lines("a_family", "is the parameter W", STEP, "return h, W  # !", rebuilt="W"),
    lines("an_array", CAPTURED, STEP, "return h, A  # !"),
    lines("a_huge_number", "not a number that a float can hold", STEP, "return h, 10**400  # !"),
    lines(
        "wrong_size",
        "sizes cannot be unified",
        STEP,
        "return h, repeat(h, 2)  # !",
        rebuilt="repeat(",
    ),
]

REBOUND = [
    lines(
        "matrix_reads_rebound",
        "reads the state h after it was bound anew in",
        STEP,
        "o = sigmoid(U.o @ h)  # !",
        "return o * h, c",
        rebuilt="U.o @ h",
    ),
    lines(
        "matrix_reads_rebound_in_a_list",
        "reads the state h after it was bound anew in",
        STEP,
        "o = sigmoid(U.o @ [x, h])  # !",
        "return o * h, c",
        rebuilt="U.o @ [x, h]",
    ),
]

SIZES = [
    lines(
        "repeat_does_not_fit",
        "sizes cannot be unified: g has size 2*H, h has size H",
        "g = repeat(h, 2)",
        "h = g * h + c + W.h @ x  # !",
        "return h, c",
        rebuilt="mul(g, h)",
    ),
    lines(
        "matrix_over_two_sizes",
        "W.a has H + I columns",
        "a = W.a @ [h, x]",
        "h = tanh(a + W.a @ x + U.h @ h)  # !",
        "return h, c * h",
        rebuilt="W.a @ x",
    ),
    body(
        "undetermined",
        "where(sum(W.q @ x) > 0, U.h @ h, h)",
        "the size of W.q does not follow",
        "W.q",
    ),
    Bad(
        "undetermined_state",
        "@gw.cell\ndef k(x, /, h, c, *, W):\n    h = tanh(W.h @ x) + h\n    return h, c  # !\n",
        "the size of c does not follow",
        "c",
    ),
    Bad(
        "declared_too_wide",
        "@gw.cell(sizes={'g': '2*H'})\ndef k(x, /, h, *, W):\n    g = sigmoid(W.g @ x) * h  # !\n"
        "    return g\n",
        "g is declared with size 2*H, but the equations give it H",
        "g = sigmoid(W.g @ x) * h",
    ),
    Bad(
        "declared_parameter",
        "@gw.cell(sizes={'b.g': '2*H'})\ndef k(x, /, h, *, W, b):\n"
        "    g = sigmoid(W.g @ x + b.g) * h  # !\n    return g\n",
        "sizes cannot be unified",
        "mul(",
    ),
    Bad(
        "declared_numbers",
        "@gw.cell(sizes={'h': 3, 'c': 4})\ndef k(x, /, h, c, *, W):\n    h = h + c + W.h @ x  # !\n"
        "    return h, c\n",
        "h has size 3, c has size 4",
        "add(h, c)",
    ),
    Bad(
        "scalar_with_a_size",
        "@gw.cell(scalar='x', sizes={'x': 'K'})\ndef k(x, /, h, *, W):  # !\n"
        "    return h + W.h @ x\n",
        "x is declared with size K",
        "def k",
    ),
    Bad(
        "half_a_unit",
        "@gw.cell(sizes={'h': 3})\ndef k(x, /, h, c, *, W):\n    h = h + repeat(c, 2) + W.h @ x  # !\n"
        "    return h, c\n",
        "sizes cannot be unified",
        "add(h, repeat(c, 2))",
    ),
    Bad(
        "unknown_name_in_sizes",
        "@gw.cell(sizes={'gg': 'K'})\ndef k(x, /, h, *, W):  # !\n    g = h + W.h @ x\n    return g\n",
        "'gg' is declared, but it is not in the equations. Did you mean 'g'?",
        "def k",
    ),
    Bad(
        "no_size_at_all",
        "@gw.cell(sizes={'h': '2H'})\ndef k(x, /, h, *, W):  # !\n    return h + W.h @ x\n",
        "'2H' is not a size",
        "def k",
    ),
]

KINDS = [
    body(
        "matrix_then_vector", "tanh(W.h @ x + W.h * h)", "used as a matrix and as a vector", "W.h"
    ),
    body(
        "vector_then_matrix",
        "tanh(W.h * h + W.h @ x)",
        "used as a matrix and as a vector",
        "W.h @ x",
    ),
    body("two_levels", "tanh(W.h.i @ x) + h", "W.h has no member i", "W.h.i"),
    body(
        "transposed_parameter",
        "tanh(W.h.T @ x) + h",
        "W.h.T reads as the transpose of W.h",
        "W.h.T",
    ),
    body(
        "transposed_family",
        "tanh(W @ x - W.T @ h) + h",
        "write transpose(W) @ v, or transpose(W.name) @ v for a member",
        "W.T",
    ),
    body("transposed_by_a_method", "tanh(W.h.t() @ x) + h", "write transpose(W.h) @ v", "W.h.t"),
    body(
        "hermitian", "tanh(W.H @ h + U.h @ x)", 'a member that is really named so is W["H"]', "W.H"
    ),
    body("sum_of_a_parameter", "W.h @ x + h * W.sum()", "from gatewise.lang import sum", "W.sum"),
    body(
        "method_of_a_member",
        "U.h.tanh() * h + W.h @ x",
        "from gatewise.lang import tanh",
        "U.h.tanh",
    ),
    body("dot", "W.dot(x) + h", "write W.name @ vector", "W.dot"),
    body("size_of_a_parameter", "W.h @ x + h / W.size", "sizes are inferred", "W.size"),
    body(
        "detached",
        "W.h.detach() @ x + h",
        "W.h.detach reads as what NumPy and torch mean",
        "W.h.detach",
    ),
    body("in_place", "U.mul_(0.5) * h + W.h @ x", "U.mul_ reads as what", "U.mul_"),
    body(
        "shape_of_a_parameter",
        "W.h @ x + h / W.shape[0]",
        "W.shape cannot be a parameter",
        "W.shape",
    ),
    body("numbered_member", "tanh(W[0] @ x) + h", "W[0] is not a member", "W[0]"),
    body("called_matrix", "tanh(W.h(x)) + h", "W.h is not a function", "W.h(...)"),
    body("matrix_times_number", "W.h @ 3.0 + h", "multiplies the number 3.0", "W.h @ 3.0"),
    body("matrix_times_matrix", "(W.h @ U.h) @ x + h", "the left side of @", "@"),
    body("vector_at_vector", "h @ x + W.h @ x", "the left side of @ is not a parameter", "h @ "),
    body("empty_list", "W.h @ [] + h", "the list after @ is empty", "W.h @ []"),
    body("nested_list", "W.h @ [x, [h, x]] + h", "part 2 of [...]"),
    lines(
        "assigned_parameter",
        "cannot change W.h",
        "W.h = x  # !",
        STEP,
        "return h, c",
        rebuilt="W.h",
    ),
]

PYTHON = [
    lines("if", NO_VALUE, "if 0 < h:  # !", "    h = W.h @ x", "return h, c", rebuilt="0 < h"),
    lines("while", NO_VALUE, "while h > 0:  # !", "    h = h - 1", "return h, c", rebuilt="0 < h"),
    body("conditional", "h if h > 0 else W.h @ x", NO_VALUE, "0 < h"),
    body("and", "where(h > 0 and h < 1, W.h @ x, h)", NO_VALUE, "0 < h"),
    body("or", "where(h > 0 or h < 1, W.h @ x, h)", NO_VALUE, "0 < h"),
    body("not", "where(not h, W.h @ x, h)", NO_VALUE, "h"),
    body("chained_comparison", "where(0 < h < 1, W.h @ x, h)", NO_VALUE, "0 < h"),
    body("contained", "h if h in [W.h @ x] else x", NO_VALUE),
    body("builtin_max", "builtins.max(W.h @ x, h)", NO_VALUE),
    body("builtin_min", "builtins.min(W.h @ x, h)", NO_VALUE),
    body("max_of_two", "max(W.h @ x, h)", "of several, unit by unit, it is maximum(u, v)"),
    body("builtin_sum", "W.h @ x + builtins.sum(h)", "cannot be looped over", "h"),
    body("unpacked", "[*h][0] + W.h @ x", "cannot be looped over", "h"),
    body("index", "W.h @ x + h[0]", "cannot be indexed", "h[0]"),
    body("slice", "W.h @ x + h[:2]", "cannot be indexed", "h["),
    body("length", "W.h @ x + h / len(h)", "has no length", "h"),
    body("transposed", "W.h @ x.T + h", "has no attribute .T", "x.T"),
    body("method", "W.h @ x + h.mean()", "has no attribute .mean", "h.mean"),
    body("shape", "W.h @ x + h / x.shape[0]", "has no .shape"),
    body("int", "W.h @ x + int(h)", "is not a number", "h"),
    body("round", "W.h @ x + round(h, 2)", "is not a number", "h"),
    body("power_of_a_number", "2 ** h + W.h @ x", "a power of a number", "2 ** h"),
    body("odd_power", "h ** 3.5 + W.h @ x", "the power 3.5", "h ** 3.5"),
    body("power_of_a_quantity", "x ** h + W.h @ x", "the power <h: H>", "x ** "),
    body("xor", "(h > 0) ^ (h < 1) + W.h @ x", "unsupported operand"),
    lines(
        "add_in_place",
        "changed in place",
        "c += tanh(W.c @ x + U.c @ h)  # !",
        "return c, c",
        rebuilt="c += ",
    ),
    lines("multiply_in_place", "changed in place", "h *= 2  # !", "return h, c", rebuilt="h += 2"),
    lines(
        "set_an_item", "changed in place", "h[:] = tanh(W.h @ x)  # !", "return h, c", rebuilt="h["
    ),
    body("string", "W.h @ x + 'h'", "is 'h', a str"),
    body("list", "W.h @ x + h * [1, 2]", "a list"),
    body("complex", "W.h @ x + h * 1j", "a complex"),
    body("not_a_number", "W.h @ x + h * math.nan", "not a number that a float can hold"),
    body("unknown_function", "sigmiod(W.h @ x + h)", "Did you mean 'sigmoid'?"),
    body("unknown_name", "tanh(W.h @ x + b.h + h)", "name 'b' is not defined"),
    lines(
        "not_named",
        "name it after the / and return it: def k(x, /, h, c, d, ...)",
        "d = d + h  # !",
    ),
    body("the_matrix_behind", "tanh(h @ U)", "the matrix comes first: U @ h"),
    body("no_outer", "tanh((W.v @ x * h) @ x)", "such as outer(v, k)"),
    body("a_learned_constant", "constant(W.h @ x) + h", "W.h @ x is no fixed number"),
    body("parts_of_a_vector", "W.h @ x + dot(h, h, h)", "the number of parts is a quantity"),
    body("numpys_dot", "W.h @ x + np.dot(h, h)", "from gatewise.lang import dot"),
    body("a_missing_import", "W.h @ x + quantities.one * h", "add quantities to the arguments"),
    lines(
        "a_hidden_function",
        "tanh is not the function here",
        "tanh = W.a @ x",
        "h = tanh(U @ h + tanh)  # !",
    ),
    lines("a_dict_alone", "returns a dict", STEP, "return {'h': h, 'c': c}  # !"),
    body("too_many_operands", "tanh(W.h @ x, h)", "takes 1 positional argument"),
    body("missing_operand", "where(h > 0, W.h @ x)", "missing 1 required"),
    body("repeat_not_whole", "repeat(h, 2.0) + W.h @ x", "must be a whole number", "repeat("),
    body("tuple_of_norms", "norm(W.h @ x, h) + h", "a, b = norm(u, v)"),
    body("division_by_zero", "W.h @ x + h * (1 / 0)", "division by zero"),
    body("missing_key", "W.h @ x + {}['i']", "KeyError"),
    Bad(
        "recursion",
        "deeper = lambda v: deeper(v)  # !\n\n"
        "@gw.cell\ndef k(x, /, h, *, W):\n    return deeper(h) + W.h @ x\n",
        "RecursionError",
    ),
    Bad(
        "helper_with_an_if",
        "def pick(v):\n    return v if v > 0 else -v  # !\n\n"
        "@gw.cell\ndef k(x, /, h, *, W):\n    return pick(h) + W.h @ x\n",
        NO_VALUE,
        "0 < h",
    ),
    Bad(
        "several_lines",
        "@gw.cell\ndef k(x, /, h, *, W):\n    h = tanh(\n        W.h @ x\n        + h[0]  # !\n    )\n"
        "    return h\n",
        "cannot be indexed",
        "h[0]",
    ),
    Bad(
        "another_cells_quantity",
        "kept = []\n\n"
        "@gw.cell\ndef first(x, /, h, *, W):\n    kept.append(h)\n    return h + W.h @ x\n\n"
        "@gw.cell\ndef k(x, /, h, *, W):\n    h = kept[0] + W.h @ x  # !\n    return h\n",
        "belongs to another cell",
    ),
]

LIBRARIES = [
    body("array_right", "tanh(W.h @ x) + h * A", f"numpy.ndarray of shape (4,)) {CAPTURED}"),
    body("array_left", "tanh(W.h @ x) + A * h", f"numpy.ndarray of shape (4,)) {CAPTURED}"),
    body("array_matrix", "np.ones((4, 4)) @ h + W.h @ x", CAPTURED),
    body("array_zero_dimensions", "np.array(2.0) * h + W.h @ x", CAPTURED),
    body("array_after_at", "W.h @ A + h", CAPTURED),
    body("tensor_right", "tanh(W.h @ x) + h * T", f"torch.Tensor of shape (4,)) {CAPTURED}"),
    body("tensor_left", "tanh(W.h @ x) + T * h", f"torch.Tensor of shape (4,)) {CAPTURED}"),
    body("tensor_matrix", "M @ h + W.h @ x", CAPTURED),
    body("tensor_left_of_minus", "T - h + W.h @ x", CAPTURED),
    body("torch_layer", "torch.nn.Linear(4, 4)(h) + W.h @ x", CAPTURED),
    body(
        "math_tanh",
        "math.tanh(W.h @ x) + h",
        "functions of math and numpy cannot take it",
        "W.h @ x",
    ),
    body(
        "numpy_tanh",
        "np.tanh(W.h @ x) + h",
        "from gatewise.lang import tanh",
        "numpy.tanh(W.h @ x)",
    ),
    body(
        "numpy_where",
        "np.where(h > 0, W.h @ x, h)",
        "from gatewise.lang import where",
        "numpy.where(",
    ),
    body(
        "numpy_concatenate",
        "W.h @ np.concatenate([x, h]) + h",
        "W.f @ [h, x]",
        "numpy.concatenate(",
    ),
    body("numpy_sum", "np.sum(h) + W.h @ x", "from gatewise.lang import sum", "numpy.sum(h)"),
    body(
        "numpy_sign", "np.sign(h) + W.h @ x", "use the functions of gatewise.lang", "numpy.sign(h)"
    ),
    body("numpy_out", "np.add(h, W.h @ x, out=A)", "numpy.add cannot take a quantity"),
    body(
        "torch_tanh",
        "torch.tanh(W.h @ x) + h",
        "from gatewise.lang import tanh",
        "torch.tanh(W.h @ x)",
    ),
    body("torch_keyword", "torch.tanh(input=W.h @ x) + h", "from gatewise.lang import tanh"),
    body("torch_functional", "torch.nn.functional.relu(h) + W.h @ x", "lang import relu"),
    body("torch_cat", "W.h @ torch.cat([x, h]) + h", "W.f @ [h, x]"),
]


def signature(name: str, head: str, say: str, decorator: str = "@gw.cell") -> Bad:
    text = f"{decorator}\ndef k({head}):  # !\n    return tanh(W.h @ x + h)\n"
    return Bad(name, text, say, "def k(")


SIGNATURES = [
    signature("no_state", "x, /, *, W", "the cell has no state"),
    signature("only_an_input", "x", "the cell has no state"),
    signature("no_input", "*, W", "the cell has no input"),
    signature("star_arguments", "x, /, h, *more, W", "*more is not part of a cell"),
    signature("star_keywords", "x, /, h, *, W, **more", "**more is not part of a cell"),
    signature("default_on_a_state", "x, /, h=0.0, *, W", "h=0.0 is an input or state"),
    signature("default_on_an_input", "x=1, /, h=1, *, W", "x=1 is an input or state"),
    signature("option_of_a_wrong_type", "x, /, h, *, W, k=None", "is a NoneType"),
    signature("unused_family", "x, /, h, *, W, U", "the parameter family U is never used"),
    signature("static_of_no_input", "x, /, h, *, W", "static names 'q'", "@gw.cell(static='q')"),
    signature("scalar_of_a_state", "x, /, h, *, W", "scalar names 'h'", "@gw.cell(scalar='h')"),
    signature(
        "initial_of_no_state", "x, /, h, *, W", "initial names 'c'", "@gw.cell(initial={'c': 1.0})"
    ),
    signature(
        "initial_not_a_number",
        "x, /, h, *, W",
        "starts at nan",
        "@gw.cell(initial={'h': math.nan})",
    ),
    signature(
        "blocks_of_no_family", "x, /, h, *, W", "blocks names 'U'", "@gw.cell(blocks={'U': 2})"
    ),
    signature(
        "blocks_by_no_option",
        "x, /, h, *, W",
        "the blocks of W.h are 'heads'",
        "@gw.cell(blocks={'W': 'heads'})",
    ),
    signature(
        "blocks_zero", "x, /, h, *, W", "the blocks of W.h are 0", "@gw.cell(blocks={'W': 0})"
    ),
    signature(
        "blocks_of_no_member",
        "x, /, h, *, W",
        "'W.q' is declared, but it is not",
        "@gw.cell(blocks={'W.q': 2})",
    ),
    signature(
        "init_unknown",
        "x, /, h, *, W",
        "Did you mean 'orthogonal'?",
        "@gw.cell(init={'W': 'ortogonal'})",
    ),
    signature(
        "init_without_arguments",
        "x, /, h, *, W",
        "has wrong arguments",
        "@gw.cell(init={'W': ('uniform', 1)})",
    ),
    signature(
        "init_of_a_wrong_type",
        "x, /, h, *, W",
        "None is not an initialisation",
        "@gw.cell(init={'W': None})",
    ),
    signature(
        "init_of_nothing",
        "x, /, h, *, W",
        "starts from 'W.q', which is no parameter",
        "@gw.cell(init={'W.h': ('negative', 'W.q')})",
    ),
    signature(
        "init_of_no_member",
        "x, /, h, *, W",
        "'W.q' is declared, but it is not",
        "@gw.cell(init={'W.q': 0.0})",
    ),
    Bad(
        "generator",
        "@gw.cell\ndef k(x, /, h, *, W):  # !\n    yield W.h @ x + h\n",
        "states no equations",
        "def k(",
    ),
    Bad(
        "coroutine",
        "@gw.cell\nasync def k(x, /, h, *, W):  # !\n    return W.h @ x + h\n",
        "states no equations",
        "def k(",
    ),
]

CASES = [*RETURNS, *REBOUND, *SIZES, *KINDS, *PYTHON, *LIBRARIES, *SIGNATURES]
