"""A hidden Markov model (hmmlearn's CategoricalHMM) on experiments whose symbols are discrete.

Each sequence gets its answer as a last symbol, and the model is fitted to them all. It answers with the symbol that
makes the whole sequence most likely. A fit whose probabilities come out as no distribution, as some of hmmlearn's
do, is dropped and counted.
"""

from __future__ import annotations

import logging
import time
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import CellError
from gatewise.extras import require
from gatewise.lab.batch import Batch
from gatewise.lab.experiment import Experiment
from gatewise.lab.training import Outcome

_STATES = (6, 12, 24)  # sizes that are tried
_ROUNDS = 40  # of expectation maximisation
_TRAIN, _TEST = 200, 100
_PRIOR = 1.001  # of transitions: a state that is met at the end alone has none of its own


@dataclass(frozen=True)
class HiddenMarkov:
    """The baseline ``hmm``."""

    name: str = "hmm"

    def fit(self, experiment: Experiment, seed: int, seconds: float) -> Outcome:
        """Fit models of several sizes and test the likeliest.

        Raises CellError for an experiment with values for inputs, or one that does not ask once, at the end.
        """
        require("the hidden Markov model", "lab", ("hmmlearn",))
        if experiment.symbols is None:
            raise CellError(
                f"hmm: {experiment.name} has values for inputs, and the model needs symbols"
            )
        cpu, wall = time.process_time(), time.perf_counter()
        experiment = experiment.prepare(np.random.default_rng([seed, 2]))
        train = experiment.batch(np.random.default_rng([seed, 0]), _TRAIN)
        test = experiment.batch(np.random.default_rng([seed, 1]), _TEST)
        if _goes_on(experiment):
            raise CellError(
                f"hmm: {experiment.name} never resets the state; the model reads sequences that end"
            )
        if len(np.unique(train.rows)) != len(train.rows):
            raise CellError(
                f"hmm: {experiment.name} asks at many steps of a sequence; the model answers once, at the end"
            )
        models, dropped, late = [], 0, False
        for states in _STATES:
            if time.process_time() - cpu > seconds:
                late = True
                break
            model = _fitted(train, experiment, states, seed)
            dropped += model is None
            if model is not None:
                models.append(model)
        right = 0.0
        if models:
            _, model = max(models, key=lambda pair: pair[0])
            right = float((_answers(model, test, experiment) == _classes(test)).mean())
        wrong = round((1 - right) * _TEST)
        return Outcome(
            wrong == 0,
            _TRAIN,
            0,
            int(train.inputs.size),
            round(time.process_time() - cpu, 2),
            round(time.perf_counter() - wall, 2),
            {"wrong": wrong, "of": _TEST, "accuracy": right, "fits dropped": dropped},
            help=(f"expectation maximisation, {_TRAIN} sequences",),
            note=_note(wrong, len(models), right, late),
        )


def _note(wrong: int, fits: int, right: float, late: bool) -> str:
    """Why the model did not solve the experiment; empty if it did."""
    if wrong == 0:
        return ""
    if not fits:
        return "no fit gave a distribution"
    return f"the best of {fits} fits answers {right:.0%} right{', time over' if late else ''}"


def _goes_on(experiment: Experiment) -> bool:
    """Whether sequences go on in the next batch."""
    batches = experiment.source_of(np.random.default_rng(0), 1)
    return any(batch.carry for batch in islice(batches, 2))


def _fitted(
    train: Batch, experiment: Experiment, states: int, seed: int
) -> tuple[float, Any] | None:
    """The log-likelihood and the model; None if the fit broke down."""
    from hmmlearn.hmm import CategoricalHMM

    observed, lengths = _observed(train, _classes(train), experiment)
    features = int(experiment.symbols or 0) + experiment.outputs
    logging.getLogger("hmmlearn").setLevel(logging.ERROR)
    model = CategoricalHMM(
        states, n_iter=_ROUNDS, random_state=seed, n_features=features, transmat_prior=_PRIOR
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            model.fit(observed, lengths)
            score = float(model.score(observed, lengths))
        except ValueError:  # rows of zeros, which are no distribution
            return None
    return (score, model) if np.isfinite(score) else None


def _classes(batch: Batch) -> Array:
    targets = batch.targets
    return np.asarray(targets.argmax(1) if targets.ndim == 2 else targets)


def _observed(batch: Batch, classes: Array, experiment: Experiment) -> tuple[Array, list[int]]:
    """All sequences in one column, each with its answer as a symbol of its own at the end."""
    parts, lengths = [], []
    for step, row, answer in zip(batch.steps, batch.rows, classes, strict=True):
        parts.append(
            np.append(batch.inputs[: step + 1, row], int(experiment.symbols or 0) + answer)
        )
        lengths.append(int(step) + 2)
    return np.concatenate(parts)[:, None].astype(np.int64), lengths


def _answers(model: Any, batch: Batch, experiment: Experiment) -> Array:
    """[N] the answer that makes each sequence likeliest."""
    scores = np.full((len(batch.steps), experiment.outputs), -np.inf)
    for answer in range(experiment.outputs):
        observed, lengths = _observed(batch, np.full(len(batch.steps), answer), experiment)
        ends = np.cumsum(lengths)
        for k, (end, length) in enumerate(zip(ends, lengths, strict=True)):
            scores[k, answer] = model.score(observed[end - length : end])
    return np.asarray(scores.argmax(1))


baseline = HiddenMarkov()
