"""What every backend is, and how one is found: by name, imported only when asked for."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, cast

from gatewise import backends
from gatewise.backends.schedule import Passes
from gatewise.errors import BackendError, nearest
from gatewise.ir import Program

THROUGHOUT = "bfloat16 throughout"  # matrices are read in that type, in training as well


@dataclass(frozen=True)
class Result:
    """Output [T, B, H], final states [B, size], recorded quantities [T, B, size] by name: tensors."""

    output: Any
    states: tuple[Any, ...]
    recorded: dict[str, Any]


class Backend(Protocol):
    """A way to run Programs over sequences: the object ``backend`` of a folder in ``gatewise/backends``.

    Attributes:
        name: that of the folder.
        compiled: layers are compiled for their sizes (``gatewise.compile.new_layer``). If not, it is a
            ``Runner``.
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

    def explain(self, layer: Any) -> str:
        """What it makes of a compiled layer, in text; empty if it has nothing to show."""


class Runner(Backend, Protocol):
    """A backend that compiles nothing: it runs a Program as it is."""

    def run(
        self,
        program: Program,
        inputs: Mapping[str, Any],
        params: Mapping[str, Any],
        sizes: Mapping[str, int],
        *,
        states: Sequence[Any],
        restart: Sequence[Any],
        lengths: Any = None,
        reset: Any = None,
        reverse: bool = False,
        record: Sequence[str] = (),
        passes: Passes,
    ) -> Result:
        """Run a cell over sequences of tensors, differentiably; ``ir/sequence.py`` says what it means.

        ``passes`` makes backward steps and schedules, where they are needed.
        """

    def explain_program(self, program: Program, sizes: Mapping[str, int], passes: Passes) -> str:
        """What it makes of a cell for sizes, in text; empty if it has nothing to show."""


class Operator(Protocol):
    """A Runner's way forward and back as functions of tensors, for an operator of torch: what the way
    forward keeps for the way back is one flat tensor.

    Arguments as for ``Runner.run``; ``record`` begins with the first state.
    """

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

    def forward(
        self,
        program: Program,
        inputs: Mapping[str, Any],
        params: Mapping[str, Any],
        sizes: Mapping[str, int],
        *,
        training: bool,
        **options: Any,
    ) -> tuple[list[Any], Any]:
        """What is recorded at every step and the final states; and what is kept."""

    def backward(
        self,
        program: Program,
        inputs: Mapping[str, Any],
        params: Mapping[str, Any],
        sizes: Mapping[str, int],
        *,
        stored: Any,
        grads: Sequence[Any],
        **options: Any,
    ) -> tuple[dict[str, Any], list[Any], list[Any]]:
        """Gradients of inputs and parameters by name, of the initial and of the restart states."""


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
    return cast(Backend, importlib.import_module(f"gatewise.backends.{name}").backend)


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
