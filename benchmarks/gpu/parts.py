"""Where the time of a kernel goes: the same kernel with one part left out. Its results are wrong then."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.gpu.cases import Case, input_of, module_of, timed, way_of
from gatewise.backends.triton import sequence

# what a part is in the text of a kernel, and what stands there without it
PARTS = {
    "whole": (r"$^", ""),
    "barrier": (r"(?m)^( *)patience = _grid_barrier\([^\n]*$", r"\1pass"),
    "product": (r"(?m)^( *)v\d+ = tl\.dot\([^\n]*$", r"\1pass"),
    # the operand of a product is made of its index: nothing is read
    "exchange": (
        r"(?m)^( *)a = tl\.load\((\w+) [^\n]*$",
        r"\1a = (rm[:, None] * 0 + k[None, :]).to(\2.dtype.element_ty)",
    ),
    "sigmoid and tanh": (r"_(?:sigmoid|tanh)\((\w+)\)(?!:)", r"(\1 * 0.5)"),
}


def cases(arguments: Namespace, steps: int = 0) -> dict[str, Callable[[], dict[str, Any]]]:
    """Each part of each case left out in turn (in the table: only its name); over another number of steps to compile them."""
    if arguments.rehearse:
        all_cases = [Case("lstm", 3, 2, 8, "float32", "rows")]
    else:
        all_cases = [
            Case("peephole_lstm", 1024, 16, 768, way="grid"),
            Case("peephole_lstm", 1024, 16, 128, way="rows"),
            Case("lstm", 512, 64, 1024, way="grid"),
        ]
    return {
        f"{case}/without {part}" if part != "whole" else f"{case}/whole": partial(
            _measure, case._replace(steps=steps or case.steps), part
        )
        for case in all_cases
        for part in PARTS
        if part != "barrier" or case.way == "grid"
    }


def _measure(case: Case, part: str) -> dict[str, Any]:
    with way_of(case), _without(part) as changed:
        result = timed(module_of(case), input_of(case), case.steps)
    if part != "whole" and not any(changed):
        raise ValueError(f"no kernel has the part {part!r}")
    return result


@contextmanager
def _without(part: str) -> Iterator[list[int]]:
    """Kernels of a whole sequence lack a part; gives how many places of each were changed."""
    real, changed = sequence.load, list[int]()

    def load(text: str) -> Any:
        text, count = left_out(text, part)
        changed.append(count)
        return real(text)

    with patch.object(sequence, "load", load):
        yield changed


def left_out(text: str, part: str) -> tuple[str, int]:
    """A kernel without a part, and in how many places it was changed."""
    pattern, instead = PARTS[part]
    return re.subn(pattern, instead, text)
