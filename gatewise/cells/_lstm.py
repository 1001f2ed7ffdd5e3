"""The LSTM with forget gate."""

from gatewise.cells._options import optional, shared
from gatewise.lang import cell, sigmoid, tanh


@cell(init={"b.f": 1.0})
def lstm(x, /, h, c, *, W, U, b, cells=1, input_bias=True):
    """LSTM with forget gate: what the field calls LSTM.

    Gers, Schmidhuber & Cummins (2000), Learning to forget, Neural Computation 12(10). Squashing by
    tanh is that of Graves & Schmidhuber (2005); the forget bias of 1 that of Jozefowicz, Zaremba &
    Sutskever (2015).

    Options, for the networks of 2000: cells, how many cells share the gates of one memory block (H
    counts cells); input_bias, whether cell inputs have a bias.
    """
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    z = tanh(W.z @ x + U.z @ h + optional(input_bias, b.z))
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = shared(f, cells) * c + shared(i, cells) * z
    h = shared(o, cells) * tanh(c)
    return h, c
