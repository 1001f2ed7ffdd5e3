"""What every backend is, and how one is found: by name, imported only when asked for."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeGuard, TypeVar

from gatewise import backends
from gatewise.backends.schedule import Passes
from gatewise.errors import BackendError, nearest
from gatewise.ir import Program

if TYPE_CHECKING:
    from torch import Tensor

THROUGHOUT = "bfloat16 throughout"  # matrices are read in that type, in training as well


class RunnerCall(NamedTuple):
    """What a cell is run on by a backend that compiles nothing; ``ir/sequence.py`` says what it means.

    Attributes:
        program: the cell.
        inputs: [T, B, size] by name, static ones [B, size].
        params: its parameters by name.
        sizes: numbers for its sizes.
        states: the initial states, [B, size] in the order of the Program's.
        restart: what states are set back to where ``reset`` is true, of the same shapes.
        lengths: [B] whole numbers on the CPU; None: all are T.
        reset: [T, B] truth values; None: no state is set back.
        reverse: from the last step to the first.
        record: names of what is wanted at every step. For an ``Operator`` the first state comes first.
        passes: makes backward steps and schedules, where they are needed.
    """

    program: Program
    inputs: Mapping[str, Tensor]
    params: Mapping[str, Tensor]
    sizes: Mapping[str, int]
    states: Sequence[Tensor]
    restart: Sequence[Tensor]
    lengths: Tensor | None
    reset: Tensor | None
    reverse: bool
    record: tuple[str, ...]
    passes: Passes


@dataclass(frozen=True)
class Result:
    """Output [T, B, H], final states [B, size], recorded quantities [T, B, size] by name."""

    output: Tensor
    states: tuple[Tensor, ...]
    recorded: dict[str, Tensor]


class Backend(Protocol):
    """A way to run Programs over sequences: the object ``backend`` of a folder in ``gatewise/backends``.

    Attributes:
        name: that of the folder.
        compiled: layers are compiled for their sizes (``gatewise.compile.new_layer``): it is a
            ``LayerCompiler``. If not, it is a ``Runner``.
        automatic: "auto" may take it, where it can serve.
        fallback: it runs wherever torch does, with any transform, and is taken where no other can serve.
    """

    name: str
    compiled: bool
    automatic: bool
    fallback: bool

    @property
    def ops(self) -> frozenset[str]:
        """The ops that it has; what it lacks is refused by name (``refuse_ops``)."""

    def missing(self) -> str:
        """Why it cannot run here, with what to do about it; empty if it can."""

    def obstacle(self, device: str, dtype: str) -> str:
        """Why it cannot serve tensors on a type of device, of a type such as "float32"; empty if it can."""


CompiledLayerT = TypeVar("CompiledLayerT", contravariant=True)


class LayerCompiler(Backend, Protocol[CompiledLayerT]):
    """A backend that compiles layers, each a value of one class of its own."""

    def explain(self, layer: CompiledLayerT) -> str:
        """What it makes of a compiled layer, in text; empty if it has nothing to show."""


class Runner(Backend, Protocol):
    """A backend that compiles nothing: it runs a Program as it is."""

    def run(self, call: RunnerCall) -> Result:
        """Run a cell over sequences, differentiably."""

    def explain_program(self, program: Program, sizes: Mapping[str, int], passes: Passes) -> str:
        """What it makes of a cell for sizes, in text; empty if it has nothing to show."""


class Operator(Runner, Protocol):
    """A Runner with a way forward and a way back as functions of tensors, for an operator of torch: what
    the way forward keeps for the way back is one flat tensor."""

    dispatch_key: str  # of torch, such as "CUDA"
    device: str  # its type, such as "cuda"

    def room(
        self,
        program: Program,
        sizes: Mapping[str, int],
        record: tuple[str, ...],
        steps: int,
        batch: int,
        passes: Passes,
    ) -> int:
        """How many values the way forward keeps."""

    def forward(self, call: RunnerCall, training: bool) -> tuple[list[Tensor], Tensor]:
        """What is recorded at every step and the final states; and what is kept."""

    def backward(
        self, call: RunnerCall, stored: Tensor, grads: Sequence[Tensor]
    ) -> tuple[dict[str, Tensor], list[Tensor], list[Tensor]]:
        """Gradients of inputs and parameters by name, of the initial and of the restart states."""


def is_runner(backend: Backend) -> TypeGuard[Runner]:
    """Whether a backend compiles nothing."""
    return not backend.compiled


def is_operator(backend: Backend) -> TypeGuard[Operator]:
    """Whether a backend can be an operator of torch."""
    return hasattr(backend, "dispatch_key")


def refuse_ops(backend: Backend, *programs: Program) -> None:
    """Raises BackendError, naming the op and the cell, where a Program has an op that a backend lacks."""
    for program in programs:
        lacking = sorted({node.op for node in program.nodes} - backend.ops)
        if lacking:
            raise BackendError(
                f"the backend {backend.name} has no op {lacking[0]!r}, which the cell {program.name} needs"
            )


def names() -> tuple[str, ...]:
    """All backends that there are, whether they can run here or not."""
    return tuple(sorted(m.name for m in pkgutil.iter_modules(backends.__path__) if m.ispkg))


@functools.cache
def named(name: str) -> Backend:
    """The backend of that name, whether it can run here or not. Raises BackendError if there is none."""
    if name not in names():
        known = list(names())
        raise BackendError(
            f"there is no backend {name!r}.{nearest(name, known)} Known: {', '.join(known)}"
        )
    backend: Backend = importlib.import_module(f"gatewise.backends.{name}").backend
    return backend


def find(name: str) -> Backend:
    """The backend of that name.

    Raises BackendError if there is none, or if it cannot run here: an explicit choice never falls
    back silently.
    """
    backend = named(name)
    problem = backend.missing()
    if problem:
        raise BackendError(f"the backend {name} cannot run here: {problem}")
    return backend
