"""The Triton backend through the modules that a person uses, the product of the input included."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.gpu.cases import Case, cases_of, input_of, module_of, timed, way_of
from gatewise.backends.triton.layer import PlannedStep


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Each case, timed."""
    return {str(case): partial(_measure, case) for case in cases_of(arguments)}


def _measure(case: Case) -> dict[str, Any]:
    with way_of(case), _ways() as ways:
        result = timed(module_of(case), input_of(case), case.steps)
    return {**result, "ways": sorted(ways)}


@contextmanager
def _ways() -> Iterator[set[str]]:
    """Which ways are taken meanwhile, forward and backward."""
    real, names = PlannedStep.written, set[str]()

    def written(step: PlannedStep, way: Any) -> Any:
        direction = "backward" if step.backward else "forward"
        names.add(f"{direction} {way.name}{' scan' if getattr(way, 'scan', False) else ''}")
        return real(step, way)

    with patch.object(PlannedStep, "written", written):
        yield names
