"""Damaged programs through the whole compiler: nothing kills the process, nothing disagrees.

    python -m pytest -m slow tests/reliability/test_programs.py

runs 3,000 seeded mutations of the catalogue's programs, each in a process that may die. A single one
again: ``python -m tests.reliability.trial NUMBER``.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import gatewise as gw
from gatewise import cells, settings
from gatewise.errors import CellError, GatewiseError, InputError, ProgramError, SizeError
from gatewise.interp import Sequences
from gatewise.ir import Program, from_json, to_json
from gatewise.ir.serial import to_data
from gatewise.lang import Cell, load_cell
from tests.backends.eager.test_eager import by_eager
from tests.backends.llvm.helpers import ROOT, assert_same, by_interpreter, by_kernels, draw, resets

COUNT = 3000
SECONDS = 100  # for one trial: a compiler at work takes a few
GOOD = {"refused", "unfit", "agreed"}


class Worker:
    """A process that tries mutations. It is started anew when one has killed it."""

    def __init__(self, folder: str) -> None:
        self._environment = os.environ | {
            settings.CACHE_DIR.name: folder,
            settings.NUM_THREADS.name: "1",
            "OMP_NUM_THREADS": "1",
        }
        self._process: subprocess.Popen[str] | None = None

    def try_(self, number: int) -> tuple[str, str]:
        """What comes of a mutation, as ``trial`` says it, or ``crash``."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.reliability.trial"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=ROOT,
                env=self._environment,
            )
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        hangs = threading.Timer(SECONDS, process.kill)
        hangs.start()
        try:
            process.stdin.write(f"{number}\n")
            process.stdin.flush()
            outcome, said = json.loads(process.stdout.readline())
        except (OSError, ValueError):
            self._process = None
            code = process.wait()
            process.stdout.close()
            with contextlib.suppress(OSError):  # what was on its way to it is lost
                process.stdin.close()
            return "crash", f"{number}: the process ended with {code}"
        finally:
            hangs.cancel()
        return outcome, said

    def close(self) -> None:
        if self._process is not None:
            with self._process:  # closes its pipes, and waits for it
                pass


def try_all(numbers: range, workers: int) -> list[tuple[str, str]]:
    """What comes of each, in any order."""
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in numbers:
        waiting.put(number)
    outcomes: list[tuple[str, str]] = []

    def work() -> None:
        with tempfile.TemporaryDirectory() as folder:
            worker = Worker(folder)
            while True:
                try:
                    outcomes.append(worker.try_(waiting.get_nowait()))
                except queue.Empty:
                    worker.close()
                    return

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_three_thousand_damaged_programs() -> None:
    outcomes = try_all(range(COUNT), min(2, os.cpu_count() or 1))
    counts = Counter(outcome for outcome, _ in outcomes)
    faults = [f"{outcome}: {said}" for outcome, said in outcomes if outcome not in GOOD]
    print(dict(counts))
    assert not faults, f"{dict(counts)}\n" + "\n\n".join(faults[:20])
    assert sum(counts.values()) == COUNT and counts["agreed"] > COUNT / 5


# --- quickly: what used to kill the process, and what nearly did -----------------------------------


def damaged(name: str = "lstm", **change: Any) -> str:
    """A program of the catalogue with some of its fields changed: by value, or by what a function of
    the old one makes."""
    data = to_data(cells.get(name).program)
    for field, new in change.items():
        data[field] = new(data[field]) if callable(new) else new
    return json.dumps(data)


def first(**change: Any) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """The first record of a list with some of its fields changed."""
    return lambda records: [records[0] | change, *records[1:]]


