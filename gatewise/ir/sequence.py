"""What it means to run a Program over sequences: one definition for every backend.

Rows of a batch are independent. For one row with ``length`` steps out of T:

- **Order.** Steps 0 .. length-1 are visited forward, or length-1 .. 0 in the reverse direction. Steps
  from ``length`` on are never visited: their outputs and recorded quantities are zero and no gradient
  flows into them. A row of length 0 keeps its initial state.
- **Initial state.** What the caller gives, else what the cell declares (zero unless it says otherwise).
- **Reset.** ``reset[t]`` marks a boundary between step t-1 and step t: step t begins a new document or
  episode. A state that crosses the boundary, in either direction, is replaced by the *restart* state:
  the cell's own initial state (declared, or learned), never the caller's. So a rollout can be continued
  from a carried state and still restart inside. Forward, a boundary at step 0 replaces the caller's
  initial state. No gradient crosses a boundary. A mark in the padding (from ``length`` on) is no boundary.
- **Inputs** are read at every step; a static input (``per="sequence"``) has one value for each row. A
  random mask (``rate`` set) is an input like any other: drawn at every step or once for a sequence.
- **Result.** The first state after each step; the final states are those after the last visited step.
- **Recording** a named quantity gives its value at every step, zero where the row was not visited.

``unroll`` and ``unroll_backward`` are that definition, written once over whatever arrays a caller has.
A backend that compiles must give the same results.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol


class Arrays(Protocol):
    """The few things that ``unroll`` asks of an array library. ``rows`` None means all rows."""

    def take(self, a: Any, rows: Any) -> Any:
        """The given rows of ``a``."""

    def put(self, a: Any, rows: Any, new: Any) -> Any:
        """``a`` with the given rows replaced; ``a`` itself must not change."""

    def select(self, mask: Any, a: Any, b: Any) -> Any:
        """Row by row: ``a`` where the mask is true, else ``b``."""

    def zeros(self, a: Any) -> Any:
        """Zeros like ``a``."""


Step = Callable[[int, Any, list[Any]], list[Any]]  # (t, rows, states of those rows) -> states
Rows = Callable[[int], Any]
Crossing = Callable[[int, Any], Any]


def visits(steps: int, reverse: bool) -> range:
    """The time indices in the order in which a full row visits them."""
    return range(steps - 1, -1, -1) if reverse else range(steps)


def boundary(t: int, steps: int, reverse: bool) -> int | None:
    """The index into ``reset`` that decides about the state that enters step ``t``, if any.

    Forward it is the boundary before t; in reverse the state comes from t+1, over the boundary
    between t and t+1.
    """
    if not reverse:
        return t
    return t + 1 if t + 1 < steps else None


def unroll(
    xp: Arrays,
    step: Step,
    states: Sequence[Any],
    restart: Sequence[Any],
    steps: int,
    active: Rows | None = None,
    reset: Crossing | None = None,
    reverse: bool = False,
) -> list[Any]:
    """Run ``step`` over time and return the final states.

    ``active(t)`` gives the rows that visit t, ``reset(t, rows)`` a mask over those rows (false where
    the row does not visit t); None stands for all rows and for no reset. The step sees only rows that visit t, so padding is never read.
    """
    now = list(states)
    for t in visits(steps, reverse):
        rows = active(t) if active else None
        inside = [xp.take(s, rows) for s in now]
        at = boundary(t, steps, reverse)
        if reset and at is not None:
            crossing = reset(at, rows)
            fresh = [xp.take(r, rows) for r in restart]
            inside = [xp.select(crossing, r, s) for r, s in zip(fresh, inside, strict=True)]
        new = step(t, rows, inside)
        now = [xp.put(s, rows, n) for s, n in zip(now, new, strict=True)]
    return now


def unroll_backward(
    xp: Arrays,
    step: Step,
    gradients: Sequence[Any],
    steps: int,
    active: Rows | None = None,
    reset: Crossing | None = None,
    reverse: bool = False,
) -> tuple[list[Any], list[Any]]:
    """The adjoint of ``unroll``: returns the gradients of the initial and of the restart states.

    ``step`` goes back over one step: from the gradients of the states after t to those before t.
    """
    now = list(gradients)
    restarts = [xp.zeros(g) for g in now]
    for t in reversed(visits(steps, reverse)):
        rows = active(t) if active else None
        before = step(t, rows, [xp.take(g, rows) for g in now])
        at = boundary(t, steps, reverse)
        if reset and at is not None:
            crossing = reset(at, rows)
            caught = [xp.select(crossing, g, xp.zeros(g)) for g in before]
            restarts = [
                xp.put(r, rows, xp.take(r, rows) + g) for r, g in zip(restarts, caught, strict=True)
            ]
            before = [xp.select(crossing, xp.zeros(g), g) for g in before]
        now = [xp.put(g, rows, b) for g, b in zip(now, before, strict=True)]
    return now, restarts
