"""The study of variants: the same settings for every cell, resumable, and what is concluded from its numbers."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import CellError, InputError
from gatewise.lab.study import findings, page, trials
from gatewise.lab.study.trials import Trial


def take_units(monkeypatch: pytest.MonkeyPatch, *units: int) -> None:
    for module in (trials, findings):
        monkeypatch.setattr(module, "UNITS", units)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    take_units(monkeypatch, 4)
    monkeypatch.setattr(trials, "_TESTS", 16)


def test_a_study_that_was_stopped_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, names = tmp_path / "study.log", (trials.VANILLA, "np")
    first = trials.run_study(path, 1, 2, names, ("anbn",))
    assert len(first) == 2 and first[0].lr == first[1].lr  # the same settings for both
    count = 0
    trained = trials.trained_error

    def counted(*args: object, **keywords: object) -> float:
        nonlocal count
        count += 1
        return trained(*args, **keywords)  # type: ignore[arg-type]

    monkeypatch.setattr(trials, "trained_error", counted)
    more = trials.run_study(path, 2, 2, names, ("anbn",))
    assert count == 2  # one more for each cell, the first are kept
    assert [t for t in more if t.number == 0] == first
    assert trials.run_study(path, 2, 2, names, ("anbn",)) == more and count == 2


def test_settings_do_not_depend_on_how_many_there_are() -> None:
    assert trials.settings(5)[:3] == trials.settings(3)
    assert all(1e-4 <= s["lr"] <= 1e-1 and 0 <= s["decay"] < 1 for s in trials.settings(50))


def errors_of(
    factor: dict[str, float], tasks: tuple[str, ...] = ("6a", "adding", "anbn")
) -> list[Trial]:
    """Errors that depend on the learning rate alone, times a factor for each cell."""
    made_up = []
    for task in tasks:
        for cell, times in factor.items():
            for k, s in enumerate(trials.settings(16)):
                error = times * 10 ** (-abs(math.log10(s["lr"]) + 2))
                made_up.append(Trial(task, cell, k, s["lr"], 4, s["decay"], error))
    return made_up


def test_the_conclusions_follow_the_numbers() -> None:
    same = dict.fromkeys((trials.VANILLA, "cifg", "nog"), 1.0)
    factor = same | {"nfg": 1.5, "noaf": 1.3, "gru": 0.8}
    said = findings.conclusions(errors_of(factor))
    assert said[0].startswith("forget gate and output activation matter most: agrees")
    assert "CIFG is harmless: agrees (worse on 0, better on 0 of 3 tasks)" in said
    assert any(s.startswith("the learning rate decides most of the variance: agrees") for s in said)
    assert any(s.startswith("nearly independent of the other settings: agrees") for s in said)
    assert "gru beside vanilla: better on 3, worse on 0 of 3 tasks" in said
    rows = {(r.task, r.cell): r for r in findings.compare(errors_of(factor))}
    assert rows["6a", "nfg"].ratio == pytest.approx(1.5) and rows["6a", "nfg"].p < 1e-4
    assert "| 6a | nfg |" in page.markdown(errors_of(factor))


def test_an_interaction_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    take_units(monkeypatch, 8, 16, 32)
    random = np.random.default_rng(0)
    apart = [
        replace(t, units=int(random.choice([8, 32])))
        for t in errors_of({trials.VANILLA: 1.0, "np": 1.0}, ("6a",))
    ]
    crossed = [replace(t, error=10.0 if (t.lr > 3e-3) == (t.units == 32) else 0.1) for t in apart]
    assert findings.interaction(apart) < 0.1 < 0.3 < findings.interaction(crossed)


def test_the_plot(tmp_path: Path) -> None:
    figure = page.plot(errors_of({trials.VANILLA: 1.0, "gru": 0.5}))
    figure.savefig(tmp_path / "study.png")
    assert len(figure.axes) == 3


def test_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least 1"):
        trials.run_study(tmp_path / "s.log", 0)
    with pytest.raises(InputError, match="no task '7a'"):
        trials.run_study(tmp_path / "s.log", 1, 1, tasks=("7a",))
    with pytest.raises(CellError, match="no cell 'lstn'"):
        trials.run_study(tmp_path / "s.log", 1, 1, names=("lstn",))
    (tmp_path / "other.log").write_text("no study\n")
    with pytest.raises(InputError, match="no study of Optuna's"):
        trials.run_study(tmp_path / "other.log", 1, 1)
