"""The one place through which every layer and direction runs, and where its backend is chosen.

A ``Layer`` is what an operator of torch can take: tensors as flat lists, numbers, words, and a
Program by the key under which ``register`` keeps it. Nothing else in ``gatewise.nn`` runs a Program.
"""

from __future__ import annotations

import hashlib
import importlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import forward_ad

from gatewise.compile import available, find
from gatewise.errors import BackendError, nearest
from gatewise.ir import Program, to_json
from gatewise.nn.compiled import autograd as direct
from gatewise.nn.compiled import custom_op as operator
from gatewise.nn.compiled.kernels import DTYPES, LOW, remember
from gatewise.nn.execution.torch_tools import refuse_onnx
from gatewise.nn.plan.layer_call import Layer, Ran
from gatewise.nn.plan.param_layout import Layout

# the eager backend's way to run a Program; torch is loaded by now
_eager: Callable[..., Any] = importlib.import_module(f"{type(find('eager')).__module__}.run").run

BACKENDS = ("auto", "eager", "llvm", "vendor")


class Choice(NamedTuple):
    """A backend and why it was taken."""

    name: str
    reason: str


def check_backend(backend: object) -> str:
    """``backend`` if there is one of that name. Raises BackendError."""
    if backend not in BACKENDS:
        close = nearest(str(backend), list(BACKENDS))
        raise BackendError(f"there is no backend {backend!r}.{close} Known: {', '.join(BACKENDS)}")
    return str(backend)


def choose(
    backend: str, device: torch.device, dtype: torch.dtype, vendor: Callable[[], str]
) -> Choice:
    """The backend for a call. An explicit choice stands; it fails aloud if it cannot serve.

    Args:
        backend: one of ``BACKENDS``.
        device: where the input lies.
        dtype: the type that is computed in.
        vendor: says why the vendor's kernels cannot serve this call, nothing if they can.

    Raises:
        BackendError: for an explicit backend that cannot serve this call.
    """
    if backend == "eager":
        return _ASKED_FOR[backend]
    if backend == "vendor":
        problem = vendor()
        if problem:
            raise BackendError(f"the vendor's kernels cannot serve this call: {problem}")
        return _ASKED_FOR[backend]
    obstacle = compiled_obstacle(device, dtype)
    if backend == "llvm":
        if obstacle:
            raise BackendError(f"the backend llvm cannot serve this call: {obstacle}")
        return _ASKED_FOR[backend]
    if not obstacle:
        return _WIDENED if dtype in LOW else _COMPILED
    if device.type != "cuda":
        why = f"plain torch operations, as the compiled kernels cannot serve: {obstacle}"
        return Choice("eager", why)
    problem = vendor()
    if problem:
        return Choice("eager", f"on a GPU, and cuDNN cannot serve this call: {problem}")
    return Choice("vendor", "a vanilla cell on a GPU: cuDNN is fastest")


_ASKED_FOR = {name: Choice(name, "it was asked for") for name in BACKENDS}
_COMPILED = Choice("llvm", "compiled for this processor")
_WIDENED = Choice("llvm", "compiled for this processor, in float32 inside")


def compiled_obstacle(device: torch.device, dtype: torch.dtype) -> str:
    """Why the compiled CPU kernels cannot serve a call; empty if they can."""
    if device.type != "cpu":
        return f"they run on a CPU, not on {device.type}"
    if dtype not in DTYPES and dtype not in LOW:
        name = str(dtype).removeprefix("torch.")
        return f"they serve float64, float32, bfloat16 and float16, not {name}"
    if torch._C._are_functorch_transforms_active():
        return "transforms of torch.func go through plain operations"
    if forward_ad._current_level >= 0:
        return "forward-mode derivatives go through plain operations"
    return _NO_LLVM


_NO_LLVM = "" if available("llvm") else 'llvmlite is missing: pip install "gatewise"'


