"""A training that has not finished goes on, or says that it was cut short."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from gatewise.tasks import Forecaster, load
from gatewise.tasks.forecast import config, longer
from gatewise.tasks.forecast.longer import affordable, remark, unfinished
from gatewise.tasks.training.checkpoint import LogEntry

pytestmark = pytest.mark.usefixtures("outlines")


def notes(*losses: float, seconds: float = 1.0) -> list[LogEntry]:
    return [LogEntry(10 * k, None, v, 0.0, seconds * k, False) for k, v in enumerate(losses)]


def test_a_training_is_unfinished_while_its_loss_falls() -> None:
    falling = notes(2.0, 1.8, 1.6, 1.4, 1.2, 1.0)
    assert unfinished(falling, 50, 50)
    assert not unfinished(falling, 40, 50)  # its best step was an earlier one
    flat = notes(2.0, 1.2, 1.1, 1.01, 1.001, 1.0)
    assert not unfinished(flat, 50, 50)
    assert not unfinished(notes(1.0), 0, 0)


def test_it_goes_on_within_time_and_work() -> None:
    # a tenth of a second a step
    assert affordable(notes(2.0, 1.0), 100, 1e6, None)
    assert affordable(notes(2.0, 1.0), 100, 1e6, 20.0)
    assert not affordable(notes(2.0, 1.0), 100, 1e6, 15.0)
    assert not affordable(notes(2.0, 1.0), 100, 1e12, None)


def test_what_is_said_of_it() -> None:
    assert remark(None, None, 600) == ""
    assert "still falling at step 40" in remark(None, 40, 600) and "steps=80" in remark(
        None, 40, 600
    )
    assert "(600 s for the whole fit) stopped training at step 3 of 9" in remark((3, 9), 40, 600)


def wave(count: int = 260) -> pd.DataFrame:
    """A wave that no baseline knows: there is always more to learn."""
    draw = np.random.default_rng(0)
    t = np.arange(count)
    y = 50 + 10 * np.sin(2 * np.pi * t / 17) + 0.1 * draw.standard_normal(count)
    return pd.DataFrame({"step": t, "y": y})


SMALL: dict[str, Any] = {
    "units": 8,
    "members": 1,
    "random_state": 0,
    "seasons": (),
    "batch": 4,
    "context": 16,
}


def test_by_default_it_goes_on_and_with_a_limit_it_is_marked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setattr(config, "STEPS", (12, 12))
    monkeypatch.setattr(longer, "STILL", -1.0)
    limited = Forecaster(4, steps=12, **SMALL).fit(wave())
    assert limited.unfinished_ == 12 and limited.choices_.steps == 12
    limited.save(tmp_path / "m", report=limited.report())
    assert "Training was cut short" in limited.report()
    assert "cut short: the validation loss" in (tmp_path / "m" / "README.md").read_text()
    again = load(tmp_path / "m")
    assert again.fitted_.cut_short == limited.fitted_.cut_short
    assert again.fitted_.table()[-1].startswith("* training was cut short")

    # 12 steps, 24, 48: no more are allowed
    monkeypatch.setattr(longer, "MOST_WORK", 50 * 4 * limited.choices_.context * 8)
    model = Forecaster(4, **SMALL).fit(wave())
    assert model.choices_.steps in (24, 48)
    assert model.history_[-1].step <= 48
    assert min(n.check for n in model.history_) < min(n.check for n in limited.history_)
