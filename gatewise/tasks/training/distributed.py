"""The processes of a training, their device and precision, through Lightning Fabric.

Fabric starts nothing here: under ``torchrun`` it joins the processes, otherwise there is one, which on a
CPU does without it. What it would wrap (the module, the optimizer, the backward pass) costs more than a
step of a small network, so the loop only asks it for what it alone knows: ranks, devices, the autocast
of a precision, collectives.
"""

from __future__ import annotations

import atexit
import functools
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.errors import InputError
from gatewise.tasks.training.devices import DEVICES, PRECISIONS


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


def _fabric(device: str, precision: str, shared: bool) -> Any:
    """Fabric, launched; ``shared``: under ``torchrun``."""
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment
    from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # its import says INFO
    here = int(os.environ["LOCAL_WORLD_SIZE"]) if shared else 1
    everywhere = int(os.environ["WORLD_SIZE"]) if shared else 1
    # said, not guessed: a guess asks for MPI and Slurm and warns of what it finds
    environment = TorchElasticEnvironment() if shared else LightningEnvironment()
    options: dict[str, Any] = {"precision": precision, "plugins": environment}
    if shared:
        options |= {"strategy": "ddp", "num_nodes": everywhere // here}
    fabric = Fabric(accelerator=device, devices=here, **options)
    fabric.launch()
    if shared:
        _leave_in_the_end()
    return fabric


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
        shared = torch.distributed.is_torchelastic_launched()
        self.precision = precision
        self.fabric: Any = None
        self.rank, self.world, self.device = 0, 1, torch.device("cpu")
        # Fabric takes a second and a half to import: one process on the CPU does not wait for it
        if shared or device != "cpu" or precision != "32-true":
            self.fabric = _fabric(device, precision, shared)
            self.rank, self.world = self.fabric.global_rank, self.fabric.world_size
            self.device = self.fabric.device
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
        device, dtype = before.device, before.dtype
        network.to(self.device)
        if self.fabric is not None:
            self.fabric.strategy.precision.convert_module(network)
        if self.world > 1:
            for value in network.state_dict().values():
                torch.distributed.broadcast(value, 0)
        cards = [self.device.index or 0] if self.device.type == "cuda" else []
        try:
            with torch.random.fork_rng(devices=cards):
                yield
        finally:
            network.to(device)
            if self.precision == "64-true":
                network.to(dtype)

    def autocast(self) -> AbstractContextManager[None]:
        """Where losses are computed."""
        return nullcontext() if self.fabric is None else self.fabric.autocast()

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
        flat = self._sum(flat)
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
        return float(self._sum(torch.tensor(value, dtype=torch.float64, device=self.device)).item())

    def _sum(self, values: Tensor) -> Tensor:
        if self.world == 1:
            return values
        found: Tensor = self.fabric.all_reduce(values, reduce_op="sum")
        return found

    def agree(self, step: int) -> None:
        """Raises InputError if the processes stand at different steps: they read different folders."""
        if self.total(float(step)) != self.world * step:
            raise InputError(
                "the processes find different states in their run folders: they must share one"
            )
