"""What a network's answer rests on: integrated gradients by step (Sundararajan, Taly & Yan 2017)."""

from __future__ import annotations

import numpy as np
import torch

from gatewise.arrays import Floats
from gatewise.tasks.sequences.batches import Encoded
from gatewise.tasks.sequences.network import SequenceNetwork
from gatewise.tasks.sequences.objective import placed

POINTS = 32  # of the path from nothing to the sequence


def evidence(network: SequenceNetwork, data: Encoded, k: int, output: int) -> Floats:
    """[T] what each step of sequence k adds to an output, against a sequence of means.

    The sum over the steps is the output for the sequence less the output for one whose every standardised
    value (or embedding) is 0, up to the error of the integral.
    """
    network.eval()
    steps, lengths = data.block(np.array([k]))
    steps = placed(steps, network)
    if network.embedding is not None:
        steps = network.embedding(steps).flatten(2).detach()
    share = (torch.arange(POINTS, dtype=steps.dtype, device=steps.device) + 0.5) / POINTS
    path = (steps * share[None, :, None]).detach().requires_grad_()
    output_sum = network.read(path, lengths.expand(POINTS).contiguous())[:, output].sum()
    (gradient,) = torch.autograd.grad(output_sum, path)
    return np.asarray((gradient.mean(1) * steps[:, 0]).sum(-1).double().cpu().numpy())
