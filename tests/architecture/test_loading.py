"""What ``import gatewise`` loads; ``benchmarks/compiling.py`` measures how long it takes."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.architecture.sources import ROOT

LAZY = (
    "torch",
    "llvmlite",
    "triton",
    "onnx",
    "numpy",
    "safetensors",
    "gatewise.nn",
    "gatewise.tasks",
)
MOST = 240  # modules, those of the interpreter among them: 217 when this was written


def test_import_loads_no_backend_and_few_modules() -> None:
    child = "import gatewise, json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", child], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    loaded = json.loads(done.stdout)
    assert not set(LAZY) & set(loaded)
    assert len(loaded) <= MOST, f"import gatewise loads {len(loaded)} modules"
