"""The scalar LSTM of the xLSTM family."""

from math import inf

from gatewise.cells._options import one_of
from gatewise.lang import cell, exp, log_sigmoid, maximum, sigmoid, tanh


@cell(
    initial={"m": -inf},
    blocks={"R": "heads"},
    init={"R": 0.0, "b": 0.0, "b.f": ("power_law", 5.0, -7.0, 0.3, "heads")},
)
def slstm(x, /, h, c, n, m, *, W, R, b, heads=1, forget="sigmoid"):
    """sLSTM: exponential gates, a normaliser n and a stabiliser m that keeps them in range.

    Beck et al. (2024), xLSTM: extended long short-term memory, arXiv:2405.04517, section 2.2. The
    stabiliser starts at minus infinity, so that the first step has nothing to forget. Weights start as in
    the authors' package: recurrent matrices at zero, forget biases from 5 down to -7 by a power law, so
    that each head has units that keep for 150 steps and units that keep nothing.

    Options: heads, the number of diagonal blocks of the recurrent matrices; forget, "sigmoid" or
    "exp", the forget gate's function.
    """
    one_of("forget", forget, ("sigmoid", "exp"))
    a_i = W.i @ x + R.i @ h + b.i
    a_f = W.f @ x + R.f @ h + b.f
    log_f = log_sigmoid(a_f) if forget == "sigmoid" else a_f
    z = tanh(W.z @ x + R.z @ h + b.z)
    o = sigmoid(W.o @ x + R.o @ h + b.o)
    m_new = maximum(log_f + m, a_i)
    i = exp(a_i - m_new)
    f = exp(log_f + m - m_new)
    c = f * c + i * z
    n = f * n + i
    h = o * c / n
    return h, c, n, m_new
