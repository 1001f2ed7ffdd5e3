"""A wav goes in: classifiers of folders of recordings, saved and loaded, in Python and at the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.cli import main
from gatewise.errors import InputError
from gatewise.tasks import SequenceClassifier, load
from tests.tasks.audio.sounds import tone, tones, write
from tests.tasks.sequences.support import QUICK

pytest.importorskip("soundfile")
LOW, HIGH = tone(420, 0.3, seed=90), tone(2250, 0.3, seed=91)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def model(folder: Path) -> Any:
    return SequenceClassifier(random_state=0, **QUICK).fit(folder)


def test_a_folder_gives_labels_and_says_what_was_read(model: Any, folder: Path) -> None:
    plan = "\n".join(SequenceClassifier(random_state=0, **QUICK).plan(str(folder)).describe())
    assert "24 recordings of 0.15 to 0.19 s" in plan and "8,000 samples a second" in plan
    assert "32 mel bands" in plan and "high 12, low 12" in plan
    frame = model.predict(folder)
    assert list(frame.columns) == ["file", "label", "probability"]
    assert (frame["label"] == [name.split("/")[0] for name in frame["file"]]).all()


def test_one_file_of_another_rate_and_two_channels(model: Any, tmp_path: Path) -> None:
    stereo = np.stack([tone(2250, 0.3, 44_100)] * 2, axis=1)
    path = write(tmp_path / "new.wav", stereo, 44_100, "PCM_24")
    assert model.predict(path)["label"].tolist() == ["high"]
    assert model.predict(str(path))["file"].tolist() == [str(path)]
    assert model.predict([path, path])["label"].tolist() == ["high", "high"]


def test_samples_in_arrays_are_sounds_of_the_model_s_rate(model: Any) -> None:
    assert model.predict([LOW, HIGH]).tolist() == ["low", "high"]
    whole_numbers = [(32767 * sound).astype(np.int16) for sound in (LOW, HIGH)]
    np.testing.assert_allclose(
        model.predict_proba(whole_numbers), model.predict_proba([LOW, HIGH]), atol=0.02
    )
    with pytest.raises(InputError, match="samples"):
        model.predict([np.ones((5, 2))])
    with pytest.raises(InputError, match="trained on sounds"):
        model.predict(["a text"])


def test_a_saved_model_reads_sounds_as_its_fit_did(
    model: Any, folder: Path, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.reading_ == model.reading_
    np.testing.assert_array_equal(
        again.predict_proba([LOW, HIGH]), model.predict_proba([LOW, HIGH])
    )


def test_arrays_with_a_rate_and_mfcc() -> None:
    sounds = [tone(2200 if k % 2 else 400, 0.15 + 0.01 * (k % 5), seed=k) for k in range(24)]
    options = QUICK | {"steps": 30}
    model = SequenceClassifier(random_state=0, rate=8000, features="mfcc", **options)
    model.fit(sounds, ["high" if k % 2 else "low" for k in range(24)])
    assert model.coding_.width == 39 and model.predict([LOW, HIGH]).tolist() == ["low", "high"]


def test_a_pattern_keeps_the_sounds_of_a_speaker_together(folder: Path, tmp_path: Path) -> None:
    for path in folder.rglob("*.wav"):
        (tmp_path / f"{path.parent.name}_{path.name}").write_bytes(path.read_bytes())
    classifier = SequenceClassifier(pattern="{label}_{group}_{}", random_state=0, **QUICK)
    plan = classifier.plan(tmp_path)
    assert sorted(set(plan.source.groups.tolist())) == ["ann0", "ann1", "ann2"]
    for rotation in plan.rotations:
        of = plan.source.groups
        assert not set(of[rotation.train]) & set(of[rotation.test])


def test_at_the_command_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fit", "classify", str(folder), "--out", str(tmp_path / "m")]
    settings = [f"--set={key}={value}" for key, value in QUICK.items()]
    assert main([*words, *settings, "--quiet"]) == 0
    capsys.readouterr()
    sound = write(tmp_path / "new.wav", HIGH)
    assert main(["predict", str(tmp_path / "m"), "--data", str(sound)]) == 0
    assert capsys.readouterr().out.splitlines()[1].split(",")[1] == "high"
    (tmp_path / "broken.wav").write_bytes(b"no sound")
    assert main(["predict", str(tmp_path / "m"), "--data", str(tmp_path / "broken.wav")]) == 1
    assert "broken.wav cannot be read as sound" in capsys.readouterr().err
