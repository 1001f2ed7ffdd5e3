"""Recordings from files: WAV, FLAC, OGG, MP3 and AIFF of any depth, rate and number of channels.

The files are read by libsndfile (``soundfile``). What is not as it should be is put right and told: several
channels become their mean, and another rate is resampled with a polyphase filter.
"""

from __future__ import annotations

import struct
import warnings
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np
from scipy.signal import resample_poly

from gatewise.arrays import Singles
from gatewise.errors import InputError, InputWarning
from gatewise.extras import require
from gatewise.tasks.data.sources import size_of

Samples = Singles
ENDINGS = (".wav", ".flac", ".ogg", ".mp3", ".aiff", ".aif", ".au")
RATES = (100, 384_000)  # samples a second that are believed
UNSTATED = 0x7FFF0000  # bytes, from which the size in a header stands for "it was not known when this was written"
SPEECH = 16_000  # above this rate speech has nothing more to tell


@dataclass(frozen=True)
class Recording:
    """A sound.

    Attributes:
        samples: [n] from -1 to 1, of one channel.
        rate: samples a second.
        channels: of the file.
    """

    samples: Samples
    rate: int
    channels: int = 1

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


def is_sound(path: Path) -> bool:
    """Whether a file has the ending of a sound."""
    return path.suffix.lower() in ENDINGS


def read_recording(path: Path) -> Recording:
    """Read a file. Raises InputError if it is missing, broken or empty; MissingExtra without soundfile."""
    require("reading sound files", "audio", ("soundfile",))
    import soundfile

    if not size_of(path):
        raise InputError(f"{path} is empty: it has no bytes")
    try:
        values, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError, ValueError) as error:
        reason = str(error).rpartition(": ")[2]
        if reason.startswith(
            "File does not exist"
        ):  # it does: so libsndfile says of an MP3 that is none
            reason = "Format not recognised."
        raise InputError(f"{path} cannot be read as sound: {reason:.200}") from None
    if not len(values):
        raise InputError(f"{path} holds no sound: it has no samples")
    if not RATES[0] <= rate <= RATES[1]:
        raise InputError(f"{path} states {rate:,} samples a second, which is no rate of a sound")
    if not np.isfinite(values).all():
        raise InputError(f"{path} holds samples that are no numbers (NaN or infinite)")
    stated = _stated_size(path)
    if stated is not None and stated > size_of(path):
        warnings.warn(
            f"{path} ends early: its header states {stated:,} bytes and there are {size_of(path):,}; what is there, "
            f"{len(values) / rate:.3g} seconds, is read",
            InputWarning,
            stacklevel=2,
        )
    return Recording(values.mean(1, dtype=np.float32), int(rate), values.shape[1])


def _stated_size(path: Path) -> int | None:
    """The bytes up to the end of the samples of a WAV file, as its header states them; None where it does not."""
    with path.open("rb") as file:
        kind, _, form = struct.unpack("<4sI4s", file.read(12).ljust(12))
        if (kind, form) != (b"RIFF", b"WAVE"):
            return None
        while len(chunk := file.read(8)) == 8:
            name, size = struct.unpack("<4sI", chunk)
            if name == b"data":
                return file.tell() + size if size < UNSTATED else None
            file.seek(size + size % 2, 1)
    return None


def common_rate(recordings: Sequence[Recording]) -> int:
    """The rate at which they are read where none was asked for: the most frequent, at most 16,000."""
    counts = Counter(recording.rate for recording in recordings)
    return min(max(counts, key=lambda rate: (counts[rate], rate)), SPEECH)


def resampled(recording: Recording, rate: int) -> Samples:
    """Its samples at another rate, [about n * rate / recording.rate]."""
    if recording.rate == rate:
        return recording.samples
    shared = gcd(recording.rate, rate)
    values = resample_poly(recording.samples, rate // shared, recording.rate // shared)
    return np.asarray(values, dtype=np.float32)


def describe(recordings: Sequence[Recording], rate: int) -> list[str]:
    """What was read and what was changed, for people, a line each."""
    seconds = [recording.seconds for recording in recordings]
    lines = [
        f"sound    {len(seconds)} recordings of {min(seconds):.3g} to {max(seconds):.3g} s, "
        f"{sum(seconds) / 60:.3g} minutes in all, read at {rate:,} samples a second"
    ]
    other = Counter(r.rate for r in recordings if r.rate != rate)
    lines += [
        f"sound    {n} resampled from {was:,} to {rate:,}" for was, n in sorted(other.items())
    ]
    several = sum(r.channels > 1 for r in recordings)
    if several:
        lines.append(f"sound    {several} with several channels: their mean is read")
    return lines
