"""The text of step kernels is what it was: a change can be read in a diff, on any machine.

    python -m pytest tests/backends/llvm/emit/test_golden.py --update-golden

writes the files anew. Look at their diff before you commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import gatewise as gw
from gatewise.backends.llvm.machine.target import Target
from gatewise.backends.llvm.plan.kernel_spec import KernelKind
from gatewise.backends.llvm.plan.planner import make_plan
from gatewise.backends.llvm.run.kernel import kernel_text, lanes_for
from gatewise.compile import layer_for

GOLDEN = Path(__file__).parent / "golden"
# a cell of one phase, one of two, and one with sums over units
KERNELS = (
    ("lstm", KernelKind.INFERENCE),
    ("gru_v3", KernelKind.FORWARD),
    ("layernorm_lstm", KernelKind.BACKWARD),
)
TARGETS = {"sse2": "x86_64-linux", "avx512": "x86_64-linux+avx512"}


@pytest.mark.parametrize("level", TARGETS)
@pytest.mark.parametrize(("name", "kind"), KERNELS, ids=lambda value: str(value))
def test_step_kernels(
    name: str, kind: KernelKind, level: str, request: pytest.FixtureRequest
) -> None:
    layer = layer_for(gw.cells.get(name).program, (("I", 3), ("H", 20)))
    target, plan = Target.named(TARGETS[level]), layer.plan(kind)
    schedule = layer.plans.schedule(plan.program)
    other = make_plan(plan.spec, schedule, layer.sizes, lanes_for("float32", target))
    text = kernel_text(other, target)
    path = GOLDEN / f"{name}-{kind}-{level}.ll"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"there is no {path.name}: run with --update-golden"
    assert text == path.read_text(encoding="utf-8"), f"{path.name}: see --update-golden"
