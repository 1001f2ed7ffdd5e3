"""The content of a report as plain data: the page knows no models, and models do not know the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from gatewise.arrays import Array, Floats
from gatewise.nn import Recurrent
from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.report.events import NONE, Events, Marks
from gatewise.tasks.training.checkpoint import LogEntry

# quantities of a cell that are drawn
MOST_QUANTITIES = 6


@dataclass(frozen=True)
class Window:
    """A forecast and the actual values, in the units of the target.

    Attributes:
        series: its name.
        since: the time of the first value that is forecast.
        place: the rank of its error among the windows, in words.
        error: its mean absolute error.
        times: [C + h] of all its points, numbers or datetime64.
        past: [C] values before the cutoff, NaN where missing.
        truth, point, baseline: [h] the actual values, the forecast, the best baseline.
        limits: by level, [h, 2].
        marks: of events, by label the numbers of the points that have one.
    """

    series: str
    since: str
    place: str
    error: float
    times: Array
    past: Floats
    truth: Floats
    point: Floats
    baseline: Floats
    limits: dict[int, Floats]
    marks: Marks = field(default_factory=dict)


@dataclass(frozen=True)
class Outlook:
    """The forecast of a series: what follows its last row, in the units of the target.

    Attributes:
        series: its name.
        times: [C + h] of all its points, numbers or datetime64.
        past: [C] the last values, NaN where missing; C is at least 1.
        point: [h] the forecast.
        limits: by level, [h, 2].
        steps: [h] the times of the forecast, for people.
        decimals: of the data; None where that is not known.
        marks: of events, by label the numbers of the points that have one.
    """

    series: str
    times: Array
    past: Floats
    point: Floats
    limits: dict[int, Floats]
    steps: Sequence[str]
    decimals: int | None
    marks: Marks = field(default_factory=dict)


@dataclass(frozen=True)
class SeriesErrors:
    """The errors of the forecasts of one series on the test span.

    Attributes:
        series: its name.
        mae: mean absolute error, in the units of the target.
        baseline: that of the best baseline.
        mase: the error over that of the naive forecast on the training span; None where it has none.
    """

    series: str
    mae: float
    baseline: float
    mase: float | None


@dataclass(frozen=True)
class Gates:
    """What the quantities of a cell were over one window.

    Attributes:
        series: its name.
        times: [C] of the values that the network read.
        values: [C] NaN where missing.
        quantities: by name, [T, units]; T steps of the network cover the C values.
    """

    series: str
    times: Array
    values: Floats
    quantities: dict[str, Floats]


@dataclass(frozen=True)
class Shown:
    """The rows that a report shows: kept in memory with the model, never saved in its folder.

    Attributes:
        title: what is forecast.
        windows: of the test span; ``baseline`` is the name of the baseline in them.
        gates: of one window.
        data, model: lines of a summary.
        kernel: what the cell runs on.
        errors: of each series with a window in the test span, the worst first.
        tails: the last values of each series, by its name.
        events: promotions, holidays and closures of these values and of the steps that follow.
    """

    title: str
    windows: list[Window]
    baseline: str
    gates: Gates | None
    data: list[tuple[str, str]]
    model: list[tuple[str, str]]
    kernel: str
    errors: list[SeriesErrors]
    tails: dict[str, Floats]
    events: Events = NONE


@dataclass(frozen=True)
class Facts:
    """The content of a report.

    Attributes:
        target: what is forecast.
        model_name: of the model's row.
        base: the baseline that it corrects.
        steps: of training; 0 if the network did not beat that baseline.
        data, model: lines of a summary, each a short title and a text.
        rows: of the evaluation, best first.
        levels: of the intervals, ascending.
        windows: examples.
        baseline: the name of the baseline in them.
        curve: of learning, that of the first network where there are several.
        gates: of one example, None where the cell cannot be looked into.
        command: that made the model.
        versions: by name.
        outlooks: the forecasts that follow the table, of the first series and then of the others; as many
            as a page holds.
        series: how many there are.
        unmade: why there are no such forecasts; "" if there are.
        errors: of each series, the worst first.
        cut_short: in what way training was cut short; "" if it was not.
        events: the kinds of events that are marked.
    """

    target: str
    model_name: str
    base: str
    steps: int
    data: Sequence[tuple[str, str]]
    model: Sequence[tuple[str, str]]
    rows: Sequence[Row]
    levels: Sequence[int]
    windows: Sequence[Window]
    baseline: str
    curve: Sequence[LogEntry]
    gates: Gates | None
    command: str
    versions: dict[str, str]
    outlooks: Sequence[Outlook]
    series: int
    unmade: str
    errors: Sequence[SeriesErrors]
    cut_short: str = ""
    events: Sequence[str] = ()

    @property
    def mine(self) -> Row:
        """The errors of the model."""
        return next(row for row in self.rows if row.name == self.model_name)

    @property
    def best_baseline(self) -> Row:
        """The errors of the best baseline."""
        return next(row for row in self.rows if row.name != self.model_name)


def ranks(errors: Floats) -> list[tuple[int, str]]:
    """Windows to show, by their errors [B]: a typical, a good, a bad and the worst one."""
    order = np.argsort(np.where(np.isnan(errors), np.inf, errors))
    count = int((~np.isnan(errors)).sum())
    places = (
        (0.5, "typical: half of the windows have a smaller error"),
        (0.1, "a good one: 10 % have a smaller error"),
        (0.9, "a bad one: 10 % have a larger error"),
        (1.0, "the worst of all"),
    )
    windows: dict[int, str] = {}
    for share, words in places:
        windows.setdefault(int(order[round(share * (count - 1))]), words)
    return list(windows.items())


def quantities(network: nn.Module, run: Callable[[], Any]) -> dict[str, Floats]:
    """What a network's first recurrent layer does in ``run``: by name, [T, units] of the first sequence.

    Gates (which stay between 0 and 1) and states, up to six; nothing if there is no such layer.
    """
    layer = next((m for m in network.modules() if isinstance(m, Recurrent)), None)
    if layer is None:
        return {}
    arguments: list[Any] = []
    hook = layer.register_forward_pre_hook(lambda module, args: arguments.append(args[0]))
    try:
        run()
    finally:
        hook.remove()
    program = layer.plan.cell.program
    with torch.no_grad():
        recorded = layer(arguments[0], record=[name for name, _ in program.names])[2]
    values = {name: array[0][:, 0].double().cpu().numpy() for name, array in recorded.items()}
    states = {state.name for state in program.states}
    shown = [
        name
        for name, v in values.items()
        if v.shape[-1] > 1 and (name in states or is_gate(v)) and np.isfinite(v).all()
    ]
    return {name: values[name] for name in shown[:MOST_QUANTITIES]}


def is_gate(values: Floats) -> bool:
    """Whether a quantity stays between 0 and 1."""
    return bool(values.min() >= 0 and values.max() <= 1)
