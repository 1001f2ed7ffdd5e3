"""The same problems on a GPU, where there is one: ``pytest -m gpu``."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytest.importorskip("triton", reason="kernels are compiled by Triton")
from gatewise.backends.triton import backend
from tests.backends.llvm.helpers import CELLS, assert_same, by_interpreter, draw, sizes_of
from tests.backends.llvm.test_contract import SITUATIONS, recorded
from tests.backends.triton.interpreted.solving import by_triton

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available() or backend.obstacle("cuda", "float32") != "",
        reason="no GPU that the kernels run on",
    ),
]


@pytest.mark.parametrize("situation", ["ragged", "ragged-reverse", "reset-declared", "one-step"])
@pytest.mark.parametrize("name", CELLS)
def test_the_way_that_is_chosen(name: str, situation: str) -> None:
    seq, with_states = SITUATIONS[situation]
    p = draw(CELLS[name].program, sizes_of(name), seq, recorded(name), with_states=with_states)
    assert_same(by_triton(p, device="cuda"), by_interpreter(p), "float32", name=situation)


@pytest.mark.parametrize("way", ["rows", "grid", "steps"])
@pytest.mark.parametrize("name", ["lstm", "peephole_lstm", "gru_v3", "slstm-heads", "lstmp"])
def test_ways_by_name(name: str, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWISE_TRITON_WAY", way)
    seq, with_states = SITUATIONS["ragged"]
    p = draw(
        CELLS[name].program,
        sizes_of(name, H=48, P=32),
        seq,
        recorded(name),
        with_states=with_states,
    )
    for _ in range(3):  # the third run replays what the second recorded
        assert_same(by_triton(p, device="cuda"), by_interpreter(p), "float32", name=way)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ["lstm", "gru_v3", "layernorm_lstm", "minlstm"])
def test_low_types(name: str, dtype: str) -> None:
    program, low = CELLS[name].program, getattr(torch, dtype)
    seq, with_states = SITUATIONS["plain"]
    p = draw(program, sizes_of(name), seq, (program.states[0].name,), with_states=with_states)
    p = p.map(lambda a: torch.tensor(a).to(low).double().numpy())
    assert_same(by_triton(p, low, device="cuda"), by_interpreter(p), dtype)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("tool", ["memcheck", "racecheck"])
def test_no_access_is_wrong(tool: str) -> None:
    """One cell in all its ways under NVIDIA's compute-sanitizer, which comes with nvcc."""
    sanitizer = shutil.which("compute-sanitizer", path="/usr/local/cuda/bin") or shutil.which(
        "compute-sanitizer"
    )
    if sanitizer is None:
        pytest.skip("compute-sanitizer is not installed")
    command = [sanitizer, "--tool", tool, "--error-exitcode", "9", sys.executable, "-m", "pytest"]
    command += ["-q", "-m", "gpu", f"{__file__}::test_ways_by_name", "-k", "gru_v3"]
    root = Path(__file__).resolve().parents[3]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-1000:]
