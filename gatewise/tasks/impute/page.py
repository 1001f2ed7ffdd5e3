"""The report of an imputer as a page, and whether to use it, in a sentence."""

from __future__ import annotations

from gatewise.tasks.impute.fitted import Fitted
from gatewise.tasks.impute.report import LEVEL, head
from gatewise.tasks.sequences.verdict import verdict_on
from gatewise.tasks.steps.report.page import Page, Table, TableRow, render, shown_of


def verdict(fitted: Fitted) -> str:
    """How the network did beside the best baseline."""
    return verdict_on(
        fitted.evaluation,
        fitted.name,
        "removed values",
        lambda row: f"a mean error of {row.mae:.3f} deviations",
    )


def report(fitted: Fitted, command: str) -> str:
    """The page. Raises InputError for a model that was loaded."""
    shows = shown_of(fitted.shown)
    mine = next(row for row in fitted.evaluation if row.name == fitted.name)
    linear = next(row for row in fitted.evaluation if row.name.startswith("linear"))
    worst = max(row.mae for row in fitted.evaluation) or 1.0
    rows: list[TableRow] = [
        (
            row.name,
            row.name == fitted.name,
            round(100 * row.mae / worst, 1),
            tuple(f"{figure:.3f}" for figure in (row.mae, row.rmse, *row.by_share)),
        )
        for row in fitted.evaluation
    ]
    about = (
        "Blocks of known values were removed from the part that judges, which the network had neither learned from nor "
        "was stopped by, and filled in again. Errors are in standard deviations of each column; less is better. "
        "The model that was kept has then been trained on all steps."
    )
    channels = len(fitted.scaler.channels)
    return render(
        Page(
            title="Imputation of sequences",
            eyebrow="imputation report",
            heading=f"Gaps in {channels} column{'s' if channels > 1 else ''}",
            verdict=verdict(fitted),
            tiles=[
                ("Mean error", f"{mine.mae:.3f}", "in deviations of each column"),
                ("Linear interpolation", f"{linear.mae:.3f}", "the same values"),
                (
                    "Season",
                    f"{fitted.season}" if fitted.season > 1 else "none",
                    "steps, from the autocorrelation",
                ),
                (f"{LEVEL} % interval", f"± {fitted.half(LEVEL):.2f}", "times the expected error"),
            ],
            tables=[Table("Beside its baselines", about, head(), tuple(rows))],
            notes=fitted.notes,
            pictures_heading="Values that were removed",
            pictures_about=f"Stretches of the part that judges, with what was filled in and its {LEVEL} % interval.",
            legend=[
                ("line", "true values"),
                ("model", "filled in"),
                ("band", f"{LEVEL} % interval"),
            ],
            timelines=shows.timelines,
            data=shows.data,
            model=shows.model,
            history=fitted.history,
            steps=fitted.steps,
            command=command,
            kernel=fitted.networks[0].encoder.explain(),
        )
    )
