"""The benchmark for a GPU, which runs blind: what it prints, what it leaves out, what it does when a process
hangs or dies; and a rehearsal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import gatewise as gw
from benchmarks.gpu import flashrnn, machine, sections
from benchmarks.gpu.cases import Case, both_of, cases_of
from benchmarks.gpu.parts import PARTS, left_out
from benchmarks.gpu.sections import SECTIONS, TOTAL, Run, Section, run_section
from benchmarks.gpu.table import LINES, WIDTH, table
from gatewise.backends.triton.arguments import Argument, Role
from gatewise.backends.triton.choice import GPUS
from gatewise.backends.triton.layer import GpuLayer
from gatewise.backends.triton.resources import resources
from gatewise.backends.triton.sequence import LoopStep
from gatewise.backends.triton.text import BARRIER, PRELUDE
from gatewise.compile import PASSES

ROOT = Path(__file__).resolve().parents[3]


def test_a_part_is_left_out_of_a_kernel() -> None:
    program = gw.cells.get("peephole_lstm").program
    layer = GpuLayer(PASSES, program, {"I": 32, "H": 32}, ("h",), True)
    for step in (layer.forward, layer.backward):
        assert step is not None
        written = step.written(step.way(16, "bfloat16", GPUS[90], "grid", True))
        assert isinstance(written, LoopStep)
        whole = written.source.text
        for part in PARTS:
            text, count = left_out(whole, part)
            compile(text, part, "exec")
            assert (count > 0) == (text != whole)
            if part != "sigmoid and tanh" or step is layer.forward:
                assert (count > 0) == (part != "whole"), part
    assert (
        "_grid_barrier(" in whole
        and "patience = _grid_barrier(" not in left_out(whole, "barrier")[0]
    )
    assert "tl.dot(" not in left_out(whole, "product")[0]


def test_the_table_is_short_and_says_what_failed() -> None:
    cases = [str(case) for case in cases_of(Namespace(rehearse=False))]
    assert len(set(cases)) == len(cases)
    card: dict[str, Any] = {"key": "card", "card": "a card", "torch": "2.11.0"}
    speed = [{"key": c, "forward": 1.5, "both": 200.0, "ways": ["forward rows"]} for c in cases]
    speed[1] = {"key": cases[1], "error": "no result in 30 s"}
    right = [{"key": c, "right": True, "off": 1e-3, "error": None} for c in cases]
    right[0] |= {"right": False, "off": 0.5, "bad": {"d.x": 0.5}}
    cudnn = [
        {"key": f"nn.LSTM/T1024/B16/H768/{kind}", "forward": 2.0, "both": 5.0}
        for kind in ("fp16", "bf16", "fp32")
    ]
    step = [{"key": "triton/H256", "queued": 9.0, "waited": 14.0}]
    first = [{"key": "lstm/T64", "compiled": 3.0, "from_disk": 0.5}]
    records = {"machine": [card], "speed": speed, "correct": right, "cudnn": cudnn}
    lines = table(
        {**records, "one_step": step, "first_call": first, "jax": [{"key": "jax", "skipped": "no"}]}
    )
    assert len(lines) <= LINES and max(map(len, lines)) <= WIDTH
    text = "\n".join(lines)
    assert "WRONG 5e-01" in text and "failed: no result in 30 s" in text and "1.50 | 200" in text
    assert "fp16 2.00 | 5.00, bf16 2.00 | 5.00, fp32 2.00 | 5.00" in text
    assert "triton/H256 9.00 14.00" in text and "compiled 3.00 s, in another process 0.50 s" in text
    assert table({})  # nothing at all came of it


CHILD = """
import json, os, sys, time
path = sys.argv[2]
over = {r.get("begin", r.get("key")) for r in map(json.loads, open(path))}
for key in ("well", "hangs", "dies", "again", "last"):
    if key in over:
        continue
    with open(path, "a") as file:
        file.write(json.dumps({"begin": key}) + "\\n")
    if key == "hangs":
        time.sleep(60)
    if key == "dies":
        os._exit(9)
    with open(path, "a") as file:
        file.write(json.dumps({"key": key, "value": 1}) + "\\n")
    if key == "again":
        sys.exit(75)
