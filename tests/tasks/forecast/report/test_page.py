"""The page by itself: well-formed, self-contained, true to its facts, and names stay text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from gatewise.tasks.forecast.metrics import measure
from gatewise.tasks.forecast.report.charts import coverage_ticks, forecast
from gatewise.tasks.forecast.report.facts import Facts, Gates, Outlook, SeriesErrors, Window, ranks
from gatewise.tasks.forecast.report.page import HERO, SMALL, render, verdict
from gatewise.tasks.forecast.report.sketch import sketch
from gatewise.tasks.training.checkpoint import LogEntry

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & \"$x$\" 'y'"


def made(horizon: int = 6, dates: bool = True, levels: tuple[int, ...] = (80, 90)) -> Facts:
    """Facts with a hostile name everywhere a user can put one."""
    draw = np.random.default_rng(0)
    past = 24
    times = np.arange(past + horizon)
    if dates:
        times = np.datetime64("2024-01-31T22:00") + times * np.timedelta64(1, "h")
    truth = draw.normal(10, 1, (30, horizon))
    wide = np.array([-2, -1, 0, 1, 2]) if levels else np.zeros(1)
    mine = truth[..., None] * 0 + 10 + wide
    naive = np.ones(30)
    rows = [
        measure("LSTM", truth, mine, levels, naive),
        measure("last value", truth, mine[..., :1] + 3, (), naive),
    ]
    values = draw.normal(10, 1, past)
    values[3:6] = np.nan
    windows = [
        Window(
            HOSTILE,
            "2024-02-01 <b>",
            words,
            1.5,
            times,
            values,
            truth[k],
            truth[k] + 1,
            truth[k] - 1,
            {v: np.stack([truth[k] - v, truth[k] + v], 1) for v in levels},
        )
        for k, words in ranks(np.arange(30.0))
    ]
    gates = Gates(
        HOSTILE,
        times[:past],
        values,
        {
            "i": draw.random((past, 8)),
            "f": draw.random((past, 8)),
            "c": draw.normal(size=(past, 8)),
        },
    )
    point = draw.normal(10, 1, horizon)
    outlooks = [
        Outlook(
            name,
            times,
            values,
            point,
            {v: np.stack([point - v, point + v], 1) for v in levels},
            [f"{at}" for at in times[past:]],
            1,
        )
        for name in (HOSTILE, f"second {HOSTILE}")
    ]
    errors = [
        SeriesErrors(f"second {HOSTILE}", 2.5, 2.0, 1.25),
        SeriesErrors(HOSTILE, 1.5, 2.0, None),
    ]
    notes = [
        LogEntry(0, None, 2.0, 1e-3, 0.0),
        LogEntry(5, 1.5, 1.0, 2e-3, 1.0),
        LogEntry(10, 1, 1.2, 0, 2.0),
    ]
    return Facts(
        HOSTILE,
        "LSTM",
        HOSTILE,
        5,
        [("layout", HOSTILE)],
        [("cell", HOSTILE)],
        rows,
        levels,
        windows,
        HOSTILE,
        notes,
        gates,
        f"gatewise fit forecast '{HOSTILE}'",
        {"gatewise": "0 <i>"},
        outlooks,
        2,
        "",
        errors,
    )


def plain(facts: Facts) -> Facts:
    """The same with few pictures, where it is the words that are looked at."""
    return replace(facts, windows=facts.windows[:1], gates=None, curve=[])


def parsed(page: str) -> ET.Element:
    assert page.startswith("<!DOCTYPE html>\n")
    return ET.fromstring(page.removeprefix("<!DOCTYPE html>"))


@pytest.fixture(scope="module")
def page() -> str:
    return render(made())


def test_it_is_well_formed_and_has_all_parts(page: str) -> None:
    root = parsed(page)
    titles = {"".join(h.itertext()) for h in root.iter() if h.tag in ("h2", "h3")}
    assert {
        "The forecast",
        "Series by series",
        "Forecasts and actual values",
        "Comparison with the baselines",
        "Error by step of the horizon",
        "Coverage by step of the horizon",
        "Data",
        "Model",
        "What the gates did",
        "Learning curve",
        "How it was made",
    } <= titles
    table = next(t for t in root.iter("table") if t.get("class") == "stack")
    rows = [["".join(c.itertext()) for c in row] for row in table.iter("tr")]
    assert rows[0][:3] == ["", "MAE", "RMSE"]
    assert [row[0] for row in rows[1:]] == ["LSTM", "last value"]  # the losing row is there
    assert len(list(root.iter("svg"))) == 2 + 2 + 2 + 3 + 2 + 1 + 2


def test_it_runs_nothing_and_loads_nothing(page: str) -> None:
    root = parsed(page)
    tags = {element.tag for element in root.iter()}
    assert not tags & {"script", "link", "iframe", "object", "embed", "img", "form", "base", "a"}
    for element in root.iter():
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            if name in ("src", "href", "action", "data"):
                assert value.startswith(("#", "data:image/png;base64,")), value
            assert not re.search(r"url\((?!#)", value), value
    assert not re.search(r"https?:|@import|url\((?!#)", page)


def test_names_stay_text(page: str) -> None:
    root = parsed(page)
    assert "".join(root.find(".//h1").itertext()) == HOSTILE  # type: ignore[union-attr]
    assert sum(HOSTILE in "".join(h.itertext()) for h in root.iter("h3")) == 5
    assert sum(HOSTILE in "".join(d.itertext()) for d in root.iter("dd")) == 2
    assert HOSTILE in "".join(next(root.iter("pre")).itertext())
    assert "<script" not in page.lower() and "<img" not in page.lower()


def test_pictures_do_not_share_names(page: str) -> None:
    names = [e.attrib["id"] for e in parsed(page).iter() if "id" in e.attrib]
    assert names and len(names) == len(set(names))
    wanted = set(re.findall(r"(?:url\(#|href=\"#)([^)\"]+)", page))
    assert wanted == set(names)


def test_pictures_take_the_colours_of_the_page(page: str) -> None:
    svg = "".join(re.findall(r"<svg.*?</svg>", page, re.DOTALL))
    assert {"ink", "muted", "line", "model", "simple", "warm"} == set(
        re.findall(r"var\(--(\w+)\)", svg)
    )
    assert not re.search(r"(?:fill|stroke): ?#", svg)  # nothing has a colour of its own
    assert "font-family" not in svg


@pytest.mark.parametrize("horizon", [1, 200])
@pytest.mark.parametrize("dates", [True, False])
def test_horizons_and_times_of_other_kinds(horizon: int, dates: bool) -> None:
    parsed(render(made(horizon, dates)))


@pytest.mark.parametrize("unit", ["s", "m", "h", "D", "W", "M", "Y"])
def test_every_time_step_has_ticks(unit: str) -> None:
    """A locator that finds no interval warns, which is an error here."""
    for horizon in (6, 30, 77):
        facts = made(horizon)
        times = np.datetime64("1999-12-01", unit) + np.arange(24 + horizon)
        window = replace(facts.windows[0], times=times.astype("datetime64[us]"))
        for size in (HERO, SMALL):
            ET.fromstring(forecast("one", window, *size))


def test_without_gates_intervals_or_curve() -> None:
    root = parsed(render(replace(made(levels=()), gates=None, curve=[])))
    assert "What the gates did" not in "".join(root.itertext())


def test_the_verdict_is_honest() -> None:
    facts = made()
    assert "% less than the best baseline" in verdict(facts)
    other, mine = replace(facts.rows[1], mae=0.1), facts.rows[0]
    even = replace(other, mae=mine.mae * 1.001)
    assert "much the same as the best" in verdict(replace(facts, rows=[mine, even]))
    assert "Use the baseline" in verdict(replace(facts, rows=[other, mine]))
    assert "did not clearly beat" in verdict(replace(facts, steps=0))


def test_windows_are_picked_by_their_error() -> None:
    errors = np.random.default_rng(0).permutation(101).astype(float)
    errors[errors == 100] = np.nan  # nothing came there
    assert [errors[k] for k, _ in ranks(errors)] == [50, 10, 89, 99]
    assert len(ranks(np.ones(1))) == 1


def test_it_opens_with_the_forecast_and_ends_with_the_gates(page: str) -> None:
    root = parsed(page)
    sections = ["".join(h.itertext()) for h in root.iter("h2")]
    assert sections[0] == "The forecast" and sections[-1] == "Inside the cell"
    steps = next(t for t in root.iter("table") if t.get("class") == "steps")
    rows = [["".join(c.itertext()) for c in row] for row in steps.iter("tr")]
    outlook = made().outlooks[0]
    assert rows[0] == ["", "forecast", "80 % interval", "90 % interval"]
    assert len(rows) == 1 + 6
    low, high = outlook.limits[80][2]
    assert rows[3][:3] == [
        outlook.steps[2],
        f"{outlook.point[2]:.1f}",
        f"{low:.1f} to\u00a0{high:.1f}",
    ]


def test_series_are_ranked_and_open_without_a_script(page: str) -> None:
    facts = plain(made())
    root = parsed(page)
    parts = list(root.iter("details"))
    titles = ["".join(part.find("summary/b").itertext()) for part in parts]  # type: ignore[union-attr]
    assert titles == [f"second {HOSTILE}", HOSTILE]
    for part in parts:
        assert len(list(part.iter("svg"))) == 1
        assert len(list(part.iter("tr"))) == 1 + 6
    figures = ["".join(s.itertext()) for s in parts[0].iter("span")]
    assert figures == ["mean error 2.5", f"{HOSTILE} 2", "MASE 1.250"]
    # a series whose forecast the page does not hold keeps its errors, and the page says so
    less = parsed(render(replace(facts, outlooks=facts.outlooks[:1])))
    assert len(list(less.iter("details"))) == 1
    assert "the first 1 of 2 series" in "".join(less.itertext())
    single = parsed(render(replace(facts, outlooks=facts.outlooks[:1], series=1)))
    assert not list(single.iter("details"))


def test_a_forecast_that_cannot_be_made_says_why() -> None:
    root = parsed(
        render(replace(plain(made()), outlooks=[], unmade="the covariate <open> is missing"))
    )
    assert "There is none yet: the covariate <open> is missing." in "".join(root.itertext())


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.95, "too wide: 15.0 points more"),
        (0.7, "too narrow: 10.0 points fewer"),
        (0.803, "as it should be"),
    ],
)
def test_an_interval_is_called_what_it_is(share: float, words: str) -> None:
    facts = plain(made(levels=(80,)))
    mine = replace(facts.rows[0], coverage={80: share})
    tiles = [
        "".join(p.itertext())
        for p in parsed(render(replace(facts, rows=[mine, *facts.rows[1:]]))).iter("div")
        if p.get("class") == "tile"
    ]
    assert any(words in tile for tile in tiles)


@pytest.mark.parametrize("levels", [(80, 90), (50,), (95, 99), (10, 30, 60)])
@pytest.mark.parametrize("bottom", [0.5, 0.31, 0.0])
def test_the_axis_of_coverage_has_every_level(
    levels: tuple[int, ...], bottom: float, page: str
) -> None:
    ticks = coverage_ticks(bottom, levels)
    assert {level / 100 for level in levels} <= set(ticks)
    others = [v for v in ticks if v not in {level / 100 for level in levels}]
    assert others and all(abs(v - level / 100) > 0.03 for v in others for level in levels)
    text = page.partition("Coverage by step")[2].partition("</svg>")[0]
    assert ">80 %<" in text and ">90 %<" in text


def test_a_sketch_keeps_gaps_and_names() -> None:
    outlook = made().outlooks[0]
    root = ET.fromstring(sketch(outlook))
    assert HOSTILE in root.attrib["aria-label"]
    history, ahead = (e.attrib["d"] for e in root.iter("path"))
    assert history.count("M") == 2  # values 3 to 5 are missing
    assert ahead.count("M") == 1 and len(ahead.split()) == 6
    assert len(list(root.iter("polygon"))) == 2
    nothing = replace(outlook, past=np.full(24, np.nan), point=np.full(6, np.nan), limits={})
    ET.fromstring(sketch(nothing))
