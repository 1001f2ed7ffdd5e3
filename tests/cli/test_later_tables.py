"""A model after its fit: covariates, future rows, updates, evaluation, and what goes wrong there."""

from __future__ import annotations

import csv
import errno
import io
import json
import shutil
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from gatewise.cli import main
from tests.cli.test_bad_input import refused
from tests.forks import Fork, needs_fork

HOURS = pd.date_range("2024-03-01", periods=260, freq="h")
END, NEW = 200, 230  # training ends, the update ends


@pytest.fixture(autouse=True, scope="module")
def one_thread():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def sales() -> pd.DataFrame:
    """Two shops: a day, a promotion that is known ahead, the sky that is not, the size of the shop."""
    draw = np.random.default_rng(0)
    pieces = []
    for k, shop in enumerate(("north", "süd")):
        promo = draw.random(len(HOURS)) < 0.2
        sold = 20 + 5 * np.sin(np.arange(len(HOURS)) * np.pi / 12) + 8 * promo + 10 * k
        one = pd.DataFrame({"shop": shop, "when": HOURS, "units sold": sold.round(3)})
        one["promo"] = promo.astype(int)
        one["sky"] = draw.choice(["sun", "rain"], len(HOURS))
        one["size"] = 50 * (k + 1)
        pieces.append(one)
    return pd.concat(pieces, ignore_index=True)


