"""``gatewise look``: how a file is read, the errors of the baselines on it, and the command to run next."""

from __future__ import annotations

import shlex

import typer

from gatewise.cli import bounds, tables
from gatewise.extras import TABLES


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(look)


def look(
    file: tables.File,
    horizon: tables.Horizon = None,
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
    as_json: tables.AsJson = False,
    quiet: tables.Quiet = False,
) -> None:
    """Show how a file is read, how the baselines do on it, and the command to run next. Trains nothing."""
    tables.need("look", TABLES)
    reading = tables.reading(sep, decimal, encoding, sheet, date_format, freq, agg, missing)
    domain = bounds.domain_options(lower, upper, integer)
    from gatewise.tasks.forecast.horizon import suggested_horizon
    from gatewise.tasks.forecast.metrics import format_table
    from gatewise.tasks.forecast.options import Options
    from gatewise.tasks.forecast.planning import plan_of, quick_rows

    columns = tables.Columns(time, target, id, known, past, static, zone, reading, calendar)
    with tables.warned(quiet):
        table = columns.read(file)
        steps = horizon or suggested_horizon(table)
        plan = plan_of(table, Options(horizon=steps, **domain))
    rows = quick_rows(plan)
    words = ["gatewise fit forecast", shlex.quote(str(file)), f"--horizon {steps}"]
    command = " ".join([*words, *columns.words(), *bounds.words(domain), "--out model"])
    if as_json:
        tables.print_json(
            tables.table_data(table)
            | {
                "choices": plan.choices.to_dict(),
                "horizon": steps,
                "command": command,
                "baselines": [r.to_dict() for r in rows],
            }
        )
        return
    title = f"baselines, {steps} steps ahead, on the test span"
    print("\n".join([*plan.describe(), "", title, *format_table(rows), "", f"next     {command}"]))
