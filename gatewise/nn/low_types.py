"""bfloat16 and float16 on a CPU: the low types at the edges of a module, float32 inside.

What the compiled kernels are given is widened, they compute in float32, and what they give is rounded
once, behind the last layer. Gradients go back the same way: each has the type of its tensor.
"""

from __future__ import annotations

import torch

from gatewise.compile import llvm_runtime
from gatewise.nn.kernels import LOW
from gatewise.nn.plan import Plan

WIDE = torch.float32


def inside(dtype: torch.dtype, backend: str) -> torch.dtype:
    """The type that a backend computes in for a module of this one."""
    return WIDE if backend == "llvm" and dtype in LOW else dtype


def reading(plan: Plan, dtype: torch.dtype) -> Plan:
    """The plan by which the compiled kernels run a module of a type, or under autocast to it.

    Inference in bfloat16 has matrices, and the vectors they are applied to, in that type where the
    processor has dot products of pairs. Elsewhere rounding costs time and gains none.
    """
    if dtype is not torch.bfloat16 or plan.weights is not None or torch.is_grad_enabled():
        return plan
    if torch.compiler.is_compiling():  # it cannot trace how a plan is made; a call outside of it makes it
        narrow: Plan = plan.__dict__.get("narrow", plan)
        return narrow
    return plan.narrow if llvm_runtime().has_pairs else plan
