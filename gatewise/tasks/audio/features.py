"""What a network reads of a sound: the logarithm of mel bands, or MFCC with deltas, frame by frame.

A frame sees samples up to its own end and none behind it, so a stream gives the same frames as a file.
Davis & Mermelstein 1980, *Comparison of parametric representations for monosyllabic word recognition*.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from scipy.fft import dct
from torch import Tensor

from gatewise.arrays import Array, Singles
from gatewise.errors import InputError

Frames = Singles
Samples = Singles
Kind = Literal["log-mel", "mfcc"]
KINDS: tuple[Kind, ...] = ("log-mel", "mfcc")
FLOOR = 1e-8  # mean power below which a band counts as silent: 80 dB under a full-scale square wave
LOWEST = 60.0  # Hz: where the first band begins
BANDS = ((8_000, 32), (np.inf, 40))  # by samples a second, up to and with
COEFFICIENTS = 13  # of the cosine transform
DELTA = 5  # frames that the slope of a delta is fitted to
MOST_FRAMES = 1 << 13  # that are transformed at once


@dataclass(frozen=True)
class Features:
    """Frames of a sound.

    Attributes:
        kind: "log-mel": the bands themselves; "mfcc": their cosine transform, and its first and second slope.
        rate: samples a second.
        window: samples that a frame sees.
        hop: samples from one frame to the next.
        bands: of the mel scale.
    """

    # how pydantic reads them from the file of a saved model
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid", "strict": True, "allow_inf_nan": False}

    kind: Kind
    rate: int
    window: int
    hop: int
    bands: int

    @staticmethod
    def of(kind: Kind, rate: int, hop_ms: float) -> Features:
        """The usual ones: a window of twice the hop, 32 bands at 8 kHz and 40 above."""
        hop = max(1, round(rate * hop_ms / 1000))
        bands = next(number for most, number in BANDS if rate <= most)
        return Features(kind, rate, 2 * hop, hop, bands)

    def check(self) -> None:
        """Raises InputError for values, such as those of a saved model, that no features can have."""
        bounds = {"rate": 400_000, "window": 100_000, "hop": 100_000, "bands": 1000}
        for name, most in bounds.items():
            if not 1 <= getattr(self, name) <= most:
                raise InputError(f"features.{name} is out of range")
        if self.hop > self.window:
            raise InputError("features: the hop is longer than the window")

    @property
    def width(self) -> int:
        """Numbers of a frame."""
        return self.bands if self.kind == "log-mel" else 3 * min(COEFFICIENTS, self.bands)

    @property
    def channels(self) -> tuple[str, ...]:
        """[width] names."""
        if self.kind == "log-mel":
            return tuple(f"band {k}" for k in range(self.bands))
        count = self.width // 3
        return tuple(f"{of}mfcc {k}" for of in ("", "delta ", "delta-delta ") for k in range(count))

    def describe(self) -> str:
        """For people."""
        what = f"{self.bands} mel bands (logarithm)"
        if self.kind == "mfcc":
            what = f"{self.width // 3} MFCC with deltas"
        ms = 1000 / self.rate
        return f"features {what} of {self.window * ms:g} ms, every {self.hop * ms:g} ms"

    def frames(self, samples: Samples) -> Frames:
        """[T, width] of samples [n] at the rate: n // hop frames, and one where there are fewer samples.

        Frame t sees samples ``(t + 1) * hop - window`` to ``(t + 1) * hop - 1``; what lies before the first
        is silent.
        """
        count = max(1, len(samples) // self.hop)
        before = self.window - self.hop
        padded = np.zeros(before + count * self.hop, dtype=np.float32)
        known = min(len(samples), count * self.hop)
        padded[before : before + known] = samples[:known]
        return self.finished(self.log_bands(padded))

    def log_bands(self, padded: Samples) -> Frames:
        """[T, bands] of samples of which the first frame sees the first."""
        pieces = torch.from_numpy(padded).unfold(0, self.window, self.hop)
        bands = [self._bands(part) for part in pieces.split(MOST_FRAMES)]
        return np.asarray(torch.cat(bands).numpy())

    def finished(self, log_bands: Frames, before: Frames | None = None) -> Frames:
        """[T, width] of bands [T, bands]; ``before``: of the frames before them, as far as slopes look."""
        if self.kind == "log-mel":
            return log_bands
        known = log_bands if before is None else np.concatenate([before, log_bands])
        coefficients = dct(known, type=2, norm="ortho", axis=1)[:, : self.width // 3]
        first = slopes(coefficients)
        frames = np.concatenate([coefficients, first, slopes(first)], axis=1)
        return np.asarray(frames[len(known) - len(log_bands) :], dtype=np.float32)

    def _bands(self, pieces: Tensor) -> Tensor:
        spectrum = torch.fft.rfft(pieces * self._window, n=self._size)
        power = spectrum.real.square() + spectrum.imag.square()
        return torch.log(power @ self._filters + FLOOR)

    @cached_property
    def _size(self) -> int:
        """Of the Fourier transform: the next power of two."""
        return 1 << max(1, (self.window - 1).bit_length())

    @cached_property
    def _window(self) -> Tensor:
        """Hann, so that the power of a frame is the mean square of its samples."""
        window = torch.hann_window(self.window, dtype=torch.float64)
        norm = torch.sqrt(window.square().sum() * self._size / 2).clamp_min(1e-12)
        return (window / norm).float()

    @cached_property
    def _filters(self) -> Tensor:
        """[size / 2 + 1, bands] triangles on the mel scale."""
        edges = hertz(
            np.linspace(mel(min(LOWEST, self.rate / 8)), mel(self.rate / 2), self.bands + 2)
        )
        bins = np.arange(self._size // 2 + 1)[:, None] * self.rate / self._size
        rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
        fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
        triangles = np.clip(np.minimum(rise, fall), 0, None)
        # a band between two lines of the spectrum takes the line next to its middle
        empty = np.flatnonzero(triangles.sum(0) == 0)
        nearest = np.abs(bins - edges[1:-1][empty]).argmin(0)
        triangles[nearest, empty] = 1.0
        return torch.from_numpy(triangles.astype(np.float32))

    def __getstate__(self) -> dict[str, Any]:
        """Without what was worked out: it is again where it is needed."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def mel(frequency: Any) -> Any:
    """Of Hz: 2595 log10(1 + f / 700)."""
    return 2595 * np.log10(1 + np.asarray(frequency) / 700)


