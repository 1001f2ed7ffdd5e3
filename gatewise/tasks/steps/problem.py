"""What is said at every step as a problem for the training loop."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.arrays import Bools, Floats, Ints
from gatewise.tasks.sequences.objective import placed
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.windows import Sampler, Spans, Windowed
from gatewise.tasks.training.problem import Problem


class StepTarget(Protocol):
    """What is said of every step. Knows the truth of all S steps, and which of them have one."""

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for a step."""

    @property
    def known(self) -> Bools:
        """[S] whether something is said of a step: others are left out of every loss and every figure."""

    def loss(self, outputs: Tensor, places: Ints) -> tuple[Tensor, Tensor]:
        """The sum of weighted losses and the sum of weights, for outputs [n, outputs] of known steps."""

    def check(self, outputs: Floats, places: Ints) -> float:
        """What training is stopped by, for outputs [n, outputs] of known steps; less is better."""

    def fingerprint(self) -> bytes:
        """All that the loss depends on."""


class StepProblem(Problem):
    """Learn what a target says of steps.

    Args:
        data: all sequences.
        target: of their steps.
        train: what to learn from.
        validation: what to stop by.
        batch: windows at one step of training.
        window: values of a window at most.
    """

    def __init__(
        self,
        data: Windowed,
        target: StepTarget,
        train: Spans,
        validation: Spans,
        batch: int,
        window: int,
    ) -> None:
        self.data, self.target, self.validation, self.batch = data, target, validation, batch
        places = train.places()
        self.sampler = Sampler(train, places[target.known[places]], window)

    def draw(self, rng: np.random.Generator) -> Ints:
        return self.sampler.draw(self.batch, rng)

    def loss(self, network: nn.Module, part: Ints) -> tuple[Tensor, Tensor]:
        assert isinstance(network, StepNetwork)
        if not len(part):
            return torch.zeros(()), torch.zeros(())
        steps, lengths, places = self.data.block(part[:, 0], part[:, 1])
        outputs = network(placed(steps, network), lengths)
        known = (places >= 0) & self.target.known[places]
        return self.target.loss(outputs[torch.from_numpy(known)], places[known])

    def check(self, network: nn.Module) -> float:
        assert isinstance(network, StepNetwork)
        places = self.validation.places()
        places = places[self.target.known[places]]
        outputs = outputs_of([network], self.data, self.validation)[0]
        return self.target.check(outputs[places], places)

    def describe(self, part: Ints) -> str:
        return f"the window of steps {part[0, 0]} to {part[0, 1] - 1}"

    def fingerprint(self) -> str:
        data, sampler = self.data, self.sampler
        digest = hashlib.sha256(f"{self.batch} {sampler.size} {data.patch} {data.delay}".encode())
        spans, held = sampler.spans, self.validation
        for array in (data.steps, data.starts, spans.begin, spans.end, held.begin, held.end):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(self.target.fingerprint())
        return digest.hexdigest()


@torch.no_grad()
def outputs_of(networks: Sequence[StepNetwork], data: Windowed, spans: Spans) -> Floats:
    """Outputs [networks, S, outputs] for the steps in spans; NaN for the others."""
    outputs = np.full((len(networks), len(data.steps), networks[0].outputs), np.nan)
    for network in networks:
        network.eval()
    for steps, lengths, places in data.blocks(spans):
        inside = places >= 0
        for k, network in enumerate(networks):
            said = network(placed(steps, network), lengths).double().cpu().numpy()
            outputs[k, places[inside]] = said[inside]
    return outputs
