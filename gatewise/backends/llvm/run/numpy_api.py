"""The kernels on NumPy arrays, with the arguments of the interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from gatewise.backends.llvm.machine.threads import get_num_threads
from gatewise.backends.llvm.plan.kernel_spec import STEPPED, KernelKind, Role
from gatewise.backends.llvm.plan.tiles import cut
from gatewise.backends.llvm.run import scheduler
from gatewise.backends.llvm.run.buffers import BUFFERS, address
from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
from gatewise.backends.llvm.run.traversal import Traversal, View
from gatewise.backends.llvm.run.weights import Weight
from gatewise.errors import InputError, nearest
from gatewise.ir import Program

Array = np.ndarray[Any, Any]


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


def view(array: Array) -> View:
    """Where the values of [T, B, n] or [B, n] lie. Units must be next to each other."""
    size = array.itemsize
    strides = [s // size for s in array.strides]
    return View(address(array), strides[0] if array.ndim == 3 else 0, strides[-2])


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
    program = layer.plans.forward if training else layer.plans.program
    read = {
        i.name: _array(layer, inputs, i.name, _shape(layer, i, steps, batch))
        for i in program.inputs
    }
    given = _params(layer, program, params)
    shapes = [(batch, s.size.evaluate(layer.sizes)) for s in program.states]
    declared = [
        np.full(n, s.initial, layer.dtype) for s, n in zip(program.states, shapes, strict=True)
    ]
    first = _states(layer, states, shapes, declared)
    again = _states(layer, restart, shapes, declared)
    last = [np.empty_like(s) for s in declared]
    outputs = {}
    for name in layer.outputs:
        units = program.nodes[program.named(name)].size.evaluate(layer.sizes)
        make = np.empty if lengths is None else np.zeros
        outputs[name] = make((steps, batch, units), layer.dtype)
    marks = _marks(reset, steps, batch)
    traversal = Traversal(
        cut(steps, batch, _lengths(lengths, steps, batch), layer.tile),
        None if marks is None else View(address(marks), marks.shape[1], 1),
        reverse,
        get_num_threads() if threads is None else threads,
    )
    tape = None
    if training:
        tape = Tape(
            layer,
            traversal,
            BUFFERS.take(layer.saved_values * traversal.rows.total, layer.dtype),
            marks,
        )
    names = [s.name for s in program.states]
    numbers = _numbers(
        layer.argument_roles(KernelKind.FORWARD if training else KernelKind.INFERENCE),
        {
            Role.IN: read, Role.OUT: outputs,
            Role.FIRST: dict(zip(names, first, strict=True)),
            Role.RESTART: dict(zip(names, again, strict=True)),
            Role.LAST: dict(zip(names, last, strict=True)),
        },
    )  # fmt: skip
    saved = None if tape is None or tape.array is None else address(tape.array)
    scheduler.run(
        [layer.forward(traversal, numbers, {n: _weight(a) for n, a in given.items()}, saved)]
    )
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
    program, backward = layer.plans.forward, layer.plans.backward
    _check_tape(layer, tape)
    for name in seeds:
        if name not in layer.outputs:
            known = list(layer.outputs)
            raise InputError(
                f"{name!r} is not recorded.{nearest(name, known)} Recorded: {', '.join(known)}"
            )
    steps, batch = tape.traversal.rows.steps, tape.traversal.rows.batch
    read = {
        i.name: _array(layer, inputs, i.name, _shape(layer, i, steps, batch))
        for i in program.inputs
    }
    given = _params(layer, program, params)
    shapes = {p.name: p.shape(layer.sizes) for p in program.params}
    gradients = {n: np.empty(shape, layer.dtype) for n, shape in shapes.items()}
    for item in backward.inputs:
        if item.name.startswith("seed."):
            shape = (steps, batch, item.size.evaluate(layer.sizes))
            name = item.name[5:]
            seed = seeds[name] if name in seeds else np.zeros(shape, layer.dtype)
            read[item.name] = _array(layer, {name: seed}, name, shape)
    widths = [(batch, s.size.evaluate(layer.sizes)) for s in program.states]
    zeros = [np.zeros(n, layer.dtype) for n in widths]
    d_last = _states(layer, d_states, widths, zeros)
    d_first = [np.empty_like(z) for z in zeros]
    names = [s.name for s in backward.states]
    caught = {n: np.empty((batch, layer.padded(n)), layer.dtype) for n in names}
    d_inputs = {
        f"d.{i.name}": np.zeros(read[i.name].shape, layer.dtype)
        for i in program.inputs
        if i.rate is None
    }
    count = get_num_threads() if threads is None else threads
    kind = KernelKind.BACKWARD if inputs_too else KernelKind.LEAN
    numbers = _numbers(
        layer.argument_roles(kind),
        {
            Role.IN: read, Role.OUT: d_inputs, Role.ROW: d_inputs, Role.RESTART: caught,
            Role.FIRST: dict(zip(names, d_last, strict=True)),
            Role.LAST: dict(zip(names, d_first, strict=True)),
        },
    )  # fmt: skip
    assert tape.array is not None
    frame = layer.backward(
        replace(tape.traversal, threads=count), address(tape.array), numbers,
        {n: _weight(a) for n, a in given.items()}, layer.apart, kind,
    )  # fmt: skip
    scheduler.run_backward([frame], [[address(a) for a in gradients.values()]])
    return Gradients(
        {n[2:]: a for n, a in d_inputs.items()},
        gradients,
        tuple(d_first),
        tuple(c[:, : n[1]] for c, n in zip(caught.values(), widths, strict=True)),
    )


def _numbers(
    roles: Sequence[tuple[Role, str]], by_role: Mapping[Role, Mapping[str, Array]]
) -> list[int]:
    """The caller's arrays as ``CompiledLayer`` takes them."""
    numbers: list[int] = []
    for role, name in roles:
        v = view(by_role[role][name])
        numbers += [v.pointer, v.step, v.row] if role in STEPPED else [v.pointer, v.row]
    return numbers


