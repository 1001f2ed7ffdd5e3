"""What a fit at every step has produced, whatever was learned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gatewise.arrays import Ints
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.scaling import Coding
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.fitting import Trained
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.plan import StepPlan
from gatewise.tasks.steps.report.page import Shown
from gatewise.tasks.training.checkpoint import LogEntry


@dataclass(frozen=True, kw_only=True)
class FittedSteps:
    """What a fit has produced; a task adds its own fields.

    Attributes:
        options, cell: what the fit was asked for.
        choices: how it was fitted.
        coding, networks: what answers are computed with.
        steps, stopped: of training.
        evaluation: figures of the network and its baselines over the test parts, best first.
        seen: [N] digests of the training sequences.
        notes: what was remarked on, a sentence each.
        library: of the table of training; "" if it was none.
        history: the learning curve; only of a fit that was made here, as is what follows.
        shown: what a report shows of the sequences.
    """

    options: StepOptions
    cell: Cell
    choices: StepChoices
    coding: Coding
    networks: tuple[StepNetwork, ...]
    steps: int
    stopped: tuple[int, int] | None
    evaluation: Any
    seen: Ints
    notes: tuple[str, ...]
    library: str
    history: tuple[LogEntry, ...] = ()
    shown: Shown | None = None

    @property
    def name(self) -> str:
        """Of its row among the figures."""
        return self.cell.name.upper()


def shared_fields(plan: StepPlan, cell: Cell, trained: Trained) -> dict[str, Any]:
    """The fields of ``FittedSteps`` that a fit of any task fills in the same way."""
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
