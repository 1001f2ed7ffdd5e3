"""NumPy arrays on their way to a kernel: looked at, copied where they must be, and as addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from gatewise.arrays import Array
from gatewise.backends.llvm.plan.kernel_spec import STEPPED, Role
from gatewise.backends.llvm.run.buffers import address
from gatewise.backends.llvm.run.compiled_layer import CompiledLayer
from gatewise.backends.llvm.run.pack_tasks import Weight
from gatewise.backends.llvm.run.traversal import View
from gatewise.errors import InputError
from gatewise.ir import Program

# --- addresses -----------------------------------------------------------------------------------


def view(array: Array) -> View:
    """Where the values of [T, B, n] or [B, n] lie. Units must be next to each other."""
    size = array.itemsize
    strides = [s // size for s in array.strides]
    return View(address(array), strides[0] if array.ndim == 3 else 0, strides[-2])


def weight(array: Array) -> Weight:
    """A parameter where it lies."""
    return Weight(address(array), array.strides[-2] // array.itemsize if array.ndim > 1 else 0)


def numbers_of(
    roles: Sequence[tuple[Role, str]], by_role: Mapping[Role, Mapping[str, Array]]
) -> list[int]:
    """The caller's arrays as ``CompiledLayer`` takes them."""
    numbers: list[int] = []
    for role, name in roles:
        v = view(by_role[role][name])
        numbers += [v.pointer, v.step, v.row] if role in STEPPED else [v.pointer, v.row]
    return numbers


# --- checks --------------------------------------------------------------------------------------


def checked(
    layer: CompiledLayer, arrays: Mapping[str, Array], name: str, shape: tuple[int, ...]
) -> Array:
    """An array by name, of the layer's type and with its units next to each other.

    Raises InputError if it is missing, has another shape, or holds no real numbers.
    """
    if name not in arrays:
        raise InputError(f"{name!r} is missing; given are {', '.join(arrays) or 'none'}")
    array = np.asarray(arrays[name])
    if array.shape != shape:
        raise InputError(f"{name!r} must have shape {shape}, not {array.shape}")
    if array.dtype.kind not in "fiub":
        raise InputError(f"{name!r} must hold real numbers, not {array.dtype}")
    return array if _readable(array, layer.dtype) else np.ascontiguousarray(array, layer.dtype)


def _readable(array: Array, dtype: npt.DTypeLike) -> bool:
    """Whether kernels can read an array as it lies: distances count in values."""
    if array.dtype != dtype or not array.flags.aligned:
        return False
    whole = all(s % array.itemsize == 0 for s in array.strides)
    return whole and (not array.size or array.strides[-1] == array.itemsize)


def checked_inputs(
    layer: CompiledLayer, program: Program, inputs: Mapping[str, Array], steps: int, batch: int
) -> dict[str, Array]:
    """The inputs of a program by name: [steps, batch, n], static ones [batch, n]."""
    arrays = {}
    for item in program.inputs:
        units = item.size.evaluate(layer.sizes)
        shape = (steps, batch, units) if item.per == "step" else (batch, units)
        arrays[item.name] = checked(layer, inputs, item.name, shape)
    return arrays


def checked_params(
    layer: CompiledLayer, program: Program, params: Mapping[str, Array]
) -> dict[str, Array]:
    """The parameters; block-diagonal ones with their blocks one after the other."""
    arrays = {}
    for p in program.trainable:
        array = checked(layer, params, p.name, p.shape(layer.sizes))
        arrays[p.name] = np.ascontiguousarray(array) if array.ndim == 3 else array
    return arrays


def checked_states(
    layer: CompiledLayer,
    states: Sequence[Array] | None,
    shapes: Sequence[tuple[int, int]],
    default: list[Array],
) -> list[Array]:
    """Arrays for the states, in order; the default if there are none."""
    if states is None:
        return default
    if len(states) != len(shapes):
        raise InputError(f"there are {len(shapes)} states, {len(states)} were given")
    return [
        checked(layer, {f"state {k + 1}": array}, f"state {k + 1}", shape)
        for k, (array, shape) in enumerate(zip(states, shapes, strict=True))
    ]


def checked_lengths(lengths: Array | None, steps: int, batch: int) -> Array | None:
    """Lengths of rows as int64; raises InputError for others than whole numbers in 0..steps."""
    if lengths is None:
        return None
    array = np.asarray(lengths)
    if array.shape != (batch,) or not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"lengths must be {batch} whole numbers, not {lengths!r}")
    if batch and (array.min() < 0 or array.max() > steps):
        raise InputError(f"lengths must lie in 0..{steps}: {array.tolist()}")
    return array.astype(np.int64)


def checked_resets(reset: Array | None, steps: int, batch: int) -> Array | None:
    """Truth values [steps, batch] as bytes; raises InputError for anything else."""
    if reset is None:
        return None
    array = np.asarray(reset)
    if array.shape != (steps, batch) or array.dtype != np.bool_:
        raise InputError(
            f"reset must be truth values of shape {(steps, batch)}, not {array.dtype} of shape "
            f"{array.shape}"
        )
    return np.ascontiguousarray(array, np.uint8)
