"""``gatewise fit forecast``: trains a forecaster on a file and compares it with its baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gatewise.cli import bounds, tables, training
from gatewise.cli.exits import say

if TYPE_CHECKING:
    from gatewise.tasks import Forecaster
    from gatewise.tasks.data.series import Table

DOMAIN = ("lower", "upper", "integer")
# arguments of Forecaster that have an option of their own
SWITCHES = ("horizon", "cell", "random_state", "device", *DOMAIN, *tables.COLUMN_OPTIONS)


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("forecast")(fit_forecast)


def fit_forecast(
    context: typer.Context,
    file: tables.File,
    horizon: Annotated[
        int | None,
        typer.Option(
            "--horizon",
            help="The number of steps to forecast (default: what look suggests, such as a day).",
            metavar="N",
            min=1,
        ),
    ] = None,
    out: training.Out = None,
    time: tables.Time = None,
    target: tables.Target = [],  # noqa: B006
    id: tables.Id = None,
    known: tables.Known = [],  # noqa: B006
    past: tables.Past = [],  # noqa: B006
    static: tables.Static = [],  # noqa: B006
    zone: tables.Zone = None,
    calendar: tables.Calendar = [],  # noqa: B006
    sep: tables.Sep = None,
    decimal: tables.DecimalMark = None,
    encoding: tables.Encoding = None,
    sheet: tables.Sheet = None,
    date_format: tables.DateFormat = None,
    freq: tables.Freq = None,
    agg: tables.Agg = None,
    missing: tables.MissingValues = [],  # noqa: B006
    lower: bounds.Lower = None,
    upper: bounds.Upper = None,
    integer: bounds.Integer = None,
    cell: training.CellName = "lstm",
    setting: training.Setting = [],  # noqa: B006
    seed: training.Seed = 0,
    device: training.Device = "cpu",
    force: training.Force = False,
    resume: training.Resume = False,
    as_json: tables.AsJson = False,
    quiet: tables.Quiet = False,
) -> None:
    """Train a forecaster and compare it with its baselines on rows that it has not seen."""
    tables.need("fit")
    reading = tables.reading(sep, decimal, encoding, sheet, date_format, freq, agg, missing)
    domain = bounds.domain_options(lower, upper, integer)
    from gatewise.cli.sources import find_cell
    from gatewise.tasks import Forecaster
    from gatewise.tasks.forecast.horizon import suggested_horizon
    from gatewise.tasks.forecast.options import Options
    from gatewise.tasks.training.distributed import first_process

    settings = training.parse_settings(setting, Forecaster, SWITCHES)
    destination = training.Destination(out, force, resume)
    # of several processes, one writes and reports
    first = first_process()
    quiet = quiet or not first
    if first:
        destination.prepare()
    columns = tables.Columns(time, target, id, known, past, static, zone, reading, calendar)
    model = Forecaster(
        horizon or 1,
        find_cell(cell),
        random_state=seed,
        device=device,
        **columns.options(),
        **domain,
        **settings,
    )
    # an option out of range is reported before a large file is read
    Options.of(model.get_params(deep=False))
    with tables.warned(quiet):
        table = columns.read(file)
        model.set_params(horizon=horizon or suggested_horizon(table))
        plan = model.plan(table)
    if not quiet:
        say("\n".join(plan.describe()))
        if horizon is None:
            say(f"horizon  {model.horizon} steps (--horizon decides)")
        destination.announce()
    training.train(model, table, plan.choices.steps, destination.run, quiet)
    if first:
        destination.save(model, context.obj)
        _report(model, table, as_json, quiet)
        if not quiet:
            destination.tell_saved()


def _report(model: Forecaster, table: Table, as_json: bool, quiet: bool) -> None:
    """Print the evaluation to stdout, and a verdict in words to stderr."""
    fitted = model.fitted_
    if as_json:
        tables.print_json(
            tables.table_data(table)
            | {
                "choices": fitted.choices.to_dict(),
                "steps": fitted.steps,
                "stopped": fitted.stopped,
                "cut_short": fitted.cut_short or None,
                "evaluation": [row.to_dict() for row in fitted.evaluation],
            }
        )
    else:
        print("\n".join(fitted.table()))
    if quiet:
        return
    if fitted.cut_short:
        say(f"training was {fitted.cut_short}")
    say(_verdict(model))


def _verdict(model: Forecaster) -> str:
    """Whether the network beats its baseline, in a sentence."""
    fitted = model.fitted_
    baseline = fitted.baselines[fitted.base].name
    if not fitted.steps:
        return (
            f"the network did not clearly beat its baseline {baseline!r}, so the forecast is the baseline's, "
            "with calibrated intervals"
        )
    best = fitted.evaluation[0].name
    if best == fitted.name:
        return f"{best} (a correction of {baseline!r}) has the lowest error, after {fitted.steps} steps"
    return (
        f"{best!r} has a lower error than {fitted.name} (a correction of {baseline!r}): prefer it"
    )
