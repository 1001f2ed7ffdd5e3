"""Features of sounds: against their definition in NumPy, and as a stream."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.fft import dct

from gatewise.errors import InputError
from gatewise.tasks.audio.features import (
    DELTA,
    FLOOR,
    KINDS,
    Features,
    FrameStream,
    hertz,
    mel,
    slopes,
)
from tests.tasks.audio.sounds import tone


@pytest.mark.parametrize(("rate", "bands"), [(8000, 32), (16_000, 40)])
def test_log_mel_bands_by_their_definition(rate: int, bands: int) -> None:
    features = Features.of("log-mel", rate, 16)
    sound = tone(600, 0.3, rate)
    frames = features.frames(sound)
    assert features.bands == bands and frames.shape == (len(sound) // features.hop, bands)
    t = 7  # one frame, term by term
    piece = sound[(t + 1) * features.hop - features.window : (t + 1) * features.hop].astype(float)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(len(piece)) / len(piece))
    size = 256 if rate == 8000 else 512
    power = np.abs(np.fft.rfft(piece * window, size)) ** 2 * 2 / (size * (window**2).sum())
    edges = hertz(np.linspace(mel(60), mel(rate / 2), bands + 2))
    lines = np.arange(size // 2 + 1) * rate / size
    for k in range(bands):
        low, middle, high = edges[k : k + 3]
        weight = np.clip(
            np.minimum((lines - low) / (middle - low), (high - lines) / (high - middle)), 0, None
        )
        expected = np.log(weight @ power + FLOOR)
        assert frames[t, k] == pytest.approx(expected, abs=2e-3)


def test_the_loudest_band_is_that_of_the_tone() -> None:
    features = Features.of("log-mel", 16_000, 16)
    middles = hertz(np.linspace(mel(60), mel(8000), features.bands + 2))[1:-1]
    for frequency in (300.0, 1000.0, 3000.0):
        loudest = features.frames(tone(frequency, 0.2, 16_000))[5].argmax()
        assert abs(mel(middles[loudest]) - mel(frequency)) < 70  # mel from one band to the next


def test_a_sound_of_full_scale_has_the_power_it_has() -> None:
    features = Features.of("log-mel", 8000, 16)
    rng = np.random.default_rng(0)
    noise = rng.uniform(-1, 1, 80_000).astype(
        np.float32
    )  # mean square 1 / 3, the same in all bands
    share = np.exp(features.frames(noise)).mean(0).sum()
    assert share == pytest.approx(1 / 3, rel=0.1)
    assert features.frames(np.zeros(1000, np.float32)).max() == pytest.approx(np.log(FLOOR))


def test_mfcc_and_deltas_by_their_definition() -> None:
    sound = tone(500, 0.4)
    bands = Features.of("log-mel", 8000, 16).frames(sound).astype(float)
    frames = Features.of("mfcc", 8000, 16).frames(sound)
    static = dct(bands, type=2, norm="ortho", axis=1)[:, :13]
    np.testing.assert_allclose(frames[:, :13], static, atol=1e-3)
    line = np.polyfit(np.arange(DELTA), static[6:11], 1)[0]
    np.testing.assert_allclose(frames[10, 13:26], line, atol=1e-3)
    ramp = np.arange(20.0)[:, None]
    np.testing.assert_allclose(slopes(ramp)[DELTA - 1 :], 1.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [8000, 11_025, 16_000])
def test_a_stream_gives_the_frames_of_the_file(kind: str, rate: int) -> None:
    features = Features.of(kind, rate, 10)  # type: ignore[arg-type]
    sound, rng, k = tone(440, 0.35, rate), np.random.default_rng(1), 0
    stream, parts = FrameStream(features), []
    while k < len(sound):
        size = int(rng.integers(1, 900))
        parts.append(stream.push(sound[k : k + size]))
        k += size
    np.testing.assert_allclose(np.concatenate(parts), features.frames(sound), atol=1e-5)


def test_short_sounds_have_one_frame_and_no_band_is_empty() -> None:
    assert Features.of("log-mel", 8000, 16).frames(np.ones(3, np.float32)).shape == (1, 32)
    many = Features("log-mel", 8000, 64, 64, 60)  # bands closer than the lines of the spectrum
    assert (many._filters.sum(0) > 0).all()


def test_features_out_of_range_are_refused() -> None:
    features = Features.of("log-mel", 8000, 16)
    for field, value in (("rate", 0), ("bands", 10**6), ("hop", 10**4)):
        with pytest.raises(InputError, match="features"):
            replace(features, **{field: value}).check()
