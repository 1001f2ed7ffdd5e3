"""A tagger on a stream: one step after another, the state carried, with the answers of the whole sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gatewise.arrays import Floats
from gatewise.errors import InputError
from gatewise.tasks.audio.features import Features, FrameStream
from gatewise.tasks.sequences.objective import placed
from gatewise.tasks.sequences.options import words_of
from gatewise.tasks.sequences.reading import HOP
from gatewise.tasks.sequences.stream import encoded_step, heard
from gatewise.tasks.tag.fitted import Fitted


@dataclass(frozen=True)
class StepAnswer:
    """What a tagger says of one step.

    Attributes:
        step: its number, from 0 on.
        answer: the label, the labels (0 and 1) or the value.
        said: [K] probabilities or values.
    """

    step: int
    answer: Any
    said: Floats


class Stream:
    """Feeds steps to a fitted tagger as they come in.

    With a look-ahead of k steps, the answer for a step comes k steps later, and ``finish`` gives the last k. Together
    the answers are those that ``predict`` gives for the whole sequence.

    Args:
        fitted: a tagger that reads in one direction.

    Raises InputError for one that reads both ways: it needs the end before it can speak.
    """

    def __init__(self, fitted: Fitted) -> None:
        if fitted.options.lookahead is None:
            raise InputError(
                "this tagger reads sequences to their end before it speaks: fit one with lookahead=0 (or a few "
                "steps) for streams"
            )
        self._fitted, self._delay = fitted, fitted.options.lookahead
        self._states: list[Any] = [None] * len(fitted.networks)
        self._read = 0
        self._last: torch.Tensor | None = None
        self._frames = self._new_frames()

    def step(self, values: Any) -> StepAnswer | None:
        """Read one step: C numbers (a number where there is one channel), or a token; NaN is missing.

        Returns the answer for the step that is due, or None while the look-ahead is not filled. Raises InputError
        for another number of channels.
        """
        missing = words_of(self._fitted.options.missing)
        encoded = encoded_step(self._fitted.coding, values, missing)
        self._last = encoded
        return self._feed(encoded)

    def sound(self, samples: Any) -> list[StepAnswer]:
        """Hear the next samples [n] of a sound; returns the answers for the frames that end in them.

        Raises InputError for a tagger that was not fitted on sounds, and for samples that are no numbers.
        """
        if self._frames is None:
            raise InputError(
                "this tagger was not fitted on sounds: fit one with sounds=, or use step"
            )
        answers = [self.step(frame) for frame in self._frames.push(heard(samples))]
        return [answer for answer in answers if answer is not None]

    def finish(self) -> list[StepAnswer]:
        """The answers that are still due, and the beginning of a new sequence."""
        answers: list[StepAnswer] = []
        last = self._last
        if last is not None:
            # what predict reads behind the end, too
            fed = (self._feed(last) for _ in range(self._delay))
            answers = [answer for answer in fed if answer is not None]
        self._states = [None] * len(self._fitted.networks)
        self._read, self._last, self._frames = 0, None, self._new_frames()
        return answers

    def _new_frames(self) -> FrameStream | None:
        rate = self._fitted.options.sounds
        return None if rate is None else FrameStream(Features.of("log-mel", rate, HOP))

    @torch.no_grad()
    def _feed(self, values: torch.Tensor) -> StepAnswer | None:
        fitted = self._fitted
        outputs = np.empty((len(fitted.networks), 1, len(fitted.classes)))
        for k, network in enumerate(fitted.networks):
            said, self._states[k] = network.step(placed(values, network), self._states[k])
            outputs[k] = said.double().cpu().numpy()
        self._read += 1
        step = self._read - 1 - self._delay
        if step < 0:
            return None
        probability = fitted.finished(outputs)
        answer = fitted.answers(probability)[0]
        return StepAnswer(step, answer, probability[0])
