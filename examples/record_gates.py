"""Look inside: every gate at every step, with gradients, from one call.

An LSTM learns to remember the first symbol of a sequence; its gates show how.
"""

import torch
from torch import nn

import gatewise as gw

STEPS = 20
torch.manual_seed(0)
rnn = gw.nn.Recurrent("lstm", 2, 16)
head = nn.Linear(16, 1)
optimizer = torch.optim.Adam([*rnn.parameters(), *head.parameters()], lr=1e-2)


def batch(size: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first step holds a symbol and a mark, the others noise."""
    x = torch.randn(STEPS, size, 2)
    symbol = torch.randint(2, (size,)).float()
    x[0, :, 0], x[0, :, 1], x[1:, :, 1] = 2 * symbol - 1, 1.0, 0.0
    return x, symbol


for _ in range(300):
    x, symbol = batch(32)
    output, _, seen = rnn(x, record=("i", "f"))
    loss = nn.functional.binary_cross_entropy_with_logits(head(output[-1])[:, 0], symbol)
    # what is recorded has gradients: ask for input gates that are closed most of the time
    (loss + 0.01 * seen["i"][0].mean()).backward()
    optimizer.step()
    optimizer.zero_grad()

x, symbol = batch(256)
with torch.no_grad():
    output, _, seen = rnn(x, record=("i", "f", "c"))
right = ((head(output[-1])[:, 0] > 0) == symbol.bool()).float().mean()
print(f"right: {right:.0%}")
print("step   input gate   forget gate   |cell|")
for t in (0, 1, 2, 5, 10, 19):
    i, f, c = (float(seen[name][0][t].abs().mean()) for name in ("i", "f", "c"))
    print(f"{t:4}   {i:10.2f}   {f:11.2f}   {c:6.2f}")
