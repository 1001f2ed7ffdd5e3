"""Trains a cell written in five lines on a task that needs memory, and times it against nn.LSTM.

The task (Hochreiter & Schmidhuber 1997, experiment 4, in its modern form): a sequence of numbers, two
of which are marked; the answer is the sum of the two. Run it with ``make demo``.
"""

import time

import torch
from torch import nn

import gatewise as gw
from gatewise import nn as gnn
from gatewise.lang import sigmoid, tanh

STEPS, BATCH, HIDDEN = 100, 64, 64


@gw.cell(init={"b.f": ("chrono", STEPS), "b.i": ("negative", "b.f"), "b.z": 0.0, "b.o": 0.0})
def my_peephole(x, /, h, c, *, W, U, p, b):
    """An LSTM whose gates see the cell state."""
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * tanh(c)
    return h, c


def adding_problem(generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs [T, B, 2] (value, mark) and answers [B, 1]."""
    values = torch.rand(STEPS, BATCH, generator=generator)
    marks = torch.zeros(STEPS, BATCH)
    rows = torch.arange(BATCH)
    for low, high in ((0, STEPS // 2), (STEPS // 2, STEPS)):
        marks[torch.randint(low, high, (BATCH,), generator=generator), rows] = 1.0
    return torch.stack([values, marks], -1), (values * marks).sum(0)[:, None]


def train(rnn: nn.Module, seconds: float) -> tuple[int, float, float]:
    """Steps taken, seconds spent and the running squared error, which stops the training at 0.003."""
    generator = torch.Generator().manual_seed(0)
    head = nn.Linear(HIDDEN, 1)
    parameters = [*rnn.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, 4e-3, fused=True)
    start, error, step = time.perf_counter(), 1 / 6, 0
    while time.perf_counter() - start < seconds and error > 0.003:
        x, answer = adding_problem(generator)
        loss = nn.functional.mse_loss(head(rnn(x)[0][-1]), answer)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        step, error = step + 1, 0.97 * error + 0.03 * loss.item()
        if step % 100 == 0:
            print(f"  step {step:5d}   squared error {error:.4f}", flush=True)
    return step, time.perf_counter() - start, error


def milliseconds(rnn: nn.Module) -> float:
    """Median time of one forward and backward pass."""
    x, times = torch.randn(STEPS, BATCH, 2), []
    for _ in range(30):
        start = time.perf_counter()
        rnn(x)[0].sum().backward()
        times.append(time.perf_counter() - start)
    return sorted(times)[15] * 1e3


def main() -> None:
    """Train, then compare the speed."""
    torch.manual_seed(0)
    print("The cell, as the compiler sees it:")
    for left, right in my_peephole.equations:
        print(f"  {left:3s} = {right}")
    rnn = gnn.Recurrent(my_peephole, 2, HIDDEN)
    print(f"\nTraining it to add two marked numbers among {STEPS} (guessing gives 0.1667):")
    steps, seconds, error = train(rnn, 100.0)
    verdict = "solved" if error <= 0.003 else "not solved"
    print(f"  {verdict} after {steps} steps, {seconds:.0f} s: squared error {error:.4f}")
    ours, theirs = milliseconds(rnn), milliseconds(nn.LSTM(2, HIDDEN))
    print(f"\nForward and backward at T={STEPS}, B={BATCH}, H={HIDDEN}:")
    print(f"  your peephole cell {ours:7.2f} ms   (backend: {rnn.explain()})")
    print(f"  torch.nn.LSTM      {theirs:7.2f} ms   (it has no peepholes)")
    print("\nNext: gatewise cells; gatewise cells show peephole_lstm; docs/language.md")


if __name__ == "__main__":
    main()
