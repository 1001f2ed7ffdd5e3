"""The figures of a fitted tagger as lines for people."""

from __future__ import annotations

from gatewise.tasks.tag.events import format_events
from gatewise.tasks.tag.figures import format_table
from gatewise.tasks.tag.fitted import Fitted


def lines_of(fitted: Fitted) -> list[str]:
    """The table of steps, and that of events where there are some."""
    lines = format_table(fitted.evaluation)
    if fitted.event_evaluation:
        lines += ["", "events", *format_events(fitted.event_evaluation, fitted.options.rate)]
    return lines
