"""A stream of one sequence: after every step the answer for the sequence so far, with the state carried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gatewise.arrays import Floats, Singles
from gatewise.errors import InputError
from gatewise.tasks.audio.features import FrameStream
from gatewise.tasks.sequences.fitted import FittedSequences
from gatewise.tasks.sequences.network import Carried
from gatewise.tasks.sequences.objective import placed
from gatewise.tasks.sequences.options import words_of
from gatewise.tasks.sequences.ragged import Measurements, Tokens
from gatewise.tasks.sequences.scaling import Coding, Scaler
from gatewise.tasks.sequences.values import without_codes

# from outputs [networks, 1, outputs] to the answer, and the numbers [outputs] behind it
Finish = Callable[[Floats], tuple[Any, Floats]]


@dataclass(frozen=True)
class PrefixAnswer:
    """What a model says of a sequence that ends here.

    Attributes:
        steps: that it has read: values, tokens or frames of a sound.
        answer: the class or the value.
        said: [K] the probabilities of the classes, or the values.
    """

    steps: int
    answer: Any
    said: Floats


class SequenceStream:
    """Feeds a sequence to a fitted model step by step.

    Every answer is the one that ``predict`` gives for the steps so far, and takes the time of one step.

    Args:
        fitted: a model that reads in one direction.
        finish: makes the answer from the outputs of its networks.

    Raises InputError for one that reads both ways: its backward half would begin anew at every step.
    """

    def __init__(self, fitted: FittedSequences, finish: Finish) -> None:
        if not fitted.options.streaming:
            raise InputError(
                "this model reads sequences from both ends, so it cannot follow a stream: fit one with "
                "streaming=True (at the command line --set streaming=true)"
            )
        self._fitted, self._finish = fitted, finish
        for network in fitted.networks:
            network.eval()
        self._begin()

    def step(self, values: Any) -> PrefixAnswer:
        """Read one step and answer for the sequence so far.

        Args:
            values: C numbers (a number where there is one channel), NaN where missing; or a token. Of sounds a
                frame: see ``sound``.

        Raises InputError for another number of channels and for infinite values.
        """
        lower = self._fitted.reading.words and isinstance(values, str)
        missing = words_of(self._fitted.options.missing)
        read = values.lower() if lower else values
        self._waiting.append(encoded_step(self._fitted.coding, read, missing))
        self._steps += 1
        return self._answer()

    def sound(self, samples: Any) -> list[PrefixAnswer]:
        """Hear the next samples [n] of a sound, at the rate that the model reads: an answer for each frame.

        Raises InputError for a model that was not fitted on sounds, and for samples that are no numbers.
        """
        if self._frames is None:
            raise InputError(
                "this model was not fitted on sounds: fit one on sound files or with rate=, or use step"
            )
        return [self.step(frame) for frame in self._frames.push(heard(samples))]

    def finish(self) -> PrefixAnswer | None:
        """The answer for the sequence that ends here (None if it has no step), and the begin of a new one."""
        last = self._last
        self._begin()
        return last

    def _begin(self) -> None:
        features = self._fitted.reading.features
        self._carried: list[Carried | None] = [None] * len(self._fitted.networks)
        self._waiting: list[torch.Tensor] = []
        self._steps = 0
        self._last: PrefixAnswer | None = None
        self._frames = None if features is None else FrameStream(features)

    @torch.no_grad()
    def _answer(self) -> PrefixAnswer:
        """Outputs behind what is carried and the values that wait; a full patch of them is carried then."""
        fitted, size = self._fitted, self._fitted.choices.patch
        # as in a whole sequence, the last value is repeated where a patch is not full
        row = self._waiting + self._waiting[-1:] * (size - len(self._waiting))
        patch = torch.cat(row, -1)
        outputs = np.empty((len(fitted.networks), 1, fitted.networks[0].head.out_features))
        full = len(self._waiting) == size
        for k, network in enumerate(fitted.networks):
            carried = network.step(placed(patch, network), self._carried[k])
            outputs[k] = network.said(carried).double().cpu().numpy()
            if full:
                self._carried[k] = carried
        if full:
            self._waiting = []
        answer, said = self._finish(outputs)
        self._last = PrefixAnswer(self._steps, answer, said)
        return self._last


def encoded_step(coding: Coding, values: Any, missing: Sequence[str] = ()) -> torch.Tensor:
    """What networks read of one step, [1, 1, width] (of a token [1, 1, 1]); numbers that are ``missing`` count as NaN.

    Raises InputError for what is no step of sequences of this coding.
    """
    starts = np.array([0, 1])
    if isinstance(coding, Scaler):
        try:
            row = without_codes(np.asarray(values, dtype=np.float64).reshape(1, -1), missing)
        except (TypeError, ValueError):
            raise InputError(
                f"a step is numbers, one for each channel, not {values!r:.80}"
            ) from None
        if np.isinf(row).any():
            raise InputError("a value of the step is infinite: put NaN where it is not known")
        encoded = coding.encode(Measurements(starts, row, coding.channels))
        return torch.from_numpy(encoded)[None]
    codes = coding.encode(Tokens(starts, np.zeros(1, dtype=np.int64), (str(values),)))
    return torch.from_numpy(codes)[None, None]


def heard(samples: Any) -> Singles:
    """Samples [n] of one channel. Raises InputError for other shapes, and for samples that are no numbers.

    Whole numbers are a share of their type's range, as in a file.
    """
    values = np.asarray(samples)
    if values.dtype.kind == "i":
        values = values / -float(np.iinfo(values.dtype).min)
    if values.ndim != 1 or values.dtype.kind != "f":
        raise InputError(
            f"samples of a sound are an array [n] of numbers of one channel, not {values.dtype} of the shape "
            f"{values.shape}"
        )
    if not np.isfinite(values).all():
        raise InputError("the sound holds samples that are no numbers (NaN or infinite)")
    return values.astype(np.float32)
