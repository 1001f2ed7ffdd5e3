"""The simple recurrent network."""

from gatewise.cells._options import one_of
from gatewise.lang import cell, relu, tanh


@cell
def rnn(x, /, h, *, W, U, b, nonlinearity="tanh"):
    """Simple recurrent network, without gates.

    Elman (1990), Finding structure in time, Cognitive Science 14(2).

    Option nonlinearity: "tanh" or "relu" (Le, Jaitly & Hinton 2015).
    """
    squash = {"tanh": tanh, "relu": relu}[one_of("nonlinearity", nonlinearity, ("tanh", "relu"))]
    h = squash(W @ x + U @ h + b)
    return h
