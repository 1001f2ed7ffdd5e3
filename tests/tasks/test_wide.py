"""Tables of thousands of series and covariates: what is done grows with their number, not with its square.

Time is not measured: comparisons of names are counted, and calls.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster
from gatewise.tasks.data import reader
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.reader import read_table
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.planning import plan_of, quick_rows

ROWS, COUNTS = 40, (40, 80, 160)
DAYS = pd.date_range("2024-01-01", periods=ROWS)


class Name(str):
    """The name of a column that counts how often it is looked up or compared."""

    count = 0

    def __hash__(self) -> int:
        Name.count += 1
        return str.__hash__(self)

    def __eq__(self, other: object) -> bool:
        Name.count += 1
        return str.__eq__(self, other)

    def __str__(self) -> str:
        return self


def wide(count: int, rows: int = ROWS) -> pd.DataFrame:
    values = np.random.default_rng(0).normal(10, 1, (rows, count))
    frame = pd.DataFrame(values, columns=[f"s{k}" for k in range(count)])
    return frame.assign(ds=pd.date_range("2024-01-01", periods=rows))


def long(count: int, rows: int = ROWS) -> pd.DataFrame:
    return wide(count, rows).melt("ds", var_name="unique_id", value_name="y")


def one_a_row(count: int) -> pd.DataFrame:
    return wide(count).drop(columns="ds").T.reset_index(names="name")


def grown(counts: list[int]) -> float:
    """How much more each further one costs as their number is doubled: 1 if it is the same, 2 if twice."""
    first, second, third = counts
    return (third - second) / (2 * (second - first))


READINGS: dict[str, dict[str, Any]] = {
    "series": {},
    "named": {"target": 1},
    "known": {"known": 1},
    "past": {"past": 1},
    "static": {"static": 1},
}


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("name", READINGS)
def test_names_are_looked_up_so_many_times(
    name: str, later: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for count in COUNTS:
        frame = wide(count)
        if name == "static":
            frame = frame.assign(**{c: 1.0 for c in frame.columns if c != "ds"})
        frame = frame.assign(y=np.arange(ROWS) % 7 + np.arange(ROWS) / 100)
        columns = Columns(nw.from_native(frame, eager_only=True))
        columns.names = [Name(n) for n in columns.names]
        columns.named = set(columns.names)
        names = [n for n in columns.names if n not in ("ds", "y")]
        options: dict[str, Any] = {part: names for part in READINGS[name]}
        if "target" not in options and options:
            options["target"] = "y"
        like = read_table(frame, **options).features if later else None
        options_used = {"target": options.get("target")} if later else options
        with monkeypatch.context() as patch:
            patch.setattr(reader, "columns_of", lambda *_, c=columns, **__: c)
            Name.count = 0
            read_table(frame, like=like, **options_used)
            counts.append(Name.count)
    assert grown(counts) < 1.1, counts


def calls(work: Callable[[], object]) -> int:
    """How many functions are called, of Python and of C."""
    count = 0

    def counted(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


FRAMES: dict[str, Callable[[int], pd.DataFrame]] = {"wide": wide, "long": long, "rows": one_a_row}


@pytest.mark.parametrize("layout", FRAMES)
def test_looking_calls_so_many_functions(layout: str) -> None:
    counts = []
    for count in COUNTS:
        frame = FRAMES[layout](count)

        def look(frame: pd.DataFrame = frame) -> None:
            plan = plan_of(read_table(frame), Options(horizon=3))
            plan.describe()
            quick_rows(plan)

        look()  # what is imported or kept at the first time
        counts.append(calls(look))
    assert grown(counts) < 1.1, counts


def test_a_model_calls_so_many_functions() -> None:
    every: dict[str, list[int]] = {}
    for count in (16, 32, 64):
        model = Forecaster(3, steps=2, units=2, batch=2, members=1, log=False, random_state=0)
        frame, later = wide(count), wide(count, ROWS + 6).tail(6)
        model.fit(frame)
        steps: dict[str, Callable[[], object]] = {
            "predict": lambda m=model: m.predict(),
            "evaluate": lambda m=model, f=later: m.evaluate(f),
            "update": lambda m=model, f=later: m.update(f),
        }
        for name, step in steps.items():
            every.setdefault(name, []).append(calls(step))
    assert all(grown(counts) < 1.2 for counts in every.values()), every
