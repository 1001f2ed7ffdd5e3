"""How recordings and texts become sequences. A model keeps what its fit decided, and reads new ones alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from gatewise.errors import InputError
from gatewise.tasks.audio import recordings
from gatewise.tasks.audio.features import Features
from gatewise.tasks.audio.masking import Masking
from gatewise.tasks.audio.recordings import Recording
from gatewise.tasks.sequences.options import SequenceOptions
from gatewise.tasks.sequences.ragged import Measurements, Tokens, measurements, tokens

LONG = 200  # characters of a typical text, above which it is read word by word
HOP = 16.0  # ms from one frame of a sound to the next
WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True)
class Reading:
    """What a fit decided.

    Attributes:
        features: of sounds; None where sequences are no sounds.
        words: whether a text is read word by word, in small letters; else by characters.
        lines: whether a line of a text file is a sequence; else the whole file is one.
        columns: of a wide table that were read.
    """

    # how pydantic reads it from the file of a saved model
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True}

    features: Features | None = None
    words: bool = False
    lines: bool = False
    columns: tuple[str, ...] = ()

    def masking(self, asked: bool) -> Masking | None:
        """What is hidden in training: of sounds only, and if it was asked for."""
        if self.features is None or not asked:
            return None
        return Masking(self.features.bands if self.features.kind == "log-mel" else 0)


PLAIN = Reading()  # of sequences that are neither sounds nor texts


def features_of(sounds: Sequence[Recording], options: SequenceOptions) -> Features:
    """What the options ask for, or else log-mel bands at the most frequent rate."""
    rate = options.rate or recordings.common_rate(sounds)
    return Features.of("mfcc" if options.features == "mfcc" else "log-mel", rate, HOP)


def frames_of(sounds: Sequence[Recording], features: Features) -> Measurements:
    """Frames of recordings of any rate."""
    parts = [features.frames(recordings.resampled(sound, features.rate)) for sound in sounds]
    return measurements([part.astype(np.float64) for part in parts], features.channels)


def as_recordings(X: Sequence[Any], rate: int) -> list[Recording]:
    """Arrays of samples as recordings. Raises InputError for other arrays, and for samples that are no numbers."""
    of_arrays = []
    for k, part in enumerate(X):
        values = np.asarray(part)
        if values.dtype.kind in "iu":
            # whole numbers are samples as files have them: unsigned ones lie around the middle of their range
            half = 2.0 ** (8 * values.dtype.itemsize - 1)
            values = values / half - (values.dtype.kind == "u")
        if values.ndim != 1 or values.dtype.kind != "f" or not len(values):
            raise InputError(
                f"sequence {k} is no sound: with rate= each is an array [n] of samples, and this has the shape "
                f"{values.shape}"
            )
        if not np.isfinite(values).all():
            raise InputError(f"sequence {k} holds samples that are no numbers (NaN or infinite)")
        of_arrays.append(Recording(values.astype(np.float32), rate))
    return of_arrays


def frames_of_sounds(X: Any, rate: int) -> Measurements:
    """Frames of sounds of so many samples a second: mel bands of 32 ms, every 16 ms.

    Args:
        X: a list of arrays [n] of samples or of paths, or one path; files of other rates are resampled.
        rate: samples a second.

    Raises InputError for what is no sound.
    """
    parts = [X] if isinstance(X, str | Path) else list(X)
    files = [isinstance(part, str | Path) for part in parts]
    sounds = (
        [recordings.read_recording(Path(part)) for part in parts]
        if parts and all(files)
        else as_recordings(parts, rate)
    )
    if not sounds:
        raise InputError("there are no sounds: 0 sample(s), and at least 1 is needed")
    return frames_of(sounds, Features.of("log-mel", rate, HOP))


def by_words(texts: Sequence[str]) -> bool:
    """Whether texts are long enough to be read word by word."""
    return bool(np.median([len(text) for text in texts]) > LONG)


def tokens_of(texts: Sequence[str], words: bool, names: Sequence[str] = ()) -> Tokens:
    """Texts as sequences of words or characters. Raises InputError for a text without any, by its name if it has one."""
    parts = [WORD.findall(text.lower()) if words else list(text) for text in texts]
    empty = next((k for k, text in enumerate(texts) if not text.strip()), None)
    if empty is not None:
        raise InputError(f"text {names[empty] if names else empty} is empty: leave it out")
    return tokens(parts)
