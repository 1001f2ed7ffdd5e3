"""The LSTM of 1997."""

from gatewise.cells._options import optional, shared
from gatewise.lang import cell, sigmoid


@cell
def lstm_1997(x, /, h, c, i, o, *, W, U, b, cells=1, input_bias=True):
    """The original LSTM: no forget gate, gates that see each other, squashing of its own.

    Hochreiter & Schmidhuber (1997), Long short-term memory, Neural Computation 9(8), appendix A.1.
    The hidden layer is connected with the whole of itself: the output of the cells and the opening
    of the gates at the last step enter every gate and every cell input. The input is squashed to
    [-2, 2], the output to [-1, 1]. The paper cuts gradients at the gates, here they are whole; it
    often starts gate biases below zero: ``with_init({"b.o": -1.0})``.

    Options: cells, how many cells share the gates of one memory block (H counts cells); input_bias,
    whether cell inputs have a bias. The paper's networks differ in it; for those that have none at
    all there is ``gw.cells.without(gw.cells.lstm_1997, "b")``.
    """
    y = [h, i, o]
    a_i = W.i @ x + U.i @ y + b.i
    a_o = W.o @ x + U.o @ y + b.o
    a_z = W.z @ x + U.z @ y + optional(input_bias, b.z)
    i = sigmoid(a_i)
    o = sigmoid(a_o)
    z = 4 * sigmoid(a_z) - 2
    c = c + shared(i, cells) * z
    h = shared(o, cells) * (2 * sigmoid(c) - 1)
    return h, c, i, o
