"""The names of the equations are kept: in a file, by ``python -c``, at the prompt, under a debugger."""

from __future__ import annotations

import bdb
import functools
import subprocess
import sys
import threading
from types import FrameType
from typing import Any

import numpy as np
import pytest

import gatewise as gw
from gatewise.errors import ProgramError
from gatewise.interp import Sequences, run
from gatewise.lang import relu, sigmoid, tanh
from gatewise.passes.cse import cse
from gatewise.passes.simplify import simplify

LSTM = """\
import gatewise as gw
from gatewise.lang import sigmoid, tanh
@gw.cell
def lstm(x, /, h, c, *, W, U, b):
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f, o = (sigmoid(W[k] @ x + U[k] @ h + b[k]) for k in ("f", "o"))
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    h = o * tanh(c)
    return h, c

print(*lstm.names)
"""
NAMES = ("i", "f", "o", "z", "c", "h")


def lstm(x: Any, /, h: Any, c: Any, *, W: Any, U: Any, b: Any) -> Any:
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f, o = (sigmoid(W[k] @ x + U[k] @ h + b[k]) for k in ("f", "o"))
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    h = o * tanh(c)
    return h, c


def test_names_in_a_file() -> None:
    assert gw.cell(lstm).names == NAMES


def test_names_by_python_c() -> None:
    done = subprocess.run([sys.executable, "-c", LSTM], capture_output=True, text=True, check=True)
    assert tuple(done.stdout.split()) == NAMES


def test_names_at_the_prompt() -> None:
    done = subprocess.run(
        [sys.executable, "-i", "-q"], input=LSTM, capture_output=True, text=True, check=True
    )
    assert tuple(done.stdout.split()) == NAMES, done.stderr


def test_names_of_a_function_made_from_text() -> None:
    names: dict[str, Any] = {}
    exec(LSTM.replace("print(*lstm.names)", ""), names)
    assert names["lstm"].names == NAMES


def test_a_name_bound_again_is_another_quantity() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        a = W.a @ x
        a = tanh(a)
        first = a  # noqa: F841 (a name is all that it is)
        a = a + h
        h = a * 2
        h = h - 1
        x = h
        return h

    assert cell.names == ("a#1", "a#2", "first", "a", "h#1", "x", "h")
    named = dict(cell.program.names)
    assert named["first"] == named["a#2"]
    assert named["x"] == named["h"] == cell.program.next[0]


def test_one_quantity_may_have_two_names() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        i = sigmoid(W.i @ x + h)
        same = sigmoid(W.i @ x + h)
        alias = i  # noqa: F841
        h = i * same
        return h

    shared = cse(cell.program)
    named = dict(shared.names)
    assert set(named) == {"i", "same", "alias", "h"}
    assert named["i"] == named["same"] == named["alias"]
    assert len(shared.nodes) < len(cell.program.nodes)
    sizes = {"I": 2, "H": 3}
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((4, 2, 2)), rng.standard_normal((3, 2))
    for program in (cell.program, shared, simplify(shared)):
        got = run(program, {"x": x}, {"W.i": w}, sizes, Sequences(4, 2), record=cell.names)
        assert np.array_equal(got.recorded["i"], got.recorded["same"])
        assert np.array_equal(got.recorded["h"], got.output)


def test_a_state_that_is_returned_unnamed_has_its_name() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, m: Any, *, W: Any) -> Any:
        return tanh(W.h @ x + h) + m, h

    assert cell.names == ("m", "h")
    assert cell.program.nodes[cell.program.named("m")].op == "state"


def test_names_of_gates_in_a_list_go_by_how_they_are_unpacked() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any, U: Any) -> Any:
        def gate(k: str) -> Any:
            inside = W[k] @ x + U[k] @ h
            return sigmoid(inside)

        gates = [gate(k) for k in ("i", "f")]
        (i, f) = gates
        *_, last = gates
        return i * h + f * last

    assert cell.names == ("i", "f", "last", "h")