NO_CELL = {
    "an output at every step": (damaged("gru", outputs=[["o", 1, "step"]]), "leave outputs empty"),
    "an output of rows": (damaged("niaf", outputs=[["o", 40, "row"]]), "leave outputs empty"),
    "an output of the batch": (
        damaged("peephole_lstm", outputs=[["o", 46, "batch"]]),
        "leave outputs",
    ),
    "a state that is not its name": (damaged("mut3", next=[17]), "let the name mean"),
    "a first state without a name": (damaged("rnn", names=[]), "not among the names"),
    "no input": (
        damaged(
            "rnn",
            inputs=[],
            nodes=[["state", [], "H", None, "h"]],
            next=[0],
            names=[["h", 0]],
            params=[],
        ),
        "has no input at every step",
    ),
    "only a static input": (damaged("rnn", inputs=first(per="sequence")), "no input at every step"),
    "a mask alone": (damaged("rnn", inputs=first(rate=0.5)), "has no input at every step"),
    "a mask in a sum": (
        damaged("ealstm", inputs=lambda i: [i[0], i[1] | {"rate": 0.5}]),
        "outside of a select",
    ),
    "a name of derivatives": (
        json.dumps(to_data(cells.get("rnn").program)).replace('"x"', '"seed.h"'),
        "rename it",
    ),
    "a parameter like an input": (
        json.dumps(to_data(cells.get("indrnn").program)).replace('"u"', '"x"'),
        "appears twice",
    ),
    "a matrix as a state": (damaged("rnn", next=[2]), "becomes"),
    "half a character": (damaged(doc="\ud800"), "cannot be shown"),
    "what moves the cursor": (damaged(doc="\x1b[2J"), "cannot be shown"),
    "bounds the wrong way round": (damaged(params=first(init=["uniform", 1, 0])), "smaller bound"),
    "an infinite bound": (damaged(params=first(init=["uniform", 0, "inf"])), "numbers of at most"),
    "a huge bound": (damaged(params=first(init=["uniform", 0, 1e38])), "numbers of at most"),
    "a negative deviation": (damaged(params=first(init=["normal", -1])), "at least 0"),
    "a start that float32 does not hold": (damaged(states=first(initial=3.5e38)), "at most 1e"),
    "a short dependency": (damaged(params=first(init=["chrono", 1])), "at least 2"),
    "too many arguments": (damaged(params=first(init=["glorot", 1])), "takes 0 arguments, not 1"),
    "a million digits": (
        damaged().replace('"initial": 0.0', f'"initial": 1{"0" * 10**6}', 1),
        "not",
    ),
    "four hundred digits": (
        damaged().replace('"initial": 0.0', f'"initial": 1{"0" * 400}', 1),
        "not",
    ),
    "ten megabytes of brackets": ('{"schema":' + "[" * 10**7, "not the JSON"),
    "ten megabytes of braces": ('{"a":' * 2 * 10**6, "not the JSON"),
}


def test_what_is_no_file_either_is_not_shown_whole() -> None:
    with pytest.raises(InputError) as caught:
        load_cell("[" * 10**7)
    one_sentence(caught.value)


def one_sentence(error: GatewiseError) -> str:
    said = str(error)
    assert 0 < len(said) < 700 and said.isprintable(), said
    return said


@pytest.mark.parametrize("what", NO_CELL)
def test_what_is_no_cell_is_refused_in_one_sentence(what: str) -> None:
    text, says = NO_CELL[what]
    with pytest.raises(ProgramError) as caught:
        load_cell(text)
    assert says in one_sentence(caught.value)


