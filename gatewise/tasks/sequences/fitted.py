"""What a fit on whole sequences has produced, whatever was learned."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats
from gatewise.errors import InputWarning
from gatewise.lang.cell import Cell
from gatewise.tasks.sequences.choices import Choices
from gatewise.tasks.sequences.fitted_networks import FittedNetworks, common_fields
from gatewise.tasks.sequences.fitting import Trained, encoded
from gatewise.tasks.sequences.network import Pooling, SequenceNetwork
from gatewise.tasks.sequences.objective import outputs_of
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.plan import SequencePlan
from gatewise.tasks.sequences.ragged import Sequences
from gatewise.tasks.sequences.reading import Reading


@dataclass(frozen=True, kw_only=True)
class FittedSequences(FittedNetworks):
    """What a fit has produced; a task adds its own fields.

    Attributes:
        pooling: how it was fitted, beside the choices.
        reading: how sounds and texts became sequences.
    """

    options: SequenceOptions
    choices: Choices
    pooling: Pooling
    networks: tuple[SequenceNetwork, ...]
    reading: Reading

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
    own = {"pooling": trained.pooling, "reading": plan.source.reading}
    return common_fields(plan, cell, trained) | own
