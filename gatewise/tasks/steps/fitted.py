"""What a fit at every step has produced, whatever was learned."""

from __future__ import annotations

from dataclasses import dataclass

from gatewise.tasks.sequences.fitted_networks import FittedNetworks
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.options import StepOptions
from gatewise.tasks.steps.report.page import Shown


@dataclass(frozen=True, kw_only=True)
class FittedSteps(FittedNetworks):
    """What a fit has produced; a task adds its own fields.

    Attributes:
        shown: what a report shows of the sequences; only of a fit that was made here.
    """

    options: StepOptions
    choices: StepChoices
    networks: tuple[StepNetwork, ...]
    shown: Shown | None = None
