"""The LSTM with a recurrent projection."""

from gatewise.lang import cell, sigmoid, tanh


@cell(sizes={"h": "P", "c": "H"}, init={"b.f": 1.0})
def lstmp(x, /, h, c, *, W, U, b):
    """LSTM with recurrent projection: H cells, P values that recur and come out.

    Sak, Senior & Beaufays (2014), Long short-term memory recurrent neural network architectures for
    large scale acoustic modeling, Interspeech; without its peepholes, as in PyTorch's proj_size.
    """
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = f * c + i * z
    m = o * tanh(c)
    h = W.h @ m
    return h, c
