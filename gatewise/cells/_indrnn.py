"""The independently recurrent network."""

from gatewise.lang import cell, relu


@cell(init={"u": ("uniform", 0, 1)})
def indrnn(x, /, h, *, W, u, b):
    """Independently recurrent network: each unit sees itself only.

    Li, Li, Cook, Zhu & Gao (2018), Independently recurrent neural network, CVPR, arXiv:1803.04831.
    u starts uniform in (0, 1); the paper keeps abs(u) below the T-th root of 2 for T steps.
    """
    h = relu(W @ x + u * h + b)
    return h
