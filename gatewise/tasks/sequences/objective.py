"""Whole sequences as a problem for the training loop: batches of similar length, a target's loss."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor, nn

from gatewise.arrays import Floats, Ints
from gatewise.tasks.sequences.batches import Encoded
from gatewise.tasks.sequences.network import SequenceNetwork
from gatewise.tasks.training.problem import Problem


class Target(Protocol):
    """What is said of a whole sequence: a class or a value. Knows the truth of all N sequences."""

    @property
    def outputs(self) -> int:
        """Numbers that the network gives for a sequence."""

    def loss(self, outputs: Tensor, index: Ints) -> tuple[Tensor, Tensor]:
        """The sum of weighted losses and the sum of weights, for outputs [B, outputs]."""

    def check(self, outputs: Floats, index: Ints) -> float:
        """What training is stopped by, for outputs [B, outputs]; less is better."""

    def fingerprint(self) -> bytes:
        """All that the loss depends on."""


class SequenceProblem(Problem):
    """Learn what a target says of sequences.

    Args:
        data: all N sequences.
        target: of them.
        train, validation: indices of those to learn from, and to stop by.
        batch: sequences at one step of training.
    """

    def __init__(
        self, data: Encoded, target: Target, train: Ints, validation: Ints, batch: int
    ) -> None:
        self.data, self.target = data, target
        self.train, self.validation, self.batch = train, validation, batch

    def draw(self, rng: np.random.Generator) -> Ints:
        return self.data.draw(self.train, self.batch, rng)

    def loss(self, network: nn.Module, part: Ints) -> tuple[Tensor, Tensor]:
        assert isinstance(network, SequenceNetwork)
        if not len(part):
            return torch.zeros(()), torch.zeros(())
        steps, lengths = self.data.block(part)
        return self.target.loss(network(placed(steps, network), lengths), part)

    def check(self, network: nn.Module) -> float:
        assert isinstance(network, SequenceNetwork)
        return self.target.check(
            outputs_of([network], self.data, self.validation)[0], self.validation
        )

    def describe(self, part: Ints) -> str:
        return f"sequence {int(part[0])}"

    def fingerprint(self) -> str:
        digest = hashlib.sha256(f"{self.batch} {self.data.patch}".encode())
        for array in (self.data.steps, self.data.starts, self.train, self.validation):
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(self.target.fingerprint())
        return digest.hexdigest()


def placed(steps: Tensor, network: nn.Module) -> Tensor:
    """Steps on the network's device; numbers in its type, codes as they are."""
    like = next(network.parameters())
    return steps.to(like) if steps.is_floating_point() else steps.to(like.device)


@torch.no_grad()
def outputs_of(networks: Sequence[SequenceNetwork], data: Encoded, index: Ints) -> Floats:
    """Outputs [networks, B, outputs] for some sequences, in the order of the index."""
    place = np.empty(len(data), dtype=np.int64)
    place[index] = np.arange(len(index))
    outputs = np.empty((len(networks), len(index), networks[0].head.out_features))
    for network in networks:
        network.eval()
    for piece, steps, lengths in data.blocks(index):
        for k, network in enumerate(networks):
            outputs[k, place[piece]] = (
                network(placed(steps, network), lengths).double().cpu().numpy()
            )
    return outputs
