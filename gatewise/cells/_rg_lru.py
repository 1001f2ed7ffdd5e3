"""The recurrence of Griffin and Hawk: gates that see the input only, and an old state that fades by a power."""

from gatewise.lang import cell, exp, sigmoid, softplus, sqrt


@cell(init={"Lambda": ("log_uniform", 1.25e-4, 0.01326)})
def rg_lru(x, /, h, *, W, b, Lambda, c=8.0, project=True):
    """RG-LRU: the real-gated linear recurrent unit.

    De et al. (2024), Griffin: mixing gated linear recurrences with local attention for efficient language
    models, arXiv:2402.19427, section 2.4. At the start a^c, which is what stays after a step with an open
    gate, lies between 0.9 and 0.999. A parallel scan can run it.

    Options: c, the power; project, whether the input is brought to the size of the state by a matrix (the
    linear layer in front of the unit in a Griffin block).
    """
    u = W.u @ x if project else x
    r = sigmoid(W.a @ u + b.a)
    i = sigmoid(W.x @ u + b.x)
    log_a = -c * softplus(Lambda) * r
    a = exp(log_a)
    h = a * h + sqrt(1 - exp(2 * log_a)) * (i * u)
    return h
