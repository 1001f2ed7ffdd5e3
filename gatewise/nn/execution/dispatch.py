"""The one place through which every layer and direction runs, and where its backend is chosen.

A ``LayerCall`` is what an operator of torch can take: tensors as flat lists, numbers, words, and a
Program by the key under which ``register`` keeps it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch.autograd import forward_ad

from gatewise.compile import named, names
from gatewise.errors import BackendError, nearest
from gatewise.nn.compiled import autograd
from gatewise.nn.compiled.float_types import LOW
from gatewise.nn.compiled.plain_ops import PLAIN, run_plainly
from gatewise.nn.compiled.runner_op import OPERATORS
from gatewise.nn.compiled.torch_tools import refuse_onnx
from gatewise.nn.plan.layer_call import LayerCall, LayerResult
from gatewise.nn.plan.registry import registered

VENDOR = "vendor"  # PyTorch's own functions: no backend of ours
BACKENDS = ("auto", *names(), VENDOR)
# those that compile layers and can run here
COMPILED = frozenset(name for name in names() if named(name).compiled and not named(name).missing())


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
    if backend == VENDOR:
        problem = vendor()
        if problem:
            raise BackendError(f"the vendor's kernels cannot serve this call: {problem}")
        return _ASKED_FOR[backend]
    if backend != "auto":
        obstacle = _obstacle(backend, device, dtype)
        if obstacle:
            raise BackendError(f"the backend {backend} cannot serve this call: {obstacle}")
        return _ASKED_FOR[backend]
    obstacles = []
    if device.type == "cuda":
        problem = vendor()
        if not problem:
            return Choice(VENDOR, "a vanilla cell on a GPU: cuDNN is fastest")
        obstacles.append(f"cuDNN: {problem}")
    for name in _AUTOMATIC:
        obstacle = _obstacle(name, device, dtype)
        if not obstacle:
            return (_WIDENED if dtype in LOW else _COMPILED)[name]
        obstacles.append(f"{name}: {obstacle}")
    why = f"plain torch operations, as no compiled kernels can serve: {'; '.join(obstacles)}"
    return Choice(PLAIN, why)


_AUTOMATIC = tuple(name for name in names() if named(name).automatic)
_ASKED_FOR = {name: Choice(name, "it was asked for") for name in BACKENDS}
_PROCESSOR = {name: "processor" if named(name).compiled else "GPU" for name in _AUTOMATIC}
_COMPILED = {name: Choice(name, f"compiled for this {of}") for name, of in _PROCESSOR.items()}
_WIDENED = {
    name: Choice(name, f"compiled for this {of}, in float32 inside")
    for name, of in _PROCESSOR.items()
}
# asked once: torch.compile does not trace the questions
_BACKENDS = {name: named(name) for name in names()}
_MISSING = {name: backend.missing() for name, backend in _BACKENDS.items()}


def _obstacle(name: str, device: torch.device, dtype: torch.dtype) -> str:
    """Why a backend cannot serve a call; empty if it can."""
    backend = _BACKENDS[name]
    problem = _MISSING[name] or backend.obstacle(device.type, str(dtype).removeprefix("torch."))
    if problem or backend.fallback:
        return problem
    if torch._C._are_functorch_transforms_active():
        return "transforms of torch.func go through plain operations"
    if forward_ad._current_level >= 0:
        return "forward-mode derivatives go through plain operations"
    return ""


def run_layers(layers: Sequence[LayerCall], backend: str) -> list[LayerResult]:
    """Run layers that need nothing of each other, each in one direction over all steps;
    ``ir/sequence.py`` says what that means.

    ``backend`` is the name that ``choose`` gave. Raises BackendError in an export to ONNX.
    """
    if not torch.compiler.is_compiling() and torch._C._is_tracing():
        refuse_onnx(f"a module of the cell {registered(layers[0].key).program.name}")
    if backend in COMPILED:
        return autograd.run(layers)
    if backend == VENDOR:
        raise BackendError("the vendor's kernels cannot run a layer by themselves")
    return [_run_by(backend, layer) for layer in layers]


def _run_by(backend: str, layer: LayerCall) -> LayerResult:
    """A layer by a backend that compiles nothing; as an operator where others must see it as one."""
    x = layer.inputs[0]
    name, _ = OPERATORS.get(x.device.type, ("", None))
    if backend == name and not autograd.is_unwatched(x):
        return autograd.dispatch(layer)
    return run_plainly(layer, backend)


def run_layer(layer: LayerCall, backend: str) -> LayerResult:
    """Run one layer in one direction over all steps; ``backend`` is the name that ``choose`` gave."""
    return run_layers([layer], backend)[0]
