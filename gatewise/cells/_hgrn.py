"""Gates with a lower bound, and states that are complex numbers."""

from typing import Any

from gatewise.lang import cell, cos, norm, sigmoid, sin


def _silu(a: Any) -> Any:
    return a * sigmoid(a)


@cell(
    sizes={"re": "H"}, init={"theta": ("frequencies", 10000.0), "g": 1.0, "b.re": 0.0, "b.im": 0.0}
)
def hgrn(x, /, h, re, im, *, W, b, theta, g, lower=0.0):
    """HGRU of the hierarchically gated recurrent network: a forget gate above a bound, and a turn.

    Qin, Yang & Zhong (2023), Hierarchically gated recurrent neural network for sequence modeling,
    arXiv:2311.04823, section 3.2. The complex state is re + i im. Gates see the input only, so a parallel
    scan can run it. As in the authors' code (Doraemonzzz/hgru-pytorch) the output gate is a SiLU, and angles
    start at 10000^(-2k/H); the layer normalisation follows the gate, as the paper prints it, where the code
    has it before the gate.

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
    gate_re = _silu(W.gate_re @ x + b.gate_re)
    gate_im = _silu(W.gate_im @ x + b.gate_im)
    o_re, o_im = norm(gate_re * re, gate_im * im)
    h = W.o @ [g.re * o_re + b.re, g.im * o_im + b.im] + b.o
    return h, re, im
