"""The phased LSTM."""

from gatewise.lang import cell, exp, sigmoid, tanh, where


@cell(
    scalar="t",
    init={"log_tau": ("uniform", 0, 3), "s": ("uniform", 0, 20), "r": 0.05},
)
def phased_lstm(x, t, /, h, c, *, W, U, p, b, log_tau, s, r, alpha=0.001):
    """Phased LSTM: a rhythm of its own lets each unit change only now and then.

    Neil, Pfeiffer & Liu (2016), Phased LSTM: accelerating recurrent network training for long or
    event-based sequences, NIPS, arXiv:1610.09513. The input t is the time of a step, in any unit. A
    unit has the period tau (its logarithm is learned, so that it stays above zero), the shift s and
    the share r of the period in which it is open. Peepholes as in the paper.

    Option alpha: the leak while a unit is closed; the paper takes 0 once training is over.
    """
    tau = exp(log_tau)
    phi = ((t - s) % tau) / tau
    k = where(phi < r / 2, 2 * phi / r, where(phi < r, 2 - 2 * phi / r, alpha * phi))
    i = sigmoid(W.i @ x + U.i @ h + p.i * c + b.i)
    f = sigmoid(W.f @ x + U.f @ h + p.f * c + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c_open = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + p.o * c_open + b.o)
    h_open = o * tanh(c_open)
    c = k * c_open + (1 - k) * c
    h = k * h_open + (1 - k) * h
    return h, c
