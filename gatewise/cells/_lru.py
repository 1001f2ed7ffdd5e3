"""A linear recurrence over complex numbers."""

from gatewise.cells._options import one_of
from gatewise.lang import cell, cos, exp, sin, sqrt


@cell(
    sizes={"re": "H"},
    init={
        "nu": ("log_uniform", 0.001, 0.1054),
        "theta": ("log_uniform", 0.001, 6.283185307179586),
        "B": "glorot",
        "C": "glorot",
        "D": "glorot",
    },
)
def lru(x, /, y, re, im, *, B, C, D, nu, theta, gamma="tied"):
    """Linear recurrent unit: each complex number of the state is turned and shrunk at every step.

    Orvieto et al. (2023), Resurrecting recurrent neural networks for long sequences, arXiv:2303.06349,
    section 3. The complex state is re + i im, turned by exp(theta) and shrunk by exp(-exp(nu)). At the start moduli lie between 0.9 and 0.999. A parallel scan can run it.

    Option gamma: "tied", the input is scaled by sqrt(1 - |lambda|^2); "none", it is not.
    """
    one_of("gamma", gamma, ("tied", "none"))
    modulus, turn = exp(-exp(nu)), exp(theta)
    lambda_re, lambda_im = modulus * cos(turn), modulus * sin(turn)
    scale = sqrt(1 - modulus * modulus) if gamma == "tied" else 1.0
    a = lambda_re * re - lambda_im * im + scale * (B.re @ x)
    c = lambda_im * re + lambda_re * im + scale * (B.im @ x)
    y = C.re @ a - C.im @ c + D @ x
    return y, a, c
