"""How the call of any recurrent module runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from gatewise.lang.cell import Cell
from gatewise.nn.compiled.fast_path import classify_call, run_plain
from gatewise.nn.compiled.low_types import autocasting, inside, plainly, reading
from gatewise.nn.compiled.plain_ops import PLAIN
from gatewise.nn.execution.call_checks import CallerStates, Lengths, check_states
from gatewise.nn.execution.cudnn import per_sample
from gatewise.nn.execution.dispatch import COMPILED, VENDOR, Choice, choose
from gatewise.nn.execution.sequence_format import SequenceFormat, format_of
from gatewise.nn.execution.stack import CallSettings, Parameters, StackResult, run_stack, walk_stack
from gatewise.nn.modules.leaf import LeafModule
from gatewise.nn.modules.parameters import PlannedModule
from gatewise.nn.plan.extras import names_of
from gatewise.nn.plan.walk import Walk

# a sequence as the caller has it
Steps: TypeAlias = Tensor | PackedSequence
# final states as the caller gets them
States: TypeAlias = Tensor | tuple[Tensor, ...]
# what each name that is recorded was, for each layer and direction
Recorded: TypeAlias = dict[str, tuple[Steps, ...]]
CallResult: TypeAlias = tuple[Steps, States] | tuple[Steps, States, Recorded]


class CheckedCall(NamedTuple):
    """A call that was checked: its tensors, initial states, names to record, the backend."""

    form: SequenceFormat
    start: list[Tensor] | None
    record: tuple[str, ...]
    backend: str


class RecurrentBase(LeafModule, PlannedModule):
    """Layers of a cell over sequences. Base of ``Recurrent``, ``LSTM``, ``GRU`` and ``RNN``."""

    batch_first: bool
    dropout: float

    @property
    def cell(self) -> Cell:
        """The cell that runs, extras included."""
        return self.plan.cell

    # --- the call -------------------------------------------------------------------------------

    def _call(
        self,
        input: object,
        hx: CallerStates,
        lengths: Lengths,
        reset: object,
        record: object,
        context: object = None,
    ) -> CallResult:
        """What ``forward`` does."""
        start = self._states_given(hx)
        plain = lengths is None and reset is None and record is None and context is None
        if plain and self._may_run_plain():
            result = run_plain(
                self.plan,
                self._parameters,
                input,
                start,
                self.batch_first,
                self._type_under_autocast,
            )
            if result is not None:
                return result.output, self._states_returned(result.states)
        return self._finish(self._open(input, start, lengths, reset, record, context))

    def walk(
        self,
        input: object,
        hx: CallerStates = None,
        *,
        lengths: Lengths = None,
        reset: object = None,
        record: object = None,
        context: object = None,
    ) -> Walk[CallResult] | None:
        """A call as a walk through the layers, which ends in what ``forward`` returns; None if it does
        not run layer by layer in compiled kernels, or draws random numbers."""
        start = self._states_given(hx)
        plain = lengths is None and reset is None and record is None and context is None
        if plain and self._may_run_plain():
            call = classify_call(
                self.plan,
                self._parameters,
                input,
                start,
                self.batch_first,
                self._type_under_autocast,
            )
            if call is not None:
                return call.walk().then(lambda r: (r.output, self._states_returned(r.states)))
        opened = self._open(input, start, lengths, reset, record, context)
        x = opened.form.inputs[0]
        if opened.backend not in COMPILED or not self.plan.whole or self._mode():
            return None
        if _autocast_type(x) is not None or self._plainly(x):
            return None
        walk = walk_stack(reading(self.plan, x.dtype), *self._in_type(opened, inside(x.dtype)))
        return walk.then(lambda result: self._close(opened, result.to(x.dtype)))

    def _states_given(self, hx: CallerStates) -> Sequence[object] | None:
        """The caller's initial states as a list."""
        raise NotImplementedError

    def _states_returned(self, states: tuple[Tensor, ...]) -> States:
        """The final states as the caller gets them."""
        return states

    def _open(
        self,
        input: object,
        start: Sequence[object] | None,
        lengths: Lengths,
        reset: object,
        record: object,
        context: object,
    ) -> CheckedCall:
        """Check a call and bring it to one form."""
        raise NotImplementedError

    def _finish(self, opened: CheckedCall) -> CallResult:
        """Run a call that was checked."""
        return self._close(opened, self._run(opened))

    def _close(self, opened: CheckedCall, outcome: StackResult) -> CallResult:
        """The results of a call as the caller gets them."""
        form = opened.form
        states = self._states_returned(form.states_out(outcome.states))
        output = form.steps_out(outcome.output)
        if not opened.record:
            return output, states
        return output, states, self._recorded(form, outcome)

    def _may_run_plain(self) -> bool:
        """Whether the module as it is can have plain calls."""
        return (self.backend == "auto" or self.backend in COMPILED) and not self._mode()

    def _mode(self) -> bool:
        """Whether to train; where that makes no difference the mode is not read, as in PyTorch."""
        random = self.plan.random or (self.dropout and len(self.plan.layers) > 1)
        return self.training if random else False

    def _form(
        self, inputs: Sequence[object], lengths: Lengths, reset: object, context: object = None
    ) -> SequenceFormat:
        plan = self.plan
        return format_of(
            type(self).__name__,
            plan.inputs,
            plan.input_widths,
            inputs,
            self._first_parameter(),
            self.batch_first,
            lengths,
            reset,
            context,
        )

    def _start(
        self, form: SequenceFormat, hx: Sequence[object] | None, labels: Sequence[str]
    ) -> list[Tensor] | None:
        """The caller's initial states, checked."""
        if hx is None:
            return None
        plan = self.plan
        first = len(plan.layers) * plan.directions
        lead = (first, form.batch) if form.batched else (first,)
        states = check_states(hx, labels, [(*lead, w) for w in plan.widths], form.inputs[0])
        return form.states_in(states)

    def _record(self, record: object) -> tuple[str, ...]:
        if record is None:
            return self.plan.extras.recorded
        names = names_of(record)
        for name in names:
            self.plan.cell.program.named(name)
        return names

    def _settings_of(self, opened: CheckedCall) -> CallSettings:
        form = opened.form
        return CallSettings(
            opened.backend,
            self._mode(),
            self.dropout,
            form.lengths,
            form.reset,
            opened.record,
            form.context,
        )

    def _run(self, opened: CheckedCall) -> StackResult:
        x = opened.form.inputs[0]
        cast = _autocast_type(x)
        dtype = cast or x.dtype
        if cast is None and opened.backend in COMPILED and self._plainly(x):
            opened = opened._replace(backend=PLAIN)
        compiled = opened.backend in COMPILED
        plan = reading(self.plan, dtype) if compiled else self.plan
        arguments = self._in_type(opened, inside(dtype, compiled))
        if cast is None:
            return run_stack(plan, *arguments).to(dtype)
        with torch.autocast(x.device.type, enabled=False):
            outcome = run_stack(plan, *arguments)
        return outcome.to(self._type_under_autocast(x) or cast)

    def _plainly(self, x: Tensor) -> bool:
        """Whether "auto" takes plain operations though kernels could serve."""
        if self.backend != "auto" or not plainly(self.plan, x):
            return False
        weight = self._first_parameter()
        return weight is not None and weight.requires_grad

    def _in_type(
        self, opened: CheckedCall, dtype: torch.dtype
    ) -> tuple[Parameters, list[Tensor], list[Tensor] | None, CallSettings]:
        """What a network is run on, in the type that it is computed in."""
        form, start, call = opened.form, opened.start, self._settings_of(opened)
        if form.inputs[0].dtype == dtype and not autocasting(form.inputs[0].device.type):
            return self.parameter, form.inputs, start, call  # as it is nearly always
        if call.context is not None:
            call = call._replace(context=call.context.to(dtype))
        return (
            lambda name: self.parameter(name).to(dtype),
            [t.to(dtype) for t in form.inputs],
            None if start is None else [s.to(dtype) for s in start],
            call,
        )

    def _type_under_autocast(self, x: Tensor) -> torch.dtype | None:
        """The type of the results under autocast; None is autocast's own."""
        return None

    def _recorded(self, form: SequenceFormat, outcome: StackResult) -> Recorded:
        return {n: tuple(form.steps_out(v) for v in of) for n, of in outcome.recorded.items()}

    # --- which backend --------------------------------------------------------------------------

    def _vendor_obstacle(self, lengths: Lengths, reset: object, record: tuple[str, ...]) -> str:
        """Why the vendor's kernels cannot serve a call; empty if they can."""
        return "they know LSTM, GRU and RNN only"

    def explain(self, device: torch.device | str | None = None) -> str:
        """Which backend a plain call takes on a device (by default that of the parameters), and why."""
        weight = self._first_parameter()
        like = torch.empty(0) if weight is None else weight
        where = like.device if device is None else torch.device(device)
        choice = self._choose(where, None, None, self.plan.extras.recorded, like.dtype)
        return f"{self.plan.cell.name} on {where}: {choice.name} ({choice.reason})"

    def _choose(
        self,
        device: torch.device,
        lengths: Lengths,
        reset: object,
        record: tuple[str, ...],
        input_dtype: torch.dtype | None = None,
    ) -> Choice:
        """``input_dtype`` counts where there are no parameters, whose type would be the input's."""
        weight = self._first_parameter()
        dtype = (input_dtype or torch.get_default_dtype()) if weight is None else weight.dtype
        if dtype != torch.float64 and autocasting(device.type):
            dtype = torch.get_autocast_dtype(device.type)
        backend = self.backend
        if backend == "auto" and per_sample(weight):
            backend = VENDOR
        return choose(backend, device, dtype, lambda: self._vendor_obstacle(lengths, reset, record))


def _autocast_type(x: Tensor) -> torch.dtype | None:
    """The type that a layer is computed in under autocast; None outside of it.

    It is one type for the whole layer, as in PyTorch's own LSTM: mixing types inside a recurrence
    would cast at every step.
    """
    kind = x.device.type
    if x.dtype == torch.float64 or not autocasting(kind):
        return None
    return torch.get_autocast_dtype(kind)
