"""Every kernel once, on two steps: what Triton compiles lies in its cache then."""

from __future__ import annotations

import time
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.gpu import parts
from benchmarks.gpu.cases import (
    Case,
    both_of,
    cases_of,
    device,
    forward_of,
    input_of,
    module_of,
    way_of,
)


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """A run of each case, forward alone and with its way back."""
    plain = {str(case): partial(_compile, case) for case in cases_of(arguments)}
    return {**plain, **parts.cases(arguments, steps=2)}


def _compile(case: Case) -> dict[str, Any]:
    start = time.monotonic()
    with way_of(case):
        module, x = module_of(case), input_of(case, 2)
        forward_of(module, x)()
        both_of(module, x)()
    if device() == "cuda":
        import torch

        torch.cuda.synchronize()
    return {"seconds": time.monotonic() - start}
