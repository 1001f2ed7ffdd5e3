"""A cell of your own is its equations: here an LSTM whose input and forget gates are one.

It learns to echo its input some steps later.
"""

import torch
from torch import nn

import gatewise as gw
from gatewise.lang import sigmoid, tanh

DELAY = 5


@gw.cell(init={"b.f": ("chrono", 2 * DELAY)})
def coupled(x, /, h, c, *, W, U, b):
    """What is forgotten makes room for what is new."""
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + (1 - f) * z
    h = o * tanh(c)
    return h, c


torch.manual_seed(0)
rnn = gw.nn.Recurrent(coupled, input_size=1, hidden_size=32)
head = nn.Linear(32, 1)
optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=2e-2)
for step in range(201):
    x = torch.randint(2, (30, 32, 1)).float()
    output, (h, c) = rnn(x)
    wanted = x.roll(DELAY, 0)[DELAY:]
    loss = nn.functional.binary_cross_entropy_with_logits(head(output)[DELAY:], wanted)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(rnn.parameters(), 1.0)
    optimizer.step()
    if step % 100 == 0:
        right = ((head(output)[DELAY:] > 0) == wanted.bool()).float().mean()
        print(f"step {step:3}: loss {loss:.3f}, right {right:.0%}")

print(rnn)
print(f"forget gates start open: b.f = {rnn.equation_parameters()['b.f'][:4].tolist()} ...")
