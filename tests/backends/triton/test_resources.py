"""What kernels take on a GPU, found out by compiling them: no GPU is needed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import gatewise as gw
from gatewise.backends.triton.choice import GPUS
from gatewise.backends.triton.layer import GpuLayer, PlannedStep
from gatewise.compile import PASSES
from gatewise.errors import BackendError
from tests.backends.triton.budgets import BATCH, CELLS, DEFAULT, FEW, MORE, SHARED, STACK, Case

pytest.importorskip("triton", reason="kernels are compiled by Triton")
if os.environ.get("TRITON_INTERPRET") == "1":
    pytest.skip("a process either interprets kernels or compiles them", allow_module_level=True)

from gatewise.backends.triton.resources import Resources, of_step


def planned(case: Case) -> PlannedStep:
    program = gw.cells.get(case.cell).program
    sizes = {name: case.units for name in program.sizes}
    layer = GpuLayer(PASSES, program, sizes, (program.states[0].name,), True)
    step = layer.forward if case.direction == "forward" else layer.backward
    assert step is not None
    return step


def compiled(case: Case) -> tuple[str, list[Resources]]:
    """The way that is taken and what its kernels take."""
    step = planned(case)
    way = step.way(BATCH, case.dtype, GPUS[case.capability], case.way, True)
    return way.name, of_step(step.written(way), way.name == "grid", case.dtype, case.capability)


def check(case: Case, stack: int = 0) -> None:
    way, kernels = compiled(case)
    budget = STACK.get((way, case.dtype), stack)
    budget = max(budget, MORE.get((case.cell, case.direction, way, case.dtype), 0))
    for kernel in kernels:
        shown = f"{case} takes the way {way}: {kernel}"
        assert kernel.stack <= budget, shown
        assert kernel.shared <= SHARED[case.capability], shown
        # a load through the cache for what never changes would not see what others wrote; digits of pi, which
        # sines and cosines of large angles need, never change
        assert kernel.count("ld.global.nc") == 0 or "__cudart_i2opi_f" in kernel.ptx, shown
        loop = of_the_loop(kernel.ptx)
        if way in ("rows", "grid"):
            assert re.search(r"\bw?g?mma\b", loop), f"no product in the loop: {shown}"
            assert "bar.sync" in loop, shown
        if way == "grid":
            assert re.search(r"(red|atom)\.global\.gpu\.release", loop), shown
            assert re.search(r"(ld|atom)\.global\.gpu\.acquire|ld\.acquire\.gpu", loop), shown
            # exchanged vectors are read past the first cache
            assert "ld.global.cg" in loop, shown
        else:
            assert ".gpu.acquire" not in kernel.ptx and ".gpu.release" not in kernel.ptx, shown


def of_the_loop(ptx: str) -> str:
    """The text from the first label that is jumped back to, to the last such jump."""
    lines = ptx.splitlines()
    labels = {line.split(":")[0]: n for n, line in enumerate(lines) if line.startswith("$L__BB")}
    jumps = [
        (labels[match[1]], n)
        for n, line in enumerate(lines)
        if (match := re.search(r"\bbra(?:\.uni)?\s+(\$L__BB\w+);", line)) and match[1] in labels
    ]
    back = [(start, end) for start, end in jumps if start < end]
    if not back:
        return ""
    return "\n".join(lines[min(s for s, _ in back) : max(e for _, e in back)])


@pytest.mark.parametrize("case", DEFAULT, ids=str)
def test_budgets(case: Case) -> None:
    check(case)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("capability", SHARED)
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
@pytest.mark.parametrize("units", [64, 128, 256, 768])
@pytest.mark.parametrize("cell", CELLS)
def test_budgets_of_all_sizes(cell: str, units: int, dtype: str, capability: int) -> None:
    for direction in ("forward", "backward"):
        for way in ("", "steps"):
            check(Case(cell, direction, way, dtype, capability, units), FEW)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
@pytest.mark.parametrize("cell", gw.cells.names())
def test_budgets_of_all_cells(cell: str, dtype: str) -> None:
    for direction in ("forward", "backward"):
        for way in ("rows", "grid", "apart", "steps"):
            try:
                check(Case(cell, direction, way, dtype, 90, 64), FEW)
            except BackendError as error:
                assert "cannot serve this call" in str(error)
                assert way != "steps"


COMPILE = """
import sys
import triton
from tests.backends.triton.test_resources import check
from tests.backends.triton.budgets import DEFAULT, FEW
assert triton.__version__ == sys.argv[1], triton.__version__
for case in DEFAULT:
    check(case, FEW)
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_budgets_under_the_triton_of_torch_2_11(tmp_path: Path) -> None:
    """Triton 3.6.0, installed beside this one."""
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path / "site")]
    done = subprocess.run([sys.executable, *install, "triton==3.6.0"], capture_output=True)
    if done.returncode:
        pytest.skip("no package index answers")
    root = Path(__file__).resolve().parents[3]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), str(root)]),
        "TRITON_CACHE_DIR": str(tmp_path / "cache"),
    }
    command = [sys.executable, "-c", COMPILE, "3.6.0"]
    result = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-2000:]