class Registered(NamedTuple):
    """What a key stands for: a Program after the passes, and how its parameters are stacked."""

    program: Program
    layout: Layout


_KNOWN: dict[str, Registered] = {}


def register(program: Program, layout: Layout, weights: str = "") -> str:
    """Keep a Program with its layout and return its key: the same for the same content.

    ``weights`` is the type that the compiled kernels read matrices in, in inference.
    """
    stacks = repr([(s.name, [m.param for m in s.members]) for s in layout.stacks])
    digest = hashlib.sha256(f"{to_json(program)}{stacks}".encode()).hexdigest()
    key = f"{program.name}-{digest[:16]}{f'-{weights}' if weights else ''}"
    _KNOWN.setdefault(key, Registered(program, layout))
    remember(key, program, layout, weights)
    return key


def registered(key: str) -> Registered:
    """What ``register`` kept. Raises BackendError."""
    if key not in _KNOWN:
        raise BackendError(f"no module of this process has the cell {key}: make the module first")
    return _KNOWN[key]


def run_layers(layers: Sequence[Layer], backend: str) -> list[Ran]:
    """Run layers that need nothing of each other, each in one direction over all steps;
    ``ir/sequence.py`` says what that means.

    ``backend`` is the name that ``choose`` gave. Raises BackendError in an export to ONNX.
    """
    if not torch.compiler.is_compiling() and torch._C._is_tracing():
        refuse_onnx(f"a module of the cell {registered(layers[0].key).program.name}")
    if backend == "llvm":
        return direct.run(layers)
    if backend != "eager":
        raise BackendError(f"the backend {backend} cannot run a layer by itself")
    return [_run_plainly(layer) for layer in layers]


def run_layer(layer: Layer, backend: str) -> Ran:
    """The same for one."""
    return run_layers([layer], backend)[0]


def _run_plainly(layer: Layer) -> Ran:
    program, layout = registered(layer.key)
    sizes = dict(zip(program.sizes, layer.sizes, strict=True))
    result = _eager(
        program,
        _without_padding(program, layer),
        layout.params(layer.params, sizes),
        sizes,
        states=layer.states,
        restart=layer.restart,
        lengths=layer.lengths,
        reset=layer.reset,
        reverse=layer.reverse,
        record=layer.record,
    )
    recorded = [result.recorded[name] for name in layer.record]
    return Ran(result.output, list(result.states), recorded)


def _without_padding(program: Program, layer: Layer) -> dict[str, Tensor]:
    """The inputs by name, with padding replaced by values of the same row that are read anyway.

    The eager backend computes what reads inputs only for all steps at once. Padding would get no
    gradient, but zero times what it holds (NaN, infinity) would get into those of the parameters.
    """
    given = dict(zip((i.name for i in program.inputs), layer.inputs, strict=True))
    if layer.lengths is None:
        return given
    x = layer.inputs[0]
    lengths = layer.lengths.to(x.device)
    visited = torch.arange(x.shape[0], device=x.device)[:, None] < lengths
    begun = (lengths > 0)[:, None]
    for item in program.inputs:
        if item.per == "step" and item.rate is None:
            value = given[item.name]
            first = torch.where(begun, value[:1], 0.0)
            given[item.name] = torch.where(visited[:, :, None], value, first)
    return given


def _run_eagerly(
    key: str, sizes: list[int], inputs: list[Tensor], params: list[Tensor], states: list[Tensor],
    restart: list[Tensor], lengths: Tensor | None, reset: Tensor | None, reverse: bool,
    record: list[str],
) -> list[Tensor]:  # fmt: skip
    """A layer as the operators return it: what comes at every step, then the final states."""
    ran = _run_plainly(
        Layer(key, sizes, inputs, params, states, restart, lengths, reset, reverse, tuple(record))
    )
    return [ran.output, *ran.recorded, *ran.states]


operator.second_derivatives_by(_run_eagerly)
