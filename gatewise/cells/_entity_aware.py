"""The entity-aware LSTM."""

from gatewise.lang import cell, sigmoid, tanh


@cell(static="s", sizes={"s": "S"}, init={"b.f": 5.0})
def ealstm(x, s, /, h, c, *, W, U, b):
    """Entity-aware LSTM: what does not change over time (a river's catchment) opens the input gate.

    Kratzert, Klotz, Shalev, Klambauer, Hochreiter & Nearing (2019), Towards learning universal,
    regional, and local hydrological behaviors via machine learning applied to large-sample
    datasets, Hydrology and Earth System Sciences 23. The static input s has one value for each
    sequence; the forget bias of 5 is that of the paper's code.
    """
    i = sigmoid(W.i @ s + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = f * c + i * z
    h = o * tanh(c)
    return h, c
