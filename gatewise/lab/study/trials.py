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
from gatewise.lab.experiment import Experiment
from gatewise.lab.network import LabNetwork
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
# learning rates, from and to
RATES = (1e-4, 1e-1)
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
            "lr": float(10 ** random.uniform(*np.log10(RATES))),
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
            lr=trial.suggest_float("lr", *RATES, log=True),
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
        network = LabNetwork(cells.get(name), experiment, setting)
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
