"""Distributed data parallel: two processes, the gradients of the whole batch."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

WORKER = """
import sys, torch, torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
import gatewise as gw

rank = int(sys.argv[1])
torch.set_num_threads(1)
dist.init_process_group("gloo", rank=rank, world_size=2)

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = gw.nn.LSTM(3, 4, 2, bidirectional=True, dtype=torch.float64,
                              learned_initial_state=True)
        self.cell = gw.nn.Recurrent("gru_v3", 8, 3, dtype=torch.float64, memory=2)
    def forward(self, x, reset):
        return self.cell(self.rnn(x, reset=reset)[0])[0].sin().mean()

torch.manual_seed(rank)  # DDP must send the weights of rank 0 to rank 1
model = Model()
wrapped = DistributedDataParallel(model)
g = torch.Generator().manual_seed(5)
x = torch.randn(6, 4, 3, dtype=torch.float64, generator=g)
reset = torch.rand(6, 4, generator=g) < 0.3
optimizer = torch.optim.SGD(wrapped.parameters(), 0.1)
for _ in range(3):
    optimizer.zero_grad()
    wrapped(x[:, 2 * rank : 2 * rank + 2], reset[:, 2 * rank : 2 * rank + 2]).backward()
    optimizer.step()
torch.manual_seed(0)
alone = Model()
optimizer = torch.optim.SGD(alone.parameters(), 0.1)
for _ in range(3):
    optimizer.zero_grad()
    alone(x, reset).backward()
    optimizer.step()
for (name, a), b in zip(model.named_parameters(), alone.parameters()):
    assert torch.allclose(a, b, rtol=1e-12, atol=1e-14), name
dist.destroy_process_group()
print("same")
"""


def test_two_processes_train_as_one() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "OMP_NUM_THREADS": "1",
    }
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(rank)],
            cwd=ROOT,
            env=env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for rank in range(2)
    ]
    try:
        for worker in workers:
            out, err = worker.communicate(timeout=120)
            assert worker.returncode == 0, err
            assert out.strip() == "same"
    finally:
        for worker in workers:
            worker.kill()
