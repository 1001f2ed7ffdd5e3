"""Many programs of one kernel on a CPU, resumed in random order between barriers.

Triton's interpreter runs the programs of a grid one after the other, so that one which waits for the others
waits for ever. Here the barrier of a kernel's text becomes a ``yield``: each program is a coroutine of the
interpreter, and a scheduler resumes all of them, in another order every time.
"""

from __future__ import annotations

import inspect
import random
import re
from typing import Any

from triton.runtime import interpreter

from gatewise.backends.triton import kernels

_BARRIER = re.compile(r"(?m)^( *)patience = _grid_barrier\([^\n]*\)$")


class Emulated:
    """A kernel whose programs run together. ``barriers`` is how many each came by in the last launch."""

    def __init__(self, text: str, seed: int, left_out: int | None) -> None:
        count = 0

        def wait(match: re.Match[str]) -> str:
            nonlocal count
            count += 1
            if count == left_out:  # a coroutine still, where it is the only one
                return f"{match[1]}if False:\n{match[1]}    yield"
            return f"{match[1]}yield"

        self.kernel = kernels.load(_BARRIER.sub(wait, text))
        self.written, self.left_out = count, left_out
        self.random = random.Random(seed)
        self.barriers = 0

    def __getitem__(self, grid: tuple[int, ...]) -> Any:
        def launch(*tensors: Any, **options: Any) -> None:
            self._run(grid[0], tensors, options)

        return launch

    def _run(self, programs: int, tensors: tuple[Any, ...], options: dict[str, Any]) -> None:
        function = self.kernel.rewrite()
        scope = interpreter._patch_lang(function)
        builder = interpreter.interpreter_builder
        builder.set_grid_dim(programs, 1, 1)
        names = list(inspect.signature(self.kernel.fn).parameters)
        values = dict(zip(names, tensors, strict=False))
        constants = {n for n in names if n.isupper() and n not in ("T", "B")}
        values |= {n: v for n, v in options.items() if n in names}
        bound = {
            n: v if n in constants else interpreter._implicit_cvt(v) for n, v in values.items()
        }
        waiting = {k: function(**bound) for k in range(programs)}
        passed = dict.fromkeys(waiting, 0)
        while waiting:
            order = list(waiting)
            self.random.shuffle(order)
            for k in order:
                builder.set_grid_idx(k, 0, 0)
                try:
                    next(waiting[k])
                    passed[k] += 1
                except StopIteration:
                    del waiting[k]
            assert len(set(passed.values())) == 1, f"programs passed {passed} barriers"
        self.barriers = passed[0]
        if scope is not None:
            scope.restore()
