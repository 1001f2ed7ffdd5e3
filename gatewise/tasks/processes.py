"""The processes of a training, their device and precision, through Lightning Fabric.

Fabric starts nothing here: under ``torchrun`` it joins the processes, otherwise there is one. What it
would wrap (the module, the optimizer, the backward pass) costs more than a step of a small network, so
the loop only asks it for what it alone knows: ranks, devices, the autocast of a precision, collectives.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.errors import InputError

PRECISIONS = ("32-true", "64-true", "bf16-mixed")
DEVICES = ("cpu", "cuda", "auto")


def first_process() -> bool:
    """Whether this is the process that writes and talks: the only one, or the first of ``torchrun``'s."""
    return int(os.environ.get("RANK", "0")) == 0 or not torch.distributed.is_torchelastic_launched()


@functools.cache
def _leave_in_the_end() -> None:
    """Leave the other processes before the interpreter goes: the threads of a group that is still there
    then can abort the process. Fabric does so for NCCL only."""

    def leave() -> None:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()

    atexit.register(leave)


class Processes:
    """One process, or those that ``torchrun`` has started; each uses one device.

    Raises:
        InputError: for an unknown device or precision, or a device that is not there.
    """

    def __init__(self, device: str, precision: str) -> None:
        if precision not in PRECISIONS:
            raise InputError(f"precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
        if device not in DEVICES:
            raise InputError(f"device is one of {', '.join(DEVICES)}, not {device!r}")
        if device == "cuda" and not torch.cuda.is_available():
            raise InputError("device 'cuda': PyTorch finds no GPU here; take 'cpu' or 'auto'")
        if device == "auto":
            device = "cuda" if torch.cuda.is_available() else "cpu"
        # Fabric takes a second to import: whoever trains nothing does not wait for it
        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
        from lightning_fabric import Fabric
        from lightning_fabric.plugins.environments.lightning import LightningEnvironment
        from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment

        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # its import says INFO
        shared = torch.distributed.is_torchelastic_launched()
        here = int(os.environ["LOCAL_WORLD_SIZE"]) if shared else 1
        everywhere = int(os.environ["WORLD_SIZE"]) if shared else 1
        # said, not guessed: a guess asks for MPI and Slurm and warns of what it finds
        environment = TorchElasticEnvironment() if shared else LightningEnvironment()
        options: dict[str, Any] = {"precision": precision, "plugins": environment}
        if shared:
            options |= {"strategy": "ddp", "num_nodes": everywhere // here}
        self.fabric: Any = Fabric(accelerator=device, devices=here, **options)
        self.fabric.launch()
        if shared:
            _leave_in_the_end()
        self.rank, self.world = self.fabric.global_rank, self.fabric.world_size
        self.device: torch.device = self.fabric.device
        self._generator = (
            torch.cuda.default_generators[self.device.index or 0]
            if self.device.type == "cuda"
            else torch.default_generator
        )

    @property
    def first(self) -> bool:
        """Whether this is the process that checks, writes and talks."""
        return bool(self.rank == 0)

    @contextmanager
    def set_up(self, network: nn.Module) -> Iterator[None]:
        """The network on the device and in the precision, alike everywhere; random numbers as before after."""
        before = next(network.parameters())
        device, dtype, precision = before.device, before.dtype, self.fabric.strategy.precision
        network.to(self.device)
        precision.convert_module(network)
        if self.world > 1:
            for value in network.state_dict().values():
                torch.distributed.broadcast(value, 0)
        cards = [self.device.index or 0] if self.device.type == "cuda" else []
        try:
            with torch.random.fork_rng(devices=cards):
                yield
        finally:
            network.to(device)
            if precision.precision == "64-true":
                network.to(dtype)

    def autocast(self) -> AbstractContextManager[None]:
        """Where losses are computed."""
        context: AbstractContextManager[None] = self.fabric.autocast()
        return context

    def seed(self, seed: int) -> None:
        """Seed dropout."""
        # torch.manual_seed takes 100 us to look for devices
        self._generator.manual_seed(seed)

    def mean(self, weights: Sequence[Tensor], sums: Tensor) -> float:
        """From sums over this process to means over all: of the gradients, in place, and of the loss.

        ``sums`` [2] are those of losses and of weights.
        """
        # one collective: gradients, which of them there are, and the two sums
        have = [float(w.grad is not None) for w in weights]
        grads = (torch.zeros_like(w) if w.grad is None else w.grad for w in weights)
        flat = torch.cat([*(g.reshape(-1) for g in grads), sums.new_tensor(have), sums])
        flat = self.fabric.all_reduce(flat, reduce_op="sum")
        *pieces, there, sums = flat.split([*(w.numel() for w in weights), len(weights), 2])
        mean, everything = (sums[0] / sums[1]).item(), sums[1].clone()
        flat /= everything
        for w, piece, some in zip(weights, pieces, there.tolist(), strict=True):
            w.grad = piece.view_as(w) if some else None
        return float(mean)

    def total(self, value: float) -> float:
        """The sum of a number over the processes."""
        if self.world == 1:
            return value
        there = torch.tensor(value, dtype=torch.float64, device=self.device)
        return float(self.fabric.all_reduce(there, reduce_op="sum").item())

    def agree(self, step: int) -> None:
        """Raises InputError if the processes stand at different steps: they read different folders."""
        if self.total(float(step)) != self.world * step:
            raise InputError(
                "the processes find different states in their run folders: they must share one"
            )
