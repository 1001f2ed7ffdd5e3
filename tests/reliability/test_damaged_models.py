"""2,000 damaged models: every verb that reads one works, or says what is wrong in one sentence.

``python -m pytest tests/reliability -m slow`` counts; the same damages by other seeds run in each test run.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import traceback
import warnings
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

import gatewise as gw
from gatewise import cli
from gatewise.lang import sigmoid, tanh
from gatewise.tasks import Forecaster
from tests.outlines import draw_outlines
from tests.reliability.damage import damaged


@gw.cell
def leaky(x, /, h, *, W, U, b):
    f = sigmoid(W.f @ x + b.f)
    return f * h + (1 - f) * tanh(W.z @ x + U.z @ h + b.z)


def _rich(rows: int, start: int = 0, ahead: int = 0) -> pd.DataFrame:
    """Hourly series in a time zone, with covariates of every part; ``ahead`` rows are yet to come."""
    rng = np.random.default_rng(start)
    days = pd.date_range("2024-01-01", periods=start + rows, freq="h", tz="Europe/Berlin")[start:]
    place = np.arange(start, start + rows)
    return pd.concat(
        pd.DataFrame(
            {
                "shop": shop,
                "hour": days,
                "sales": np.where(
                    place < start + rows - ahead,
                    5 + k + np.sin(place / 4) + rng.random(rows),
                    np.nan,
                ),
                "open": np.where(place % 7, "yes", "no"),
                "price": rng.random(rows),
                "wind": rng.random(rows),
                "town": "N" if k else "S",
            }
        )
        for k, shop in enumerate("ab")
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, Path]]:
    """Saved models of three kinds, each with a table of later rows."""
    root = tmp_path_factory.mktemp("models")
    quick = {"steps": 4, "units": 4, "random_state": 0, "members": 1}
    line = pd.DataFrame({"unique_id": "a", "ds": range(90), "y": np.sin(np.arange(90) / 3)})
    plain = Forecaster(3, leaky, **quick).fit(line)
    hours = pd.read_csv(io.StringIO(_rich(200).to_csv(index=False)))
    rich = Forecaster(
        4,
        known=["open", "price"],
        past="wind",
        static="town",
        zone="Europe/Berlin",
        patch=2,
        seasons=[12],
        id="shop",
        time="hour",
        target="sales",
        levels=(50, 90),
        **quick,
    ).fit(hours)
    months = pl.DataFrame(
        {
            "month": pd.date_range("2000-01-01", periods=80, freq="MS"),
            "x": np.arange(80.0) + 1,
            "y": np.arange(80.0)[::-1] + 1,
        }
    )
    wide = Forecaster(2, "gru", target=["x", "y"], log=True, **quick).fit(months)
    out = []
    later = (
        pd.DataFrame({"unique_id": "a", "ds": range(90, 140), "y": np.cos(np.arange(50))}),
        _rich(90, 200, 12),
        pd.DataFrame(
            {"month": pd.date_range("2006-09-01", periods=50, freq="MS"), "x": 3.0, "y": 2.0}
        ),
    )
    for name, model, table in zip(
        ("plain", "rich", "wide"), (plain, rich, wide), later, strict=True
    ):
        with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
            warnings.simplefilter("ignore")
            draw_outlines(patch)
            model.save(root / name, report=model.report())
        table.to_csv(root / f"{name}.csv", index=False)
        out.append((root / name, root / f"{name}.csv"))
    return out


def run(*words: object) -> tuple[str, str]:
    """How a command line ends, and what it says on stderr; a traceback is said too."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        try:
            code = cli.main([str(w) for w in words])
        except BaseException:
            return "traceback", traceback.format_exc()
    said = err.getvalue()
    if code == 0:
        return "done", said
    *warned, last = said.splitlines() or [""]
    sentence = code == 1 and last.startswith("gatewise: ")
    sentence &= all(line.startswith("gatewise: warning: ") for line in warned)
    return ("refused" if sentence else f"code {code}"), said


def outcomes(folder: Path, table: Path) -> dict[str, tuple[str, str]]:
    """What every verb that reads a model makes of one."""
    verbs = {
        "info": ("info", folder),
        "json": ("info", folder, "--json"),
        "predict": ("predict", folder),
        "data": ("predict", folder, "--data", table),
        "evaluate": ("evaluate", folder, table),
        "update": ("update", folder, table, "--quiet"),
        "again": ("predict", folder, "--horizon", 9),
    }
    said = {name: run(*words) for name, words in verbs.items()}
    return said


def count(models: list[tuple[Path, Path]], folder: Path, seeds: range) -> Counter[str]:
    """Outcomes over all damages and verbs; whatever is neither a result nor a sentence is printed."""
    total: Counter[str] = Counter()
    for seed in seeds:
        model, table = models[seed % len(models)]
        what = damaged(model, folder, seed)
        for verb, (outcome, said) in outcomes(folder, table).items():
            total[outcome] += 1
            if outcome not in ("done", "refused"):
                print(f"seed {seed}, {verb}: {what}\n{said[-1500:]}", file=sys.stderr)
    return total


def test_the_models_themselves_are_sound(models: list[tuple[Path, Path]], tmp_path: Path) -> None:
    for model, table in models:
        copy = shutil.copytree(model, tmp_path / model.name)
        said = outcomes(copy, table)
        if model.name == "rich":  # what it is given for the future is known in the later rows only
            assert "open" in said.pop("predict")[1]
        assert {outcome for outcome, _ in said.values()} == {"done"}, said


def test_some_damaged_models(models: list[tuple[Path, Path]], tmp_path: Path) -> None:
    total = count(models, tmp_path / "damaged", range(10_000, 10_060))
    assert set(total) <= {"done", "refused"} and total["refused"] > 100


@pytest.mark.slow
@pytest.mark.timeout(5400)
def test_2000_damaged_models(models: list[tuple[Path, Path]], tmp_path: Path) -> None:
    seeds = int(os.environ.get("GATEWISE_TEST_SEED", "0"))
    total = count(models, tmp_path / "damaged", range(seeds, seeds + 2000))
    print(dict(total))
    assert set(total) <= {"done", "refused"}
