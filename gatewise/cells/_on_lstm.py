"""An LSTM whose neurons are ordered by how long they keep."""

from gatewise.cells._options import shared
from gatewise.lang import cell, cumsum, sigmoid, softmax, tanh


@cell
def on_lstm(x, /, h, c, *, W, U, b, chunk=1):
    """ON-LSTM: master gates rise along the neurons, so that the last ones keep what the first forget.

    Shen, Tan, Sordoni & Courville (2019), Ordered neurons: integrating tree structures into recurrent
    neural networks, arXiv:1810.09536, section 4.

    Option chunk: neurons that share one unit of the master gates.
    """
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    c_hat = tanh(W.c @ x + U.c @ h + b.c)
    f_tilde = cumsum(softmax(W.f_tilde @ x + U.f_tilde @ h + b.f_tilde))
    i_tilde = 1 - cumsum(softmax(W.i_tilde @ x + U.i_tilde @ h + b.i_tilde))
    keep, write = shared(f_tilde, chunk), shared(i_tilde, chunk)
    omega = keep * write
    f_hat = f * omega + (keep - omega)
    i_hat = i * omega + (write - omega)
    c = f_hat * c + i_hat * c_hat
    h = o * tanh(c)
    return h, c
