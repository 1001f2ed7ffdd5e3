"""The kernels on NumPy arrays, with the arguments of the interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatewise.arrays import Array
from gatewise.backends.llvm.machine.threads import get_num_threads
from gatewise.backends.llvm.plan.kernel_spec import KernelKind, Role
from gatewise.backends.llvm.plan.tiles import cut
from gatewise.backends.llvm.run import scheduler
from gatewise.backends.llvm.run.buffers import BUFFERS, address
from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
from gatewise.backends.llvm.run.numpy_arrays import (
    checked,
    checked_inputs,
    checked_lengths,
    checked_params,
    checked_resets,
    checked_states,
    numbers_of,
    weight,
)
from gatewise.backends.llvm.run.traversal import Traversal, View
from gatewise.errors import InputError, nearest
from gatewise.ir import Program


@dataclass
class Tape:
    """What a training run saved for the backward pass. ``free`` gives the memory back."""

    layer: CompiledLayer
    traversal: Traversal
    array: Array | None
    marks: Array | None = None  # the resets, to which ``traversal`` points

    def free(self) -> None:
        """Return the memory; may be called more than once."""
        if self.array is not None:
            BUFFERS.give(self.array)
        self.array = None


@dataclass
class Run:
    """Output [T, B, size], final states [B, size], recorded names [T, B, size]; ``tape`` is what a
    training run saved."""

    output: Array
    states: tuple[Array, ...]
    recorded: dict[str, Array]
    tape: Tape | None


@dataclass
class Gradients:
    """Gradients of inputs and parameters by name, of the initial and of the restart states."""

    inputs: dict[str, Array]
    params: dict[str, Array]
    states: tuple[Array, ...]
    restart: tuple[Array, ...]


def run(
    layer: CompiledLayer,
    inputs: Mapping[str, Array],
    params: Mapping[str, Array],
    steps: int,
    batch: int,
    *,
    states: Sequence[Array] | None = None,
    restart: Sequence[Array] | None = None,
    lengths: Array | None = None,
    reset: Array | None = None,
    reverse: bool = False,
    training: bool = False,
    threads: int | None = None,
) -> Run:
    """Run a layer over [steps, batch, size] inputs (static ones [batch, size]).

    ``layer.plans.record`` says what is recorded. Arrays are taken as they lie where they have the
    layer's type and their units next to each other, and copied otherwise.

    Raises:
        InputError: for an array that is missing or has a wrong shape or type, and for lengths or
            resets of a wrong shape, type or range.
    """
    program = layer.plans.training.forward if training else layer.plans.program
    by_name = checked_inputs(layer, program, inputs, steps, batch)
    # held until the kernel has run: they may be copies
    parameters = checked_params(layer, program, params)
    weights = {n: weight(a) for n, a in parameters.items()}
    shapes = _state_shapes(layer, program, batch)
    declared = [
        np.full(n, s.initial, layer.dtype) for s, n in zip(program.states, shapes, strict=True)
    ]
    first = checked_states(layer, states, shapes, declared)
    again = checked_states(layer, restart, shapes, declared)
    last = [np.empty_like(s) for s in declared]
    # steps beyond a row's length are not visited
    allocate = np.empty if lengths is None else np.zeros
    outputs = {
        name: allocate((steps, batch, _units(layer, program, name)), layer.dtype)
        for name in layer.outputs
    }
    marks = checked_resets(reset, steps, batch)
    count = get_num_threads() if threads is None else threads
    tile = layer.tile_for(steps, batch, training, count)
    traversal = Traversal(
        cut(steps, batch, checked_lengths(lengths, steps, batch), tile),
        None if marks is None else View(address(marks), marks.shape[1], 1),
        reverse,
        count,
    )
    tape, saved = None, None
    if training:
        size = layer.saved_size(steps, batch, traversal.rows.total)
        memory = BUFFERS.take(size, layer.dtype)
        tape, saved = Tape(layer, traversal, memory, marks), address(memory)
    names = [s.name for s in program.states]
    by_role = {
        Role.IN: by_name,
        Role.OUT: outputs,
        Role.FIRST: dict(zip(names, first, strict=True)),
        Role.RESTART: dict(zip(names, again, strict=True)),
        Role.LAST: dict(zip(names, last, strict=True)),
    }
    kind = KernelKind.FORWARD if training else layer.inference(traversal.rows)
    roles = layer.argument_roles(kind)
    scheduler.run([layer.forward(traversal, numbers_of(roles, by_role), weights, saved)])
    recorded = {n: outputs[n] for n in layer.plans.record}
    return Run(outputs[layer.outputs[0]], tuple(last), recorded, tape)


def run_backward(
    layer: CompiledLayer,
    tape: Tape,
    inputs: Mapping[str, Array],
    params: Mapping[str, Array],
    *,
    seeds: Mapping[str, Array],
    d_states: Sequence[Array] | None = None,
    inputs_too: bool = True,
    threads: int | None = None,
) -> Gradients:
    """Gradients of a training run; ``seeds`` by recorded name, missing ones are zero.

    Arguments as for ``run``; lengths, resets and direction are the tape's. Without ``inputs_too``
    the gradients of inputs are not computed: they stay zero.

    Raises:
        InputError: for an array that is missing or has a wrong shape or type, for a gradient of
            something that is not recorded, and for a tape that was freed or is another layer's.
    """
    program, backward = layer.plans.training.forward, layer.plans.training.backward
    _check_tape(layer, tape)
    assert tape.array is not None
    steps, batch = tape.traversal.rows.steps, tape.traversal.rows.batch
    by_name = checked_inputs(layer, program, inputs, steps, batch)
    # held until the kernel has run: they may be copies
    parameters = checked_params(layer, program, params)
    weights = {n: weight(a) for n, a in parameters.items()}
    d_outputs = _seeds(layer, seeds, steps, batch)
    d_params = {p.name: np.empty(p.shape(layer.sizes), layer.dtype) for p in program.trainable}
    d_inputs = {
        f"d.{i.name}": np.zeros(by_name[i.name].shape, layer.dtype)
        for i in program.inputs
        if i.rate is None
    }
    shapes = _state_shapes(layer, program, batch)
    zeros = [np.zeros(n, layer.dtype) for n in shapes]
    d_last = checked_states(layer, d_states, shapes, zeros)
    d_first = [np.empty_like(z) for z in zeros]
    names = [s.name for s in backward.states]
    # kernels write whole vectors there
    d_restart = {n: np.empty((batch, layer.padded(n)), layer.dtype) for n in names}
    by_role = {
        Role.IN: by_name | d_outputs,
        Role.OUT: d_inputs,
        Role.ROW: d_inputs,
        Role.RESTART: d_restart,
        Role.FIRST: dict(zip(names, d_last, strict=True)),
        Role.LAST: dict(zip(names, d_first, strict=True)),
    }
    kind = KernelKind.BACKWARD if inputs_too else KernelKind.LEAN
    count = get_num_threads() if threads is None else threads
    frame = layer.backward(
        replace(tape.traversal, threads=count),
        address(tape.array),
        numbers_of(layer.argument_roles(kind), by_role),
        weights,
        layer.apart,
        kind,
    )
    scheduler.run_backward([frame], [[address(a) for a in d_params.values()]])
    return Gradients(
        {n.removeprefix("d."): a for n, a in d_inputs.items()},
        d_params,
        tuple(d_first),
        tuple(a[:, : n[1]] for a, n in zip(d_restart.values(), shapes, strict=True)),
    )


def _state_shapes(layer: CompiledLayer, program: Program, batch: int) -> list[tuple[int, int]]:
    return [(batch, s.size.evaluate(layer.sizes)) for s in program.states]


def _units(layer: CompiledLayer, program: Program, name: str) -> int:
    return program.nodes[program.named(name)].size.evaluate(layer.sizes)


def _seeds(
    layer: CompiledLayer, seeds: Mapping[str, Array], steps: int, batch: int
) -> dict[str, Array]:
    """Gradients of what is recorded, by the name of the backward step's input."""
    for name in seeds:
        if name not in layer.outputs:
            known = list(layer.outputs)
            raise InputError(
                f"{name!r} is not recorded.{nearest(name, known)} Recorded: {', '.join(known)}"
            )
    arrays = {}
    for item in layer.plans.training.backward.inputs:
        if item.name.startswith("seed."):
            name = item.name.removeprefix("seed.")
            shape = (steps, batch, item.size.evaluate(layer.sizes))
            seed = seeds[name] if name in seeds else np.zeros(shape, layer.dtype)
            arrays[item.name] = checked(layer, {name: seed}, name, shape)
    return arrays


def _check_tape(layer: CompiledLayer, tape: Tape) -> None:
    """A freed tape, or one of other kernels, would have them read anywhere."""
    if tape.array is None or tape.layer is not layer:
        raise InputError("this tape was freed, or another layer recorded it: run forward again")
