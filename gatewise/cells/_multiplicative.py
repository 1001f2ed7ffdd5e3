"""The multiplicative LSTM."""

from gatewise.lang import cell, sigmoid, tanh


@cell(sizes={"m": "H"}, init={"b.f": 1.0})
def multiplicative_lstm(x, /, h, c, *, W, U, b):
    """Multiplicative LSTM: a recurrent transition of its own for each input.

    Krause, Lu, Murray & Renals (2016), Multiplicative LSTM for sequence modelling,
    arXiv:1609.07959. In the gates of an LSTM, m stands for the last output.
    """
    m = (W.m @ x) * (U.m @ h)
    i = sigmoid(W.i @ x + U.i @ m + b.i)
    f = sigmoid(W.f @ x + U.f @ m + b.f)
    z = tanh(W.z @ x + U.z @ m + b.z)
    o = sigmoid(W.o @ x + U.o @ m + b.o)
    c = f * c + i * z
    h = o * tanh(c)
    return h, c
