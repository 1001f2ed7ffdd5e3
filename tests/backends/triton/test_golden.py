"""The text of kernels is what it was: a change can be read in a diff, on any machine.

    python -m pytest tests/backends/triton/test_golden.py --update-golden

writes the files anew. Look at their diff before you commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import gatewise as gw
from gatewise.backends.triton.choice import GPUS
from gatewise.backends.triton.layer import GpuLayer
from gatewise.backends.triton.phases import PhasedStep
from gatewise.backends.triton.sequence import LoopStep
from gatewise.compile import PASSES

GOLDEN = Path(__file__).parent / "golden"
# one way each: a cell of one phase, one of two, one whose kernels are interrupted by products
KERNELS = (
    ("lstm", "forward", "rows", 20),
    ("gru_v3", "backward", "grid", 40),
    ("peephole_lstm", "forward", "steps", 20),
)


@pytest.mark.parametrize(("name", "direction", "way", "units"), KERNELS)
def test_kernels(
    name: str, direction: str, way: str, units: int, request: pytest.FixtureRequest
) -> None:
    program = gw.cells.get(name).program
    sizes = {"I": 3, "H": units}
    layer = GpuLayer(PASSES, program, sizes, (program.states[0].name,), True)
    step = layer.forward if direction == "forward" else layer.backward
    assert step is not None
    written = step.written(step.way(5, "float32", GPUS[90], way, True))
    if isinstance(written, PhasedStep):
        text = written.sources.phases[-1][1].text
    else:
        assert isinstance(written, LoopStep)
        text = written.source.text
    path = GOLDEN / f"{name}-{direction}-{way}.txt"
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"there is no {path.name}: run with --update-golden"
    assert text == path.read_text(encoding="utf-8"), f"{path.name}: see --update-golden"