def hertz(mels: Any) -> Any:
    """The inverse of ``mel``."""
    return 700 * (10 ** (np.asarray(mels) / 2595) - 1)


def slopes(values: Array) -> Array:
    """[T, n] the slope a frame of the line through the last ``DELTA`` frames; the first frame goes on before it."""
    weight = np.arange(DELTA) - (DELTA - 1) / 2
    weight /= (weight**2).sum()
    padded = np.concatenate([np.repeat(values[:1], DELTA - 1, axis=0), values])
    return np.asarray(sum(w * padded[k : k + len(values)] for k, w in enumerate(weight)))


class FrameStream:
    """The same frames from a sound that comes piece by piece.

    Args:
        features: of the sound.
    """

    def __init__(self, features: Features) -> None:
        self.features = features
        self._samples = np.zeros(features.window - features.hop, dtype=np.float32)
        self._before = np.zeros((0, features.bands), dtype=np.float32)

    def push(self, samples: Any) -> Frames:
        """[T, width] the frames that end within these samples [n]; T may be 0."""
        f = self.features
        known = np.concatenate([self._samples, np.asarray(samples, dtype=np.float32).reshape(-1)])
        count = (len(known) - (f.window - f.hop)) // f.hop
        if count <= 0:
            self._samples = known
            return np.zeros((0, f.width), dtype=np.float32)
        self._samples = known[count * f.hop :]
        bands = f.log_bands(known[: f.window + (count - 1) * f.hop])
        frames = f.finished(bands, self._before)
        if f.kind == "mfcc":
            # two slopes, one of the other
            self._before = np.concatenate([self._before, bands])[-2 * (DELTA - 1) :]
        return frames
