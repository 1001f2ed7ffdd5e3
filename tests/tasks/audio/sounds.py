"""Sounds that tests write: tones of a pitch, of any rate and depth."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def tone(hertz: float, seconds: float = 0.2, rate: int = 8000, seed: int = 0) -> np.ndarray:
    """[n] a tone in a little noise, as loud in each band at any rate."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * rate)) / rate
    sound = 0.3 * np.sin(2 * np.pi * hertz * t + rng.uniform(0, 6))
    noise = 0.01 * np.sqrt(rate / 8000) * rng.standard_normal(len(t))
    return (sound + noise).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int = 8000, subtype: str = "PCM_16") -> Path:
    """A file of samples [n] or [n, channels]."""
    import soundfile

    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype=subtype)
    return path


def tones(folder: Path, count: int = 12) -> Path:
    """A folder with the folders ``high`` and ``low``, each with so many tones."""
    for k in range(count):
        seconds = 0.15 + 0.01 * (k % 5)
        write(folder / "high" / f"ann{k % 3}_{k}.wav", tone(2200 + 20 * k, seconds, seed=k))
        write(folder / "low" / f"ann{k % 3}_{k}.wav", tone(400 + 5 * k, seconds, seed=50 + k))
    return folder
