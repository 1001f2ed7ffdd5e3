"""A saved policy as data: the record that its folder is written from, and what ``config.json`` holds of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field

from gatewise.control.actions import ActionCoding
from gatewise.control.history import Entry
from gatewise.control.observations import ObservationCoding
from gatewise.control.options import Options
from gatewise.control.policy import Policy
from gatewise.lang.cell import Cell
from gatewise.tasks.model_files import ModelConfig

SCHEMA = 1
# of an environment in a file: registered already, without the name of a module to import
REGISTERED = r"^[\w./-]{1,200}$"


class SavedBudget(BaseModel):
    """The call of ``learn`` that was interrupted."""

    model_config = ModelConfig.model_config

    first: int = Field(ge=0)
    frames: int | None
    time: float | None
    goal: float | None
    spent: float = Field(ge=0)


class SavedEnvironment(BaseModel):
    """Where a policy learned; without a name where it was given as an object."""

    model_config = ModelConfig.model_config

    name: str | None = Field(pattern=REGISTERED)
    hide: tuple[int, ...]
    max_steps: int | None
    # shown where the name is not registered; nothing imports it
    module: str | None = Field(default=None, pattern=r"^[\w.]{1,200}$")

    @property
    def typed(self) -> str:
        """What a user types to name it."""
        return ":".join(filter(None, (self.module, self.name)))


class SavedPolicy(ModelConfig):
    """The configuration of a policy."""

    kind: Literal["policy"]
    observation: ObservationCoding
    action: ActionCoding
    options: Options
    environment: SavedEnvironment
    reward_scale: float = Field(gt=0)
    frames: int = Field(ge=0)
    updates: int = Field(ge=0)
    seconds: float = Field(ge=0)
    training_sha256: str | None
    budget: SavedBudget | None
    handed_out: int | None = Field(default=None, ge=0)


@dataclass(frozen=True, kw_only=True)
class PolicyRecord:
    """A policy and how it was learned, as its folder tells it.

    Attributes:
        policy, cell, options: what was learned, and how it was set up.
        environment: where it learned.
        frames, updates, seconds: how far it has come.
        history: what was measured after each update.
        training: the arrays from which training resumes; None where it cannot.
        budget, handed_out: as those of ``Training``.
    """

    policy: Policy
    cell: Cell
    options: Options
    environment: SavedEnvironment
    frames: int
    updates: int
    seconds: float = 0.0
    history: Sequence[Entry] = ()
    training: bytes | None = None
    budget: SavedBudget | None = None
    handed_out: int | None = None