def test_loops_number_their_names() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any, depth: int = 3) -> Any:
        v = h
        for k in range(depth):
            v = relu(W[f"layer{k}"] @ v) + W.x @ x
        return v

    assert cell.names == ("v#1", "v#2", "v#3", "v", "h")
    assert cell(depth=1).names == ("v#1", "v", "h")


def test_what_stands_inside_a_comprehension_has_no_name() -> None:
    """Python 3.12 and later run comprehensions in the function's own frame."""

    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        gates = [sigmoid(W[k] @ x) for k in ("i", "f")]
        i, f = [2 * gate for gate in gates]
        gone = i * f
        h = gone * h
        del gone
        return h

    assert cell.names == ("i", "f", "h")


def test_global_names_are_read_and_not_recorded() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        global shared
        shared = RATE * tanh(W.h @ x)
        (w := h * shared)
        return w

    assert cell.names == ("w", "h")


RATE = 0.25


def test_numbers_and_parameters_are_no_quantities() -> None:
    scale = 0.5

    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        factor, matrix = scale * 2, W.h
        h = factor * tanh(matrix @ x) + h
        return h

    assert cell.names == ("h",)


def test_closure_variables_are_bound_names_too() -> None:
    @gw.cell
    def cell(x: Any, /, h: Any, *, W: Any) -> Any:
        z = tanh(W.z @ x)  # read by the inner function: a cell variable of Python
        shifted = (lambda: z + h)()
        return shifted

    assert cell.names == ("z", "shifted", "h")


def test_a_wrapped_function_keeps_its_names() -> None:
    @functools.wraps(lstm)
    def logged(*args: Any, **kwargs: Any) -> Any:
        return lstm(*args, **kwargs)

    assert gw.cell(logged).names == NAMES
    assert gw.cell(logged).program == gw.cell(lstm).program


def test_a_lambda_is_a_cell() -> None:
    cell = gw.cell(lambda x, /, h, *, W, U: tanh(W.h @ x + U.h @ h))
    assert cell.names == ("h",)
    assert gw.load_cell(cell.to_json()) == cell


def test_an_unknown_name_says_which_there_are() -> None:
    cell = gw.cell(lstm)
    with pytest.raises(ProgramError, match=r"'ff' is not a quantity of lstm. Did you mean 'f'"):
        cell.program.named("ff")


# --- who else traces ----------------------------------------------------------------------------


def test_an_active_tracer_is_put_back() -> None:
    seen: list[str] = []

    def tracer(frame: FrameType, event: str, arg: Any) -> Any:
        seen.append(frame.f_code.co_name)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        cell = gw.cell(lstm)
        assert sys.gettrace() is tracer
        (lambda: None)()
    finally:
        sys.settrace(before)
    assert cell.names == NAMES
    assert seen[-1] == "<lambda>"  # it still sees what runs afterwards


def test_an_active_profiler_is_left_alone() -> None:
    def profiler(frame: FrameType, event: str, arg: Any) -> None:
        return None

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        assert gw.cell(lstm).names == NAMES
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(before)


def test_under_a_debugger() -> None:
    class Debugger(bdb.Bdb):
        lines = 0

        def user_line(self, frame: FrameType) -> None:
            self.lines += 1
            self.set_step()

    before = sys.gettrace()
    debugger = Debugger()
    try:
        cell = debugger.runcall(lambda: gw.cell(lstm))
    finally:
        sys.settrace(before)
    assert cell.names == NAMES
    assert debugger.lines > 0


def test_threads_trace_side_by_side() -> None:
    expected = gw.cell(lstm).program
    results: list[Any] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        results.extend(gw.cell(lstm).program for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 40
    assert all(p == expected for p in results)


def test_a_cell_may_be_defined_while_another_is_traced() -> None:
    @gw.cell
    def outer(x: Any, /, h: Any, *, W: Any) -> Any:
        inner = gw.cell(lstm)
        assert inner.names == NAMES
        z = tanh(W.z @ x)
        return z + h

    assert outer.names == ("z", "h")
