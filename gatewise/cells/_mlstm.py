"""The LSTM of the xLSTM family whose memory is a matrix."""

from math import inf

from gatewise.lang import (
    abs,
    cell,
    dot,
    exp,
    log_sigmoid,
    maximum,
    outer,
    repeat,
    rows,
    sigmoid,
    sqrt,
    units,
)


@cell(
    initial={"m": -inf},
    blocks={"C": "heads"},
    sizes={"n": "H", "m": "heads", "a_i": "heads", "a_f": "heads"},
    init={"W.i": 0.0, "W.f": 0.0, "b.i": ("normal", 0.1), "b.f": ("power_law", 3.0, 6.0, 1.0)},
)
def mlstm(x, /, h, C, n, m, *, W, b, heads=1):
    """mLSTM: an LSTM whose memory C is a matrix, with exponential gates.

    Beck et al. (2024), xLSTM: extended long short-term memory, arXiv:2405.04517, section 2.3. Values are
    written under keys and looked up by queries; the stabiliser m keeps the gates in range and starts at
    minus infinity. Nothing reads the old h. Gates start as in the authors' package: they do not see the
    input, and forget biases go from 3 to 6 along the heads.

    Option: heads, memories that do not see each other, each with gates of its own.
    """
    q = W.q @ x + b.q
    k = W.k @ x / sqrt(units(q) / heads) + b.k
    v = W.v @ x + b.v
    a_i = W.i @ x + b.i
    a_f = W.f @ x + b.f
    o = sigmoid(W.o @ x + b.o)
    log_f = log_sigmoid(a_f)
    m_new = maximum(log_f + m, a_i)
    i = repeat(exp(a_i - m_new))
    f = repeat(exp(log_f + m - m_new))
    C = rows(f) * C + rows(i) * outer(v, k)
    n = f * n + i * k
    scale = maximum(abs(dot(n, q, heads)), exp(-m_new))
    h = o * (C @ q) / repeat(scale)
    return h, C, n, m_new
