"""The seven files of real data, as they are: understood, and fitted from the command line without a script."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import torch

from gatewise.cli import main
from gatewise.tasks.data.reader import read_table

# file: options, layout, series, length of the longest, time step, missing values, columns
FILES = {
    "ETTh1": ("", "wide", 7, 17420, "every hour", 0),
    "M4-Hourly-train": ("", "rows", 414, 960, "integer steps of 1", 0),
    "airline-passengers": ("", "single", 1, 144, "every month", 0),
    "daily-min-temperatures": ("", "single", 1, 3652, "every day", 2),
    "monthly-sunspots": ("", "single", 1, 2820, "every month", 0),
    "pollution": (
        "--target pm2.5 --past TEMP --past cbwd",
        "single",
        1,
        43800,
        "every hour",
        2043,
    ),
    "seattle-weather": (
        "--target temp_max --past wind --past weather",
        "single",
        1,
        1461,
        "every day",
        0,
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_they_are_understood(name: str, shared_data: Path) -> None:
    options, layout, series, longest, step, missing = FILES[name]
    words = options.split()
    target = words[words.index("--target") + 1] if words else None
    past = [w for k, w in enumerate(words) if words[k - 1] == "--past"]
    table = read_table(shared_data / "forecast" / f"{name}.csv", target=target, past=past)
    assert (table.layout, len(table.series)) == (layout, series)
    assert max(len(s.values) for s in table.series) == longest
    assert table.clock.describe() == step
    assert sum(s.missing for s in table.series) == missing
    assert table.features.names("past") == tuple(past)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_they_fit_from_the_command_line(
    name: str, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options, _, series, *_ = FILES[name]
    path, out = shared_data / "forecast" / f"{name}.csv", tmp_path / "model"
    quick = ["--set", "steps=2", "--set", "units=4", "--set", "members=1"]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        fit = ["fit", "forecast", str(path), "--horizon", "6", "--out", str(out), *options.split()]
        assert main([*fit, *quick, "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["series"] == series
        assert main(["predict", str(out)]) == 0
        assert len(list(csv.DictReader(io.StringIO(capsys.readouterr().out)))) == 6 * series
    finally:
        torch.set_num_threads(threads)