def _shape(layer: CompiledLayer, item: Any, steps: int, batch: int) -> tuple[int, ...]:
    units = item.size.evaluate(layer.sizes)
    return (steps, batch, units) if item.per == "step" else (batch, units)


def _array(
    layer: CompiledLayer, arrays: Mapping[str, Array], name: str, shape: tuple[int, ...]
) -> Array:
    if name not in arrays:
        raise InputError(f"{name!r} is missing; given are {', '.join(arrays) or 'none'}")
    array = np.asarray(arrays[name])
    if array.shape != shape:
        raise InputError(f"{name!r} must have shape {shape}, not {array.shape}")
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name!r} must hold real numbers, not {array.dtype}")
    return array if _readable(array, layer.dtype) else np.ascontiguousarray(array, layer.dtype)


def _readable(array: Array, dtype: Any) -> bool:
    """Whether kernels can read an array as it lies: distances count in values."""
    if array.dtype != dtype or not array.flags.aligned:
        return False
    whole = all(s % array.itemsize == 0 for s in array.strides)
    return whole and (not array.size or array.strides[-1] == array.itemsize)


def _params(
    layer: CompiledLayer, program: Program, params: Mapping[str, Array]
) -> dict[str, Array]:
    """The parameters; block-diagonal ones with their blocks one after the other."""
    found = {}
    for p in program.params:
        array = _array(layer, params, p.name, p.shape(layer.sizes))
        found[p.name] = np.ascontiguousarray(array) if array.ndim == 3 else array
    return found


def _lengths(lengths: Array | None, steps: int, batch: int) -> Array | None:
    if lengths is None:
        return None
    array = np.asarray(lengths)
    if array.shape != (batch,) or not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"lengths must be {batch} whole numbers, not {lengths!r}")
    if batch and (array.min() < 0 or array.max() > steps):
        raise InputError(f"lengths must lie in 0..{steps}: {array.tolist()}")
    return array.astype(np.int64)


def _marks(reset: Array | None, steps: int, batch: int) -> Array | None:
    if reset is None:
        return None
    array = np.asarray(reset)
    if array.shape != (steps, batch) or array.dtype != np.bool_:
        raise InputError(
            f"reset must be truth values of shape {(steps, batch)}, not {array.dtype} of shape "
            f"{array.shape}"
        )
    return np.ascontiguousarray(array, np.uint8)


def _check_tape(layer: CompiledLayer, tape: Tape) -> None:
    """A freed tape, or one of other kernels, would have them read anywhere."""
    if tape.array is None or tape.layer is not layer:
        raise InputError("this tape was freed, or another layer recorded it: run forward again")


def _states(
    layer: CompiledLayer,
    given: Sequence[Array] | None,
    shapes: list[tuple[int, int]],
    default: list[Array],
) -> list[Array]:
    if given is None:
        return default
    if len(given) != len(shapes):
        raise InputError(f"there are {len(shapes)} states, {len(given)} were given")
    return [
        _array(layer, {f"state {k + 1}": a}, f"state {k + 1}", n)
        for k, (a, n) in enumerate(zip(given, shapes, strict=True))
    ]


def _weight(array: Array) -> Weight:
    """A parameter where it lies."""
    return Weight(address(array), array.strides[-2] // array.itemsize if array.ndim > 1 else 0)