DOORS: dict[str, Callable[[Program], Any]] = {
    "program_for": lambda p: gw.compile.program_for(p),
    "training_for": lambda p: gw.compile.training_for(p),
    "schedule_for": lambda p: gw.compile.schedule_for(p),
    "layer_for": lambda p: gw.compile.layer_for(p, (("I", 3), ("H", 4))),
    "explain": lambda p: gw.explain(p),
    "Recurrent": lambda p: gw.nn.Recurrent(Cell(p), 3, 4),
    "eager": lambda p: by_eager(draw(p, {"I": 3, "H": 4}, Sequences(2, 1), ("h",))),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_door_lets_a_program_through_that_is_no_cell(door: str) -> None:
    for text in (NO_CELL["an output of the batch"][0], NO_CELL["a state that is not its name"][0]):
        program = from_json(text)  # as a program it is legal: derivatives have outputs
        with pytest.raises(ProgramError):
            DOORS[door](program)
    with pytest.raises(ProgramError, match="operand count"):  # nor one that is not even that
        DOORS[door](_without_operands(cells.get("gru").program))


def _without_operands(program: Program) -> Program:
    from dataclasses import replace

    nodes = [replace(n, args=()) if n.op == "tanh" else n for n in program.nodes]
    return replace(program, nodes=tuple(nodes))


def test_a_parameter_that_fills_the_memory_is_refused() -> None:
    with pytest.raises(SizeError, match="more than"):
        gw.nn.Recurrent("lstm", 2**20, 2**20)


def test_names_that_torch_cannot_have() -> None:
    """Members with dots in a family of several shapes."""
    text = to_json(cells.get("rnn").program)
    for old, new in (("W", "F.a.x"), ("U", "F.b.y"), ("b", "F.c.z")):
        text = text.replace(f'"{old}"', f'"{new}"')
    names = {n for n, _ in gw.nn.Recurrent(load_cell(text), 3, 4).named_parameters()}
    assert len(names) == 3


INITS = [
    ("uniform", 1, 0),
    ("uniform", 0, 1e38),
    ("uniform", 0, float("inf")),
    ("normal", -1.0),
    ("chrono", 1),
    ("constant", 10**400),
    ("constant", float("nan")),
    ("glorot", 1),
]


@pytest.mark.parametrize("init", INITS, ids=str)
def test_an_initial_value_that_cannot_be_drawn_is_refused_in_the_language(init: Any) -> None:
    with pytest.raises(CellError, match="Fix: one of"):
        cells.get("rnn").with_init({"b": init})
    with pytest.raises(CellError, match="Fix: one of"):

        @gw.cell(init={"b": init})
        def made(x, /, h, *, W, U, b):
            return W.h @ x + U.h @ h + b.h


@pytest.mark.parametrize("start", [1e31, 10**400, float("nan"), "0"])
def test_a_start_that_no_type_holds_is_refused_in_the_language(start: Any) -> None:
    with pytest.raises(CellError, match="infinities are allowed"):

        @gw.cell(initial={"h": start})
        def made(x, /, h, *, W, U, b):
            return W.h @ x + U.h @ h + b.h


# --- legal, and odd -------------------------------------------------------------------------------


def number_next(name: str, op: str = "sum") -> Program:
    """A cell whose first state becomes one number: the sum of its units, a constant, a parameter."""
    data = to_data(cells.get(name).program)
    was, count = data["next"][0], len(data["nodes"])
    size = data["states"][0]["size"]
    data["nodes"].append(
        {
            "sum": ["sum", [was], "1", None, size],
            "const": ["const", [], "1", None, 0.25],
            "param": ["param", [], "1", None, "s"],
        }[op]
    )
    if op == "param":
        data["params"].append(
            {"name": "s", "rows": "1", "cols": None, "blocks": 1, "init": ["constant", 1]}
        )
    data["next"][0] = count
    data["names"] = [[n, count if n == data["states"][0]["name"] else k] for n, k in data["names"]]
    data["names"].append(["before", was])
    return load_cell(json.dumps(data)).program


@pytest.mark.parametrize("op", ["sum", "const", "param"])
@pytest.mark.parametrize("name", ["lstm", "mingru"])
def test_a_state_that_becomes_one_number_has_it_in_every_unit(name: str, op: str) -> None:
    program = number_next(name, op)
    seq = Sequences(4, 3, np.array([4, 0, 2]), resets(4, 3), True)
    p = draw(program, {n: 5 for n in program.sizes}, seq, ("h", "before"))
    want = by_interpreter(p)
    assert want["output"].shape == want["record.h"].shape == (4, 3, 5)
    assert_same(by_kernels(p), want, "float64")
    assert_same(by_eager(p), want, "float64")
    outputs = []
    for backend in ("eager", "llvm"):
        torch.manual_seed(0)
        module = gw.nn.Recurrent(Cell(program), 5, 5, backend=backend)
        output, (h, *_) = module(torch.ones(4, 3, 5))
        assert output.shape == (4, 3, 5) and h.shape == (1, 3, 5)
        outputs.append(output.detach())
    assert torch.allclose(*outputs, atol=1e-6)


def test_a_constant_too_large_for_the_type_is_infinite() -> None:
    data = to_data(cells.get("rnn").program)
    count = len(data["nodes"])
    data["nodes"] += [
        ["const", [], "1", None, 1e300],
        ["min", [data["next"][0], count], "H", None, None],
    ]
    data["names"][-1][1] = data["next"][0] = count + 1
    outputs = []
    for backend in ("eager", "llvm"):
        torch.manual_seed(0)
        outputs.append(
            gw.nn.Recurrent(load_cell(json.dumps(data)), 3, 4, backend=backend)(
                torch.ones(2, 1, 3)
            )[0]
        )
    torch.testing.assert_close(*outputs)


@gw.cell
def free(x, /, h):
    """A cell without parameters: an average of what comes."""
    return 0.5 * h + 0.5 * x


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_cell_without_parameters_runs_and_has_gradients(dtype: torch.dtype) -> None:
    got = []
    for backend in ("eager", "llvm"):
        module = gw.nn.Recurrent(free, 3, 3, num_layers=2, bidirectional=False, backend=backend)
        assert not list(module.parameters()) and module.explain().startswith("free on cpu: ")
        generator = torch.Generator().manual_seed(1)
        x = torch.randn(5, 2, 3, dtype=dtype, generator=generator, requires_grad=True)
        h = torch.randn(2, 2, 3, dtype=dtype, generator=generator, requires_grad=True)
        output, (last,) = module(x, (h,), lengths=[5, 3])
        (output.square().sum() + last.sum()).backward()
        with torch.no_grad():
            plain, _ = module(x)
        trained, _ = module(x)
        assert output.dtype == dtype and torch.equal(plain, trained)
        got.append([t.detach() for t in (output, last, plain, x.grad, h.grad) if t is not None])
    for ours, theirs in zip(*got, strict=True):
        torch.testing.assert_close(ours, theirs)
    with pytest.raises(InputError, match=r"pass input\.float"):
        module(torch.ones(5, 2, 3, dtype=torch.int64))
