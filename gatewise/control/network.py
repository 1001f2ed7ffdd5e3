"""The network of a policy: what to do (actor) and what it is worth (critic), over one memory or two."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from gatewise.control.actions import ActionCoding
from gatewise.control.encoder import Encoder, Picture, pictures_of
from gatewise.control.observations import ObservationCoding
from gatewise.control.options import Options
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.nn import Recurrent

MANY_INPUTS = 256  # from here on it is looked which of them are zero throughout
FIRST_DEVIATION = 0.0  # the logarithm of the first deviation of numbers


class PolicyNetwork(nn.Module):
    """An embedding, a recurrent layer of any cell, and two heads.

    The actor starts with outputs near zero, so that all actions are equally likely at first.

    Args:
        cell: with one input.
        inputs: values I that are read at a step.
        outputs: values A that are said of actions.
        units: of the embedding, the recurrence and each head.
        shared: whether actor and critic share embedding and memory; else each has its own.
        deviations: numbers whose deviation is learned; 0 for choices.
        pictures: among the inputs, which the embedding reads through convolutions.
    """

    def __init__(
        self,
        cell: Cell,
        inputs: int,
        outputs: int,
        units: int,
        shared: bool,
        deviations: int,
        pictures: Sequence[Picture] = (),
    ) -> None:
        super().__init__()
        towers = 1 if shared else 2
        sizes = {n: units for n in cell.program.sizes if n not in ("I", "H")}
        self.pictures = tuple(pictures)
        self.embeddings = nn.ModuleList(
            Encoder(inputs, units, pictures) if pictures else nn.Linear(inputs, units)
            for _ in range(towers)
        )
        self.memories = nn.ModuleList(
            Recurrent(cell, units, units, sizes=sizes) for _ in range(towers)
        )
        width = self.memory(0).plan.widths[0]
        self.actor_hidden, self.actor = nn.Linear(width, units), nn.Linear(units, outputs)
        self.critic_hidden, self.critic = nn.Linear(width, units), nn.Linear(units, 1)
        self.log_deviation = (
            nn.Parameter(torch.full((deviations,), FIRST_DEVIATION)) if deviations else None
        )
        embeddings = [e.linear if isinstance(e, Encoder) else e for e in self.embeddings]
        linear = [e for e in embeddings if isinstance(e, nn.Linear)]
        for layer, gain in (
            *((e, 1.0) for e in linear),
            (self.actor_hidden, 1.0),
            (self.critic_hidden, 1.0),
            (self.actor, 0.01),
            (self.critic, 1.0),
        ):
            nn.init.orthogonal_(layer.weight, gain)
            nn.init.zeros_(layer.bias)

    def memory(self, k: int) -> Recurrent:
        """The memory of the actor (0) and of the critic (1, if it has its own)."""
        memory = self.memories[k]
        assert isinstance(memory, Recurrent)
        return memory

    @property
    def widths(self) -> tuple[int, ...]:
        """The size of each state, of all memories one after the other."""
        return tuple(n for k in range(len(self.memories)) for n in self.memory(k).plan.widths)

    def forward(
        self,
        inputs: Tensor,
        states: Sequence[Tensor],
        reset: Tensor | None,
        columns: Tensor | None = None,
    ) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
        """Run sequences.

        Args:
            inputs: [T, B, I]; with columns [T, B, their number].
            states: before the first step, [B, n] each.
            reset: [T, B] truth values: steps at which an episode begins. None: nowhere.
            columns: which of the I values these are, the others being zero; None: all.

        Returns:
            What is said of actions [T, B, A], values [T, B], and the states after the last step, [B, n] each.
        """
        outputs, ends, first = [], [], 0
        for k, embedding in enumerate(self.embeddings):
            memory = self.memory(k)
            count = len(memory.plan.widths)
            start = [s.unsqueeze(0).contiguous() for s in states[first : first + count]]
            output, last = memory(
                torch.tanh(_embedded(embedding, inputs, columns)), start, reset=reset
            )
            outputs.append(output)
            ends += [s.squeeze(0) for s in last]
            first += count
        said = self.actor(torch.tanh(self.actor_hidden(outputs[0])))
        values = self.critic(torch.tanh(self.critic_hidden(outputs[-1]))).squeeze(-1)
        return said, values, tuple(ends)

    def columns_of(self, inputs: Tensor) -> Tensor | None:
        """Which values of inputs [T, B, I] are not zero throughout; None where most are.

        Of many symbols most never occur. A product over the others alone is the same, and much smaller.
        """
        if self.pictures or inputs.shape[-1] < MANY_INPUTS:
            return None
        columns = inputs.flatten(0, -2).any(0).nonzero()[:, 0]
        return columns if 2 * len(columns) < inputs.shape[-1] else None

    def record(self, inputs: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
        """Named quantities of the actor's cell at every step of one episode from its start, {name: [T, B, n]}."""
        _, _, recorded = self.memory(0)(torch.tanh(self.embeddings[0](inputs)), record=tuple(names))
        return {name: of[0] for name, of in recorded.items()}


def _embedded(embedding: nn.Module, inputs: Tensor, columns: Tensor | None) -> Tensor:
    if columns is None:
        output: Tensor = embedding(inputs)
        return output
    assert isinstance(embedding, nn.Linear)
    return functional.linear(inputs, embedding.weight[:, columns], embedding.bias)


def make_network(
    cell: Cell, observation: ObservationCoding, more: int, action: ActionCoding, options: Options
) -> PolicyNetwork:
    """The network of a policy, ready to step. ``more``: values that it reads besides the observation."""
    deviations = action.parts if action.kind == "numbers" else 0
    network = PolicyNetwork(
        cell,
        observation.width + more,
        action.outputs,
        options.units,
        options.shared,
        deviations,
        pictures_of(observation) if options.pixels else (),
    )
    return network.eval()


def check_weights(network: nn.Module) -> None:
    """Raises InputError if a weight is no number."""
    if not all(bool(p.isfinite().all()) for p in network.parameters()):
        raise InputError("a weight of the policy is not a number: get the model again")
