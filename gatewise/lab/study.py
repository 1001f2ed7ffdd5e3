"""The study of variants: which part of the LSTM matters? After Greff et al. (2017), LSTM: a search space odyssey.

Every cell gets the same random settings (learning rate, units, decay of the momentum) on the same tasks, each trained
for the same number of sequences. The trials are kept in a file of Optuna's, so a study that was stopped goes on.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gatewise import cells
from gatewise.errors import InputError
from gatewise.extras import require
from gatewise.lab.batch import Array
from gatewise.lab.experiment import Experiment
from gatewise.lab.network import Network
from gatewise.lab.run import make

if TYPE_CHECKING:
    import optuna

VANILLA = "peephole_lstm"
CELLS = (
    VANILLA,
    "cifg",
    "nig",
    "nfg",
    "nog",
    "niaf",
    "noaf",
    "np",
    "fgr",
    "gru",
    "mgu",
    "janet",
    "slstm",
)
# three kinds of memory: the order of two symbols, two values and their sum, counting
TASKS: dict[str, dict[str, int]] = {"6a": {"T": 20}, "adding": {"T": 30}, "anbn": {"T": 5}}
UNITS = (8, 16, 32)
_LR = (1e-4, 1e-1)
_BATCH, _TESTS = 32, 512
_WORST = 1e3  # error of a training that broke down


@dataclass(frozen=True)
class Trial:
    """One training: the setting and the error on fresh sequences afterwards."""

    task: str
    cell: str
    number: int
    lr: float
    units: int
    decay: float
    error: float


def settings(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """The random settings that every cell is trained with."""
    random = np.random.default_rng(seed)
    return [
        {
            "lr": float(10 ** random.uniform(*np.log10(_LR))),
            "units": int(random.choice(UNITS)),
            "decay": float(1 - 10 ** random.uniform(-2, 0)),
        }
        for _ in range(count)
    ]


def run_study(
    path: Path,
    trials: int = 20,
    updates: int = 200,
    names: Sequence[str] = CELLS,
    tasks: Sequence[str] = tuple(TASKS),
    tell: Callable[[str], None] = lambda text: None,
) -> list[Trial]:
    """Run what is still missing of the study and return all of it.

    Args:
        path: of Optuna's file; it is made, or taken up again.
        trials: random settings for each cell and task.
        updates: of training in each.
        names, tasks: which cells on which tasks.
        tell: is given a line for each cell and task.

    Raises:
        InputError: for numbers out of range, an unknown task, or a file that is none of Optuna's.
        CellError: for an unknown cell.
    """
    require("the study of variants", "lab", ("optuna",))
    if trials < 1 or updates < 1:
        raise InputError(f"trials and updates must be at least 1, not {trials} and {updates}")
    for task in tasks:
        if task not in TASKS:
            raise InputError(f"the study has no task {task!r}: it has {', '.join(TASKS)}")
    storage = _storage(path)
    chosen = settings(trials)
    every: list[Trial] = []
    for task in tasks:
        for name in names:
            cells.get(name)
            every += _of_cell(storage, task, name, chosen, updates)
            tell(f"{task} {name}: median error {np.median([t.error for t in every[-trials:]]):.4f}")
    return every


def _storage(path: Path) -> Any:
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        if path.exists():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if "op_code" not in json.loads(line):
                    raise ValueError(f"line {number} is no operation")
        return optuna.storages.JournalStorage(JournalFileBackend(str(path)))
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} is no study of Optuna's: {error}") from None


def _of_cell(
    storage: Any, task: str, name: str, chosen: list[dict[str, Any]], updates: int
) -> list[Trial]:
    import optuna

    study = optuna.create_study(
        storage=storage,
        study_name=f"{task} {name} {updates}",
        sampler=optuna.samplers.RandomSampler(seed=0),
        load_if_exists=True,
    )

    def objective(trial: optuna.Trial) -> float:
        return trained_error(
            name,
            task,
            lr=trial.suggest_float("lr", *_LR, log=True),
            units=int(trial.suggest_categorical("units", UNITS)),
            decay=trial.suggest_float("decay", 0.0, 0.99),
            updates=updates,
            seed=trial.number,
        )

    done = _complete(study)
    for k in range(len(done), len(chosen)):
        study.enqueue_trial(chosen[k], skip_if_exists=True)
        study.optimize(objective, n_trials=1)
    return [
        Trial(
            task, name, k, t.params["lr"], int(t.params["units"]), t.params["decay"], float(t.value)
        )
        for k, t in enumerate(_complete(study)[: len(chosen)])
        if t.value is not None
    ]


def _complete(study: optuna.Study) -> list[Any]:
    import optuna

    return [t for t in study.trials if t.state == optuna.trial.TrialState.COMPLETE]


def trained_error(
    name: str, task: str, *, lr: float, units: int, decay: float, updates: int, seed: int
) -> float:
    """The mean error on fresh sequences after so many updates of Adam."""
    experiment: Experiment = make(task, "small", TASKS[task])
    setting = replace(experiment.setting, H=units, B=_BATCH, lr=lr)
    data, tests = np.random.default_rng([seed, 0]), np.random.default_rng([seed, 1])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network(cells.get(name), experiment, setting)
        optimizer = torch.optim.Adam(network.parameters(), lr=lr, betas=(decay, 0.999))
        for _ in range(updates):
            batch = experiment.batch(data, _BATCH)
            loss = network.loss_of(network(batch), batch)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), setting.clip)
            optimizer.step()
            if not math.isfinite(loss.item()):
                return _WORST
        with network.tested():
            batch = experiment.batch(tests, _TESTS)
            error = float(experiment.errors(network.answer(batch), batch).mean())
    return error if math.isfinite(error) else _WORST


# --- what the numbers say -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """A cell on a task: its errors' quartiles, and how it compares with the vanilla LSTM, setting by setting."""

    task: str
    cell: str
    median: float
    low: float
    high: float
    best: float
    ratio: float  # geometric mean of error / vanilla's error
    p: float  # that the two do not differ (Wilcoxon's signed-rank test)


