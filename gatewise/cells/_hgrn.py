"""Gates with a lower bound, and states that are complex numbers."""

from typing import Any

from gatewise.lang import cell, cos, sigmoid, sin


def _silu(a: Any) -> Any:
    return a * sigmoid(a)


@cell(sizes={"re": "H"}, init={"theta": ("uniform", 0.0, 3.141592653589793)})
def hgrn(x, /, h, re, im, *, W, b, theta, lower=0.0):
    """HGRU of the hierarchically gated recurrent network: a forget gate above a bound, and a turn.

    Qin, Yang & Zhong (2023), Hierarchically gated recurrent neural network for sequence modeling,
    arXiv:2311.04823, section 3.2. The complex state is re + i im. Gates see the input only, so a parallel
    scan can run it.

    Option lower, the least value of the forget gate. In the paper it grows from layer to layer, and is
    learned.
    """
    c_re = _silu(W.c_re @ x + b.c_re)
    c_im = _silu(W.c_im @ x + b.c_im)
    mu = sigmoid(W.mu @ x + b.mu)
    f = lower + (1 - lower) * mu
    re, im = (
        f * (cos(theta) * re - sin(theta) * im) + (1 - f) * c_re,
        f * (sin(theta) * re + cos(theta) * im) + (1 - f) * c_im,
    )
    g_re = sigmoid(W.g_re @ x + b.g_re)
    g_im = sigmoid(W.g_im @ x + b.g_im)
    h = W.o @ [g_re * re, g_im * im] + b.o
    return h, re, im
