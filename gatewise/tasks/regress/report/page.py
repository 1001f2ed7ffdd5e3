"""A fit of a regressor as one HTML file. Every name in it is escaped by the template; the pictures are SVG."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from gatewise.errors import InputError
from gatewise.tasks.regress.fitted import Fitted
from gatewise.tasks.regress.report import charts
from gatewise.tasks.regress.report.facts import Shown
from gatewise.tasks.regress.verdict import verdict
from gatewise.tasks.report.learning_curve import learning_curve
from gatewise.tasks.report.shell import page
from gatewise.tasks.report.versions import versions
from gatewise.tasks.sequences.report import NOT_AT_HAND

LEVEL = 90  # of the interval that a tile tells


@dataclass(frozen=True)
class Facts:
    """A fitted model, what it shows, and the command that made it."""

    fitted: Fitted
    shown: Shown
    command: str


def facts_of(fitted: Fitted, command: str) -> Facts:
    """All facts of a model that was fitted here. Raises InputError for one that was loaded."""
    if fitted.shown is None:
        raise InputError(NOT_AT_HAND)
    return Facts(fitted, fitted.shown, command)


def render(facts: Facts) -> str:
    """The page: well-formed, without a script, and with no reference to anything outside itself."""
    fitted, shown = facts.fitted, facts.shown
    worst = max(row.rmse for row in fitted.evaluation) or 1.0
    rows = [
        (
            row.name,
            row.name == fitted.name,
            round(100 * row.rmse / worst, 1),
            [f"{row.rmse:.4g}", f"{row.mae:.4g}", f"{row.r2:.3f}"],
        )
        for row in fitted.evaluation
    ]
    pictures = {
        "scatter": Markup(charts.scatter("truth", shown)),
        "errors": Markup(charts.errors("errors", shown)),
        "curve": Markup(learning_curve("curve", fitted.history)) if fitted.history else "",
    }
    return page(
        "gatewise.tasks.regress.report",
        facts=facts,
        verdict=verdict(fitted),
        tiles=_tiles(fitted),
        judged=len(shown.truth),
        table={"head": ["RMSE", "MAE", "R²"], "rows": rows},
        notes=list(fitted.notes),
        pictures=pictures,
        versions=versions(fitted.networks[0].encoder.explain()),
    )


def _tiles(fitted: Fitted) -> list[tuple[str, str, str]]:
    """Title, figure, remark."""
    mine = next(row for row in fitted.evaluation if row.name == fitted.name)
    half = float((fitted.half_widths(LEVEL) / fitted.unit).mean())
    width = "∞" if np.isinf(half) else f"± {half:.4g}"
    units = "in deviations of each value" if fitted.names else "in the units of the values"
    return [
        ("RMSE", f"{mine.rmse:.4g}", "root of the mean squared error"),
        ("Mean error", f"{mine.mae:.4g}", f"absolute, {units}"),
        ("R²", f"{mine.r2:.3f}", "1 is perfect, 0 is the mean"),
        (f"{LEVEL} % interval", width, "around every value"),
    ]
