"""Facts of a classifier as one HTML file. Every name in it is escaped by the template; the pictures are SVG."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from gatewise.errors import InputError
from gatewise.tasks.classify.fitted import Fitted
from gatewise.tasks.classify.report import charts
from gatewise.tasks.classify.report.facts import Facts
from gatewise.tasks.classify.verdict import compared
from gatewise.tasks.report.learning_curve import learning_curve
from gatewise.tasks.report.shell import page
from gatewise.tasks.report.versions import versions
from gatewise.tasks.sequences.report import NOT_AT_HAND

MOST_CLASSES = 20  # of a confusion matrix that is drawn
MOST_PAIRS = 5  # mistakes that are named


def facts_of(fitted: Fitted, command: str) -> Facts:
    """All facts of a model that was fitted here. Raises InputError for one that was loaded."""
    if fitted.shown is None:
        raise InputError(NOT_AT_HAND)
    return Facts(
        fitted.name,
        [str(label) for label in fitted.classes.tolist()],
        fitted.evaluation,
        fitted.calibration,
        int(fitted.shown.confusion.sum()),
        fitted.shown,
        list(fitted.notes),
        fitted.history,
        fitted.steps,
        command,
        versions(fitted.networks[0].encoder.explain()),
    )


def render(facts: Facts) -> str:
    """The page: well-formed, without a script, and with no reference to anything outside itself."""
    return page(
        "gatewise.tasks.classify.report",
        facts=facts,
        verdict=compared(facts.rows, facts.model_name),
        tiles=_tiles(facts),
        table=_table(facts),
        confusion=_confusion(facts),
        calibration=[f"{100 * error:.1f} %" for error in facts.calibration],
        pictures=_pictures(facts),
    )


def _tiles(facts: Facts) -> list[tuple[str, str, str]]:
    """Title, figure, remark."""
    mine, other = facts.mine, facts.other
    return [
        ("Accuracy", f"{100 * mine.accuracy:.1f} %", f"{other.name}: {100 * other.accuracy:.1f} %"),
        ("Balanced accuracy", f"{100 * mine.balanced:.1f} %", "every class counts the same"),
        ("Macro F1", f"{mine.macro_f1:.3f}", "the mean over the classes"),
        (
            "Calibration error",
            f"{100 * facts.calibration[1]:.1f} %",
            "how far probabilities are off",
        ),
    ]


def _table(facts: Facts) -> dict[str, Any]:
    rows = []
    for row in facts.rows:
        cells = [
            f"{100 * row.accuracy:.1f} %",
            f"{100 * row.balanced:.1f} %",
            f"{row.macro_f1:.3f}",
            "–" if row.log_loss is None else f"{row.log_loss:.3f}",
        ]
        rows.append((row.name, row.name == facts.model_name, round(100 * row.accuracy, 1), cells))
    return {"head": ["accuracy", "balanced", "macro F1", "log loss"], "rows": rows}


def _confusion(facts: Facts) -> dict[str, Any]:
    """The table where it fits on a page, and the most frequent mistakes."""
    table, names = facts.shown.confusion, facts.classes
    rows = []
    for k, counts in enumerate(table.toarray()) if len(names) <= MOST_CLASSES else ():
        total = int(counts.sum())
        right = "–" if not total else f"{100 * counts[k] / total:.0f} %"
        rows.append((names[k], [(int(n), j == k) for j, n in enumerate(counts)], right))
    cells = table.tocoo()
    counts = zip(cells.data.tolist(), cells.row.tolist(), cells.col.tolist(), strict=True)
    mistakes = sorted((-n, k, j) for n, k, j in counts if k != j)
    pairs = [f"{names[k]} taken for {names[j]} ({-n})" for n, k, j in mistakes[:MOST_PAIRS]]
    return {"head": names, "rows": rows, "pairs": pairs}


def _pictures(facts: Facts) -> dict[str, Any]:
    shown = facts.shown
    return {
        "by_length": Markup(charts.by_length("length", shown.by_length)) if shown.by_length else "",
        "reliability": Markup(charts.reliability("bins", shown.reliability)),
        "curve": Markup(learning_curve("curve", facts.curve)) if facts.curve else "",
        "examples": [
            (one, Markup(charts.example(f"e{k}", one))) for k, one in enumerate(shown.examples)
        ],
    }
