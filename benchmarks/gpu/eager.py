"""The same cells as plain operations of torch: what a person has without the Triton backend."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.gpu.cases import Case, input_of, module_of, timed

STEPS = 128  # each step takes as long as the next


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """The cells of the first rows of the table."""
    steps, size = (3, (2, 8)) if arguments.rehearse else (STEPS, (16, 512))
    cells = ("lstm", "peephole_lstm", "layernorm_lstm", "gru_v3", "slstm", "minlstm")
    all_cases = [Case(cell, steps, *size) for cell in cells]
    if arguments.rehearse:
        all_cases = [Case("peephole_lstm", steps, *size, "float32")]
    else:
        all_cases.insert(0, Case("peephole_lstm", steps, 16, 768))
    return {str(case): partial(_measure, case) for case in all_cases}


def _measure(case: Case) -> dict[str, Any]:
    return timed(module_of(case, "eager"), input_of(case), case.steps)
