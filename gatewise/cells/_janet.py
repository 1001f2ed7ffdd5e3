"""JANET: just another network."""

from gatewise.lang import cell, sigmoid, tanh


@cell(init={"b.f": ("chrono", 100)})
def janet(x, /, h, *, W, U, b, beta=1.0):
    """JANET, an LSTM with the forget gate alone.

    van der Westhuizen & Lasenby (2018), The unreasonable effectiveness of the forget gate,
    arXiv:1804.04849. Output and cell are one. Forget biases are chrono for a longest lag of 100
    steps; for another, ``with_init({"b.f": ("chrono", 784)})``.

    Option beta: by how much less is written than was forgotten.
    """
    s = W.f @ x + U.f @ h + b.f
    z = tanh(W.z @ x + U.z @ h + b.z)
    h = sigmoid(s) * h + (1 - sigmoid(s - beta)) * z
    return h
