"""Nothing in the configuration of a model chooses code, and what it may not be is said with its name."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from gatewise.backends.llvm.machine import cores
from gatewise.errors import InputError, InputWarning
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.options import Options
from gatewise.tasks.forecast.schema import BOUNDS, SavedForecaster, parse
from tests.reliability.damage import places

HOSTILE = ("planted.inner", "../planted/__init__.py", "/dev/zero")
WATCHED = (
    "import",
    "open",
    "exec",
    "compile",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "subprocess.Popen",
    "socket.connect",
    "ctypes.dlopen",
)
FUTURE = pd.DataFrame(
    {
        "shop": "a",
        "day": pd.date_range("2024-05-10", periods=9, tz="Europe/Berlin"),
        "open": "yes",
    }
)
_events: list[tuple[str, str]] | None = None  # what happens, while it is listened to


def _listen(event: str, arguments: tuple[Any, ...]) -> None:
    if _events is not None and event in WATCHED:
        what = arguments[0] if arguments else ""
        if not isinstance(what, int):  # a descriptor, which was opened by name before
            _events.append((event, str(what)))


@cache
def _add_hook() -> None:
    """It stays for good and costs all that comes after it, so nobody adds it before it is wanted."""
    sys.addaudithook(_listen)


@contextmanager
def events() -> Iterator[list[tuple[str, str]]]:
    global _events
    _add_hook()
    _events = []
    try:
        yield _events
    finally:
        _events = None


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that has something in every field."""
    rows = 130
    place = np.arange(rows)
    data = pd.DataFrame(
        {
            "shop": "a",
            "day": pd.date_range("2024-01-01", periods=rows, tz="Europe/Berlin"),
            "sales": 5 + np.sin(place),
            "open": np.where(place % 7, "yes", "no"),
            "wind": np.cos(place),
            "town": "N",
        }
    )
    model = Forecaster(
        2,
        known="open",
        past="wind",
        static="town",
        zone="Europe/Berlin",
        seasons=[7],
        steps=2,
        units=2,
        id="shop",
        time="day",
        target="sales",
        members=1,
        random_state=0,
    ).fit(data)
    folder = tmp_path_factory.mktemp("saved") / "model"
    model.save(folder)
    return folder


def test_hostile_texts_in_every_field(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "planted"
    package.mkdir()
    (package / "__init__.py").write_text("open('/tmp/never', 'w')")
    (package / "inner.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    cores.available()
    monkeypatch.setattr(cores, "_next_look", float("inf"))  # it reads what the system says of cores
    config = json.loads((saved / "config.json").read_text())
    weights = (saved / "model.safetensors").read_bytes()
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(weights)

    leaves = [p for p in places(config) if not isinstance(_at(config, p), dict | list)]
    outside = [p for p in leaves if p[0] != "cell"]
    inside = [p for p in leaves if p[0] == "cell"][:: max(1, len(leaves) // 60)]
    changes = [(place, text) for place in outside for text in HOSTILE]
    changes += [(place, text) for place in inside for text in HOSTILE[:2]]
    accepted = 0
    for number, (place, text) in enumerate([(("gatewise",), "0"), *changes]):
        changed = json.loads(json.dumps(config))
        _at(changed, place[:-1])[place[-1]] = text
        (folder / "config.json").write_text(json.dumps(changed))
        with events() as happened, suppress(InputError, InputWarning):
            Forecaster.load(folder).predict(future=FUTURE)
            accepted += 1
        strange = [e for e in happened if e[0] != "open" or not e[1].startswith(str(folder))]
        # the first is sound, and loads all that is ever needed
        assert number == 0 or not strange, (place, text, strange)
        assert number > 0 or accepted
    assert "planted" not in sys.modules


def _at(document: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        document = document[key]
    return document


def test_fields_that_select_behaviour_are_closed(saved: Path) -> None:
    text = (saved / "config.json").read_text()
    closed = {
        ("kind",): "classifier",
        ("frame",): "os.path",
        ("layout",): "deep",
        ("clock", "kind"): "year",
        ("clock", "zone"): "Europe/../../etc/passwd",
        ("encoder", "calendar", 0): "decade",
        ("baselines", 0, "kind"): "best",
    }
    for place, other in closed.items():
        config = json.loads(text)
        _at(config, place[:-1])[place[-1]] = other
        with pytest.raises(InputError, match=r"config: is|config is damaged: " + str(place[0])):
            parse(json.dumps(config).encode(), "config")


def test_every_number_has_bounds(saved: Path) -> None:
    """A number field of a record that is added needs a row in ``BOUNDS``."""
    config = parse((saved / "config.json").read_bytes(), "config")

    def records(value: Any) -> Iterator[Any]:
        if isinstance(value, tuple):
            for part in value:
                yield from records(part)
        elif is_dataclass(value):
            yield value
            for field in fields(value):
                yield from records(getattr(value, field.name))

    kinds = {
        type(record)
        for name in ("clock", "features", "encoder", "choices", "spans", "baselines")
        for record in records(getattr(config, name))
    }
    for kind in kinds:
        numbers = {f.name for f in fields(kind) if {"int", "float"} & set(_words(str(f.type)))}
        assert numbers == set(BOUNDS.get(kind, {})), kind


def _words(annotation: str) -> list[str]:
    return annotation.replace("[", " ").replace("]", " ").replace(",", " ").split()


def test_options_are_those_of_the_forecaster() -> None:
    parameters = Forecaster().get_params(deep=False)
    assert {field.name for field in fields(Options)} == set(parameters) - {"cell"}
    for field in fields(Options):
        assert field.default == parameters[field.name], field.name
    assert get_args(SavedForecaster.model_fields["kind"].annotation) == ("forecaster",)


def test_numbers_are_not_read_from_texts(saved: Path) -> None:
    for place, other in ((("base",), "0"), (("steps",), 1.5), (("choices", "log"), 1)):
        config = json.loads((saved / "config.json").read_text())
        _at(config, place[:-1])[place[-1]] = other
        with pytest.raises(InputError, match=place[-1]):
            parse(json.dumps(config).encode(), "config")


def test_a_name_in_the_card_is_not_markdown(saved: Path, tmp_path: Path) -> None:
    config = json.loads((saved / "config.json").read_text())
    name = "`` x\n\n# Run this: <script>alert(1)</script> ```"
    config["columns"][2] = name
    config["evaluation"][0]["name"] = "```\n<img src=x>"
    for part in ("model.safetensors", "config.json"):
        (tmp_path / part).write_bytes((saved / part).read_bytes())
    (tmp_path / "config.json").write_text(json.dumps(config))
    Forecaster.load(tmp_path).save(tmp_path, force=True)
    card = (tmp_path / "README.md").read_text()
    assert "# A forecaster for ```` `` x  # Run this: <script>alert(1)</script> ``` ````" in card
    assert "\n````\n" in card  # the fence around the figures is longer than any run in them
