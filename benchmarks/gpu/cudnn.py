"""torch.nn.LSTM, which is cuDNN's."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from benchmarks.gpu.cases import SHAPES, Case, device, input_of, timed


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Each shape in each type; float32 as torch lets cuDNN round it, which is to TF32."""
    if arguments.rehearse:
        toy = Case("nn.LSTM", 3, 2, 8, "float32")
        return {str(toy): partial(_measure, toy)}
    types = ("float16", "bfloat16", "float32")
    all_cases = [Case("nn.LSTM", *shape, dtype) for shape in SHAPES for dtype in types]
    return {str(case): partial(_measure, case) for case in all_cases}


def _measure(case: Case) -> dict[str, Any]:
    dtype = getattr(torch, case.dtype)
    module = torch.nn.LSTM(case.units, case.units, device=device(), dtype=dtype)
    return timed(module, input_of(case), case.steps)
