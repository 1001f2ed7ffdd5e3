"""``gatewise info``: what a saved model is, how it did, what it was made with."""

from __future__ import annotations

import typer

from gatewise.cli.tables import AsJson, Model, need, print_json


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(info)


def info(folder: Model, as_json: AsJson = False) -> None:
    """See what a saved model forecasts, with which cell, and how far it was off."""
    need("info")
    from gatewise.tasks import load
    from gatewise.tasks.forecast.metrics import format_table

    model = load(folder)
    id, time, target = model.columns_
    parameters = sum(p.numel() for n in model.networks_ for p in n.parameters())
    if as_json:
        print_json(
            {
                "kind": "forecaster",
                "cell": model.cell_.name,
                "parameters": parameters,
                "horizon": model.horizon,
                "levels": sorted(model.levels),
                "time_step": model.clock_.describe(),
                "columns": {"id": id, "time": time, "target": target}
                | {part: list(model.features_.names(part)) for part in ("past", "known", "static")},
                "series": list(model.ends_.ids),
                "steps": model.steps_,
                "stopped": model.stopped_,
                "choices": model.choices_.to_dict(),
                "evaluation": [row.to_dict() for row in model.evaluation_],
            }
        )
        return
    stopped = ""
    if model.stopped_ is not None:
        stopped = " (stopped by the time limit at step {} of {})".format(*model.stopped_)
    ids = model.ends_.ids
    shown = ", ".join(ids[:5]) + (f" and {len(ids) - 5} more" if len(ids) > 5 else "")
    lines = [
        f"model    a forecaster of {target}, {model.horizon} steps ahead, {model.clock_.describe()}",
        f"series   {len(ids)}: {shown}",
        f"columns  time {time}, id {id}",
        *(
            f"{part:<8} {', '.join(f.describe() for f in features)}"
            for part, features in model.features_.covariates()
        ),
        f"cell     {model.cell_.name}, {parameters:,} parameters, {model.steps_} steps of training"
        f"{stopped}",
        *model.choices_.describe(),
        "",
        "on rows that training had not seen, best first",
        *format_table(model.evaluation_),
    ]
    print("\n".join(lines))
