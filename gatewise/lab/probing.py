"""What a trained network keeps of a sentence's subject, word by word: probes for gender and number.

Sentences of one form follow each other without reset. At every place, and at the first words of the next sentence, a
linear probe reads gender (of singular subjects) and number from the state. An untrained network of the same seed is
the control: what it tells is in the words themselves. Gender is needed until the possessive, number until the verb.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.extras import require
from gatewise.lab.experiments import agreement
from gatewise.lab.network import LabNetwork
from gatewise.lab.training import fit
from gatewise.lang import Cell

_STREAMS, _SENTENCES = 16, 40  # of the probes: streams side by side, sentences of each
_AFTER = 7  # words of the next sentence: subject , as a result of the


@dataclass(frozen=True)
class Probed:
    """Accuracies by place, [seeds, places], of the trained networks and of their untrained controls.

    ``words`` is a sentence of the form, ``possessive`` and ``verb`` are their places.
    """

    words: tuple[str, ...]
    possessive: int
    verb: int
    gender: Array
    number: Array
    control_gender: Array
    control_number: Array

    def verdicts(self) -> list[str]:
        """Whether each is still there early in the next sentence, beyond what the control tells."""
        verdicts = []
        for what, trained, control, until in (
            ("gender", self.gender, self.control_gender, self.possessive),
            ("number", self.number, self.control_number, self.verb),
        ):
            needed, late = trained[:, until - 1].mean(), trained[:, -1].mean()
            rest = control[:, -1].mean()
            gain = trained[:, -1] - control[:, -1]
            spread = gain.std(ddof=1) / np.sqrt(len(gain)) if len(gain) > 1 else 0.0
            verdict = "retained" if gain.mean() > max(0.05, 2 * spread) else "released"
            if rest > 0.95:
                verdict = "cannot be told: the control has it too"
            verdicts.append(
                f"{what}: read back with {needed:.0%} where it is needed (control {control[:, until - 1].mean():.0%}), "
                f"{late:.0%} in the next sentence (control {rest:.0%}): {verdict}"
            )
        return verdicts


def probe(
    cell: Cell,
    T: int = 2,
    seeds: Sequence[int] = tuple(range(10)),
    seconds: float = 30.0,
    tell: Callable[[str], None] = lambda text: None,
) -> Probed:
    """Train on the agreement experiment for each seed, and probe the networks and their controls.

    Raises InputError for no seeds; CellError for a cell that the experiment cannot use.
    """
    if not len(seeds):
        raise InputError("the probes need at least one seed")
    experiment = agreement.Agreement(T=T)
    form = agreement.sentence(np.random.default_rng(0), T, exact=True)
    results: list[list[Array]] = []
    for seed in seeds:
        network, outcome = fit(cell, experiment, experiment.setting, "plain", seed, seconds)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            control = LabNetwork(cell, experiment, experiment.setting)
        results.append([*_accuracies(network, T, seed), *_accuracies(control, T, seed)])
        tell(f"seed {seed}: {outcome.figures}")
    gender, number, control_gender, control_number = (
        np.array([r[k] for r in results]) for k in range(4)
    )
    return Probed(
        (*form.words, "(next)", *form.words[1:_AFTER]),
        form.possessive,
        form.verb,
        gender,
        number,
        control_gender,
        control_number,
    )


@torch.no_grad()
def _accuracies(network: LabNetwork, T: int, seed: int) -> tuple[Array, Array]:
    """Of gender and number at each place of a sentence, on sentences that the probes were not fitted to."""
    random = np.random.default_rng([seed, 7])
    streams = [
        [agreement.sentence(random, T, exact=True) for _ in range(_SENTENCES)]
        for _ in range(_STREAMS)
    ]
    length = len(streams[0][0].words)
    words = np.array(
        [[agreement.WORDS.index(w) for s in stream for w in s.words] for stream in streams]
    ).T
    states: list[Array] = []
    inner, state = network.recurrent, None
    for row in words:
        x = torch.from_numpy(np.ascontiguousarray(row[None]))
        embedded = network.embedding(x) if network.embedding is not None else x
        inputs = (embedded, torch.zeros(1, _STREAMS, 1)) if network.timed else embedded
        _, state = inner(inputs, state)
        states.append(torch.cat([s[0] for s in state], dim=-1).numpy())
    every = np.array(states).reshape(_SENTENCES, length, _STREAMS, -1)
    # the words of a sentence, and the first of the next one
    features = np.concatenate([every[:-1], every[1:, :_AFTER]], axis=1)
    genders = np.array([[s.gender for s in stream] for stream in streams]).T[
        :-1
    ]  # [sentences, streams]
    numbers = np.array([[s.number for s in stream] for stream in streams]).T[:-1]
    gender, number = [], []
    for place in range(features.shape[1]):
        at = features[:, place].reshape(genders.size, -1)
        single = (genders >= 0).reshape(-1)
        gender.append(_read(at[single], genders.reshape(-1)[single]))
        number.append(_read(at, numbers.reshape(-1)))
    return np.array(gender), np.array(number)


def _read(features: Array, labels: Array) -> float:
    """The balanced accuracy of a ridge probe on the second half; 0.5 is guessing."""
    half = len(labels) // 2
    mean, scale = features[:half].mean(0), features[:half].std(0)
    z = np.nan_to_num((features - mean) / np.where(scale > 0, scale, 1.0)).astype(float)
    z = np.concatenate([z, np.ones((len(z), 1))], axis=1)
    gram = z[:half].T @ z[:half] + half * 0.1 * np.eye(z.shape[1])
    weights = np.linalg.solve(gram, z[:half].T @ (2.0 * labels[:half] - 1))
    predicted, true = z[half:] @ weights > 0, labels[half:] == 1
    shares = [float((predicted[true == k] == k).mean()) for k in (False, True) if (true == k).any()]
    return float(np.mean(shares))


def plot(probed: Probed) -> Any:
    """Accuracy by place, trained and control: means and the spread of the seeds."""
    require("a picture", "lab", ("matplotlib",))
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5.5), layout="constrained")
    places = np.arange(len(probed.words))
    for axis, (what, trained, control, until) in zip(
        figure.subplots(2, 1, sharex=True),
        (
            ("gender", probed.gender, probed.control_gender, probed.possessive),
            ("number", probed.number, probed.control_number, probed.verb),
        ),
        strict=True,
    ):
        for label, values, colour in (("trained", trained, "C0"), ("untrained", control, "0.5")):
            axis.plot(places, values.mean(0), color=colour, label=label)
            axis.fill_between(places, values.min(0), values.max(0), color=colour, alpha=0.2)
        axis.axvline(until, color="C3", lw=0.8, ls="--", label="needed until here")
        axis.set(ylabel=f"{what} read back", ylim=(0.4, 1.03))
        axis.legend(fontsize=8, loc="lower left")
    axis.set_xticks(places, probed.words, rotation=60, fontsize=8)
    return figure
