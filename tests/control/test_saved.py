from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from gatewise.control import RecurrentPPO, load
from gatewise.errors import InputError
from gatewise.tasks import load as load_estimator
from tests.control.worlds import Recall
from tests.test_extras import said

SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 8, "units": 4, "n_epochs": 1}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    RecurrentPPO("CartPole-v1", hide=(1, 3), **SMALL).learn(16).save(folder)
    return folder


def changed(folder: Path, **values: Any) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_text())
    for name, value in values.items():
        at = config
        *parents, last = name.split("__")
        for parent in parents:
            at = at[parent]
        at[last] = value
    path.write_text(json.dumps(config))


def test_what_is_in_the_folder(model: Path) -> None:
    names = {path.name for path in model.iterdir()}
    weights = {"model.safetensors", "training.safetensors"}
    assert names == weights | {"config.json", "metrics.jsonl", "README.md"}
    config = json.loads((model / "config.json").read_text())
    assert config["kind"] == "policy" and config["schema_version"] == 1
    told = {"name": "CartPole-v1", "hide": [1, 3], "max_steps": None, "module": None}
    assert config["environment"] == told
    assert "policy.step" in (model / "README.md").read_text()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"options__units": 5}, "do not fit"),
        ({"options__units": 10**9}, "units"),
        ({"observation__leaves": []}, "damaged"),
        ({"action__choices": [2, 2]}, "damaged"),
        ({"reward_scale": -1.0}, "reward_scale"),
        ({"surprise": 1}, "surprise"),
        ({"schema_version": 99}, "newer Gatewise"),
        ({"kind": "forecaster"}, "gatewise.tasks.load"),
        ({"environment__name": "os:system"}, "environment.name"),
    ],
)
def test_a_file_that_was_changed_is_refused(model: Path, values: Any, message: str) -> None:
    changed(model, **values)
    with pytest.raises(InputError, match=message):
        load(model)


def test_other_weights_are_refused(model: Path) -> None:
    arrays = load_arrays((model / "model.safetensors").read_bytes())
    first = next(iter(arrays))
    arrays[first] = arrays[first] * np.nan
    (model / "model.safetensors").write_bytes(save_arrays(arrays))
    with pytest.raises(InputError, match=r"damaged or was changed"):
        load(model)


def test_a_state_of_a_training_that_was_changed_is_refused(model: Path) -> None:
    (model / "training.safetensors").write_bytes(b"nonsense")
    load(model)  # the policy needs none of it
    with pytest.raises(InputError, match=r"training.safetensors is damaged"):
        RecurrentPPO.load(model)


def test_no_module_is_named_in_a_file(tmp_path: Path) -> None:
    """The name of an environment may name a module to import: the user types it, a file does not."""
    learner = RecurrentPPO("gymnasium.envs.classic_control:CartPole-v1", **SMALL)
    learner.save(tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert config["environment"]["name"] == "CartPole-v1"
    changed(tmp_path / "model", environment__name="Mine-v0", environment__module="no_such_module")
    with pytest.raises(InputError, match="env='no_such_module:Mine-v0'"):
        RecurrentPPO.load(tmp_path / "model")


def test_an_object_must_be_given_again(tmp_path: Path) -> None:
    RecurrentPPO(Recall, **SMALL).learn(16).save(tmp_path / "model")
    with pytest.raises(InputError, match="pass env="):
        RecurrentPPO.load(tmp_path / "model")
    with pytest.raises(InputError, match="another environment"):
        RecurrentPPO.load(tmp_path / "model", "CartPole-v1")
    assert RecurrentPPO.load(tmp_path / "model", Recall).learn(16).frames == 32


def test_a_policy_steps_where_there_is_no_gymnasium(model: Path) -> None:
    statement = (
        "import numpy as np; from gatewise.control import RecurrentPPO, load; "
        f"print(load({str(model)!r}).step(np.zeros(2, np.float32))[0] in (0, 1)); RecurrentPPO('CartPole-v1')"
    )
    told, missing = said(statement, ("gymnasium",)).splitlines()
    assert told == "True"
    assert missing == (
        'MissingExtra True environments needs gymnasium: pip install "gatewise[control]"'
    )


def test_a_model_is_not_overwritten_unasked(model: Path) -> None:
    learner = RecurrentPPO.load(model)
    with pytest.raises(InputError, match="--force"):
        learner.save(model)
    learner.save(model, force=True)


def test_estimators_say_where_policies_are_read(model: Path) -> None:
    with pytest.raises(InputError, match=r"gatewise\.control\.load"):
        load_estimator(model)
