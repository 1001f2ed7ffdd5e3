"""Run an experiment: cells, recipes and seeds, each to a result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import torch

from gatewise.errors import BackendError, CellError, InputError, SizeError, nearest
from gatewise.lab import recipes
from gatewise.lab.baselines import Baseline
from gatewise.lab.experiment import Experiment, Setting
from gatewise.lab.experiments import get
from gatewise.lab.results import Result, machine, versions
from gatewise.lab.training import train
from gatewise.lang import Cell


def make(name: str, size: str = "full", fields: Mapping[str, Any] | None = None) -> Experiment:
    """An experiment with its numbers: those of a size (``small``, ``full``), changed by ``fields``.

    Raises InputError for an unknown experiment, size or field, or a value that the definition does not allow.
    """
    kind = get(name)
    if size not in ("small", "full"):
        raise InputError(f"the size is small or full, not {size!r}")
    known = kind.numbers()
    chosen = dict(kind.small if size == "small" else kind.full)
    for field, value in (fields or {}).items():
        if field not in known:
            raise InputError(
                f"experiment {name} has no number {field!r}.{nearest(field, list(known))} It has: {', '.join(known)}"
            )
        wanted = type(known[field])
        if not isinstance(value, wanted) or isinstance(value, bool) != (wanted is bool):
            raise InputError(f"experiment {name}: {field} must be {_WORDS[wanted]}, not {value!r}")
        chosen[field] = value
    return kind(**chosen)


_WORDS = {int: "a whole number", str: "text", bool: "true or false", float: "a number"}


def run(
    experiment: Experiment,
    cells: Sequence[Cell | Baseline],
    recipe: str = "plain",
    seeds: Sequence[int] = (0,),
    seconds: float = 60.0,
    setting: Setting | None = None,
    threads: int = 1,
    tell: Callable[[str], None] = lambda text: None,
) -> Iterator[Result]:
    """Run an experiment once for each cell and seed; a cell that cannot gives a result that says why.

    Args:
        experiment: of ``make``.
        cells: cells or baselines, one after the other.
        recipe: ``plain``, ``chrono`` or ``grow``.
        seeds: of initial values and data.
        seconds: of the processor, for one run; a run ends with the first update after it.
        setting: units, batch and so on; the experiment's own if left out.
        threads: of PyTorch and of the kernels.
        tell: is given a line now and then.

    Raises InputError for an unknown recipe or numbers out of range.
    """
    recipes.help_of(experiment, recipe)
    if not 0 < seconds < math.inf:
        raise InputError(f"the time must be a number of seconds above 0, not {seconds!r}")
    chosen = experiment.setting if setting is None else setting
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for cell in cells:
            for seed in seeds:
                yield _one(cell, experiment, chosen, recipe, seed, seconds, tell)
    finally:
        torch.set_num_threads(before)


def _one(
    cell: Cell | Baseline,
    experiment: Experiment,
    setting: Setting,
    recipe: str,
    seed: int,
    seconds: float,
    tell: Callable[[str], None],
) -> Result:
    result = Result(
        experiment.name,
        experiment.describe(),
        cell.name,
        recipe,
        seed,
        False,
        setting=asdict(setting),
        versions=versions(),
        machine=machine(),
    )
    try:
        if isinstance(cell, Cell):
            outcome = train(cell, experiment, setting, recipe, seed, seconds, tell)
        else:
            outcome = cell.fit(experiment, seed, seconds)
    except (CellError, SizeError, BackendError) as error:
        return replace(result, note=f"cannot: {' '.join(str(error).split())}")
    finite = {k: v for k, v in outcome.figures.items() if math.isfinite(v)}
    return replace(
        result,
        solved=outcome.solved,
        sequences=outcome.sequences,
        updates=outcome.updates,
        steps=outcome.steps,
        cpu=outcome.cpu,
        wall=outcome.wall,
        figures=finite,
        stages=list(outcome.stages),
        help=list(outcome.help),
        note=outcome.note,
        curve=list(outcome.curve),
    )
