"""Saved forecasters at the command line."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np

from gatewise.cli.kinds import KindCommands, PlotOptions, PredictOptions, Report
from gatewise.errors import InputError, InputWarning, some_of
from gatewise.tasks import Forecaster
from gatewise.tasks.forecast.domain import describe_domains
from gatewise.tasks.forecast.fitted import Fitted
from gatewise.tasks.forecast.frames import rounded
from gatewise.tasks.forecast.metrics import format_table
from gatewise.tasks.forecast.report.outlook import outlook_of

LIMIT = re.compile(r".*-(?:lo|hi)-(\d+)")
# names of series that info prints
MOST_IDS = 5
# of a picture, in points
PLOT_HEIGHT = 380


def info(model: Forecaster) -> Report:
    """What it forecasts, how it was trained, and its errors on the test span."""
    fitted = model.fitted_
    id, time, target = fitted.columns
    parameters = sum(p.numel() for network in fitted.networks for p in network.parameters())
    ids = fitted.ends.ids
    stopped = ""
    if fitted.stopped is not None:
        stopped = " (stopped by the time limit at step {} of {})".format(*fitted.stopped)
    step = fitted.clock.describe()
    lines = [
        f"model    a forecaster of {target}, {model.horizon} steps ahead, {step}",
        f"series   {len(ids)}: {some_of(ids, MOST_IDS)}",
        f"columns  time {time}" + ("" if fitted.layout == "single" else f", id {id}"),
    ]
    if calendar := fitted.clock.describe_calendar():
        lines.append(f"calendar {calendar}")
    for part, features in fitted.features.covariates():
        lines.append(f"{part:<8} {', '.join(feature.describe() for feature in features)}")
    lines += [
        f"cell     {fitted.cell.name}, {parameters:,} parameters, {fitted.steps} training steps{stopped}",
        *describe_domains(fitted.domains, fitted.features.names("target"), fitted.options),
        *fitted.choices.describe(),
        "",
        "errors on the test span, which training had not seen, best first",
        *fitted.table(),
    ]
    best = fitted.best if fitted.validation else None
    if best is not None:
        lines += ["", f"best on the validation span: {best} (predict --best)"]
    columns: dict[str, Any] = {"id": id, "time": time, "target": target}
    columns |= {part: list(fitted.features.names(part)) for part in ("past", "known", "static")}
    data = {
        "cell": fitted.cell.name,
        "parameters": parameters,
        "horizon": model.horizon,
        "levels": sorted(model.levels),
        "time_step": step,
        "calendar": fitted.clock.describe_calendar(),
        "columns": columns,
        "series": list(ids),
        "steps": fitted.steps,
        "stopped": fitted.stopped,
        "cut_short": fitted.cut_short or None,
        "choices": fitted.choices.to_dict(),
        "evaluation": [row.to_dict() for row in fitted.evaluation],
        "validation": fitted.validation,
        "best": best,
    }
    return Report(lines, data)


def evaluate(model: Forecaster, file: Path) -> Report:
    """Its errors beside those of the baselines, on unseen rows and on rows of its training."""
    evaluation = model.evaluate(model.fitted_.read(file))
    lines = [f"{evaluation.values} values, {evaluation.seen} of them seen in training", ""]
    if evaluation.rows:
        lines.append(f"{evaluation.windows} forecasts of unseen rows, best first")
        lines += format_table(evaluation.rows)
    else:
        lines.append("no forecast of unseen rows: add later rows")
    if evaluation.seen_rows:
        lines += [
            "",
            f"{evaluation.seen_windows} forecasts of rows SEEN IN TRAINING: these errors are too low",
            *format_table(evaluation.seen_rows),
        ]
    return Report(lines, asdict(evaluation))


def predict(model: Forecaster, options: PredictOptions) -> Any:
    """Its forecasts, with the intervals that were asked for."""
    unknown = sorted(set(options.level) - set(model.levels))
    if unknown:
        raise InputError(
            f"the model has no {unknown[0]} % interval: it was fitted with "
            f"{', '.join(map(str, sorted(model.levels)))} (fit forecast --set levels=[50,95])"
        )
    fitted, baseline = model.fitted_, options.baseline
    if options.best:
        baseline = None if fitted.best == fitted.name else fitted.best
        if baseline is not None:
            warnings.warn(
                _better(fitted.validation, baseline, fitted.name), InputWarning, stacklevel=2
            )
    if baseline is None and fitted.cut_short:
        warnings.warn(
            f"the training of this model was {fitted.cut_short}", InputWarning, stacklevel=2
        )
    if baseline is not None and options.level:
        raise InputError(f"the baseline {baseline!r} has no intervals: leave --level out")
    data, future = None, options.future
    if options.data is not None:
        data, future = fitted.read(options.data, options.future), None
    frame = model.predict(
        options.horizon,
        data,
        future,
        baseline=baseline,
        point=options.point,
        total=bool(options.total),
    )
    if baseline is None and not options.total and options.point is None:
        _say_if_zero(nw.from_native(frame, eager_only=True), fitted)
    whole = any(domain.whole for domain in fitted.domains)
    frame = rounded(frame, fitted.features.target, options.digits, whole)
    if not options.level:
        return frame
    columns = nw.from_native(frame, eager_only=True)
    return columns.select([c for c in columns.columns if _wanted(c, options.level)]).to_native()


def _say_if_zero(frame: nw.DataFrame[Any], fitted: Fitted) -> None:
    """Warn (InputWarning) of forecasts that are 0 at every step, as those of intermittent demand are."""
    points = [c for c in frame.columns if c == fitted.name or c.endswith(f"-{fitted.name}")]
    if any(domain.whole for domain in fitted.domains) and any(
        not np.any(frame[c].to_numpy()) for c in points
    ):
        warnings.warn(
            "most values are 0, and so is the point forecast of every step, the value in the middle of what may "
            "come: --point mean gives the mean, --total the total over the horizon",
            InputWarning,
            stacklevel=3,
        )


def _better(errors: Mapping[str, float], baseline: str, network: str) -> str:
    return (
        f"this is the forecast of {baseline!r}, which was better than {network} on the validation span "
        f"(mean error {errors[baseline]:.4g} against {errors[network]:.4g}); it has no intervals"
    )


def _wanted(column: str, levels: tuple[int, ...]) -> bool:
    """Whether a column is no limit of an interval, or that of a level."""
    limit = LIMIT.fullmatch(column)
    return limit is None or int(limit[1]) in levels


def update(model: Forecaster, file: Path) -> str:
    """Take up the rows of a file."""
    fitted = model.update(file).fitted_
    last = fitted.clock.at(fitted.ends.position.max(keepdims=True) - 1)
    return f"its last series now ends at {fitted.clock.show(int(last[0]))}"


def plot(model: Forecaster, options: PlotOptions, path: Path) -> str:
    """Draw the last values of a series and the forecast that follows."""
    from gatewise.tasks.forecast.report.charts import WIDE, alone
    from gatewise.tasks.report.picture import save

    outlook = outlook_of(
        model.fitted_, options.series, options.horizon, options.data, options.future
    )
    name = model.fitted_.name
    save(path, WIDE, PLOT_HEIGHT, lambda figure: alone(figure, outlook, name, WIDE))
    return f"{outlook.series}, {outlook.steps[0]} to {outlook.steps[-1]}"


commands = KindCommands(
    info=info,
    evaluate=evaluate,
    predict=predict,
    predict_options=frozenset(
        {"data", "horizon", "future", "level", "digits", "baseline", "best", "point", "total"}
    ),
    update=update,
    plot=plot,
)
