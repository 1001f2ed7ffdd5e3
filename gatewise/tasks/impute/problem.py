"""Filling gaps as a problem for the training loop: known values are removed in blocks and have to be told."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gatewise.arrays import Bools, Floats, Ints
from gatewise.lang.cell import Cell
from gatewise.tasks.impute.gaps import Read, read, removed, width_of
from gatewise.tasks.impute.options import Options
from gatewise.tasks.impute.season import profile_of
from gatewise.tasks.sequences.objective import placed
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.scaling import Coding, Scaler
from gatewise.tasks.steps.choices import StepChoices
from gatewise.tasks.steps.network import StepNetwork
from gatewise.tasks.steps.windows import Sampler, Spans
from gatewise.tasks.training.problem import Problem

LEAST_SCALE = 1e-3  # of the error that a network expects, in standard deviations
SEEDS = 2**31
PIECE = 256  # steps that gaps are cut into together


@dataclass(frozen=True)
class Course:
    """Values as an imputer sees them before gaps are cut into them.

    Attributes:
        scaled: [S, C] standardised, NaN where missing.
        profile: [S, C] the course of the season at each step.
        starts: [N + 1] of the sequences.
    """

    scaled: Floats
    profile: Floats
    starts: Ints


def course_of(data: Measurements, coding: Scaler, profile: Floats) -> Course:
    """The same from data, a scaler, and the profile [season, C] in its units."""
    scaled = (data.values - np.array(coding.mean)) / np.array(coding.scale)
    phase = phases(data.starts, len(profile))
    return Course(scaled, profile[phase], data.starts)


def phases(starts: Ints, season: int) -> Ints:
    """[S] the place of each step in the season, counted from the beginning of its sequence."""
    steps = np.arange(starts[-1]) - np.repeat(starts[:-1], np.diff(starts))
    return np.asarray(steps % season)


class ImputeProblem(Problem):
    """Tell values that were removed, and how far off that may be.

    Args:
        course: all sequences.
        train, validation: what to learn from, and to stop by.
        batch: windows at one step of training.
        window: values of a window at most.
        block: steps of a removed block at most.
    """

    def __init__(
        self, course: Course, train: Spans, validation: Spans, batch: int, window: int, block: int
    ) -> None:
        self.course, self.validation, self.batch, self.block = course, validation, batch, block
        places = train.places()
        known = ~np.isnan(course.scaled[places]).all(1)
        self.sampler = Sampler(train, places[known], window)

    def draw(self, rng: np.random.Generator) -> Ints:
        windows = self.sampler.draw(self.batch, rng)
        return np.concatenate([windows, rng.integers(SEEDS, size=(len(windows), 1))], axis=1)

    def loss(self, network: nn.Module, part: Ints) -> tuple[Tensor, Tensor]:
        """The negative logarithm of a Laplace density at the removed values."""
        assert isinstance(network, StepNetwork)
        if not len(part):
            return torch.zeros(()), torch.zeros(())
        parts, truths = [], []
        for begin, end, seed in part:
            values = self.course.scaled[begin:end]
            shape = len(values), self.course.scaled.shape[1]
            hidden = removed(shape, self.block, np.random.default_rng(int(seed)))
            parts.append(read(np.where(hidden, np.nan, values), self.course.profile[begin:end]))
            truths.append(np.where(hidden, values, np.nan))
        outputs, order = _run(network, parts)
        truth = torch.from_numpy(np.concatenate(truths)[order]).to(outputs)
        base = torch.from_numpy(np.concatenate([one.base for one in parts])[order]).to(outputs)
        correction, scale = split(outputs)
        held = ~torch.isnan(truth)
        # chosen first: the gradient of what is not known would be no number
        apart, scale = (truth - base)[held] - correction[held], scale[held]
        return (apart.abs() / scale + scale.log()).sum(), held.sum().to(outputs.dtype)

    def check(self, network: nn.Module) -> float:
        """The mean absolute error of values that are removed from the validation part, always the same ones."""
        assert isinstance(network, StepNetwork)
        hidden = hide(self.course, self.validation, self.block, 0, None)
        filled, _ = fill(self.course, [network], self.validation, hidden)
        held = hidden & ~np.isnan(self.course.scaled)
        return float(np.abs(filled - self.course.scaled)[held].mean()) if held.any() else 0.0

    def describe(self, part: Ints) -> str:
        return f"the window of steps {part[0, 0]} to {part[0, 1] - 1}"

    def fingerprint(self) -> str:
        spans = self.sampler.spans
        digest = hashlib.sha256(f"{self.batch} {self.sampler.size} {self.block}".encode())
        arrays = (self.course.scaled, self.course.profile, self.course.starts)
        for array in (*arrays, spans.begin, spans.end, self.validation.begin, self.validation.end):
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()


def split(outputs: Tensor) -> tuple[Tensor, Tensor]:
    """The correction [n, C] and the error that is expected [n, C], from outputs [n, 2 C]."""
    correction, raw = outputs.chunk(2, dim=-1)
    return correction, F.softplus(raw) + LEAST_SCALE


def _run(network: StepNetwork, parts: list[Read]) -> tuple[Tensor, Ints]:
    """Outputs [n, 2 C] of stretches, and where each of them lies among the stretches one after another."""
    lengths = np.array([len(part.inputs) for part in parts], dtype=np.int64)
    steps = np.zeros((int(lengths.max()), len(parts), parts[0].inputs.shape[1]), dtype=np.float32)
    for k, part in enumerate(parts):
        steps[: lengths[k], k] = part.inputs
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    place = first + np.arange(len(steps))[:, None]
    order = place[np.arange(len(steps))[:, None] < lengths]
    block = placed(torch.from_numpy(steps), network)
    return network(block, torch.from_numpy(lengths))[:, 0], order


def hide(course: Course, spans: Spans, block: int, seed: int, share: float | None) -> Bools:
    """[S, C] blocks of values to remove from spans, always the same ones for a seed."""
    channels = course.scaled.shape[1]
    hidden = np.zeros((len(course.scaled), channels), dtype=bool)
    for first, end in zip(spans.begin, spans.end, strict=True):
        # piece by piece, so that some have gaps in all channels at once and some have not
        for begin in range(int(first), int(end), PIECE):
            size = min(PIECE, int(end) - begin)
            rng = np.random.default_rng((seed, begin))
            hidden[begin : begin + size] = removed((size, channels), block, rng, share)
    return hidden


@torch.no_grad()
def fill(
    course: Course, networks: list[StepNetwork], spans: Spans, hidden: Bools | None
) -> tuple[Floats, Floats]:
    """[S, C] what networks say of the steps in spans, and the error that they expect; NaN elsewhere.

    ``hidden`` values are removed before.
    """
    values = course.scaled if hidden is None else np.where(hidden, np.nan, course.scaled)
    said, scales = np.full(values.shape, np.nan), np.full(values.shape, np.nan)
    for network in networks:
        network.eval()
    for k in range(len(spans)):
        low, high = int(spans.low[k]), int(spans.high[k])
        stretch = read(values[low:high], course.profile[low:high])
        results = [split(_run(network, [stretch])[0]) for network in networks]
        correction = np.mean([c.double().cpu().numpy() for c, _ in results], axis=0)
        scale = np.mean([s.double().cpu().numpy() for _, s in results], axis=0)
        inside = slice(int(spans.begin[k]) - low, int(spans.end[k]) - low)
        at = slice(int(spans.begin[k]), int(spans.end[k]))
        said[at], scales[at] = (stretch.base + correction)[inside], scale[inside]
    return said, scales


@dataclass(frozen=True)
class ImputeLearner:
    """What the networks of an imputer learn.

    Attributes:
        data: the sequences.
        cell, choices, options: of the networks.
        season, block: steps.
    """

    data: Measurements
    cell: Cell
    choices: StepChoices
    options: Options
    season: int
    block: int

    @cached_property
    def phase(self) -> Ints:
        """[S] the place of each step in the season."""
        return phases(self.data.starts, self.season)

    def coding(self, train: Spans) -> Coding:
        return Scaler.of(self.data.take_steps(train.places()))

    def network(self, coding: Coding) -> StepNetwork:
        return network_of(self.cell, self.data.values.shape[1], self.choices, self.options)

    def problem(self, coding: Coding, train: Spans, validation: Spans) -> Problem:
        assert isinstance(coding, Scaler)
        course = course_of(self.data, coding, self.profile(coding, train))
        choices = self.choices
        return ImputeProblem(course, train, validation, choices.batch, choices.window, self.block)

    def profile(self, coding: Scaler, train: Spans) -> Floats:
        """[season, C] the mean of training at each place in the season, standardised."""
        places = train.places()
        scaled = (self.data.values[places] - np.array(coding.mean)) / np.array(coding.scale)
        return profile_of(scaled, self.phase[places], self.season)


def network_of(cell: Cell, channels: int, choices: StepChoices, options: Options) -> StepNetwork:
    """An untrained network; random numbers are drawn from torch's generator."""
    return StepNetwork(
        cell,
        width_of(channels),
        0,
        1,
        choices.units,
        2 * channels,
        True,
        options.dropout,
        options.noise,
    )
