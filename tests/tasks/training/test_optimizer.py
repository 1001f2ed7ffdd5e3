"""AdamW is torch's, and a training imports neither torch's compiler nor Fabric for nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import torch
from torch import nn

from gatewise.tasks.training.optimizer import AdamW

ROOT = Path(__file__).resolve().parents[3]


def test_it_moves_weights_as_torchs_does() -> None:
    networks = []
    for kind in (0, 1):
        torch.manual_seed(0)
        net = nn.Linear(5, 4)
        optimizer = (
            AdamW(net.parameters(), 0.1, 0.03)
            if kind
            else torch.optim.AdamW(net.parameters(), lr=0.1, weight_decay=0.03, fused=True)
        )
        for step in range(6):
            if step == 3:  # through what a run folder keeps
                optimizer.load_state_dict(optimizer.state_dict())
            net(torch.randn(7, 5)).square().sum().backward()
            optimizer.step()
            optimizer.zero_grad()
            assert all(w.grad is None for w in net.parameters())
        networks.append(net)
    for one, other in zip(networks[0].parameters(), networks[1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_what_takes_long_to_import_is_not() -> None:
    code = (
        "import sys; from gatewise.tasks.training.loop import train; from tests.tasks.toy import *;"
        "train(net(), Sums(), recipe(), until=3);"
        "print([m for m in ('torch._dynamo', 'lightning_fabric', 'sympy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.stdout == "[]\n", done.stderr
