"""What every estimator of ``gatewise.tasks`` promises, as one check.

    check_task(make, data, predict, tmp_path)

A new task gets a row in ``tests/tasks/test_contract.py``; nothing here knows what is learned.
"""

from __future__ import annotations

import html.parser
import inspect
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from gatewise.errors import InputError
from gatewise.tasks import load
from gatewise.tasks.estimator import Estimator

Make = Callable[..., Any]
Predict = Callable[[Any, pd.DataFrame], pd.DataFrame]


def check_task(make: Make, data: pd.DataFrame, predict: Predict, tmp_path: Path) -> None:
    """``make(**options)`` gives an estimator that is quick to fit on ``data``; ``predict`` asks it."""
    check_constructor(make)
    check_not_fitted(make, data, predict)
    check_bad_input(make, data)
    model = make(random_state=0).fit(data)
    check_attributes(make, model)
    check_same_seed_same_result(make, data, predict, model)
    check_save_and_load(data, predict, model, tmp_path)
    check_resume(make, data, predict, model, tmp_path)
    check_report(model, tmp_path)


def check_constructor(make: Make) -> None:
    """Arguments are stored as they are, under their names; a clone has the same ones."""
    model = make(random_state=3)
    parameters = inspect.signature(type(model)).parameters
    assert all(p.kind is not inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    assert set(model.get_params(deep=False)) == set(parameters)
    for name, value in model.get_params(deep=False).items():
        assert getattr(model, name) is value
        assert repr(clone(model).get_params()[name]) == repr(value)
    assert model.set_params(random_state=5).random_state == 5
    assert type(model).__name__ in repr(model)


def check_not_fitted(make: Make, data: pd.DataFrame, predict: Predict) -> None:
    model = make()
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    with pytest.raises(NotFittedError):
        predict(model, data)
    with pytest.raises(NotFittedError):
        model.save("nowhere")


def check_attributes(make: Make, model: Any) -> None:
    """Every field of the record is an attribute with an underscore; before ``fit`` there are none."""
    assert isinstance(model, Estimator) and type(model.fitted_) is type(model).record
    names = {f"{field.name}_" for field in fields(model.fitted_)} | set(type(model).renamed)
    assert names <= set(dir(model)) and not names & set(dir(make()))
    for name in names:
        value = getattr(model.fitted_, type(model).renamed.get(name, name.removesuffix("_")))
        assert getattr(model, name) is value
        with pytest.raises(AttributeError, match=name):
            getattr(make(), name)


def check_bad_input(make: Make, data: pd.DataFrame) -> None:
    """A clear error, and nothing is fitted; the data stay as they are."""
    for bad in (data[:0], data[:1], data.iloc[:, :1], 3, None):
        model = make()
        with pytest.raises((InputError, TypeError)):
            model.fit(bad)
        assert not hasattr(model, "fitted_")
    before = data.copy()
    with pytest.raises(InputError, match="device"):
        make(device="toaster").fit(data)
    pd.testing.assert_frame_equal(data, before)


def check_same_seed_same_result(
    make: Make, data: pd.DataFrame, predict: Predict, model: Any
) -> None:
    before = data.copy()
    again = make(random_state=0).fit(data)
    pd.testing.assert_frame_equal(predict(again, data), predict(model, data))
    pd.testing.assert_frame_equal(data, before)
    same = predict(make(random_state=np.random.RandomState(7)).fit(data), data)
    pd.testing.assert_frame_equal(
        predict(make(random_state=np.random.RandomState(7)).fit(data), data), same
    )


def check_save_and_load(data: pd.DataFrame, predict: Predict, model: Any, tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    model.save(folder)
    again = load(folder)
    assert type(again) is type(model)
    pd.testing.assert_frame_equal(predict(again, data), predict(model, data))
    with pytest.raises(InputError, match="already exists"):
        model.save(folder)
    model.save(folder, force=True)
    config = json.loads((folder / "config.json").read_text())
    assert config["kind"] == type(model).kind
    (folder / "config.json").write_text(json.dumps(config | {"kind": "toaster"}))
    for read in (load, type(model).load):
        with pytest.raises(InputError, match="'toaster'"):
            read(folder)
    with pytest.raises(InputError, match="not a saved model"):
        load(tmp_path / "nothing")


def check_resume(
    make: Make, data: pd.DataFrame, predict: Predict, model: Any, tmp_path: Path
) -> None:
    """A fit that was interrupted goes on, and ends as one that was not."""
    run = tmp_path / "run"

    class Interrupted(Exception):
        pass

    def interrupt(*progress: Any) -> None:
        raise Interrupted

    with pytest.raises(Interrupted):
        make(random_state=0).fit(data, run=run, progress=interrupt)
    assert run.is_dir()
    resumed = make(random_state=0).fit(data, run=run)
    pd.testing.assert_frame_equal(predict(resumed, data), predict(model, data))
    with pytest.raises(InputError, match="another training"):
        make(random_state=1).fit(data, run=run)


class _Page(html.parser.HTMLParser):
    """What a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.outside = "", list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.outside += [tag] if tag in ("script", "iframe", "object", "embed") else []
        for name, value in attrs:
            if name in ("src", "href") and value and not value.startswith(("#", "data:")):
                self.outside.append(value)

    def handle_data(self, data: str) -> None:
        self.text += data


def check_report(model: Any, tmp_path: Path) -> None:
    """One page that needs nothing from outside; a loaded model says why it has none."""
    page = _Page()
    page.feed(model.report("the command"))
    assert page.outside == [] and "the command" in page.text
    model.save(tmp_path / "reported", report=model.report())
    assert (tmp_path / "reported" / "report.html").stat().st_size > 1000
    with pytest.raises(InputError, match="report"):
        load(tmp_path / "reported").report()
