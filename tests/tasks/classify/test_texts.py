"""Texts of folders and files: by characters or words, beside runs of three tokens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gatewise.errors import InputError, InputWarning
from gatewise.tasks import SequenceClassifier, load
from tests.tasks.sequences.support import QUICK

OPTIONS = QUICK | {"steps": 40, "units": 8}


def names(seed: int, count: int = 30) -> dict[str, list[str]]:
    rng = np.random.default_rng(seed)
    parts = {"north": ("os", "und", "eri"), "south": ("ia", "ello", "ona")}
    return {k: ["".join(rng.choice(v, 3)) for _ in range(count)] for k, v in parts.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label, lines in names(0).items():
        (tmp_path / f"{label}.txt").write_text("\n".join(lines) + "\n\n")
    return tmp_path


def test_a_file_for_each_label_has_a_text_on_each_line(folder: Path, tmp_path: Path) -> None:
    model = SequenceClassifier(random_state=0, **OPTIONS).fit(folder)
    assert {row.name for row in model.evaluation_} >= {"majority", "logistic regression (trigrams)"}
    assert model.reading_.lines and not model.reading_.words
    model.save(tmp_path / "model")
    new = tmp_path / "new.txt"
    new.write_text("osundos\nonaiaia\n")
    frame = load(tmp_path / "model").predict(new)
    assert frame["line"].tolist() == ["1", "2"] and frame["label"].tolist() == ["north", "south"]
    assert model.predict(["osundos", "onaiaia"]).tolist() == ["north", "south"]
    with pytest.warns(InputWarning, match="not in the training data"):
        model.predict(["ÖÖ"])


def test_long_texts_are_read_by_words(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for k in range(20):
        for label, word in (("good", "Fine"), ("bad", "poor")):
            text = " ".join(rng.choice(["the", "film", word, "was", "so"], 60))
            (tmp_path / label).mkdir(exist_ok=True)
            (tmp_path / label / f"{k}.txt").write_text(text)
    plan = SequenceClassifier(random_state=0, **OPTIONS).plan(tmp_path)
    assert "text     read by words, in small letters" in plan.describe()
    assert plan.source.sequences.lengths.tolist() == [60] * 40
    by_letters = SequenceClassifier(text="characters", random_state=0, **OPTIONS).plan(tmp_path)
    assert by_letters.source.sequences.longest > 200


def test_empty_texts_are_refused(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("\n\n")
    with pytest.raises(InputError, match="holds no text"):
        SequenceClassifier().fit(tmp_path / "new.txt", [0])
    with pytest.raises(InputError, match="text 2 is empty"):
        SequenceClassifier().fit(["a b", "c", " \n"], [0, 1, 0])
    with pytest.raises(InputError, match="text 1 is empty"):
        SequenceClassifier().fit(["a", ""], [0, 1])
