"""The subtractive LSTM."""

from gatewise.lang import cell, sigmoid


@cell
def sublstm(x, /, h, c, *, W, U, b):
    """subLSTM: gates subtract where those of an LSTM multiply, as inhibition does in the cortex.

    Costa, Assael, Shillingford, de Freitas & Vogels (2017), Cortical microcircuits as
    gated-recurrent neural networks, NIPS, arXiv:1711.02448.
    """
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    z = sigmoid(W.z @ x + U.z @ h + b.z)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c = f * c + z - i
    h = sigmoid(c) - o
    return h, c
