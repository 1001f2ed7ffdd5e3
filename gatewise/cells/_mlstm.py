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
    initial={"m": float("-inf")},
    blocks={"C": "heads"},
    sizes={"a_i": "heads", "a_f": "heads"},
)
def mlstm(x, /, h, C, n, m, *, W, b, heads=4):
    """LSTM with a matrix for its memory, exponential gates and a stabiliser state m (mLSTM).

    Keys and queries look up values in C, ``heads`` memories apart. Nothing reads the old h.
    Beck et al. 2024, xLSTM: Extended Long Short-Term Memory, eq. 19-27, stabilised as in eq. 15-17.
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