def between(low: int, high: int) -> pd.DataFrame:
    frame = sales()
    return frame[(frame.when >= HOURS[low]) & (frame.when < HOURS[high - 1] + HOURS.freq)]


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model ``m`` and the files."""
    folder = tmp_path_factory.mktemp("later")
    between(0, END).to_csv(folder / "train.csv", index=False)
    between(END, NEW).to_csv(folder / "new.csv", index=False)
    between(END, 260)[["shop", "when", "promo"]].to_csv(folder / "future.csv", index=False)
    sales().to_csv(folder / "all.csv", index=False)
    named = ["--id", "shop", "--time", "when", "--target", "units sold"]
    covariates = ["--known", "promo", "--past", "sky", "--static", "size"]
    quick = [f"--set={k}" for k in ("steps=2", "units=4", "members=1")]
    common = ["fit", "forecast", str(folder / "train.csv"), "--horizon", "8", "--quiet"]
    assert main([*common, "--out", str(folder / "m"), *named, *covariates, *quick]) == 0
    return folder


@pytest.fixture
def model(fitted: Path, tmp_path: Path) -> Path:
    """A model of one's own."""
    return Path(shutil.copytree(fitted / "m", tmp_path / "m"))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_look_repeats_the_columns(fitted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = ["--target", "units sold", "--id", "shop", "--known", "promo", "--past", "sky"]
    assert main(["look", str(fitted / "train.csv"), "--time", "when", *named]) == 0
    out, err = capsys.readouterr()
    assert "gatewise: warning: the known covariate 'promo' moves with the target" in err
    assert "past     sky (2 categories)" in out
    assert "--time when --target 'units sold' --id shop --known promo --past sky --out" in out


def test_future_rows_and_levels(
    fitted: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(
        ["predict", str(model)], 1, ["'promo' is needed", "8 steps", "'north'", "--future"], capsys
    )
    ask = ["predict", str(model), "--future", str(fitted / "future.csv")]
    assert main([*ask, "--level", "80"]) == 0
    forecast = rows(capsys.readouterr().out)
    assert list(forecast[0]) == ["shop", "when", "LSTM", "LSTM-lo-80", "LSTM-hi-80"]
    assert [r["shop"] for r in forecast] == ["north"] * 8 + ["süd"] * 8
    assert forecast[0]["when"].startswith("2024-03-09 08:00")
    assert main([*ask, "--horizon", "10", "--json"]) == 0
    assert [r["beyond_horizon"] for r in json.loads(capsys.readouterr().out)[7:10]] == [
        False,
        True,
        True,
    ]
    refused([*ask, "--horizon", "1000000000"], 2, ["at most 100,000 steps"], capsys)
    refused([*ask, "--level", "70"], 1, ["no 70 % interval", "80, 90"], capsys)
    refused([*ask, "--horizon", "70"], 1, ["'promo'", "no value at 2024-03-11 20:00:00"], capsys)


def test_an_update_is_a_table_that_is_longer(
    fitted: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {p.name: p.read_bytes() for p in model.iterdir()}
    assert main(["update", str(model), str(fitted / "new.csv"), "--out", str(tmp_path / "n")]) == 0
    assert {p.name: p.read_bytes() for p in model.iterdir()} == before
    assert main(["update", str(model), str(fitted / "new.csv")]) == 0
    assert {p.name for p in model.iterdir()} == set(before)
    assert "2024-03-10 13:00:00" in capsys.readouterr().err
    future = ["--future", str(fitted / "future.csv")]
    assert main(["predict", str(model), *future]) == 0
    moved = capsys.readouterr().out
    between(0, NEW).to_csv(tmp_path / "both.csv", index=False)
    assert main(["predict", str(model), "--data", str(tmp_path / "both.csv"), *future]) == 0
    for a, b in zip(rows(moved), rows(capsys.readouterr().out), strict=True):
        assert a["when"] == b["when"]
        assert float(a["LSTM"]) == pytest.approx(float(b["LSTM"]), rel=1e-5)
    after = {p.name: p.read_bytes() for p in model.iterdir()}
    refused(
        ["update", str(model), str(fitted / "new.csv")],
        1,
        ["'north' has a row at 2024-03-09 08:00:00", "up to 2024-03-10 13:00:00"],
        capsys,
    )
    assert {p.name: p.read_bytes() for p in model.iterdir()} == after


def test_evaluate_counts_what_training_has_seen(
    fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(fitted / "m"), str(fitted / "all.csv")]) == 0
    out = capsys.readouterr().out
    assert "520 values, 400 of them seen in training" in out
    unseen, seen = out.split("SEEN IN TRAINING")
    assert "106 forecasts of unseen rows" in unseen
    assert "LSTM" in unseen
    assert "LSTM" in seen
    assert main(["evaluate", str(fitted / "m"), str(fitted / "all.csv"), "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["values"], data["seen"], data["windows"]) == (520, 400, 106)
    # new rows alone go on from where the model ends
    between(END, 260).to_csv(tmp_path / "late.csv", index=False)
    assert main(["evaluate", str(fitted / "m"), str(tmp_path / "late.csv"), "--json"]) == 0
    alone = json.loads(capsys.readouterr().out)
    assert (alone["values"], alone["seen"], alone["windows"]) == (120, 0, 106)
    errors = [{row["name"]: row["mae"] for row in table["rows"]} for table in (data, alone)]
    assert errors[1]["LSTM"] == pytest.approx(errors[0]["LSTM"], rel=1e-5)


def changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[Path], None]:
    return lambda path: change(sales()).to_csv(path, index=False)


# what the file holds, and what is said about it: refused, or warned about
LATER: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], int, list[str]]] = {
    "columns in another order": (lambda f: f[f.columns[::-1]], 0, []),
    "one more column": (lambda f: f.assign(more=1), 0, []),
    "no id": (lambda f: f.drop(columns="shop"), 1, ["no column 'shop'"]),
    "no covariate": (lambda f: f.drop(columns="sky"), 1, ["no column 'sky'"]),
    "no target": (
        lambda f: f.rename(columns={"units sold": "units"}),
        1,
        ["no column 'units sold'", "Did you mean 'units'"],
    ),
    "an unseen series": (lambda f: f.assign(shop="east").drop_duplicates("when"), 0, []),
    "an unknown category": (lambda f: f.assign(sky="hail"), 0, ["warning", "'hail'", "unknown"]),
    "a covariate in another unit": (
        lambda f: f.assign(size=f["size"] * 1e4),
        0,
        ["warning", "'size' runs from", "another unit"],
    ),
    "the target in another unit": (
        lambda f: f.assign(**{"units sold": f["units sold"] * 1000}),
        0,
        ["warning", "'units sold' runs from", "another unit"],
    ),
    "texts for numbers": (
        lambda f: f.assign(size="large"),
        1,
        ["column 'size', row 1: 'large' is not a number"],
    ),
    "another time step": (
        lambda f: f[f.when.dt.hour == 0],
        1,
        ["every day", "trained on one that runs every hour"],
    ),
    "whole numbers for dates": (
        lambda f: f.assign(when=f.when.dt.hour.groupby(f.shop).cumcount()),
        1,
        ["integer steps of 1", "every hour"],
    ),
    "an infinite value": (
        lambda f: f.assign(size=np.inf),
        1,
        ["'size', row 1: the value is infinite"],
    ),
    "one row": (lambda f: f[:1], 1, ["'promo' is needed for each of the 8 steps"]),
}


