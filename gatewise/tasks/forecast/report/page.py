"""Facts as one HTML file. Every name in it is escaped by the template; the pictures are SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gatewise.tasks.forecast.metrics import Row
from gatewise.tasks.forecast.report import charts
from gatewise.tasks.forecast.report.events import MARKS
from gatewise.tasks.forecast.report.facts import Facts, Outlook
from gatewise.tasks.forecast.report.sketch import sketch
from gatewise.tasks.report.learning_curve import learning_curve
from gatewise.tasks.report.shell import page

HERO, SMALL = (1060.0, 330.0), (charts.NARROW, 225.0)
Numbers = list[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """Titles of columns, and rows: a name and a text for each column."""

    head: list[str]
    rows: list[tuple[str, list[str]]]


def render(facts: Facts) -> str:
    """The page: well-formed, without a script, and with no reference to anything outside itself."""
    return page(
        "gatewise.tasks.forecast.report",
        facts=facts,
        events=list(zip(MARKS, facts.events, strict=False)),
        verdict=verdict(facts),
        tiles=_tiles(facts),
        table=_table(facts),
        pictures=_pictures(facts),
        forecast=_steps(facts.outlooks[0]) if facts.outlooks else None,
        by_series=_by_series(facts) if facts.series > 1 else (),
    )


def verdict(facts: Facts) -> str:
    """One sentence that says whether to use the model."""
    mine, other = facts.mine, facts.best_baseline
    if not facts.steps:
        return (
            f"The network did not clearly beat its baseline “{facts.base}”, so the forecast is the "
            "baseline’s, with calibrated intervals."
        )
    if facts.rows[0].name != facts.model_name:
        return (
            f"A baseline does better: the mean error of “{other.name}” is {_number(other.mae)}, that of "
            f"the network {_number(mine.mae)}. Use the baseline (predict --best, or --baseline)."
        )
    return (
        f"On the test span the network has a mean error of {_number(mine.mae)}: "
        f"{_less(mine, other)} the best baseline, “{other.name}”."
    )


@dataclass(frozen=True)
class SeriesPart:
    """What the page says of a series: its figures with their titles, its forecast in a picture and a table."""

    name: str
    figures: Numbers
    picture: Markup
    table: Table | None


def _by_series(facts: Facts) -> list[SeriesPart]:
    """A part for each series, those with the largest errors first, then those without a window."""
    outlook_of = {one.series: one for one in facts.outlooks}
    errors = {one.series: one for one in facts.errors}
    parts = []
    for name in dict.fromkeys((*errors, *outlook_of)):
        figures, error, outlook = [], errors.get(name), outlook_of.get(name)
        if error is not None:
            figures = [
                ("mean error", _number(error.mae)),
                (facts.baseline, _number(error.baseline)),
                ("MASE", "–" if error.mase is None else f"{error.mase:.3f}"),
            ]
        picture = Markup("" if outlook is None else sketch(outlook))
        table = None if outlook is None else _steps(outlook)
        parts.append(SeriesPart(name, figures, picture, table))
    return parts


def _steps(outlook: Outlook) -> Table:
    """A row for each step: its time, the forecast, and the limits of each interval."""

    def text(value: float) -> str:
        return _number(value) if outlook.decimals is None else f"{value:.{outlook.decimals}f}"

    levels = sorted(outlook.limits)
    rows = [
        (
            step,
            [
                text(outlook.point[k]),
                *(" to\u00a0".join(map(text, outlook.limits[v][k])) for v in levels),
            ],
        )
        for k, step in enumerate(outlook.steps)
    ]
    return Table(["forecast", *(f"{v} % interval" for v in levels)], rows)


def _tiles(facts: Facts) -> list[tuple[str, str, str]]:
    """Title, figure, remark."""
    mine, other = facts.mine, facts.best_baseline
    tiles = [("Mean error", _number(mine.mae), f"{_less(mine, other)} “{other.name}”")]
    if mine.mase is not None:
        tiles.append(("MASE", f"{mine.mase:.3f}", "1 is the naive forecast’s error in training"))
    for level in facts.levels:
        share = 100 * mine.coverage[level]
        tiles.append((f"In the {level} % interval", f"{share:.1f} %", _off(share - level)))
    return tiles[:4]


def _table(facts: Facts) -> dict[str, Any]:
    worst = max(row.mae for row in facts.rows) or 1.0
    rows = []
    for row in facts.rows:
        cells = [
            _number(row.mae),
            _number(row.rmse),
            f"{row.smape:.2f}",
            "–" if row.mase is None else f"{row.mase:.3f}",
        ]
        for level in facts.levels:
            inside = row.coverage.get(level)
            cells += ["" if inside is None else f"{100 * inside:.1f}"]
            cells += ["" if inside is None else _number(row.width[level])]
        rows.append(
            (row.name, row.name == facts.model_name, round(100 * row.mae / worst, 1), cells)
        )
    intervals = [text for v in facts.levels for text in (f"in {v} %", f"width {v} %")]
    return {"head": ["MAE", "RMSE", "sMAPE %", "MASE", *intervals], "rows": rows}


def _pictures(facts: Facts) -> dict[str, Any]:
    windows = facts.windows
    pictures: dict[str, Any] = {
        "hero": [
            charts.forecast("hero", windows[0], *HERO),
            charts.forecast("first", windows[0], *SMALL),
        ],
        "small": [(w, charts.forecast(f"w{k}", w, *SMALL)) for k, w in enumerate(windows[1:])],
        "outlook": [],
        "by_step": charts.by_step("steps", facts.rows, facts.model_name),
        "coverage": charts.coverage("cover", facts.mine) if facts.levels else "",
        "curve": _curve(facts) if facts.curve else "",
        "gates": [],
    }
    if facts.outlooks:
        pictures["outlook"] = [
            charts.outlook("next", facts.outlooks[0], *HERO),
            charts.outlook("nextn", facts.outlooks[0], *SMALL),
        ]
    if facts.gates is not None:
        pictures["gates"] = [
            charts.gates("gates", facts.gates, charts.WIDE),
            charts.gates("gatesn", facts.gates, charts.NARROW),
        ]
    safe: dict[str, Any] = _safe(pictures)
    return safe


def _curve(facts: Facts) -> str:
    return learning_curve("curve", facts.curve, words="training and validation loss", lowest=True)


def _safe(part: Any) -> Any:
    """SVG that is ours goes into the page as it is; windows and texts stay to be escaped."""
    if isinstance(part, dict):
        return {key: _safe(value) for key, value in part.items()}
    if isinstance(part, Sequence) and not isinstance(part, str):
        return type(part)(_safe(value) for value in part)  # type: ignore[call-arg]
    return Markup(part) if isinstance(part, str) else part


def _less(mine: Row, other: Row) -> str:
    if not other.mae:
        return "more than"
    share = round(100 * (1 - mine.mae / other.mae))
    return f"{abs(share)} % {'less' if share > 0 else 'more'} than" if share else "much the same as"


def _off(points: float) -> str:
    """What a coverage is worth that is so many points above what was promised."""
    if abs(points) < 0.5:
        return "as it should be"
    if points > 0:
        return f"too wide: {points:.1f} points more than promised"
    return f"too narrow: {-points:.1f} points fewer than promised"


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 10_000 else f"{value:.4g}"
