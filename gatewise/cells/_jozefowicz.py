"""The three best mutants of a search over ten thousand cells.

Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network architectures,
ICML. Their input is raw in some equations, which asks for as many inputs as units. Where that is
so, a matrix W.x brings it to the units, unless the option project is False.
"""

from gatewise.lang import cell, sigmoid, tanh


@cell
def mut1(x, /, h, *, W, U, b, project=True):
    """MUT1, found by search: the update gate sees the input only.

    Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network
    architectures, ICML.

    Option project: False uses the raw input in the candidate, as printed; then I = H.
    """
    v = W.x @ x if project else x
    z = sigmoid(W.z @ x + b.z)
    r = sigmoid(W.r @ x + U.r @ h + b.r)
    n = tanh(U.n @ (r * h) + tanh(v) + b.n)
    h = z * n + (1 - z) * h
    return h


@cell
def mut2(x, /, h, *, W, U, b, project=True):
    """MUT2, found by search: the reset gate sees the raw input.

    Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network
    architectures, ICML.

    Option project: False uses the raw input in the reset gate, as printed; then I = H.
    """
    v = W.x @ x if project else x
    z = sigmoid(W.z @ x + U.z @ h + b.z)
    r = sigmoid(v + U.r @ h + b.r)
    n = tanh(U.n @ (r * h) + W.n @ x + b.n)
    h = z * n + (1 - z) * h
    return h


@cell
def mut3(x, /, h, *, W, U, b):
    """MUT3, found by search: the update gate sees the squashed state.

    Jozefowicz, Zaremba & Sutskever (2015), An empirical exploration of recurrent network
    architectures, ICML. It has no raw input.
    """
    z = sigmoid(W.z @ x + U.z @ tanh(h) + b.z)
    r = sigmoid(W.r @ x + U.r @ h + b.r)
    n = tanh(U.n @ (r * h) + W.n @ x + b.n)
    h = z * n + (1 - z) * h
    return h
