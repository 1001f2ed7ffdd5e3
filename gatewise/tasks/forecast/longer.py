"""Whether a training has converged, and how much longer it may train."""

from __future__ import annotations

from collections.abc import Sequence

from gatewise.tasks.training.checkpoint import LogEntry

# a training that has not finished is done again with so many times the steps
LONGER = 2
# values times units that a training puts through a network at most, for it to be done again
MOST_WORK = 3e8
# share of the time that is left which the longer training and those after it may need
SHARE = 0.6
# of the improvement of the validation loss, what the last fifth must have brought for a training to be continued
STILL = 0.01
LAST = 0.8


def unfinished(curve: Sequence[LogEntry], best_step: int, steps: int) -> bool:
    """Whether the validation loss was still falling at the last of the steps that were allowed."""
    checks = [entry for entry in curve if entry.check is not None]
    if best_step < steps or len(checks) < 2:
        return False
    first, best = checks[0].check or 0.0, checks[-1].check or 0.0
    before = min(entry.check or 0.0 for entry in checks if entry.step <= LAST * steps)
    return before - best > STILL * (first - best)


def affordable(curve: Sequence[LogEntry], steps: int, work: float, left: float | None) -> bool:
    """Whether a training may be done again with so many steps.

    Args:
        curve: of the shorter one.
        steps: of the longer one, and of all that follow it, together.
        work: values times units of the longer one.
        left: seconds for all trainings; None: no limit. It only ends what would take most of it, so that the
            result rarely depends on the speed of the machine.
    """
    if work > MOST_WORK:
        return False
    pace = curve[-1].seconds / max(1, curve[-1].step)
    return left is None or steps * pace <= SHARE * left


def remark(stopped: tuple[int, int] | None, unfinished_at: int | None, limit: float | None) -> str:
    """In what way a fit was cut short, for people; "" if it was not."""
    if stopped is not None:
        seconds = "" if limit is None else f" ({limit:g} s for the whole fit)"
        return (
            f"cut short: the time limit{seconds} stopped training at step {stopped[0]} of {stopped[1]}; the best "
            "weights so far are used; --set time_limit=none trains to the end"
        )
    if unfinished_at is not None:
        return (
            f"cut short: the validation loss was still falling at step {unfinished_at}, the last that was allowed; "
            f"more steps probably forecast better (--set steps={LONGER * unfinished_at}, or leave steps to the fit)"
        )
    return ""