"""


def test_a_process_that_hangs_or_dies_costs_its_case(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = tmp_path / "child.py"
    child.write_text(CHILD)
    real = subprocess.Popen

    def start(command: list[str], **options: Any) -> Any:
        return real([sys.executable, str(child), *command[3:5]], **options)

    monkeypatch.setattr(sections.subprocess, "Popen", start)
    section = Section("speed", "", limit=60, stall=3)
    records = run_section(section, Run(tmp_path, True, "", time.monotonic() + 60))
    results = {r["key"]: r.get("error", r.get("value")) for r in records}
    assert list(results) == ["well", "hangs", "dies", "again", "last"]
    assert [results[k] for k in ("well", "again", "last")] == [1, 1, 1]
    assert results["hangs"] == "no result in 3 s"
    assert results["dies"].startswith("the process ended with 9")


def test_a_process_that_cannot_start_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = subprocess.Popen
    broken = [sys.executable, "-c", "raise SystemExit('no such module')"]
    monkeypatch.setattr(sections.subprocess, "Popen", lambda _, **o: real(broken, **o))
    records = run_section(SECTIONS[0], Run(tmp_path, True, "", time.monotonic() + 60))
    assert records == [{"key": "machine", "error": "the process ended with 1: no such module"}]


@pytest.mark.parametrize("rehearse", [True, False], ids=["rehearsal", "card"])
@pytest.mark.parametrize("section", [s.name for s in SECTIONS])
def test_every_section_has_cases(section: str, rehearse: bool) -> None:
    module = import_module(f"benchmarks.gpu.{section}")
    cases = module.cases(Namespace(rehearse=rehearse, flashrnn="a.whl"))
    assert cases and all(callable(case) for case in cases.values())


def test_flashrnn_is_called_as_it_wants() -> None:
    """Its function takes [B, T, G, N, D] and gives states [S, B, T, N, D]; the module is timed as others."""

    def function(wx: Tensor, r: Tensor, b: Tensor, **options: Any) -> tuple[Tensor, Tensor]:
        assert wx.shape == (2, 5, 4, 1, 8) and r.shape == (4, 1, 8, 8) and b.shape == (4, 1, 8)
        assert options == {"function": "lstm", "backend": "cuda_fused", "dtype": "bfloat16"}
        h = (wx + b).sum(2)
        return torch.stack([h, h]), h

    module = flashrnn._Lstm(function, "cuda_fused", 8)
    x = torch.randn(5, 2, 8, requires_grad=True)
    output, _ = module(x)
    torch.testing.assert_close(output, module.w(x).view(5, 2, 4, 8).sum(2))
    both_of(module, x)()
    assert x.grad is not None


def test_barriers_by_themselves_compile() -> None:
    """What the section *machine* launches; the loop waits with an acquire and arrives with a release."""
    pytest.importorskip("triton", reason="kernels are compiled by Triton")
    tensors = tuple(Argument(role, role, "", "int32") for role in (Role.COUNTER, Role.FAILED))
    constants = {"ROUNDS": machine.ROUNDS, "PROGRAMS": 128}
    text = PRELUDE + BARRIER + machine.BARRIERS
    kernel = resources(text, tensors, [], constants, "float32", 90, cooperative=True)
    assert kernel.stack == 0 and kernel.count("release") == 1 and kernel.count("acquire") == 1


def test_what_is_worth_most_comes_first() -> None:
    assert [s.name for s in SECTIONS][:4] == ["machine", "compile", "correct", "speed"]
    assert sum(s.limit for s in SECTIONS[:4]) < TOTAL
    assert str(cases_of(Namespace(rehearse=False))[0]) == str(
        Case("peephole_lstm", 1024, 16, 768, way="steps")
    )


def rehearse(out: Path, *arguments: str) -> dict[str, list[dict[str, Any]]]:
    pytest.importorskip("triton", reason="kernels are interpreted by Triton")
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    command = [sys.executable, "-m", "benchmarks.gpu", "--rehearse", "--out", str(out), *arguments]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    logs = "".join(path.read_text()[-1000:] for path in out.glob("*.log"))
    assert result.returncode == 0, result.stdout + result.stderr + logs
    assert (out / "gpu.txt").read_text() == result.stdout
    records: dict[str, list[dict[str, Any]]] = json.loads((out / "gpu.json").read_text())
    return records


def test_a_rehearsal_of_one_section(tmp_path: Path) -> None:
    records = rehearse(tmp_path, "--only", "machine")
    assert [r["key"] for r in records["machine"]] == ["card", "copy", "barrier of 1", "graph node"]
    assert not any(r.get("gave_up") for r in records["machine"])


@pytest.mark.slow
def test_a_rehearsal(tmp_path: Path) -> None:
    records = rehearse(tmp_path)
    assert list(records) == [s.name for s in SECTIONS]
    assert all(records.values())
    assert all(r["off"] < 1e-2 for r in records["correct"])
