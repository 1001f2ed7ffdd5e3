"""The card of a saved policy, ``README.md`` of its folder."""

from __future__ import annotations

import re

from gatewise.control.record import PolicyRecord
from gatewise.tasks.model_dir import REPORT
from gatewise.version import __version__


def card(record: PolicyRecord, report: bool) -> str:
    """The text of the card; ``report``: whether there is a report beside it."""
    environment, policy = record.environment, record.policy
    place = re.sub(r"[^\w./-]", " ", environment.name or "an environment of its own")
    hidden = f", without the numbers {list(environment.hide)}" if environment.hide else ""
    returns = [e.mean_return for e in record.history if e.mean_return is not None]
    done = f"Return of the last 100 episodes of training: {returns[-1]:.2f}." if returns else ""
    shows = f" `{REPORT}` shows an episode and what the memory keeps." if report else ""
    cell = re.sub(r"\W", " ", record.cell.name)
    lines = [
        "# A policy with memory",
        "",
        f"Made with Gatewise {__version__}. Learned in {place}{hidden}, {record.frames:,} frames. "
        f"Cell: `{cell}`, {record.options.units} units.",
        "",
        f"Observations: {policy.observation.describe()}. Actions: {policy.action.describe()}.",
        "",
        done + shows,
        "",
        "```python",
        "from gatewise.control import load",
        "",
        'policy = load("{this folder}")',
        "action, state = policy.step(observation)         # at the start of an episode",
        "action, state = policy.step(observation, state)  # at every other step",
        "```",
        "",
    ]
    return "\n".join(lines)