def compare(trials: Sequence[Trial]) -> list[Row]:
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
                Row(
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
            "learning rate": optuna.distributions.FloatDistribution(*_LR, log=True),
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
    low, high = math.log10(_LR[0]), math.log10(_LR[1])
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
    said = []
    gates = {c: worse(c) for c in ("nig", "nfg", "nog", "niaf", "noaf") if c in present}
    if {"nfg", "noaf"} <= gates.keys():
        most = max(gates.values())
        holds = most > 0 and all(gates[c] == most for c in ("nfg", "noaf"))
        listed = ", ".join(f"{c} {n}" for c, n in gates.items())
        said.append(
            f"forget gate and output activation matter most: {_verdict(holds)} "
            f"(significantly worse than vanilla, of {len(tasks)} tasks: {listed})"
        )
    for cell in ("cifg", "np"):
        if cell in present:
            said.append(
                f"{cell.upper()} is harmless: {_verdict(worse(cell) == 0)} "
                f"(worse on {worse(cell)}, better on {better(cell)} of {len(tasks)} tasks)"
            )
    shares = importances(trials)
    first = next(iter(shares))
    told = ", ".join(f"{n} {s:.0%}" for n, s in shares.items())
    said.append(
        f"the learning rate decides most of the variance: "
        f"{_verdict(first == 'learning rate' and shares[first] > 0.5)} ({told})"
    )
    both = interaction(trials)
    said.append(
        f"nearly independent of the other settings: {_verdict(both < 0.1)} "
        f"(learning rate and units together explain {both:.0%} more than each alone)"
    )
    for cell in ("gru", "mgu", "janet", "slstm"):
        if cell in present:
            said.append(
                f"{cell} beside vanilla: better on {better(cell)}, worse on {worse(cell)} of {len(tasks)} tasks"
            )
    return said


def _verdict(holds: bool) -> str:
    return "agrees" if holds else "does not agree"


def markdown(trials: Sequence[Trial]) -> str:
    """The study as a page: the table and the conclusions."""
    rows = compare(trials)
    lines = [
        "| task | cell | median error | quartiles | best | beside vanilla | p |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.task} | {r.cell} | {r.median:.3f} | {r.low:.3f} .. {r.high:.3f} | {r.best:.4f} | {r.ratio:.2f}x | {r.p:.2f} |"
        for r in rows
    ]
    return "\n".join([*lines, "", *(f"- {c}" for c in conclusions(trials))])


def plot(trials: Sequence[Trial]) -> Any:
    """Box plots of the errors of every cell, a row for each task: medians, quartiles, all trials."""
    require("a picture", "lab", ("matplotlib",))
    from matplotlib.figure import Figure

    tasks = tuple(dict.fromkeys(t.task for t in trials))
    names = tuple(dict.fromkeys(t.cell for t in trials))
    figure = Figure(figsize=(9, 2.6 * len(tasks)), layout="constrained")
    for axis, task in zip(figure.subplots(len(tasks), 1, squeeze=False)[:, 0], tasks, strict=True):
        errors = [[t.error for t in trials if t.task == task and t.cell == c] for c in names]
        axis.boxplot(errors, showfliers=False, medianprops={"color": "#c2410c"})
        for k, values in enumerate(errors, 1):
            axis.plot([k] * len(values), values, ".", color="#2563a8", alpha=0.4, ms=4)
        base = np.median(errors[names.index(VANILLA)]) if VANILLA in names else None
        if base is not None:
            axis.axhline(base, color="0.7", lw=0.8, ls="--")
        axis.set(yscale="log", ylabel=f"error, {task}")
        axis.set_xticks(range(1, len(names) + 1), names, rotation=30, fontsize=8)
    return figure
