"""The eight variants of the search space odyssey: the vanilla LSTM (with peepholes) less one part.

Greff, Srivastava, Koutník, Steunebrink & Schmidhuber (2017), LSTM: a search space odyssey, IEEE
Transactions on Neural Networks and Learning Systems 28(10).
"""

from gatewise.lang import cell, sigmoid, tanh


@cell
def cifg(x, /, h, c, *, W, U, p, b):
    """Coupled input and forget gate: f = 1 - i. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = 1 - i
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * tanh(c)
    return h, c


@cell
def nig(x, /, h, c, *, W, U, p, b):
    """No input gate: i = 1. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * tanh(c)
    return h, c


@cell
def nfg(x, /, h, c, *, W, U, p, b):
    """No forget gate: f = 1. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * tanh(c)
    return h, c


@cell
def nog(x, /, h, c, *, W, U, p, b):
    """No output gate: o = 1. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    h = tanh(c)
    return h, c


@cell
def niaf(x, /, h, c, *, W, U, p, b):
    """No input activation function: z is not squashed. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = W.z @ x + U.z @ h + b.z
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * tanh(c)
    return h, c


@cell
def noaf(x, /, h, c, *, W, U, p, b):
    """No output activation function: c is not squashed. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c + b.o)
    h = o * c
    return h, c


@cell
def np(x, /, h, c, *, W, U, b):
    """No peepholes: the peephole LSTM without them, hence the plain LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10).
    """
    i = sigmoid(W.i @ x + U.i @ h + b.i)
    f = sigmoid(W.f @ x + U.f @ h + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + b.o)
    h = o * tanh(c)
    return h, c


@cell
def fgr(x, /, h, c, i, f, o, *, W, U, R, p, b):
    """Full gate recurrence: gates see the last gates. A variant of the peephole LSTM.

    Greff et al. (2017), LSTM: a search space odyssey, IEEE TNNLS 28(10). R.fi leads from the forget
    gate to the input gate: nine matrices more.
    """
    a_i = W.i @ x + U.i @ h + R.ii @ i + R.fi @ f + R.oi @ o + p.i * c + b.i
    a_f = W.f @ x + U.f @ h + R["if"] @ i + R.ff @ f + R.of @ o + p.f * c + b.f
    a_o = W.o @ x + U.o @ h + R.io @ i + R.fo @ f + R.oo @ o + b.o
    i = sigmoid(a_i)
    f = sigmoid(a_f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(a_o + p.o * c)
    h = o * tanh(c)
    return h, c, i, f, o
