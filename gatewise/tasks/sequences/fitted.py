"""What a fit on whole sequences has produced, whatever was learned."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats, Ints
from gatewise.errors import InputWarning
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.fitting import Trained, encoded
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork
from gatewise.tasks.sequences.objective import outputs_of
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.reading import Reading
from gatewise.tasks.sequences.scaling import Coding
from gatewise.tasks.training.checkpoint import LogEntry


@dataclass(frozen=True, kw_only=True)
class FittedSequences:
    """What a fit has produced; a task adds its own fields.

    Attributes:
        options, cell: what the fit was asked for.
        choices, pooling: how it was fitted.
        coding, networks: what answers are computed with.
        steps, stopped: of training.
        evaluation: figures of the network and its baselines over the test parts, best first.
        seen: [N] digests of the training sequences.
        notes: what was remarked on, a sentence each.
        library: of the table of training; "" if it was none.
        reading: how sounds and texts became sequences.
        history: the learning curve; only of a fit that was made here.
    """

    options: SequenceOptions
    cell: Cell
    choices: Choices
    pooling: Pooling
    coding: Coding
    networks: tuple[SequenceNetwork, ...]
    steps: int
    stopped: tuple[int, int] | None
    evaluation: Any
    seen: Ints
    notes: tuple[str, ...]
    library: str
    reading: Reading
    history: tuple[LogEntry, ...] = ()

    @property
    def name(self) -> str:
        """Of its row among the figures."""
        return self.cell.name.upper()

    def outputs(self, data: Sequences) -> Floats:
        """[M, N, outputs] of the networks. Raises InputError for data of another kind.

        Warns (InputWarning) of missing values and tokens that training has not seen.
        """
        inputs = encoded(self.coding, data, self.choices.patch)
        doubt = self.coding.doubt(data)
        if doubt:
            warnings.warn(doubt, InputWarning, stacklevel=4)
        return outputs_of(self.networks, inputs, np.arange(len(data)))


def shared_fields(plan: SequencePlan, cell: Cell, trained: Trained) -> dict[str, Any]:
    """The fields of ``FittedSequences`` that a fit of any task fills in the same way."""
    return {
        "options": plan.options,
        "cell": cell,
        "choices": plan.choices,
        "pooling": trained.pooling,
        "coding": trained.coding,
        "networks": trained.networks,
        "steps": trained.steps,
        "stopped": trained.stopped,
        "seen": plan.seen,
        "library": plan.source.library,
        "reading": plan.source.reading,
        "history": trained.history,
    }
