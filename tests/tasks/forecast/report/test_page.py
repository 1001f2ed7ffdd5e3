"""The page by itself: well-formed, self-contained, true to its facts, and names stay text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest

from gatewise.tasks.forecast.metrics import measure
from gatewise.tasks.forecast.report.charts import forecast
from gatewise.tasks.forecast.report.facts import Facts, Gates, Window, ranks
from gatewise.tasks.forecast.report.page import HERO, SMALL, render, verdict
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
            HOSTILE, "2024-02-01 <b>", words, 1.5, times, values, truth[k], truth[k] + 1,
            truth[k] - 1, {v: np.stack([truth[k] - v, truth[k] + v], 1) for v in levels},
        )
        for k, words in ranks(np.arange(30.0))
    ]  # fmt: skip
    gates = Gates(
        HOSTILE, times[:past], values,
        {"i": draw.random((past, 8)), "f": draw.random((past, 8)), "c": draw.normal(size=(past, 8))},
    )  # fmt: skip
    notes = [
        LogEntry(0, None, 2.0, 1e-3, 0.0),
        LogEntry(5, 1.5, 1.0, 2e-3, 1.0),
        LogEntry(10, 1, 1.2, 0, 2.0),
    ]
    return Facts(
        HOSTILE, "LSTM", HOSTILE, 5, [("layout", HOSTILE)], [("cell", HOSTILE)], rows, levels,
        windows, HOSTILE, notes, gates, f"gatewise fit forecast '{HOSTILE}'", {"gatewise": "0 <i>"},
    )  # fmt: skip


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
        "Forecasts and actual values", "Comparison with the baselines", "Error by step of the horizon",
        "Coverage by step of the horizon", "Data", "Model", "What the gates did", "Learning curve",
        "How it was made",
    } <= titles  # fmt: skip
    rows = [["".join(c.itertext()) for c in row] for row in root.iter("tr")]
    assert rows[0][:3] == ["", "MAE", "RMSE"]
    assert [row[0] for row in rows[1:]] == ["LSTM", "last value"]  # the losing row is there
    assert len(list(root.iter("svg"))) == 2 + 3 + 2 + 1 + 2


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
    assert sum(HOSTILE in "".join(h.itertext()) for h in root.iter("h3")) == 4
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
