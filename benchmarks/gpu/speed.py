"""The Triton backend through the modules that a person uses, the product of the input included."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.gpu.cases import Case, cases_of, input_of, module_of, timed, way_of
from gatewise.backends.triton.layer import PlannedStep


def cases(arguments: Namespace) -> dict[str, Callable[[], dict[str, Any]]]:
    """Each case, timed."""
    return {str(case): partial(_measure, case) for case in cases_of(arguments)}


def _measure(case: Case) -> dict[str, Any]:
    with way_of(case), _Ways() as ways:
        result = timed(module_of(case), input_of(case), case.steps)
    return {**result, "ways": sorted(ways)}


class _Ways:
    """Which ways are taken meanwhile, forward and backward."""

    def __enter__(self) -> set[str]:
        self.written = PlannedStep.written
        names: set[str] = set()

        def written(step: PlannedStep, way: Any) -> Any:
            direction = "backward" if step.backward else "forward"
            names.add(f"{direction} {way.name}{' scan' if getattr(way, 'scan', False) else ''}")
            return self.written(step, way)

        PlannedStep.written = written  # type: ignore[method-assign]
        return names

    def __exit__(self, *error: object) -> None:
        PlannedStep.written = self.written  # type: ignore[method-assign]