@pytest.mark.parametrize("name", LATER)
def test_later_tables(
    name: str, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, code, message = LATER[name]
    frame = sales()
    ahead = frame.when >= HOURS[NEW]
    change(frame.assign(**{"units sold": frame["units sold"].where(~ahead)})).to_csv(
        tmp_path / "later.csv", index=False
    )
    ask = ["predict", str(fitted / "m"), "--data", str(tmp_path / "later.csv")]
    if code:
        refused(ask, code, message, capsys)
        return
    assert main(ask) == 0
    out, err = capsys.readouterr()
    assert np.isfinite([float(r["LSTM"]) for r in rows(out)]).all()
    for part in message:
        assert part in err
    assert bool(err) == bool(message)
    assert main([*ask, "--quiet"]) == 0
    assert capsys.readouterr() == (out, "")


def edited(**changes: object) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        path = folder / "config.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))

    return edit


def cut(name: str, count: int) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:count])


def swapped(folder: Path) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-9] ^= 1
    (folder / "model.safetensors").write_bytes(data)


MODELS: dict[str, tuple[Callable[[Path], object], list[str]]] = {
    "truncated weights": (cut("model.safetensors", 1000), ["damaged", "get the model again"]),
    "empty weights": (cut("model.safetensors", 0), ["damaged"]),
    "changed weights": (swapped, ["model.safetensors is damaged or was changed"]),
    "a truncated description": (cut("config.json", 200), ["config.json is damaged"]),
    "an empty description": (cut("config.json", 0), ["config.json is damaged"]),
    "a newer version": (
        edited(schema_version=99, gatewise="9.9"),
        ["newer Gatewise (9.9)", "pip install -U"],
    ),
    "a changed description": (edited(ids=["a"]), ["damaged"]),
    "a field too many": (edited(more=1), ["config.json is damaged", "more"]),
    "no description": (
        lambda f: (f / "config.json").unlink(),
        ["not a saved model", "config.json"],
    ),
    "no weights": (lambda f: (f / "model.safetensors").unlink(), ["not a saved model"]),
    "no folder": (lambda f: shutil.rmtree(f), ["not a saved model"]),
    "a file": (lambda f: (shutil.rmtree(f), f.write_text("x")), ["not a saved model"]),
}


@pytest.mark.parametrize("name", MODELS)
def test_models_that_are_not_whole(
    name: str, model: Path, fitted: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damage, message = MODELS[name]
    damage(model)
    for verb in (["info"], ["predict"], ["evaluate"], ["update"]):
        file = [str(fitted / "new.csv")] if verb[0] in ("evaluate", "update") else []
        refused([*verb, str(model), *file], 1, message, capsys)


@pytest.mark.skipif(sys.platform == "win32", reason="limits are other things there")
@pytest.mark.parametrize("limit", ["full", "file"])
def test_a_full_disk_leaves_the_old_model(
    limit: str,
    model: Path,
    fitted: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import resource

    before = {p.name: p.read_bytes() for p in model.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        if limit == "full":
            error = OSError(errno.ENOSPC, "No space left on device")
            monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(error))
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))
        refused(
            ["update", str(model), str(fitted / "new.csv")],
            1,
            ["cannot write the model", "No space" if limit == "full" else "too large"],
            capsys,
        )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {p.name: p.read_bytes() for p in model.iterdir()} == before
    assert [p.name for p in model.parent.iterdir()] == ["m"]


def test_places_where_no_model_can_go(
    model: Path, fitted: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("x")
    fit = ["fit", "forecast", str(fitted / "train.csv"), "--horizon", "4"]
    for out, message in (
        (model, "--force"),
        (tmp_path / "mine", "not just a model"),
        (tmp_path / "file", "not just a model"),
    ):
        for force in ([], ["--force"]) if out != model else ([],):
            refused([*fit, "--out", str(out), *force], 1, [message], capsys)
            refused(
                ["update", str(model), str(fitted / "new.csv"), "--out", str(out), *force],
                1,
                [message],
                capsys,
            )
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


@needs_fork
def test_an_interrupted_fit_is_130_and_goes_on(fitted: Path, tmp_path: Path) -> None:
    out = tmp_path / "m"
    fit = [
        "fit",
        "forecast",
        str(fitted / "train.csv"),
        "--horizon",
        "4",
        "--id",
        "shop",
        "--time",
        "when",
        "--target",
        "units sold",
        "--set",
        "steps=100000",
        "--set",
        "patience=100000",
        "--out",
        str(out),
    ]
    with Fork(partial(main, fit), tmp_path / "told") as fitting:
        while fitting.running() and not (out / "run").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        fitting.interrupt()
        code = fitting.wait()
    talk = fitting.err.read_text()
    assert code == 130, talk
    assert fitting.out.read_text() == ""
    assert "Traceback" not in talk
    assert "to resume, run the same command with --resume" in talk
    assert {p.name for p in out.iterdir()} == {"run"}  # no model, nothing half-written
