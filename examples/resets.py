"""Reinforcement learning: rollouts hold several episodes, and the memory must not leak between them.

Each episode may show a cue in its first step, and asks in its last whether it did. A rollout is cut
at a fixed length, so episodes begin and end anywhere in it, and nothing that is observed says where.
``reset`` sets the state back where one begins, in the kernel: the whole rollout is one call, forward
and backward.
"""

import torch
from torch import nn

import gatewise as gw

STEPS, BATCH, HIDDEN = 60, 32, 24


def rollout() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Observations [T, B, 1], answers, where they count, first steps."""
    x, answer = torch.zeros(STEPS, BATCH, 1), torch.zeros(STEPS, BATCH)
    asked, first = torch.zeros(STEPS, BATCH).bool(), torch.zeros(STEPS, BATCH).bool()
    for b in range(BATCH):
        t = 0
        while t < STEPS:
            length = int(torch.randint(3, 12, ()))
            cue = float(torch.randint(2, ()))
            first[t, b], x[t, b, 0] = True, cue
            end = t + length - 1
            if end < STEPS:
                answer[end, b], asked[end, b] = cue, True
            t += length
    return x, answer, asked, first


def train(resets: bool) -> tuple[nn.Module, nn.Module, float]:
    torch.manual_seed(0)
    memory = gw.nn.GRU(1, HIDDEN, learned_initial_state=True)
    policy = nn.Linear(HIDDEN, 1)
    optimizer = torch.optim.Adam([*memory.parameters(), *policy.parameters()], lr=1e-2)
    for _ in range(60):
        x, answer, asked, first = rollout()
        output, _ = memory(x, reset=first if resets else None)
        loss = nn.functional.binary_cross_entropy_with_logits(
            policy(output)[..., 0][asked], answer[asked]
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return memory, policy, float(loss.detach())


for resets in (False, True):
    memory, policy, loss = train(resets)
    print(f"{'with' if resets else 'without'} resets: loss {loss:.4f}")

# Acting: one step at a time, the state in the caller's hands.
x, answer, asked, first = rollout()
hx = None
right = total = 0
with torch.no_grad():
    for t in range(STEPS):
        output, hx = memory(x[t : t + 1], hx, reset=first[t : t + 1])
        guess = policy(output)[0, :, 0] > 0
        right += int((guess == answer[t].bool())[asked[t]].sum())
        total += int(asked[t].sum())
print(f"acting step by step: {right} of {total} answers right")
