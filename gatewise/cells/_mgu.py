"""The minimal gated unit."""

from gatewise.lang import cell, sigmoid, tanh


@cell
def mgu(x, /, h, *, W, U, b):
    """Minimal gated unit: one gate that both resets and updates.

    Zhou, Wu, Zhang & Zhou (2016), Minimal gated unit for recurrent neural networks,
    arXiv:1603.09420.
    """
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    n = tanh(W.n @ x + U.n @ (f * h) + b.n)
    h = (1 - f) * h + f * n
    return h
