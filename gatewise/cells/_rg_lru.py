"""The recurrence of Griffin and Hawk: gates that see the input only, and an old state that fades by a power."""

from gatewise.lang import cell, exp, maximum, sigmoid, softplus, sqrt, tanh


@cell(init={"Lambda": ("log_uniform", 1.25e-4, 0.01326)})
def rg_lru(x, /, h, *, W, b, Lambda, c=8.0, project=True):
    """RG-LRU: the real-gated linear recurrent unit.

    De et al. (2024), Griffin: mixing gated linear recurrences with local attention for efficient language
    models, arXiv:2402.19427, section 2.4. At the start a^c, which is what stays after a step with an open
    gate, lies between 0.9 and 0.999. A parallel scan can run it. The root is that of at least 1e-12, as the authors
    bound its derivative.

    Options: c, the power; project, whether the input is brought to the size of the state by a matrix (the
    linear layer in front of the unit in a Griffin block).
    """
    u = W.u @ x if project else x
    r = sigmoid(W.a @ u + b.a)
    i = sigmoid(W.x @ u + b.x)
    log_a = -c * softplus(Lambda) * r
    a = exp(log_a)
    # 1 - a**2 by the tangent: near a = 1 the difference would be 0 in float32, and the slope of its root no number
    t = tanh(log_a)
    rest = -2 * t / (1 - t)
    h = a * h + sqrt(maximum(rest, 1e-12)) * (i * u)
    return h
