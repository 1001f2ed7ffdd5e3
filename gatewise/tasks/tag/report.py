"""What the report of a tagger tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.sequences.value_figures import Row as ValueRow
from gatewise.tasks.steps.report.page import Page, Shown, Table, TableRow, render, shown_of, summary
from gatewise.tasks.steps.report.pictures import Strip, Timeline
from gatewise.tasks.steps.source import StepSource
from gatewise.tasks.steps.splits import StepRotation
from gatewise.tasks.tag.events import Detection
from gatewise.tasks.tag.fitted import Fitted
from gatewise.tasks.tag.labels import StepLabels
from gatewise.tasks.tag.verdict import verdict

TIMELINES, STRIPS, LONGEST = 4, 4, 1500  # that are shown; steps of one


def shown(
    plan: Sequence[str],
    source: StepSource,
    labels: StepLabels,
    said: Floats,
    rotations: Sequence[StepRotation],
    events: tuple[int, ...],
    detection: Detection,
) -> Shown:
    """Pick what the report shows: stretches of the test parts, those where something happens first."""
    stretches = [
        (int(b), int(min(e, b + LONGEST)))
        for r in rotations
        for first, e in zip(r.test.begin, r.test.end, strict=True)
        for b in range(int(first), int(e), LONGEST)
    ]
    wrong = [_wrong(labels, said[b:e], b, e) for b, e in stretches]
    order = np.argsort(-np.array(wrong), kind="stable")
    # the worst ones, and one that went well
    chosen = list(dict.fromkeys([*order[: TIMELINES - 1], order[-1]]))
    timelines = tuple(
        _timeline(source, labels, said, stretches[k], wrong[k], events, detection) for k in chosen
    )
    data_lines, model_lines = summary(plan, ("classes", "labels", "values"))
    return Shown(timelines, data_lines, model_lines)


def _wrong(labels: StepLabels, said: Floats, begin: int, end: int) -> float:
    """How much of a stretch is wrong: the share of steps, or the mean error."""
    truth = labels.values[begin:end]
    held = ~np.isnan(truth)
    if not held.any():
        return -1.0
    if labels.what == "class":
        return float((said.argmax(1) != truth[:, 0])[held[:, 0]].mean())
    if labels.what == "several":
        return float(((said >= 0.5) != (truth == 1))[held].mean())
    return float(np.abs(said - truth)[held].mean())


def _timeline(
    source: StepSource,
    labels: StepLabels,
    said: Floats,
    stretch: tuple[int, int],
    wrong: float,
    events: tuple[int, ...],
    detection: Detection,
) -> Timeline:
    begin, end = stretch
    data = source.sequences
    k = int(np.searchsorted(data.starts, begin, side="right")) - 1
    first = begin - int(data.starts[k])
    name = source.ids[k] if source.ids else f"sequence {k}"
    strips = []
    truth = labels.values[begin:end]
    if labels.what == "value":
        for j, column in enumerate(labels.classes[:STRIPS]):
            strips.append(Strip(str(column), said[begin:end, j], truth[:, j], None, None))
        text = f"mean error {wrong:.3g}"
    else:
        column_of = {j: 0 if labels.what == "class" else j for j in events}
        busy = sorted(events, key=lambda j: -_happens(labels, truth, j))[:STRIPS]
        for j in busy:
            column = truth[:, column_of[j]]
            is_true = (column == (j if labels.what == "class" else 1)).astype(float)
            strips.append(
                Strip(f"{labels.classes[j]}", said[begin:end, j], is_true, detection.on, 1.0)
            )
        text = f"{100 * max(0.0, wrong):.1f} % of its steps wrong"
    values = (
        data.values[begin:end] if isinstance(data, Measurements) else np.zeros((end - begin, 0))
    )
    channels = data.channels if isinstance(data, Measurements) else ()
    title = f"{name}, steps {first} to {first + end - begin - 1}"
    return Timeline(title, text, first, values, channels, tuple(strips))


def _happens(labels: StepLabels, truth: Floats, j: int) -> int:
    """Steps of a stretch at which a label is true."""
    if labels.what == "class":
        return int((truth[:, 0] == j).sum())
    return int((truth[:, j] == 1).sum())


def report(fitted: Fitted, command: str) -> str:
    """The page. Raises InputError for a model that was loaded."""
    shows = shown_of(fitted.shown)
    what = {"class": "classes", "several": "labels", "value": "values"}[fitted.what]
    legend = [("line", "values"), ("model", "what the network says")]
    if fitted.what != "value":
        legend += [("dot", "true"), ("simple", "where an event begins")]
    return render(
        Page(
            title="Tagging of sequences",
            eyebrow="tagging report",
            heading=f"{len(fitted.classes)} {what} at every step",
            verdict=verdict(fitted),
            tiles=_tiles(fitted),
            tables=_tables(fitted),
            notes=fitted.notes,
            pictures_heading="Steps that it had not seen",
            pictures_about="The stretches of the part that judges with most errors, and one that went well.",
            legend=legend,
            timelines=shows.timelines,
            data=shows.data,
            model=(*shows.model, *_detection(fitted)),
            history=fitted.history,
            steps=fitted.steps,
            command=command,
            kernel=fitted.networks[0].encoder.explain(),
        )
    )


def _detection(fitted: Fitted) -> tuple[tuple[str, str], ...]:
    if not fitted.events:
        return ()
    how = fitted.detection
    text = f"begin at {how.on:.2f}, last down to {how.off:.2f} and for at least {how.least} steps"
    return (
        ("events", text + (f"; pauses of up to {how.gap} steps are closed" if how.gap else "")),
    )


def _tiles(fitted: Fitted) -> list[tuple[str, str, str]]:
    mine = next(row for row in fitted.evaluation if row.name == fitted.name)
    if isinstance(mine, ValueRow):
        return [
            ("RMSE", f"{mine.rmse:.4g}", "root of the mean squared error"),
            ("Mean error", f"{mine.mae:.4g}", "absolute, in the units of the values"),
            ("R²", f"{mine.r2:.3f}", "1 is perfect, 0 is the mean"),
        ]
    tiles = [
        ("Steps right", f"{100 * mine.accuracy:.1f} %", "of those with a label"),
        ("Macro F1", f"{mine.macro_f1:.3f}", "the mean over the classes"),
    ]
    if fitted.event_evaluation:
        row = next(row for row in fitted.event_evaluation if row.name == fitted.name)
        rate = fitted.options.rate
        tiles.append(("Events found", f"{100 * row.recall:.0f} %", f"of {row.events}"))
        if rate:
            tiles.append(("False alarms", f"{row.false_an_hour(rate):.1f}", "an hour"))
        else:
            tiles.append(("False alarms", f"{row.false}", f"in {row.steps} steps"))
    return tiles


def _tables(fitted: Fitted) -> list[Table]:
    rows: list[TableRow] = []
    if isinstance(fitted.evaluation[0], ValueRow):
        head: tuple[str, ...] = ("RMSE", "MAE", "R²")
        worst = max(row.rmse for row in fitted.evaluation) or 1.0  # type: ignore[union-attr]
        for row in fitted.evaluation:
            assert isinstance(row, ValueRow)
            figures = (f"{row.rmse:.4g}", f"{row.mae:.4g}", f"{row.r2:.3f}")
            share = round(100 * row.rmse / worst, 1)
            rows.append((row.name, row.name == fitted.name, share, figures))
    else:
        head = ("macro F1", "steps right", "balanced", "log loss")
        for row in fitted.evaluation:
            assert not isinstance(row, ValueRow)
            loss = "–" if row.log_loss is None else f"{row.log_loss:.3f}"
            right, balanced = f"{100 * row.accuracy:.1f} %", f"{100 * row.balanced:.1f} %"
            cells = (f"{row.macro_f1:.3f}", right, balanced, loss)
            share = round(100 * row.macro_f1, 1)
            rows.append((row.name, row.name == fitted.name, share, cells))
    about = (
        "Every step was judged by a network that had neither learned from it nor was stopped by it; the "
        "baselines learned from the same others. Where one of them is above the network, it is the better "
        "choice. The model that was kept has then been trained on all steps."
    )
    tables = [Table("Beside its baselines", about, head, tuple(rows))]
    if fitted.event_evaluation:
        tables.append(_event_table(fitted))
    return tables


def _event_table(fitted: Fitted) -> Table:
    rate, tolerance = fitted.options.rate, fitted.options.tolerance
    rows = []
    for row in fitted.event_evaluation:
        false = f"{row.false_an_hour(rate):.1f}" if rate else str(row.false)
        delay = "–" if row.delay is None else f"{row.delay:+.0f}"
        if rate and row.delay is not None:
            delay = f"{row.delay / rate:+.3g} s"
        hits = f"{row.hits} of {row.events}"
        cells = (hits, f"{100 * row.precision:.0f} %", false, delay)
        rows.append((row.name, row.name == fitted.name, round(100 * row.f1, 1), cells))
    how = (
        "An event counts as found where one overlaps it that has not found an earlier one; one that overlaps none is a false alarm."
        if tolerance is None
        else f"An event counts as found where one peaks at most {tolerance} steps from its middle."
    )
    head = ("found", "precision", "false alarms an hour" if rate else "false alarms", "onset")
    return Table("Events", f"{how} The onset is the median, after the true one.", head, tuple(rows))
