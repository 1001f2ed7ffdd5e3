"""A call in inference whose shapes are settled: only addresses change from one call to the next.

A step of a small network takes a microsecond or two; what is looked up and checked around it must not
take fifty. Everything that does not depend on the arrays themselves is set once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gatewise.backends.llvm.frame import Frame, View, Weight
from gatewise.backends.llvm.layer import Course, Layer


class Prepared:
    """A frame with everything set but addresses. One call at a time; make one for each thread.

    Arrays are contiguous: ``inputs`` [T, B, n] or [B, n], states and final states [B, n], outputs
    [T, B, n], in the order of the Program and of ``layer.outputs``.
    """

    def __init__(self, layer: Layer, course: Course, inputs: Sequence[tuple[int, ...]]) -> None:
        program, batch = layer.plans.program, course.rows.batch
        self.frame = Frame("inference", layer.kernel("inference"), layer.sizes, course.threads)
        self.frame.sequence(course.rows, course.reset)
        self.frame.set("descending", int(course.reverse))
        self.frame.set("shift", int(course.reverse))
        self._rows, places = course.rows, []
        plan = self.frame.kernel.plan

        def place(role: str, name: str, step: int, row: int) -> None:
            self.frame.view(role, name, View(0, step, row))
            places.append(self.frame.index[f"{role}.{name}"])

        for item, shape in zip(program.inputs, inputs, strict=True):
            place("in", item.name, batch * shape[-1] if len(shape) == 3 else 0, shape[-1])
        for role in ("first", "restart"):
            for state in program.states:
                place(role, state.name, 0, plan.states[state.name])
        units = dict(plan.spec.results)
        for name in layer.outputs:
            place("out", name, batch * plan.units[units[name]], plan.units[units[name]])
        for state in program.states:
            place("last", state.name, 0, plan.states[state.name])
        self._places = np.array(places)

    def run(self, addresses: Sequence[int], params: Mapping[str, Weight]) -> None:
        """Call the kernel: addresses of inputs, initial, restart states, outputs, final states."""
        self.frame.table[self._places] = addresses
        self.frame.weights(params, remember=True)
        self.frame.run(self._rows)
