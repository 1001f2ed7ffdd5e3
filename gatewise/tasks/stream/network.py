"""A network that learns while a stream goes by: truncated backpropagation through time, inputs and classes that grow."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gatewise.arrays import Floats, Singles
from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent
from gatewise.tasks.training.optimizer import AdamW

DECAY = 0.0  # of weights
CLIP = 1.0  # norm of a gradient at most


class StreamNetwork:
    """A recurrence and a linear head over a stream (Williams & Peng 1990: the last steps are learned from at each step).

    Args:
        cell: with one input.
        hidden: units.
        window: steps that a gradient goes back.
        learning_rate: of AdamW; it stays the same, since the stream does not.
        seed: of the first weights.
    """

    def __init__(
        self, cell: Cell, hidden: int, window: int, learning_rate: float, seed: int
    ) -> None:
        self.cell, self.hidden, self.window = cell, hidden, window
        self.learning_rate, self.seed = learning_rate, seed
        self.sizes = 0, 0  # inputs and classes
        self.encoder: Recurrent | None = None
        self.head: nn.Linear | None = None
        self.state: Any = None
        # input, number of its class, state before it; inputs are as wide as they were then
        self.steps: deque[tuple[Singles, int, Any]] = deque(maxlen=window)

    def grow(self, inputs: int, classes: int) -> None:
        """Make room for more inputs and classes, if there are more; what has been learned stays."""
        if (inputs, classes) == self.sizes:
            return
        self.sizes = inputs, classes
        encoder = self.encoder
        if encoder is None or encoder.input_size != max(1, inputs):
            self.encoder = self._wider(max(1, inputs))
        head_before = self.head
        if head_before is None or head_before.out_features != classes:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(self.seed + classes)
                head = nn.Linear(self.width, classes)
            with torch.no_grad():
                head.weight.zero_()
                head.bias.zero_()
                if head_before is not None:
                    old = head_before.out_features
                    head.weight[:old], head.bias[:old] = head_before.weight, head_before.bias
                    # as likely as the least likely one so far
                    head.bias[old:] = head_before.bias.min()
            self.head = head
        weights = [*self._encoder.parameters(), *self._head.parameters()]
        self.optimizer = AdamW(weights, self.learning_rate, DECAY)
        self.weights = weights

    def _wider(self, inputs: int) -> Recurrent:
        """A recurrence with more inputs, and the weights of the old one where it has some."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed + inputs)
            encoder = Recurrent(self.cell, inputs, self.hidden)
        self.width = encoder.plan.widths[0]
        if self.encoder is not None:
            with torch.no_grad():
                for new, old in zip(encoder.parameters(), self.encoder.parameters(), strict=True):
                    new[tuple(slice(0, size) for size in old.shape)] = old
        return encoder

    @property
    def _encoder(self) -> Recurrent:
        assert self.encoder is not None
        return self.encoder

    @property
    def _head(self) -> nn.Linear:
        assert self.head is not None
        return self.head

    @torch.no_grad()
    def probability(self, inputs: Singles) -> Floats:
        """[K] of the next step; the state stays as it is."""
        output, _ = self._encoder(self._block([inputs]), self.state)
        logits = self._head(output[0, 0]).double()
        return np.asarray(torch.softmax(logits, -1).numpy())

    def learn(self, inputs: Singles, label: int) -> float:
        """Learn from the last steps and this one, and advance to it. Returns the loss of this one before."""
        self.steps.append((inputs, label, self.state))
        rows, labels, states = zip(*self.steps, strict=True)
        output, _ = self._encoder(self._block(rows), states[0])
        each = F.cross_entropy(self._head(output[:, 0]), torch.tensor(labels), reduction="none")
        each.mean().backward()
        nn.utils.clip_grad_norm_(self.weights, CLIP)
        self.optimizer.param_groups[0]["lr"] = self.learning_rate
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.advance(inputs)
        return float(each[-1].detach())

    @torch.no_grad()
    def advance(self, inputs: Singles) -> None:
        """Advance to the next step without learning from it."""
        _, self.state = self._encoder(self._block([inputs]), self.state)

    def reset_state(self) -> None:
        """Begin another sequence: no step of the last one is looked back at."""
        self.state = None
        self.steps.clear()

    def _block(self, rows: Any) -> Tensor:
        """[T, 1, I] of inputs, of which early ones may be narrower."""
        width = self._encoder.input_size
        assert isinstance(width, int)  # a cell with one input
        block = np.zeros((len(rows), 1, width), dtype=np.float32)
        for k, row in enumerate(rows):
            block[k, 0, : len(row)] = row
        return torch.from_numpy(block)
