"""Folders of sounds with files of labels, and WFDB records with annotations: from files to answers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gatewise.cli import main
from gatewise.errors import InputError
from gatewise.tasks import AnomalyDetector, SequenceClassifier, SequenceTagger
from tests.tasks.audio.sounds import write
from tests.tasks.tag.test_sounds import HOP, RATE, beeps

QUICK: dict[str, Any] = {"units": 8, "steps": 40, "members": 1, "learning_rate": 0.03}
SETTINGS = [word for name, value in QUICK.items() for word in ("--set", f"{name}={value}")]
FEW = SequenceTagger(**(QUICK | {"steps": 1, "units": 2}), random_state=0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight sounds with a beep in each, of which a label track tells."""
    pytest.importorskip("soundfile")
    folder = tmp_path_factory.mktemp("beeps")
    for seed in range(8):
        sound, inside = beeps(seed)
        write(folder / f"take{seed}.wav", sound, RATE, "FLOAT")
        begin, end = np.flatnonzero(inside)[[0, -1]] * HOP / RATE
        (folder / f"take{seed}.txt").write_text(f"{begin}\t{end + HOP / RATE}\tbeep\n")
    return folder


def test_segments_are_the_labels_of_frames(folder: Path) -> None:
    plan = FEW.plan(folder)
    expected = np.concatenate([beeps(seed)[1] for seed in range(8)])
    np.testing.assert_array_equal(plan.labels.codes, 1 - expected)
    assert plan.labels.classes.tolist() == ["beep", "none"]
    assert plan.options.background == "none" and plan.options.rate == pytest.approx(62.5)
    said = "\n".join(plan.describe())
    assert "8 recordings of 1 to 1 s" in said and "32 mel bands" in said


