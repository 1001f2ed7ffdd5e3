"""Tables larger than memory: read in pieces they are what they are at once, also in what is wrong."""

from __future__ import annotations

import resource
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from gatewise.errors import InputError
from gatewise.tasks import Forecaster
from gatewise.tasks.data import disk_arrays, spool
from gatewise.tasks.data.reader import columns_of, read_table

ROWS = 400


def tables() -> dict[str, tuple[pd.DataFrame, dict[str, Any]]]:
    draw = np.random.default_rng(0)
    hours = pd.date_range("2024-01-01", periods=ROWS, freq="h")
    y = draw.standard_normal(ROWS)
    holes = np.where(draw.random(ROWS) < 0.1, np.nan, y)
    single = pd.DataFrame({"ds": hours, "y": y})
    long = pd.DataFrame(
        {
            "shop": draw.choice(["süd", "nord", "a, b", 'say "x"\nhi'], ROWS),
            "ds": hours,
            "y": holes,
            "promo": draw.choice([0, 1], ROWS),
            "sky": draw.choice(["sun", "rain", None], ROWS),
        }
    )
    spread = pd.DataFrame({"year": hours.year, "month": hours.month, "day": hours.day})
    rows = pd.DataFrame(draw.standard_normal((50, 12))).add_prefix("v")
    late = single.assign(z=[*np.arange(200), *np.linspace(0, 1, 200)])
    words = single.assign(kind=[*[1] * 200, *["x"] * 200])
    return {
        "single": (single, {}),
        "gaps": (single.drop(index=range(100, 130)).assign(y=lambda f: f.y), {}),
        "shuffled": (single.sample(frac=1, random_state=0), {}),
        "zones": (single.assign(ds=hours.tz_localize("UTC").map(lambda t: t.isoformat())), {}),
        "whole": (pd.DataFrame({"t": np.arange(ROWS) * 3, "y": holes}), {}),
        "dates": (
            pd.DataFrame(
                {"ds": pd.date_range("2020-01-01", periods=ROWS).strftime("%Y%m%d"), "y": y}
            ),
            {},
        ),
        "long": (long, {"id": "shop", "known": "promo", "past": "sky"}),
        "numbers as ids": (
            long.assign(shop=draw.integers(0, 3, ROWS)),
            {"id": "shop", "target": "y"},
        ),
        "spread": (spread.assign(hour=hours.hour, pm=holes, wind="NW"), {}),
        "wide": (
            pd.DataFrame(draw.standard_normal((ROWS, 5))).add_prefix("c").assign(date=hours),
            {},
        ),
        "rows": (rows.assign(id=[f"S{k}" for k in range(50)])[["id", *rows.columns]], {}),
        "whole numbers first": (late, {}),
        "numbers first": (words, {"target": "y", "static": [], "past": "kind"}),
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than a few rows at once."""
    monkeypatch.setenv("GATEWISE_TABLE_MEMORY", "1K")
    monkeypatch.setattr(spool, "PIECE", 700)
    monkeypatch.setattr(spool, "ROWS", 37)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("name", tables())
def test_in_pieces_it_is_the_same(
    name: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    frame, options = tables()[name]
    path = tmp_path / f"a.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif name == "numbers first":
        frame.astype({"kind": str}).to_parquet(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    whole = read_table(path, **options)
    request.getfixturevalue("small")
    assert isinstance(columns_of(path), spool.Spool)
    pieces = read_table(path, **options)
    for part in ("layout", "clock", "id", "time", "target", "frame", "notes", "features"):
        assert getattr(pieces, part) == getattr(whole, part), part
    assert [s.id for s in pieces.series] == [s.id for s in whole.series]
    for a, b in zip(pieces.series, whole.series, strict=True):
        assert (a.start, a.key, a.target) == (b.start, b.key, b.target)
        for part in ("values", "past", "known", "static"):
            np.testing.assert_array_equal(getattr(a, part), getattr(b, part))


@pytest.mark.parametrize(
    ("row", "column", "value", "message"),
    [
        (300, "ds", "yesterday", "column 'ds', row 301: 'yesterday' is not a date"),
        (300, "ds", "2024-02-31", "column 'ds', row 301: '2024-02-31' is not a date"),
        (300, "ds", None, "column 'ds', row 301: the time is missing"),
        (300, "ds", "2024-01-01T01:00+01:00", "column 'ds', row 301: some times carry"),
        (300, "ds", "2024-01-01 03:00:00", "occurs twice, in rows 4 and 301"),
        (300, "y", "many", "column 'y', row 301: 'many' is not a number"),
        (300, "y", "inf", "column 'y', row 301: the value is infinite"),
    ],
)
def test_rows_are_counted_through_the_pieces(
    row: int, column: str, value: str | None, message: str, tmp_path: Path, small: None
) -> None:
    frame = tables()["single"][0].astype(object)
    frame["ds"] = frame.ds.astype(str)
    frame.loc[row, column] = value
    frame.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(InputError, match=message):
        read_table(tmp_path / "a.csv", target="y")


def test_old_line_ends_are_refused_where_they_would_fill_memory(
    tmp_path: Path, small: None
) -> None:
    (tmp_path / "a.csv").write_bytes(b"ds,y\r" + b"2024-01-01,1\r" * 50)
    with pytest.raises(InputError, match="save it with line feeds"):
        read_table(tmp_path / "a.csv")


def test_a_full_disk_is_said(tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    tables()["gaps"][0].to_csv(tmp_path / "a.csv", index=False)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk_arrays, "reserve", full)
    with pytest.raises(InputError, match="TMPDIR name a folder with more room"):
        read_table(tmp_path / "a.csv")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:  # a file may not grow any more: as a full disk, in earnest
        with pytest.raises(InputError, match="TMPDIR name a folder with more room"):
            read_table(tmp_path / "a.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_nothing_stays_behind(tmp_path: Path, small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    tables()["gaps"][0].to_csv(tmp_path / "a.csv", index=False)
    table = read_table(tmp_path / "a.csv")
    assert list((tmp_path / "scratch").iterdir()) == []
    assert np.isnan(table.series[0].values).sum() == 30


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the limit is one of Linux")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_larger_than_the_memory_allowed(kind: str, tmp_path: Path) -> None:
    path, count = tmp_path / f"big.{kind}", 3_000_000
    data = {"t": np.arange(count)} | {
        f"c{k}": np.random.default_rng(k).standard_normal(count) for k in range(8)
    }
    frame = pd.DataFrame(data)
    frame.to_csv(path, index=False, float_format="%.12f") if kind == "csv" else frame.to_parquet(
        path, compression=None
    )
    total = frame["c7"].sum()
    assert path.stat().st_size > 200 * 2**20
    child = textwrap.dedent(
        f"""
        import resource, sys
        from gatewise.tasks.data.reader import columns_of, read_table
        import pandas, pyarrow.parquet
        used = [int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmData")][0]
        limit = used * 1024 + 200 * 2**20
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        table = read_table({str(path)!r})
        print(len(table.series), sum(len(s.values) for s in table.series), table.series[7].values.sum())
        """
    )

    def run(memory: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", child],
            capture_output=True,
            text=True,
            check=False,
            env={
                "PATH": "/usr/bin:/bin",
                "OMP_NUM_THREADS": "1",
                "OPENBLAS_NUM_THREADS": "1",
                "ARROW_NUM_THREADS": "1",
                "PYTHONPATH": str(Path(spool.__file__).parents[3]),
                "GATEWISE_TABLE_MEMORY": memory,
            },
        )

    done = run("100M")
    assert done.returncode == 0, done.stderr
    series, values, last = done.stdout.split()
    assert (series, values) == ("8", str(8 * count))
    assert float(last) == pytest.approx(total, rel=1e-6)
    assert run("100G").returncode != 0  # the limit is one: at once it does not fit


def test_a_fit_from_files_is_that_from_memory(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    frame = tables()["long"][0]
    frame["y"] = 10 + frame.y + 3 * np.sin(np.arange(ROWS) * np.pi / 12)
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)
    named: dict[str, Any] = {"id": "shop", "known": "promo", "past": "sky"}
    model = Forecaster(3, units=4, steps=3, members=1, random_state=0, **named)
    whole = clone(model).fit(path)
    request.getfixturevalue("small")
    pieces = clone(model).fit(path)
    assert pieces.evaluation_ == whole.evaluation_
    for a, b in zip(pieces.ends_.states, whole.ends_.states, strict=True):
        for x, y in zip(a, b, strict=True):
            np.testing.assert_array_equal(x, y)
