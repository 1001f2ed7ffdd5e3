"""The report of a detector as a page, and what it says of the data in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from gatewise.arrays import Floats
from gatewise.tasks.anomaly.scores import Anomaly
from gatewise.tasks.sequences.ragged import Measurements
from gatewise.tasks.steps.report.page import (
    Page,
    Shown,
    Table,
    TableRow,
    render,
    shown_of,
    summary,
)
from gatewise.tasks.steps.report.pictures import Strip, Timeline
from gatewise.tasks.steps.source import StepSource

if TYPE_CHECKING:
    from gatewise.tasks.anomaly.fitted import Fitted

TIMELINES, AROUND = 4, 250  # places that are shown; steps around them
WHOLE = 20_000  # steps of a sequence that is shown at once


def shown(
    plan: Sequence[str],
    source: StepSource,
    scores: Floats,
    threshold: float,
    places: Sequence[Anomaly],
) -> Shown:
    """Pick what the report shows: the longest sequence at once, and the highest places."""
    data = source.sequences
    assert isinstance(data, Measurements)
    longest = int(np.argmax(data.lengths))
    length = int(min(data.lengths[longest], WHOLE))
    timelines = [_timeline(source, scores, threshold, places, longest, 0, length, "its scores")]
    for place in places[:TIMELINES]:
        begin = max(0, place.peak - AROUND)
        end = min(int(data.lengths[place.sequence]), place.peak + AROUND)
        text = f"rank {place.rank}, score {place.score:.2f}"
        timelines.append(
            _timeline(source, scores, threshold, places, place.sequence, begin, end, text)
        )
    data_lines, model_lines = summary(plan, ("values", "quiet"))
    return Shown(tuple(timelines), data_lines, model_lines)


def _timeline(
    source: StepSource,
    scores: Floats,
    threshold: float,
    places: Sequence[Anomaly],
    k: int,
    begin: int,
    end: int,
    text: str,
) -> Timeline:
    data = source.sequences
    assert isinstance(data, Measurements)
    first = int(data.starts[k])
    marks = tuple(
        (p.begin, p.end)
        for p in places
        if p.sequence == k and p.flagged and p.begin < end and p.end > begin
    )
    name = source.ids[k] if source.ids else f"sequence {k}"
    return Timeline(
        f"{name}, steps {begin} to {end - 1}",
        text,
        begin,
        data.values[first + begin : first + end],
        data.channels,
        (Strip("score", scores[first + begin : first + end], None, threshold, None),),
        marks,
    )


def verdict(fitted: Fitted) -> str:
    """How the forecast did, and what was flagged."""
    rows = fitted.evaluation
    mine = next(row for row in rows if row.name == fitted.name)
    flagged = sum(place.flagged for place in fitted.places)
    what = (
        "No step of the data is above the threshold."
        if not flagged
        else f"{flagged} place{'s' if flagged > 1 else ''} of the data {'are' if flagged > 1 else 'is'} above the threshold."
    )
    if rows[0].name != fitted.name:
        return (
            f"The {rows[0].name} forecasts quiet steps better ({rows[0].mae:.3f} against {mine.mae:.3f}): the scores of "
            f"the network are to be trusted little. {what}"
        )
    return (
        f"The network forecasts quiet steps with an error of {mine.mae:.3f} deviations, the {rows[1].name} with "
        f"{rows[1].mae:.3f}. {what}"
    )


def report(fitted: Fitted, command: str) -> str:
    """The page. Raises InputError for a model that was loaded."""
    shows = shown_of(fitted.shown)
    mine = next(row for row in fitted.evaluation if row.name == fitted.name)
    worst = max(row.mae for row in fitted.evaluation) or 1.0
    rows: list[TableRow] = [
        (
            row.name,
            row.name == fitted.name,
            round(100 * row.mae / worst, 1),
            (f"{row.mae:.3f}", f"{row.rmse:.3f}"),
        )
        for row in fitted.evaluation
    ]
    highest = max((place.score for place in fitted.places), default=1.0)
    places: list[TableRow] = [
        (
            f"{place.rank}",
            place.flagged,
            round(100 * place.score / highest, 1),
            (
                f"{place.sequence}",
                f"{place.begin}–{place.end - 1}",
                f"{place.peak}",
                f"{place.score:.2f}",
                "yes" if place.flagged else "no",
            ),
        )
        for place in fitted.places
    ]
    tables = [
        Table(
            "What stands out",
            "The places of the data with the highest scores: how far values are from the forecast, in units of the "
            "usual error.",
            ("sequence", "steps", "peak", "score", "flagged"),
            tuple(places),
        ),
        Table(
            "Forecasts of quiet steps",
            "A score is worth as much as the forecast it is taken from. Errors are in standard deviations, on steps that "
            "the network had neither learned from nor was stopped by.",
            ("MAE", "RMSE"),
            tuple(rows),
        ),
    ]
    flagged = sum(place.flagged for place in fitted.places)
    return render(
        Page(
            title="Anomalies of sequences",
            eyebrow="anomaly report",
            heading=f"{flagged} place{'' if flagged == 1 else 's'} above the threshold",
            verdict=verdict(fitted),
            tiles=[
                ("Highest score", f"{highest:.2f}", "in usual errors"),
                ("Threshold", f"{fitted.threshold:.2f}", f"from {fitted.quiet_steps} quiet steps"),
                ("Forecast error", f"{mine.mae:.3f}", "deviations, quiet steps"),
            ],
            tables=tables,
            notes=fitted.notes,
            pictures_heading="Where it is",
            pictures_about="The longest sequence, and what is around the highest places.",
            legend=[
                ("line", "values"),
                ("model", "score"),
                ("simple", "threshold"),
                ("dot", "flagged"),
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
