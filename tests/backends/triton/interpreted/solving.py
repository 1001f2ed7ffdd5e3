"""Problems solved by the Triton backend: all results by name, as ``by_interpreter`` gives them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import torch

from gatewise.backends.base import Result, RunnerCall
from gatewise.backends.triton import layer, run, sequence
from gatewise.backends.triton.kernels import load
from gatewise.compile import PASSES
from tests.backends.eager.test_eager import Leaves, gradients
from tests.backends.llvm.helpers import Problem, Results
from tests.backends.triton.interpreted.emulator import Emulated


class _Leaves(Leaves):
    def run(self) -> Result:
        p, seq = self.p, self.p.seq
        return run.run(
            RunnerCall(
                p.program,
                self.inputs,
                self.params,
                p.sizes,
                states=self.states,
                restart=self.restart,
                lengths=None if seq.lengths is None else torch.tensor(seq.lengths),
                reset=None if seq.reset is None else torch.tensor(seq.reset, device=self.device),
                reverse=seq.reverse,
                record=p.record,
                passes=PASSES,
            )
        )


def by_triton(
    p: Problem,
    dtype: torch.dtype = torch.float32,
    *,
    backward: bool = True,
    device: str = "cpu",
) -> Results:
    """All results, gradients too. What a kernel does not write is NaN."""
    leaves, names = _Leaves(p, dtype, device), [s.name for s in p.program.states]
    # the interpreter computes elements that no mask lets out, in NumPy, which warns of them
    with poisoned(), np.errstate(all="ignore"), torch.set_grad_enabled(backward):
        result = leaves.run()
        results: dict[str, Any] = {"output": result.output}
        results |= {f"state.{n}": a for n, a in zip(names, result.states, strict=True)}
        results |= {f"record.{n}": a for n, a in result.recorded.items()}
        if backward:
            results |= gradients(p, leaves, result)
    return {name: a.detach().float().cpu().numpy() for name, a in results.items()}


@contextmanager
def poisoned() -> Iterator[None]:
    """New memory of a run is full of NaN."""
    real = torch.Tensor.new_empty

    def new_empty(self: torch.Tensor, *size: Any, **options: Any) -> torch.Tensor:
        new = real(self, *size, **options)
        return new.fill_(float("nan")) if new.is_floating_point() else new

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.Tensor, "new_empty", new_empty)
        yield


@contextmanager
def many_programs(seed: int, left_out: tuple[int, int] | None = None) -> Iterator[list[Emulated]]:
    """Kernels of the grid way run as many programs at a time; gives those that ran. ``left_out``: of
    which kernel (0 is the first that runs) which barrier (1 is the first of its text)."""
    emulated: list[Emulated] = []

    def load_emulated(text: str) -> Any:
        if "_grid_barrier" not in text:
            return load(text)
        kernel, barrier = left_out or (None, None)
        emulated.append(Emulated(text, seed, barrier if kernel == len(emulated) else None))
        return emulated[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence, "load", load_emulated)
        patch.setattr(layer, "interpreted", lambda: False)
        yield emulated


@contextmanager
def kernels_run() -> Iterator[list[str]]:
    """The texts of the kernels that run a whole sequence."""
    texts: list[str] = []

    def load_and_tell(text: str) -> Any:
        texts.append(text)
        return load(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sequence, "load", load_and_tell)
        yield texts
