"""minLSTM and minGRU: gates that see the input only, so that a step is linear in the state.

Feng, Tung, Ahmed, Bengio & Hajimirsadeghi (2024), Were RNNs all we needed?, arXiv:2410.01201.
"""

from typing import Any

from gatewise.lang import cell, sigmoid, softplus, where


def _positive(a: Any) -> Any:
    """The paper's g, continuous and above zero: its logarithm exists."""
    return where(a >= 0, a + 0.5, sigmoid(a))


@cell(init={"b.f": ("chrono", 100), "b.i": ("negative", "b.f")})
def minlstm(x, /, h, *, W, b, log_space=True):
    """minLSTM: forget and input gate, normalised to one, see the input only.

    Feng, Tung, Ahmed, Bengio & Hajimirsadeghi (2024), Were RNNs all we needed?, arXiv:2410.01201,
    appendix B. A parallel scan can run it. Biases are chrono for lags up to 100 steps: the paper finds
    that a forget bias above zero trains faster.

    Option log_space: True, the form of the experiments, whose candidate is above zero and whose
    gates are divided as logarithms; False, the plain form, whose candidate is not squashed.
    """
    a_f = W.f @ x + b.f
    a_i = W.i @ x + b.i
    a_z = W.z @ x + b.z
    if log_space:
        k = softplus(-a_f) - softplus(-a_i)  # log of sigmoid(a_i) / sigmoid(a_f)
        f, i = sigmoid(-k), sigmoid(k)
        z = _positive(a_z)
    else:
        f, i = sigmoid(a_f), sigmoid(a_i)
        f, i = f / (f + i), i / (f + i)
        z = a_z
    h = f * h + i * z
    return h


@cell(init={"b.z": ("uniform", -4.6, 0.0)})
def mingru(x, /, h, *, W, b, log_space=True):
    """minGRU: one gate, which sees the input only.

    Feng, Tung, Ahmed, Bengio & Hajimirsadeghi (2024), Were RNNs all we needed?, arXiv:2410.01201,
    appendix B. A parallel scan can run it. Gate biases spread the units over 2 to 100 steps.

    Option log_space: True, the form of the experiments, whose candidate is above zero; False, the
    plain form, whose candidate is not squashed.
    """
    z = sigmoid(W.z @ x + b.z)
    a = W.h @ x + b.h
    n = _positive(a) if log_space else a
    h = (1 - z) * h + z * n
    return h
