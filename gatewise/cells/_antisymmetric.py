"""A network whose recurrent matrix is antisymmetric, so that it turns states instead of shrinking them."""

from gatewise.lang import cell, sigmoid, tanh, transpose


@cell(init={"W": ("normal", 0.1)})
def antisymmetric_rnn(x, /, h, *, W, V, b, epsilon=0.01, gamma=0.01, gated=False):
    """AntisymmetricRNN: small steps along an ordinary differential equation that is stable.

    Chang, Chen, Haber & Chi (2019), AntisymmetricRNN: a dynamical system view on recurrent neural
    networks, arXiv:1902.09689, equations 10 and 13. The eigenvalues of W - W' are imaginary.

    Options: epsilon, the length of a step; gamma, the diffusion that keeps it stable; gated, the form
    with a gate, which shares the recurrent matrix.
    """
    turn = W @ h - transpose(W) @ h - gamma * h
    step = tanh(turn + V.h @ x + b.h)
    if gated:
        z = sigmoid(turn + V.z @ x + b.z)
        step = z * step
    h = h + epsilon * step
    return h
