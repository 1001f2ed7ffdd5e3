"""Zoneout: units that keep their last value at random."""

from __future__ import annotations

import math

from gatewise.cells.combine.editor import Draft, rate_of
from gatewise.errors import nearest
from gatewise.lang.cell import Cell


def zoneout(cell: Cell, rate: float = 0.0, /, **rates: float) -> Cell:
    """Let units of states keep their last value at random: s = d * s_last + (1 - d) * s_new.

    Krueger et al. (2017), Zoneout: regularizing RNNs by randomly preserving hidden activations,
    ICLR, arXiv:1606.01305. At every step each unit has a mask d of its own, an input of the new
    cell named ``zoneout.c`` that is 1 with the given probability; in evaluation the expectation
    takes its place. As in the paper, what the step computes reads the new values (h = o * tanh(c)
    that of c), and the output is the state h that may have kept its value. What a state would have
    become can be recorded as ``c#1``. Zoning out a state twice keeps it if either mask says so.

    Args:
        cell: any cell.
        rate: the probability for every state that ``rates`` does not name.
        rates: probabilities by state, as in ``zoneout(lstm, h=0.05, c=0.5)``.

    Raises:
        CellError: for an unknown state, a rate outside 0 <= rate < 1, or a state that starts at an
            infinity (the stabiliser of an sLSTM), which has no expectation.
    """
    draft = Draft(cell, "zoneout")
    states = [s.name for s in draft.old.states]
    for name in rates:
        if name not in states:
            draft.fail(
                f"no state is called {name!r}.{nearest(name, states)}",
                f"the states are {', '.join(states)}",
            )
    every = rate_of(rate, draft, "the rate")
    chosen = {
        s: rate_of(rates[s], draft, f"the rate of {s}") if s in rates else every for s in states
    }
    draft.copy()
    for k, state in enumerate(draft.old.states):
        if not chosen[state.name]:
            continue
        if math.isinf(state.initial):
            draft.fail(
                f"the state {state.name} starts at {state.initial:g}: in evaluation, where zoneout "
                "is a mean of the last value and the new one, it would stay there",
                f"name the states to zone out, such as {states[0]}={chosen[state.name]:g}",
            )
        proposed = draft.next[k]
        mask = draft.mask(f"zoneout.{state.name}", state.size, "step", chosen[state.name])
        last = draft.b.leaf("state", state.name, state.size)
        draft.next[k] = draft.b("where", mask, last, proposed)
        draft.shadow(state.name, proposed)
    done = ", ".join(f"{s} ({r:g})" for s, r in chosen.items() if r) or "nothing"
    return draft.done(f"zoneout({draft.old.name})", f"Zoneout of {done}: Krueger et al. (2017).")
