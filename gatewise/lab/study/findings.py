"""What the numbers of a study say: every cell beside the vanilla LSTM, and the published claims."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.extras import require
from gatewise.lab.study.trials import RATES, UNITS, VANILLA, Trial


@dataclass(frozen=True)
class CellComparison:
    """A cell on a task: its errors' quartiles, and how it compares with the vanilla LSTM, setting by setting."""

    task: str
    cell: str
    median: float
    low: float
    high: float
    best: float
    ratio: float  # geometric mean of error / vanilla's error
    p: float  # that the two do not differ (Wilcoxon's signed-rank test)


def compare(trials: Sequence[Trial]) -> list[CellComparison]:
    """Every cell on every task against the vanilla LSTM."""
    require("the study of variants", "lab", ("scipy",))
    from scipy.stats import wilcoxon

    rows = []
    for task in dict.fromkeys(t.task for t in trials):
        base = {t.number: t.error for t in trials if t.task == task and t.cell == VANILLA}
        for cell in dict.fromkeys(t.cell for t in trials if t.task == task):
            errors = {t.number: t.error for t in trials if t.task == task and t.cell == cell}
            both = sorted(errors.keys() & base.keys())
            differences = np.array(
                [math.log(errors[k] / base[k]) for k in both if errors[k] and base[k]]
            )
            same = len(differences) < 2 or not differences.any()
            low, median, high = np.quantile(list(errors.values()), [0.25, 0.5, 0.75])
            rows.append(
                CellComparison(
                    task,
                    cell,
                    float(median),
                    float(low),
                    float(high),
                    min(errors.values()),
                    1.0 if same else float(np.exp(differences.mean())),
                    1.0 if same else float(wilcoxon(differences).pvalue),
                )
            )
    return rows


def importances(trials: Sequence[Trial]) -> dict[str, float]:
    """The share of the variance of the log error that each setting explains alone (fANOVA, mean over the tasks)."""
    import optuna
    from optuna.importance import FanovaImportanceEvaluator

    totals: dict[str, list[float]] = {}
    for task in dict.fromkeys(t.task for t in trials):
        of_task = [t for t in trials if t.task == task]
        names = tuple(dict.fromkeys(t.cell for t in of_task))
        distributions: dict[str, Any] = {
            "learning rate": optuna.distributions.FloatDistribution(*RATES, log=True),
            "units": optuna.distributions.CategoricalDistribution(UNITS),
            "decay of the momentum": optuna.distributions.FloatDistribution(0.0, 0.99),
            "cell": optuna.distributions.CategoricalDistribution(names),
        }
        study = optuna.create_study()
        for t in of_task:
            values = (t.lr, t.units, t.decay, t.cell)
            study.add_trial(
                optuna.trial.create_trial(
                    params=dict(zip(distributions, values, strict=True)),
                    distributions=distributions,
                    value=math.log10(max(t.error, 1e-6)),
                )
            )
        for name, share in (
            FanovaImportanceEvaluator(n_trees=16, max_depth=10, seed=0).evaluate(study).items()
        ):
            totals.setdefault(name, []).append(share)
    return dict(sorted(((n, float(np.mean(v))) for n, v in totals.items()), key=lambda i: -i[1]))


def interaction(trials: Sequence[Trial]) -> float:
    """The share of the variance that learning rate and units explain together beyond what each explains alone.

    By bins: four of the learning rate, the three numbers of units; the mean over the tasks.
    """
    low, high = math.log10(RATES[0]), math.log10(RATES[1])
    edges = [low + (high - low) * k / 4 for k in (1, 2, 3)]
    shares = []
    for task in dict.fromkeys(t.task for t in trials):
        of_task = [t for t in trials if t.task == task]
        y = np.log10(np.maximum([t.error for t in of_task], 1e-6))
        rate = np.digitize(np.log10([t.lr for t in of_task]), edges)
        units = np.array([UNITS.index(t.units) for t in of_task])
        total = float(((y - y.mean()) ** 2).sum())
        if total == 0:
            continue
        alone = np.concatenate([np.eye(4)[rate], np.eye(3)[units]], axis=1)
        together = np.eye(12)[rate * 3 + units]
        shares.append((_unexplained(alone, y) - _unexplained(together, y)) / total)
    return float(np.mean(shares)) if shares else 0.0


def _unexplained(design: Array, y: Array) -> float:
    weights, *_ = np.linalg.lstsq(design, y, rcond=None)
    return float(((y - design @ weights) ** 2).sum())


def conclusions(trials: Sequence[Trial]) -> list[str]:
    """The published claims, each as the numbers have it."""
    rows = compare(trials)
    tasks = tuple(dict.fromkeys(r.task for r in rows))

    def worse(cell: str) -> int:
        return sum(r.cell == cell and r.p < 0.05 and r.ratio > 1 for r in rows)

    def better(cell: str) -> int:
        return sum(r.cell == cell and r.p < 0.05 and r.ratio < 1 for r in rows)

    present = [c for c in dict.fromkeys(r.cell for r in rows) if c != VANILLA]
    claims = []
    gates = {c: worse(c) for c in ("nig", "nfg", "nog", "niaf", "noaf") if c in present}
    if {"nfg", "noaf"} <= gates.keys():
        most = max(gates.values())
        holds = most > 0 and all(gates[c] == most for c in ("nfg", "noaf"))
        listed = ", ".join(f"{c} {n}" for c, n in gates.items())
        claims.append(
            f"forget gate and output activation matter most: {_verdict(holds)} "
            f"(significantly worse than vanilla, of {len(tasks)} tasks: {listed})"
        )
    for cell in ("cifg", "np"):
        if cell in present:
            claims.append(
                f"{cell.upper()} is harmless: {_verdict(worse(cell) == 0)} "
                f"(worse on {worse(cell)}, better on {better(cell)} of {len(tasks)} tasks)"
            )
    shares = importances(trials)
    first = next(iter(shares))
    listed_shares = ", ".join(f"{n} {s:.0%}" for n, s in shares.items())
    claims.append(
        f"the learning rate decides most of the variance: "
        f"{_verdict(first == 'learning rate' and shares[first] > 0.5)} ({listed_shares})"
    )
    both = interaction(trials)
    claims.append(
        f"nearly independent of the other settings: {_verdict(both < 0.1)} "
        f"(learning rate and units together explain {both:.0%} more than each alone)"
    )
    for cell in ("gru", "mgu", "janet", "slstm"):
        if cell in present:
            claims.append(
                f"{cell} beside vanilla: better on {better(cell)}, worse on {worse(cell)} of {len(tasks)} tasks"
            )
    return claims


def _verdict(holds: bool) -> str:
    return "agrees" if holds else "does not agree"
