"""Episodes of a table: a row is one step of one episode, with what was observed and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.control.actions import ActionCoding
from gatewise.errors import InputError
from gatewise.tasks.data.reader import columns_of
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.row_order import arranged
from gatewise.tasks.sequences.tables import sequences_of, value_columns
from gatewise.tasks.sequences.values import named_columns, warn_of_codes

MOST_CHOICES = 1_000


@dataclass(frozen=True)
class Episodes:
    """N episodes of any lengths.

    Attributes:
        observations: S steps of C numbers, one episode after the other.
        actions: [S, A] as the environment takes them.
        coding: of the actions.
    """

    observations: Measurements
    actions: Array
    coding: ActionCoding


def read_episodes(
    data: Any,
    *,
    id: str = "id",
    order: str | None = "step",
    action: str | Sequence[str] | None = None,
    values: Sequence[str] | None = None,
) -> Episodes:
    """Read a table.

    Args:
        data: a frame of pandas, Polars or Arrow, or the path of a CSV or Parquet file.
        id: the column that names the episode of a step.
        order: the column that steps are put in order by; None: rows are in order.
        action: the column or columns of actions; None: ``action``, or all that begin with ``action_``. Whole numbers
            are choices, others are numbers between the smallest and the largest of the table.
        values: the columns of observations; None: all other columns of numbers.

    Raises InputError for columns that are not there or do not fit, by name and row.
    """
    columns = columns_of(data)
    names = _action_columns(columns.names, action)
    for name in (*names, *(values or ())):
        columns.check(name)
    rows = arranged(columns, id, order)
    used = value_columns(columns, values, named_columns(id, order) | {*names}, set(names))
    observations = sequences_of(columns, used, rows.row_of_step, rows.starts)
    if not isinstance(observations, Measurements):
        raise InputError(f"observations are numbers, and column {used[0]!r} holds texts")
    warn_of_codes(observations, "leave these rows out")
    seen = observations.values
    if not np.isfinite(seen).all():
        step, column = np.argwhere(~np.isfinite(seen))[0]
        raise InputError(
            f"column {used[column]!r}, row {rows.row_of_step[step] + 1}: an observation must be a finite number"
        )
    actions = np.stack([columns.numbers(name)[rows.row_of_step] for name in names], axis=1)
    missing = np.isnan(actions).any(1)
    if missing.any():
        row = rows.row_of_step[int(np.argmax(missing))] + 1
        raise InputError(f"column {names[0]!r}, row {row}: the action is missing")
    coding = _coding(actions, all(columns.kind(n) == "integer" for n in names), action_names=names)
    if coding.kind == "choices":
        actions = actions.astype(np.int64)
    return Episodes(observations, actions.reshape(len(actions), *coding.shape), coding)


def _action_columns(names: Sequence[str], action: str | Sequence[str] | None) -> list[str]:
    if isinstance(action, str):
        return [action]
    if action is not None:
        return list(action)
    if "action" in names:
        return ["action"]
    several = [name for name in names if name.startswith("action_")]
    if not several:
        raise InputError(
            "there is no column action, and none that begins with action_: name it with action="
        )
    return several


def _coding(actions: Array, whole: bool, action_names: Sequence[str]) -> ActionCoding:
    shape = () if actions.shape[1] == 1 else (actions.shape[1],)
    low, high = actions.min(0), actions.max(0)
    if not whole:
        # a number that never changes has no range of its own
        high = np.where(high > low, high, low + 1.0)
        return ActionCoding(
            "numbers", shape or (1,), low=tuple(map(float, low)), high=tuple(map(float, high))
        )
    counts = tuple(int(n) + 1 for n in high)
    if low.min() < 0 or max(counts) > MOST_CHOICES:
        raise InputError(
            f"column {action_names[0]!r}: choices are whole numbers from 0 to {MOST_CHOICES - 1}; write numbers with a "
            "decimal point if they are no choices"
        )
    return ActionCoding("choices", shape, counts, (0,) * len(counts))
