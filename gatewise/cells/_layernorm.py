"""The LSTM with layer normalisation."""

from gatewise.lang import cell, norm, sigmoid, tanh


@cell(init={"g": 1.0, "b": 0.0})
def layernorm_lstm(x, /, h, c, *, W, U, g, b):
    """LSTM with layer normalisation of both matrix products and of the cell.

    Ba, Kiros & Hinton (2016), Layer normalization, arXiv:1607.06450, supplementary
    material. Each of the two norms before the gates is over the units of all four gates jointly,
    with gains g of its own; their biases are one with b. Gains start at 1, biases at 0.
    """
    w_i, w_f, w_z, w_o = norm(W.i @ x, W.f @ x, W.z @ x, W.o @ x)
    u_i, u_f, u_z, u_o = norm(U.i @ h, U.f @ h, U.z @ h, U.o @ h)
    i = sigmoid(g.wi * w_i + g.ui * u_i + b.i)
    f = sigmoid(g.wf * w_f + g.uf * u_f + b.f)
    z = tanh(g.wz * w_z + g.uz * u_z + b.z)
    o = sigmoid(g.wo * w_o + g.uo * u_o + b.o)
    c = f * c + i * z
    h = o * tanh(g.c * norm(c) + b.c)
    return h, c