def test_from_a_folder_to_answers(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    words = ["fit", "tag", str(folder), "--lookahead", "0", "--out", str(out)]
    assert main([*words, *SETTINGS]) == 0
    assert "false an hour" in capsys.readouterr().out
    assert main(["predict", str(out), "--data", str(folder / "take0.wav")]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert list(rows[0]) == ["file", "step", "seconds", "label", "probability"]
    assert [row["seconds"] for row in rows[:3]] == ["0.0", "0.016", "0.032"]
    said = [row["label"] == "beep" for row in rows]
    assert np.mean(said == (beeps(0)[1] == 1)) > 0.9
    assert main(["predict", str(out), "--data", str(folder), "--events"]) == 0
    events = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {row["label"] for row in events} == {"beep"} and len(events) >= 8
    assert float(events[0]["begin_seconds"]) == pytest.approx(int(events[0]["begin"]) * HOP / RATE)
    assert main(["evaluate", str(out), str(folder)]) == 0
    assert "8 of them copies" in capsys.readouterr().out


def test_several_at_once_points_gaps_and_times(folder: Path, tmp_path: Path) -> None:
    sounds = [write(tmp_path / f"{k}.wav", beeps(k)[0], RATE, "FLOAT") for k in range(6)]
    for path in sounds[:5]:
        path.with_suffix(".txt").write_text("0\t0.5\ta\n0.25\t0.5\tb\n0.9\t0.9\tclick\n")
    plan = FEW.plan(sounds)
    assert plan.labels.what == "several" and plan.labels.classes.tolist() == ["a", "b", "click"]
    first = plan.labels.values[:62]
    assert first.sum(0).tolist() == [31, 15, 1] and first[56, 2] == 1
    assert np.isnan(plan.labels.values[-62:]).all()
    assert "1 recordings have no label file" in "\n".join(plan.describe())
    for path in sounds[:5]:
        path.with_suffix(".txt").unlink()
        path.with_suffix(".csv").write_text("time,label\n0.1,low\n0.5,high\n")
    labels = FEW.plan(sounds).labels
    assert labels.classes.tolist() == ["high", "low"]
    assert np.isnan(labels.values[:6]).all() and labels.codes[6:62].tolist() == [1] * 25 + [0] * 31


def test_labels_that_do_not_fit_say_which(folder: Path, tmp_path: Path) -> None:
    sounds = [write(tmp_path / f"{k}.wav", beeps(k)[0], RATE, "FLOAT") for k in range(6)]
    with pytest.raises(InputError, match=r"take1\.txt \(a label track"):
        FEW.plan(sounds)
    sounds[0].with_suffix(".txt").write_text("500\t900\tbeep\n")
    with pytest.raises(InputError, match=r"0\.txt: a segment begins at 500 s.*Are these seconds"):
        FEW.plan(tmp_path)
    sounds[0].with_suffix(".txt").write_text("")
    with pytest.raises(InputError, match="mark nothing"):
        FEW.plan(tmp_path)
    sounds[0].with_suffix(".txt").write_text("0\t0.5\tbeep\n")
    sounds[1].with_suffix(".csv").write_text("time,label\n0,beep\n0.5,none\n")
    with pytest.raises(InputError, match="give all the same"):
        FEW.plan(tmp_path)


def heart(path: Path, seed: int, seconds: int = 40, rate: int = 100) -> np.ndarray:
    """Writes a record with a spike a second or so, and annotations; returns where the beats are."""
    wfdb = pytest.importorskip("wfdb")
    rng = np.random.default_rng(seed)
    beats = np.cumsum(rng.integers(70, 110, seconds))
    beats = beats[beats < rate * seconds - 20]
    signals = 0.02 * rng.standard_normal((rate * seconds, 2))
    for place in beats:
        signals[place - 2 : place + 3, 0] += np.array([0.2, 0.7, 1.2, 0.7, 0.2])
    wfdb.wrsamp(
        path.stem,
        fs=rate,
        units=["mV", "mV"],
        sig_name=["MLII", "V1"],
        p_signal=signals,
        fmt=["212", "212"] if seed % 2 else ["16", "16"],
        write_dir=str(path.parent),
    )
    symbols = ["+", *("V" if k % 5 == 4 else "N" for k in range(len(beats)))]
    notes = ["(N", *("" for _ in beats)]
    places = np.array([5, *beats])
    wfdb.wrann(path.stem, "atr", places, symbols, aux_note=notes, write_dir=str(path.parent))
    return beats


@pytest.mark.parametrize("seed", [0, 1])
def test_annotations_are_the_labels_of_samples(tmp_path: Path, seed: int) -> None:
    beats = heart(tmp_path / "100.hea", seed)
    plan = FEW.plan(tmp_path / "100.hea")
    assert plan.labels.classes.tolist() == ["beat", "none"]
    at = np.zeros(4000, dtype=bool)
    for place in beats:
        at[place - 2 : place + 3] = True
    np.testing.assert_array_equal(plan.labels.codes == 0, at)
    options = plan.options
    assert (options.tolerance, options.rate, options.background) == (5, 100, "none")
    assert "1 of MLII, V1, 100 samples a second" in "\n".join(plan.describe())
    symbols = FEW.__class__(label="symbol", steps=1).plan(str(tmp_path / "100.hea")).labels
    assert symbols.classes.tolist() == ["N", "V", "none"]
    with pytest.raises(InputError, match="one class only"):
        FEW.__class__(label="rhythm").plan(tmp_path / "100.dat")
    with pytest.raises(InputError, match="beat, symbol, rhythm, not x"):
        FEW.__class__(label="x").plan(tmp_path / "100.hea")


def test_from_a_record_to_beats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heart(tmp_path / "100.hea", 0)
    out = tmp_path / "model"
    words = ["fit", "tag", str(tmp_path / "100.hea"), "--values", "MLII", "--out", str(out)]
    assert main([*words, *SETTINGS]) == 0
    assert "not read: V1" in capsys.readouterr().err
    beats = heart(tmp_path / "101.hea", 3)
    assert main(["predict", str(out), "--data", str(tmp_path / "101.hea"), "--events"]) == 0
    events = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    near = np.abs(np.subtract.outer([int(row["peak"]) for row in events], beats)).min(1) <= 5
    assert near.mean() > 0.9 and abs(len(events) - len(beats)) <= 3


def test_records_of_a_folder_are_sequences(tmp_path: Path) -> None:
    for k in range(10):
        folder = tmp_path / ("fast" if k % 2 else "slow")
        folder.mkdir(exist_ok=True)
        heart(folder / f"r{k}.hea", k, seconds=4 + k % 3)
    model = SequenceClassifier(units=2, steps=1, folds=1, members=1, random_state=0).fit(tmp_path)
    assert model.classes_.tolist() == ["fast", "slow"]
    assert model.coding_.channels == ("MLII", "V1")
    assert model.predict(tmp_path / "fast" / "r1.hea")["file"].tolist() == [
        str(tmp_path / "fast" / "r1.hea")
    ]
    detector = AnomalyDetector(units=2, steps=1, members=1, random_state=0)
    assert len(detector.fit(tmp_path).predict(tmp_path / "fast" / "r1.hea")) == 500


def test_what_is_no_record_says_so(tmp_path: Path) -> None:
    pytest.importorskip("wfdb")
    header = tmp_path / "100.hea"
    with pytest.raises(InputError, match="no file"):
        FEW.plan(header)
    header.write_text("this is no header\n")
    with pytest.raises(InputError, match="cannot be read as a WFDB record"):
        FEW.plan(header)
    heart(header, 0)
    (tmp_path / "100.dat").write_bytes(b"\0" * 10)
    with pytest.raises(InputError, match="cannot be read as a WFDB record"):
        FEW.plan(header)
    heart(header, 0)
    (tmp_path / "100.atr").unlink()
    with pytest.raises(InputError, match="no annotations beside"):
        FEW.plan(header)
    heart(tmp_path / "101.hea", 0, rate=50)
    with pytest.raises(InputError, match="100 samples a second and 101"):
        FEW.plan(tmp_path)
    with pytest.raises(InputError, match="no signal 'aVF': it has MLII, V1"):
        FEW.__class__(values="aVF").plan(header)
