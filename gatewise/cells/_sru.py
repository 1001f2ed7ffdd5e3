"""The simple recurrent unit."""

from gatewise.cells._options import one_of
from gatewise.lang import cell, sigmoid, tanh


@cell
def sru(x, /, h, c, *, W, v, b, project=True, activation="identity", alpha=1.0):
    """Simple recurrent unit: gates see their own unit's cell, a highway carries the input past it.

    Lei, Zhang, Wang, Dai & Artzi (2018), Simple recurrent units for highly parallelizable
    recurrence, EMNLP, arXiv:1709.02755.

    Options: project, False lets the raw input into the highway, as printed, then I = H, while by
    default a matrix W.x brings it to the units; activation, "identity", or "tanh" for the cell's
    way out (first version of the paper); alpha, the scale of the highway.
    """
    one_of("activation", activation, ("identity", "tanh"))
    f = sigmoid(W.f @ x + v.f * c + b.f)
    r = sigmoid(W.r @ x + v.r * c + b.r)
    z = W.z @ x
    c = f * c + (1 - f) * z
    y = tanh(c) if activation == "tanh" else c
    highway = W.x @ x if project else x
    h = r * y + (1 - r) * (highway if alpha == 1 else alpha * highway)
    return h, c
