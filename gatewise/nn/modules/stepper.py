"""One step after another on arrays of NumPy: for policies and streams, where the call costs more than the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from gatewise.arrays import Bools, Singles
from gatewise.compile import llvm_runtime
from gatewise.errors import InputError
from gatewise.nn.compiled.launch import run
from gatewise.nn.compiled.plain_checks import plain_parameters
from gatewise.nn.compiled.prepared_call import PreparedCall
from gatewise.nn.modules.recurrent import Recurrent

if TYPE_CHECKING:
    from gatewise.compile import CallFrame


class Stepper:
    """Runs a layer one step at a time, for a fixed number of sequences, with everything bound once.

    Nothing is allocated, looked up or compared in a step: write the input into ``x``, call ``step``, and read
    ``output``. The states are carried in ``states`` and may be read and written between steps. What the kernels do not
    run by themselves (a module in training with masks, another backend) takes the usual way, with the same results.

    Args:
        module: one layer in one direction, float32, on the CPU. Its weights are read now: call ``read_weights``
            after they have changed.
        batch: the number of sequences B.

    Attributes:
        x: [B, I], the input of the next step.
        states: the states, [B, n] each; initial ones at first.
        output: [B, n], the output of the last step: the first state.

    Raises InputError for a module of several layers or directions, or of another type.
    """

    def __init__(self, module: Recurrent, batch: int) -> None:
        plan = module.plan
        if len(plan.layers) != 1 or plan.directions != 1 or len(plan.input_widths) != 1:
            raise InputError("a step is that of one layer, in one direction, with one input")
        if any(p.dtype != torch.float32 or not p.is_cpu for p in module.parameters()):
            raise InputError("a step runs on the CPU in float32: move the module there")
        self.module, self.batch = module, batch
        self._input = torch.zeros(1, batch, plan.input_widths[0])
        self._states = [torch.zeros(1, batch, n) for n in plan.widths]
        # threads may read the old states while others write new ones
        self._ends = [torch.zeros(1, batch, n) for n in plan.widths]
        self.x: Singles = self._input.numpy()[0]
        self.states: tuple[Singles, ...] = tuple(s.numpy()[0] for s in self._states)
        self._copies = [(s, end.numpy()[0]) for s, end in zip(self.states, self._ends, strict=True)]
        self.output = self.states[0]
        self._frames: list[CallFrame] | None = None
        self.read_weights()
        self.restart()

    def read_weights(self) -> None:
        """Take up the weights that the module has now."""
        plan, x = self.module.plan, self._input
        self._frames = None
        params = plain_parameters(plan, self.module._parameters, x.dtype, False)
        # where the states start makes no difference: they are written by ``restart``
        if params is None or not self.module._may_run_plain() or not plan.alone:
            return
        prepared = PreparedCall(plan, 1, self.batch, x.dtype, llvm_runtime().get_num_threads())
        prepared.home = []
        first = [s.data_ptr() for s in self._states]
        last = [s.data_ptr() for s in self._ends]
        # the output is the first state: both are written to one place
        output = last[0], 0, plan.widths[0]
        bound = prepared.bind(params, (x.data_ptr(), 0, x.shape[-1]), first, output, last)
        self._frames = next(bound)
        self._bound = bound, prepared  # they live as long as their frames

    def restart(self, rows: Bools | None = None) -> None:
        """Set the states of these sequences, or of all, back to the cell's initial ones."""
        for state, initial in zip(self.states, self.initial_states(), strict=True):
            state[... if rows is None else rows] = initial

    def initial_states(self) -> list[float | Singles]:
        """The initial value of each state: a number as the cell declares it, or [n] as it was learned."""
        plan = self.module.plan
        values: list[float | Singles] = []
        for name, state in zip(plan.layers[0].initial[0], plan.cell.program.states, strict=True):
            if plan.extras.learned_initial_state and name is not None:
                values.append(self.module.parameter(name).detach().numpy())
            else:
                values.append(state.initial)
        return values

    def step(self) -> Singles:
        """Read ``x``, move the states on, and return the output [B, n], which the next step overwrites."""
        if self._frames is not None:
            run(self._frames)
            for state, end in self._copies:
                state[...] = end
            return self.output
        with torch.no_grad():
            _, states = self.module(self._input, self._states)
        for tensor, new in zip(self._states, states, strict=True):
            tensor.copy_(new)
        return self.output
