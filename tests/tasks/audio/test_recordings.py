"""Sound files of any depth, rate and number of channels, and broken ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks.audio.recordings import common_rate, describe, read_recording, resampled
from tests.tasks.audio.sounds import tone, write

pytest.importorskip("soundfile")


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_any_depth_gives_the_same_sound(tmp_path: Path, subtype: str) -> None:
    sound = tone(440)
    recording = read_recording(write(tmp_path / "a.wav", sound, subtype=subtype))
    assert recording.rate == 8000 and recording.samples.dtype == np.float32
    np.testing.assert_allclose(recording.samples, sound, atol=0.01 if subtype == "PCM_U8" else 1e-4)


def test_several_channels_are_averaged_and_told(tmp_path: Path) -> None:
    left, right = tone(300), tone(900)
    recording = read_recording(write(tmp_path / "a.flac", np.stack([left, right], axis=1)))
    np.testing.assert_allclose(recording.samples, (left + right) / 2, atol=1e-3)
    assert any("1 with several channels" in line for line in describe([recording], 8000))


def test_another_rate_is_resampled_and_told(tmp_path: Path) -> None:
    recordings = [
        read_recording(write(tmp_path / f"{rate}.wav", tone(440, 0.5, rate), rate))
        for rate in (8000, 8000, 11_025, 44_100)
    ]
    assert common_rate(recordings) == 8000
    for recording in recordings:
        samples = resampled(recording, 8000)
        assert abs(len(samples) - 4000) <= 1
        spectrum = np.abs(np.fft.rfft(samples[:4000]))
        assert abs(int(spectrum.argmax()) * 2 - 440) <= 2  # lines of the spectrum are 2 Hz apart
    assert [line for line in describe(recordings, 8000) if "resampled" in line] == [
        "sound    1 resampled from 11,025 to 8,000",
        "sound    1 resampled from 44,100 to 8,000",
    ]


def test_speech_needs_no_more_than_16_khz(tmp_path: Path) -> None:
    assert (
        common_rate([read_recording(write(tmp_path / "a.wav", tone(440, 0.1, 44_100), 44_100))])
        == 16_000
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it has no bytes"),
        (b"this is no sound at all, but a text", "cannot be read as sound"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "a.wav"),
    ],
)
def test_broken_files_are_refused_by_name(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_recording(path)


def test_a_file_without_samples_or_with_nan_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no samples"):
        read_recording(write(tmp_path / "a.wav", np.zeros(0)))
    with pytest.raises(InputError, match="no numbers"):
        read_recording(write(tmp_path / "b.wav", np.array([0.0, np.nan]), subtype="FLOAT"))
    with pytest.raises(InputError, match="there is no file"):
        read_recording(tmp_path / "c.wav")


def test_a_file_that_ends_early_is_read_and_told(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", np.zeros(1000, dtype=np.float32))
    content = path.read_bytes()
    path.write_bytes(content[:-600])
    with pytest.warns(InputWarning, match="ends early: its header states 2,044 bytes"):
        assert len(read_recording(path).samples) == 700
    # whole, as a stream is written, whose end is not known beforehand
    path.write_bytes(content[:40] + b"\xff\xff\xff\xff" + content[44:])
    assert len(read_recording(path).samples) == 1000


def test_what_is_no_mp3_is_not_said_to_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(np.random.default_rng(0).bytes(3000))
    with pytest.raises(InputError, match=r"a\.mp3 cannot be read as sound: Format not"):
        read_recording(path)
