"""Saved classifiers and regressors: damaged and hostile folders end in one sentence."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save

from gatewise.errors import InputError
from gatewise.tasks import SequenceClassifier, SequenceRegressor, load
from tests.tasks.sequences.support import QUICK, waves

X, Y = waves(20)
FEW = {**QUICK, "steps": 3, "random_state": 0}


@pytest.fixture(scope="module", params=["classifier", "regressor"])
def saved(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    if request.param == "classifier":
        model: Any = SequenceClassifier(**FEW, class_weight={"fast": 2.0}).fit(X, Y)
    else:
        model = SequenceRegressor(**FEW).fit(X, np.arange(20.0))
    folder = tmp_path_factory.mktemp("models") / "model"
    model.save(folder)
    return model, folder


def test_a_model_comes_back_as_it_was(saved: tuple[Any, Path]) -> None:
    model, folder = saved
    again = load(folder)
    assert type(again) is type(model) and "cell" in repr(again)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.evaluation_ == model.evaluation_ and again.choices_ == model.choices_
    assert again.options_ == model.options_
    assert {file.name for file in folder.iterdir()} == {
        "config.json",
        "model.safetensors",
        "README.md",
        "metrics.jsonl",
    }


def test_words_of_the_vocabulary_and_labels_of_all_kinds_come_back(tmp_path: Path) -> None:
    words = ["ab", "ba", "abb", "bab", "aab", "bba"]
    for k, labels in enumerate(([0, 1] * 3, ["x", "y"] * 3, [True, False] * 3)):
        model = SequenceClassifier(**FEW).fit(words, labels)
        model.save(tmp_path / str(k))
        again = load(tmp_path / str(k))
        np.testing.assert_array_equal(again.predict(words), model.predict(words))
        assert again.classes_.dtype.kind == np.array(labels).dtype.kind


def config_with(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(config: dict[str, Any]) -> None:
        *parents, last = path.split(".")
        for name in parents:
            config = config[name]
        config[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("choices.units", 10**9),
        ("choices.units", 9),
        ("choices.patch", 0),
        ("pooling", "sum"),
        ("coding.scale", [0.0, 1.0]),
        ("coding.mean", [0.0]),
        ("steps", -1),
        ("options.units", "many"),
        ("options.device", "toaster"),
        ("cell", {}),
        ("surprise", 1),
        ("library", "os"),
        ("schema_version", 99),
        ("weights_sha256", "0"),
        ("kind", "forecaster"),
    ],
)
def test_a_changed_configuration_is_refused(
    saved: tuple[Any, Path], path: str, value: Any, tmp_path: Path
) -> None:
    model, folder = saved
    config = json.loads((folder / "config.json").read_text())
    config_with(path, value)(config)
    other = tmp_path / "model"
    other.mkdir()
    (other / "config.json").write_text(json.dumps(config))
    (other / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes())
    with pytest.raises(InputError) as caught:
        type(model).load(other)
    assert "\n" not in str(caught.value) and str(other) in str(caught.value)


@pytest.mark.parametrize("change", ["missing", "more", "nan", "type", "shape", "seen"])
def test_changed_weights_are_refused(saved: tuple[Any, Path], change: str, tmp_path: Path) -> None:
    model, folder = saved
    arrays = load_file(folder / "model.safetensors")
    name = "network.0.head.bias"
    if change == "missing":
        del arrays[name]
    elif change == "more":
        arrays["network.7.head.bias"] = arrays[name]
    elif change == "nan":
        arrays[name] = np.full_like(arrays[name], np.nan)
    elif change == "type":
        arrays[name] = arrays[name].astype(np.float64)
    elif change == "shape":
        arrays[name] = np.zeros(7, np.float32)
    else:
        del arrays["seen"]
    data = save(arrays)
    config = json.loads((folder / "config.json").read_text())
    config["weights_sha256"] = hashlib.sha256(data).hexdigest()
    other = tmp_path / "model"
    other.mkdir()
    (other / "config.json").write_text(json.dumps(config))
    (other / "model.safetensors").write_bytes(data)
    with pytest.raises(InputError, match="is damaged"):
        type(model).load(other)
