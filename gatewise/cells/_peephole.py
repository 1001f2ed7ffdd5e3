"""The LSTM with peepholes, all or some of them."""

from typing import Any

from gatewise.errors import CellError
from gatewise.lang import cell, sigmoid, tanh


def _peep(weights: Any, c: Any, gate: str, peepholes: str) -> Any:
    """What a gate sees of the cell; nothing if it has no peephole."""
    if not peepholes or not set(str(peepholes)) <= set("ifo"):
        raise CellError(
            f"peepholes={peepholes!r} is not one or more of 'ifo'. Fix: name the gates that have a "
            "peephole, such as 'if'; the cell without any is gw.cells.np"
        )
    return weights * c if gate in peepholes else 0.0


@cell
def peephole_lstm(x, /, h, c, *, W, U, p, b, peepholes="ifo"):
    """LSTM with forget gate and peepholes: gates see the cell, the output gate its new value.

    Gers, Schraudolph & Schmidhuber (2002), Learning precise timing with LSTM recurrent networks,
    Journal of Machine Learning Research 3. With tanh it is the vanilla LSTM of Greff et al. (2017).

    Option peepholes: the gates that have one, such as "if"; the cell without any is ``np``.
    """
    i = sigmoid(W.i @ x + U.i @ h + _peep(p.i, c, "i", peepholes) + b.i)
    f = sigmoid(W.f @ x + U.f @ h + _peep(p.f, c, "f", peepholes) + b.f)
    z = tanh(W.z @ x + U.z @ h + b.z)
    c = f * c + i * z
    o = sigmoid(W.o @ x + U.o @ h + _peep(p.o, c, "o", peepholes) + b.o)
    h = o * tanh(c)
    return h, c
