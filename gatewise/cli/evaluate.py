"""``gatewise evaluate``: how far a saved model is off on a file, apart from what training has seen."""

from __future__ import annotations

from dataclasses import asdict

import typer

from gatewise.cli.tables import AsJson, File, Model, Quiet, later, need, print_json, warned


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(evaluate)


def evaluate(folder: Model, file: File, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Compare a model with simple forecasts on a file. Rows that training has seen count apart."""
    need("evaluate")
    from gatewise.tasks import load
    from gatewise.tasks.forecast.metrics import format_table

    model = load(folder)
    with warned(quiet):
        found = model.evaluate(later(model, file))
    if as_json:
        print_json(asdict(found))
        return
    lines = [f"{found.values} values, of which training has seen {found.seen}"]
    if found.rows:
        lines += ["", f"{found.windows} forecasts of rows that training has not seen, best first"]
        lines += format_table(found.rows)
    else:
        lines += ["", "no forecast of rows that training has not seen: add later rows"]
    if found.seen_rows:
        title = f"{found.seen_windows} forecasts of rows SEEN IN TRAINING: these errors are too low"
        lines += ["", title, *format_table(found.seen_rows)]
    print("\n".join(lines))
