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
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from gatewise.errors import InputError
from gatewise.settings import LOCAL_WORLD_SIZE, RANK, WORLD_SIZE
from gatewise.tasks.training.devices import DEVICES, PRECISIONS


def first_process() -> bool:
    """Whether this process writes and reports: the only one, or the first of ``torchrun``'s."""
    return not torch.distributed.is_torchelastic_launched() or RANK.get() == 0


@functools.cache
def _leave_at_exit() -> None:
    """Leave the process group before the interpreter ends.

    The threads of a group that is still joined then can abort the process. Fabric leaves for NCCL only.
    """

    def leave() -> None:
        if torch.distributed.is_initialized():
            torch.distributed.destroy_process_group()

    atexit.register(leave)


def _fabric(device: str, precision: str, shared: bool) -> Any:
    """A launched Fabric; ``shared`` says that ``torchrun`` started the process."""
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment
    from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment

    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # its import says INFO
    local = (LOCAL_WORLD_SIZE.get() or 1) if shared else 1
    # named, as Fabric's own guess asks for MPI and Slurm and warns about what it sees
    environment = TorchElasticEnvironment() if shared else LightningEnvironment()
    options: dict[str, Any] = {"precision": precision, "plugins": environment}
    if shared:
        options |= {"strategy": "ddp", "num_nodes": (WORLD_SIZE.get() or local) // local}
    fabric = Fabric(accelerator=device, devices=local, **options)
    fabric.launch()
    if shared:
        _leave_at_exit()
    return fabric


class Processes:
    """The one process of a training, or those that ``torchrun`` started; each uses one device.

    Raises:
        InputError: for an unknown device or precision, or a device that does not exist.
    """

    def __init__(self, device: str, precision: str) -> None:
        if precision not in PRECISIONS:
            raise InputError(f"precision is one of {', '.join(PRECISIONS)}, not {precision!r}")
        if device not in DEVICES:
            raise InputError(f"device is one of {', '.join(DEVICES)}, not {device!r}")
        if device == "cuda" and not torch.cuda.is_available():
            raise InputError("device 'cuda': PyTorch finds no GPU here; use 'cpu' or 'auto'")
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
        """Whether this is the process that validates, writes and reports."""
        return bool(self.rank == 0)

    @contextmanager
    def set_up(self, network: nn.Module) -> Iterator[None]:
        """Move the network to the device and precision, with the weights of the first process.

        Afterwards the network is back where it was, and PyTorch's random state is what it was.
        """
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
        """The context in which losses are computed."""
        return nullcontext() if self.fabric is None else self.fabric.autocast()

    def seed(self, seed: int) -> None:
        """Seed the random numbers of dropout on the device."""
        # torch.manual_seed takes 100 us to look for devices
        self._generator.manual_seed(seed)

    def mean(self, weights: Sequence[Tensor], sums: Tensor) -> float:
        """Turn sums over this process into means over all processes.

        Args:
            weights: their gradients are replaced in place.
            sums: [2], of the losses and of the weights of the examples.

        Returns:
            The mean loss.
        """
        # one collective: gradients, which of them there are, and the two sums
        present = [float(w.grad is not None) for w in weights]
        grads = (torch.zeros_like(w) if w.grad is None else w.grad for w in weights)
        flat = torch.cat([*(g.reshape(-1) for g in grads), sums.new_tensor(present), sums])
        flat = self._sum(flat)
        *pieces, counts, sums = flat.split([*(w.numel() for w in weights), len(weights), 2])
        mean, total_weight = (sums[0] / sums[1]).item(), sums[1].clone()
        flat /= total_weight
        for w, piece, count in zip(weights, pieces, counts.tolist(), strict=True):
            w.grad = piece.view_as(w) if count else None
        return float(mean)

    def total(self, value: float) -> float:
        """The sum of a number over the processes."""
        if self.world == 1:
            return value
        return float(self._sum(torch.tensor(value, dtype=torch.float64, device=self.device)).item())

    def _sum(self, values: Tensor) -> Tensor:
        if self.world == 1:
            return values
        total: Tensor = self.fabric.all_reduce(values, reduce_op="sum")
        return total

    def agree(self, step: int) -> None:
        """Raises InputError if the processes are at different steps, so that they read different folders."""
        if self.total(float(step)) != self.world * step:
            raise InputError(
                "the processes find different states in their run folders: they must share one"
            )
