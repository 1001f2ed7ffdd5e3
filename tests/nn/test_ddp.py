"""Distributed data parallel: two processes, the gradients of the whole batch."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

import gatewise as gw
from tests.forks import Fork, needs_fork


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = gw.nn.LSTM(
            3, 4, 2, bidirectional=True, dtype=torch.float64, learned_initial_state=True
        )
        self.cell = gw.nn.Recurrent("gru_v3", 8, 3, dtype=torch.float64, memory=2)

    def forward(self, x: Tensor, reset: Tensor) -> Tensor:
        return self.cell(self.rnn(x, reset=reset)[0])[0].sin().mean()


def train(model: nn.Module, x: Tensor, reset: Tensor) -> None:
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(3):
        optimizer.zero_grad()
        model(x, reset).backward()
        optimizer.step()


def of_a_half(rank: int) -> None:
    """In each process: trained on half of each batch, the model is that of the whole batch."""
    torch.set_num_threads(1)
    dist.init_process_group("gloo", rank=rank, world_size=2)
    torch.manual_seed(rank)  # DDP must send the weights of rank 0 to rank 1
    model = Model()
    g = torch.Generator().manual_seed(5)
    x = torch.randn(6, 4, 3, dtype=torch.float64, generator=g)
    reset = torch.rand(6, 4, generator=g) < 0.3
    half = slice(2 * rank, 2 * rank + 2)
    train(DistributedDataParallel(model), x[:, half], reset[:, half])
    torch.manual_seed(0)
    alone = Model()
    train(alone, x, reset)
    for (name, a), b in zip(model.named_parameters(), alone.parameters(), strict=True):
        assert torch.allclose(a, b, rtol=1e-12, atol=1e-14), name
    dist.destroy_process_group()
    print("same")


@needs_fork
def test_two_processes_train_as_one(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    with ExitStack() as stack:
        workers = [
            stack.enter_context(Fork(partial(of_a_half, rank), tmp_path / str(rank), environment))
            for rank in range(2)
        ]
        for worker in workers:
            assert worker.wait() == 0, worker.err.read_text()
            assert worker.out.read_text().strip() == "same"
