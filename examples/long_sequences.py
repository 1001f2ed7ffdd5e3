"""Very long sequences: the backward pass keeps a fraction of the steps and computes the rest again.

``memory="sqrt"`` changes what is kept, not the result; ``detach_every`` truncates the gradient.
"""

import re
import resource
import sys
from pathlib import Path

import torch

import gatewise as gw

STEPS, BATCH, SIZE = 10_000, 4, 64
torch.manual_seed(0)
x = torch.randn(STEPS, BATCH, SIZE)
weights = gw.nn.LSTM(SIZE, SIZE).state_dict()


def peak() -> float:
    """The most memory that this process has ever used, in megabytes."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux getrusage begins with what the parent of a process has used
        return int(re.search(r"VmHWM:\s+(\d+)", status.read_text())[1]) / 2**10
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (2**20 if sys.platform == "darwin" else 2**10)


def gradient(steps: int = STEPS, **extras: object) -> torch.Tensor:
    """The gradient of the recurrent matrix after one step of training."""
    rnn = gw.nn.LSTM(SIZE, SIZE, **extras)
    rnn.load_state_dict(weights)
    output, _ = rnn(x[:steps])
    output.square().mean().backward()
    return rnn.weight_hh_l0.grad


gradient(100)  # compile
before, gradients = peak(), {}
for memory in ("sqrt", 1000, "all"):  # the thriftiest first: a peak never goes down
    gradients[memory] = gradient(memory=memory)
    print(f"memory={memory!r:7} {peak() - before:6.1f} MB more")
for memory in ("sqrt", 1000):
    error = (gradients[memory] - gradients["all"]).abs().max() / gradients["all"].abs().max()
    print(f"memory={memory!r:7} gradient differs by {error.item():.0e} of its largest")
truncated = gradient(detach_every=3)
cosine = torch.cosine_similarity(truncated.flatten(), gradients["all"].flatten(), 0)
print(f"detach_every=3: cosine with the full gradient {cosine:.3f}")
