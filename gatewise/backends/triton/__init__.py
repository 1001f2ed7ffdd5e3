"""The GPU backend: any scheduled Program as Triton kernels, written as text."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gatewise.backends.base import Result, RunnerCall
from gatewise.backends.schedule import Passes
from gatewise.errors import BackendError
from gatewise.ir import Program

if TYPE_CHECKING:
    from torch import Tensor

TYPES = ("float32", "bfloat16", "float16")
OLDEST = (8, 0)  # compute capability


class Triton:
    """Writes kernels for an NVIDIA GPU; Triton, which comes with torch for CUDA, compiles them."""

    name = "triton"
    compiled = False
    fallback = False
    automatic = True
    dispatch_key, device = "CUDA", "cuda"

    @property
    def ops(self) -> frozenset[str]:
        """What kernels can be written for."""
        from gatewise.backends.triton.plan import GATHERS
        from gatewise.backends.triton.text import EXPRESSIONS
        from gatewise.ir import OPS, PRODUCTS, REDUCTIONS

        leaves = {name for name, op in OPS.items() if op.kind == "leaf"}
        return frozenset(
            {*EXPRESSIONS, *GATHERS, *PRODUCTS, *REDUCTIONS, *leaves, "outer", "repeat"}
        )

    def missing(self) -> str:
        """Empty if torch and Triton are installed."""
        if importlib.util.find_spec("torch") is None:
            return 'pip install "gatewise[torch]"'
        if importlib.util.find_spec("triton") is None:
            return "Triton is missing: install torch for CUDA, which brings it"
        return ""

    def obstacle(self, device: str, dtype: str) -> str:
        """It serves floats of up to 32 bits on NVIDIA GPUs of compute capability 8.0 or more; where
        Triton interprets kernels, on the CPU."""
        from gatewise.backends.triton.kernels import interpreted

        if dtype not in TYPES:
            return f"its kernels serve {', '.join(TYPES[:-1])} and {TYPES[-1]}, not {dtype}"
        if interpreted():
            return "" if device == "cpu" else f"Triton interprets on the CPU here, not on {device}"
        return _gpu_obstacle() if device == "cuda" else f"its kernels run on a GPU, not on {device}"

    def run(self, call: RunnerCall) -> Result:
        """Run a cell by kernels, as one node of autograd's graph."""
        from gatewise.backends.triton.run import run

        return run(call)

    def room(
        self,
        program: Program,
        sizes: Mapping[str, int],
        record: tuple[str, ...],
        steps: int,
        batch: int,
        passes: Passes,
    ) -> int:
        """How many values a training step keeps."""
        from gatewise.backends.triton.operator import room

        return room(program, sizes, record, steps, batch, passes)

    def forward(self, call: RunnerCall, training: bool) -> tuple[list[Tensor], Tensor]:
        """Forward as a function of tensors."""
        from gatewise.backends.triton.operator import forward_of

        return forward_of(call, training)

    def backward(
        self, call: RunnerCall, stored: Tensor, grads: Sequence[Tensor]
    ) -> tuple[dict[str, Tensor], list[Tensor], list[Tensor]]:
        """Backward as a function of tensors."""
        from gatewise.backends.triton.operator import backward_of

        return backward_of(call, stored, grads)

    def explain_program(self, program: Program, sizes: Mapping[str, int], passes: Passes) -> str:
        """The way chosen and why, the kernels, and what they take on a GPU if they compile here.

        Raises BackendError without torch.
        """
        if importlib.util.find_spec("torch") is None:
            raise BackendError(
                f"the backend {self.name} cannot be explained here: {self.missing()}"
            )
        from gatewise.backends.triton.explain import explain

        return explain(program, sizes, passes)


def _gpu_obstacle() -> str:
    """Why the GPU at hand cannot serve; empty if it can."""
    import torch

    if torch.version.hip is not None:
        return "its barriers are written for NVIDIA GPUs, and this is one of AMD"
    if not torch.cuda.is_available():
        return "there is no GPU"
    capability = torch.cuda.get_device_capability()
    if capability < OLDEST:
        has, needs = ".".join(map(str, capability)), ".".join(map(str, OLDEST))
        return f"the GPU has compute capability {has}, its kernels need {needs}"
    return ""


backend = Triton()
