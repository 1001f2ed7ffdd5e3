"""A tagger of sounds: samples go in, and a stream gives the answers of the whole sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.errors import InputError
from gatewise.tasks import SequenceTagger, load
from tests.tasks.audio.sounds import write

RATE, HOP = 8000, 128


def beeps(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A second of noise with a tone in it, and whether each frame of 16 ms is in the tone."""
    rng = np.random.default_rng(seed)
    sound = 0.01 * rng.standard_normal(RATE)
    begin = int(rng.integers(10, 30))
    inside = np.zeros(RATE // HOP, dtype=int)
    inside[begin : begin + 20] = 1
    t = np.arange(20 * HOP)
    sound[begin * HOP : (begin + 20) * HOP] += 0.3 * np.sin(2 * np.pi * 900 / RATE * t)
    return sound.astype(np.float32), inside


@pytest.fixture(scope="module")
def model() -> Any:
    pairs = [beeps(seed) for seed in range(8)]
    options: dict[str, Any] = {
        "units": 8,
        "steps": 40,
        "folds": 1,
        "members": 1,
        "learning_rate": 0.03,
    }
    tagger = SequenceTagger(lookahead=0, sounds=RATE, random_state=0, **options)
    return tagger.fit([sound for sound, _ in pairs], [inside for _, inside in pairs])


def test_it_hears_where_the_tone_is(model: Any, tmp_path: Path) -> None:
    sound, inside = beeps(50)
    (answer,) = model.predict([sound])
    assert answer.shape == inside.shape and (answer == inside).mean() > 0.9
    path = write(tmp_path / "new.wav", sound, RATE, "FLOAT")
    np.testing.assert_array_equal(model.predict(str(path))["label"], answer)
    with pytest.raises(InputError, match="no sound"):
        model.predict([np.ones((5, 2))])


def test_a_stream_gives_the_answers_of_the_whole_sound(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    sound, _ = beeps(51)
    stream, said = load(tmp_path / "model").stream(), []
    for begin in range(0, len(sound), 300):
        said += stream.sound(sound[begin : begin + 300])
    np.testing.assert_allclose(
        np.array([one.said for one in said]), model.predict_proba([sound])[0], atol=1e-5
    )
    with pytest.raises(InputError, match="not fitted on sounds"):
        values = [np.arange(20.0) for _ in range(6)]
        labels = [np.arange(20) % 2 for _ in range(6)]
        plain = SequenceTagger(lookahead=0, units=2, steps=1, folds=1, members=1, random_state=0)
        plain.fit(values, labels).stream().sound(sound)
