"""The gated recurrent unit, in both of its versions."""

from gatewise.lang import cell, sigmoid, tanh


@cell(init={"b.z": ("chrono", 100)})
def gru(x, /, h, *, W, U, b):
    """Gated recurrent unit, reset after the matrix: the version of cuDNN, PyTorch and Keras.

    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, first version of
    arXiv:1406.1078. The candidate has two biases, b.n and, inside the reset, b.hn. The biases of the gate
    that keeps are chrono for lags up to 100 steps (Tallec & Ollivier 2018); for others,
    ``with_init({"b.z": ("chrono", 784)})``.
    """
    z = sigmoid(W.z @ x + U.z @ h + b.z)
    r = sigmoid(W.r @ x + U.r @ h + b.r)
    n = tanh(W.n @ x + b.n + r * (U.n @ h + b.hn))
    h = z * h + (1 - z) * n
    return h


@cell(init={"b.z": ("chrono", 100)})
def gru_v3(x, /, h, *, W, U, b):
    """Gated recurrent unit, reset before the matrix: the version of the published paper.

    Cho et al. (2014), Learning phrase representations using RNN encoder-decoder, EMNLP, third
    version of arXiv:1406.1078. The biases of the gate that keeps start as those of ``gru``.
    """
    z = sigmoid(W.z @ x + U.z @ h + b.z)
    r = sigmoid(W.r @ x + U.r @ h + b.r)
    n = tanh(W.n @ x + U.n @ (r * h) + b.n)
    h = z * h + (1 - z) * n
    return h
