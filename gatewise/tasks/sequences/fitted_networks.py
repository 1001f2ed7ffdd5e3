"""What a fit of networks over sequences has produced, of whole sequences or of their steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatewise.arrays import Ints
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.scaling import Coding
from gatewise.tasks.training.checkpoint import LogEntry


@dataclass(frozen=True, kw_only=True)
class FittedNetworks:
    """What a fit has produced; whole sequences, steps and tasks add their own fields.

    Attributes:
        options, cell: what the fit was asked for.
        choices: how it was fitted.
        coding, networks: what answers are computed with.
        steps, stopped: of training.
        evaluation: figures of the network and its baselines over the test parts, best first.
        seen: [N] digests of the training sequences.
        notes: what was remarked on, a sentence each.
        library: of the table of training; "" if it was none.
        history: the learning curve; only of a fit that was made here.
    """

    options: Any
    cell: Cell
    choices: Any
    coding: Coding
    networks: tuple[Any, ...]
    steps: int
    stopped: tuple[int, int] | None
    evaluation: Any
    seen: Ints
    notes: tuple[str, ...]
    library: str
    history: tuple[LogEntry, ...] = ()

    @property
    def name(self) -> str:
        """Of its row among the figures."""
        return self.cell.name.upper()


def common_fields(plan: Any, cell: Cell, trained: Any) -> dict[str, Any]:
    """The fields that a fit of any task fills in the same way, from its plan and its trainings."""
    return {
        "options": plan.options,
        "cell": cell,
        "choices": plan.choices,
        "coding": trained.coding,
        "networks": trained.networks,
        "steps": trained.steps,
        "stopped": trained.stopped,
        "seen": plan.seen,
        "library": plan.source.library,
        "history": trained.history,
    }
