"""Very long sequences: the backward pass keeps a fraction of the steps and computes the rest again.

``memory="sqrt"`` changes what is kept, not the result; ``detach_every`` truncates the gradient.
"""

import os

os.environ["KINETO_LOG_LEVEL"] = "99"  # the profiler, which counts the memory, would talk

import torch

import gatewise as gw

STEPS, BATCH, SIZE = 8_000, 4, 32
torch.manual_seed(0)
x = torch.randn(STEPS, BATCH, SIZE)
weights = gw.nn.LSTM(SIZE, SIZE).state_dict()


def train_step(**extras: object) -> tuple[float, torch.Tensor]:
    """Megabytes in use after the forward pass, and the gradient of the recurrent matrix."""
    rnn = gw.nn.LSTM(SIZE, SIZE, **extras)
    rnn.load_state_dict(weights)
    with torch.autograd.profiler.profile(use_kineto=False, profile_memory=True) as seen:
        output, _ = rnn(x)
    used = sum(event.self_cpu_memory_usage for event in seen.key_averages())
    output.square().mean().backward()
    return used / 2**20, rnn.weight_hh_l0.grad


everything, gradient = train_step()
print(f"keeping every step:   {everything:6.1f} MB")
for memory in ("sqrt", 1000):
    less, same = train_step(memory=memory)
    error = ((same - gradient).abs().max() / gradient.abs().max()).item()
    print(
        f"memory={memory!r:7}:       {less:6.1f} MB, gradient differs by {error:.0e} of its largest"
    )
_, truncated = train_step(detach_every=20)
cosine = torch.cosine_similarity(truncated.flatten(), gradient.flatten(), 0)
print(f"detach_every=20: cosine with the full gradient {cosine:.3f}")
