"""``gatewise look``, ``gatewise fit forecast`` and ``gatewise predict``: from a file to a forecast."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli import say
from gatewise.errors import InputError, nearest

if TYPE_CHECKING:
    from gatewise.tasks import Forecaster
    from gatewise.tasks.forecast import Plan

NEEDED = ("torch", "sklearn", "narwhals", "pydantic", "tqdm")
NOT_OPTIONS = (
    "horizon",
    "cell",
    "time",
    "target",
    "id",
    "random_state",
)  # have switches of their own

File = Annotated[
    Path, typer.Argument(help="A CSV or Parquet file.", metavar="FILE", show_default=False)
]
Horizon = Annotated[int | None, typer.Option("--horizon", help="Steps to forecast.", metavar="N")]
Time = Annotated[str | None, typer.Option("--time", help="The column of times.", metavar="COLUMN")]
Target = Annotated[
    list[str],
    typer.Option("--target", help="A column to forecast; may be given again.", metavar="COLUMN"),
]
Id = Annotated[
    str | None, typer.Option("--id", help="The column that tells series apart.", metavar="COLUMN")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr.")]

fit = typer.Typer(help="Train a model on a file.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command()(look)
    app.add_typer(fit, name="fit")
    app.command()(predict)


def look(
    file: File,
    horizon: Horizon = None,
    time: Time = None,
    target: Target = [],  # noqa: B006  (typer reads the default)
    id: Id = None,
    as_json: AsJson = False,
) -> None:
    """See what is understood of a file, and what to type next. Trains nothing."""
    _need()
    from gatewise.tasks import Forecaster
    from gatewise.tasks.evaluate import told
    from gatewise.tasks.table import read, understand

    table = understand(read(file), time=time, target=target or None, id=id)
    steps = horizon or _usual(table.clock.cycles(), table.length)
    model = Forecaster(steps)
    plan, rows = model.plan(table), model.baselines(table)
    words = ["gatewise fit forecast", _quoted(str(file)), f"--horizon {steps}"]
    words += [f"--{n} {_quoted(v)}" for n, v in (("time", time), ("id", id)) if v]
    words += [f"--target {_quoted(v)}" for v in target]
    command = " ".join([*words, "--out model"])
    if as_json:
        _print_json(
            _plan_data(plan)
            | {"horizon": steps, "command": command, "baselines": [r.to_dict() for r in rows]}
        )
        return
    title = f"simple forecasts of {steps} steps on the last rows"
    print("\n".join([*plan.describe(), "", title, *told(rows), "", f"next     {command}"]))


@fit.command("forecast")
def fit_forecast(
    file: File,
    horizon: Annotated[
        int, typer.Option("--horizon", help="Steps to forecast.", metavar="N", min=1)
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the model to this folder.", metavar="FOLDER")
    ] = None,
    time: Time = None,
    target: Target = [],  # noqa: B006
    id: Id = None,
    cell: Annotated[
        str,
        typer.Option("--cell", help="A name of the catalogue, file.py:name or a saved cell.json."),
    ] = "lstm",
    setting: Annotated[
        list[str],
        typer.Option(
            "--set", help="An option of Forecaster, such as units=64.", metavar="KEY=VALUE"
        ),
    ] = [],  # noqa: B006
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the model in --out.")] = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Train a forecaster and compare it with simple forecasts on rows that it has not seen."""
    options = _settings(setting)
    _need()
    from gatewise.cli.sources import find_cell
    from gatewise.tasks import Forecaster
    from gatewise.tasks.evaluate import told
    from gatewise.tasks.saved import check_free
    from gatewise.tasks.table import read, understand

    if out is not None:
        check_free(out, force)
    table = understand(read(file), time=time, target=target or None, id=id)
    model = Forecaster(
        horizon,
        find_cell(cell),
        time=time,
        target=target or None,
        id=id,
        random_state=seed,
        **options,
    )
    plan = model.plan(table)
    talk = (lambda text: None) if quiet else say
    talk("\n".join(plan.describe()))
    _train(model, table, plan, quiet)
    if out is not None:
        model.save(out, force=force)
    if as_json:
        rows = [row.to_dict() for row in model.evaluation_]
        _print_json(_plan_data(plan) | {"steps": model.steps_, "evaluation": rows})
    else:
        print("\n".join(told(model.evaluation_)))
    talk(_verdict(model))
    if out is not None:
        talk(f"wrote {out}; next: gatewise predict {_quoted(str(out))}")


def predict(
    folder: Annotated[
        Path, typer.Argument(help="A saved model.", metavar="MODEL", show_default=False)
    ],
    horizon: Horizon = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Continue the series of this file.", metavar="FILE"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Forecast what follows the training data, or the series of another file, as CSV."""
    _need()
    import narwhals as nw

    from gatewise.tasks import Forecaster
    from gatewise.tasks.table import read

    model = Forecaster.load(folder)
    frame = nw.from_native(
        model.predict(horizon, None if data is None else read(data)), eager_only=True
    )
    if as_json:
        _print_json([{k: _plain(v) for k, v in row.items()} for row in frame.iter_rows(named=True)])
    else:
        sys.stdout.write(frame.write_csv())


# --- parts ----------------------------------------------------------------------------------------


def _train(model: Forecaster, table: Any, plan: Plan, quiet: bool) -> None:
    """Fit with a bar on stderr where that is a terminal."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(stage: str, step: int, loss: float) -> None:
        if stage not in bars:
            for bar in bars.values():
                bar.close()
            bars[stage] = tqdm(
                total=plan.choices.steps, desc=stage, disable=quiet or None, leave=False
            )
        bars[stage].update(step - bars[stage].n)
        bars[stage].set_postfix(loss=f"{loss:.4g}")

    try:
        model.fit(table, progress=progress)
    finally:
        for bar in bars.values():
            bar.close()


def _verdict(model: Forecaster) -> str:
    base = model.baselines_[model.base_].name
    if not model.steps_:
        return (
            f"the network did not clearly improve on {base!r}, so the forecast is that, "
            "with calibrated intervals"
        )
    first, own = model.evaluation_[0], model.cell_.name.upper()
    if first.name == own:
        return f"{own} (a correction of {base!r}) has the least error, after {model.steps_} steps"
    return f"{first.name!r} has a lower error than {own} (a correction of {base!r}): prefer it"


def _settings(texts: list[str]) -> dict[str, Any]:
    """Options of Forecaster from ``units=64``, ``log=false``, ``levels=[80,95]``. Raises BadParameter."""
    import inspect

    out: dict[str, Any] = {}
    known: list[str] = []
    if texts:
        _need()
        from gatewise.tasks import Forecaster

        known = [n for n in inspect.signature(Forecaster).parameters if n not in NOT_OPTIONS]
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r}: write --set key=value")
        if name not in known:
            raise typer.BadParameter(
                f"there is no option {name!r}.{nearest(name, known)} There are {', '.join(known)}"
            )
        try:
            out[name] = json.loads(value.lower().replace("none", "null"))
        except ValueError:
            raise typer.BadParameter(
                f"{text!r}: a value is a number, true, false or a list such as [80,95]"
            ) from None
    return out


def _plan_data(plan: Plan) -> dict[str, Any]:
    table = plan.table
    return {
        "layout": table.layout,
        "series": len(table.series),
        "values": table.values,
        "missing": sum(s.missing for s in table.series),
        "time_step": table.clock.describe(),
        "notes": list(table.notes),
        "choices": plan.choices.to_dict(),
    }


def _usual(cycles: tuple[int, ...], length: int) -> int:
    """A horizon to suggest: a cycle of the calendar, a fifteenth of the series at most."""
    most = max(1, length // 15)
    return max((n for n in cycles if n <= min(most, 60)), default=min(most, 12))


def _need() -> None:
    """Raises InputError that names the extra where a library is missing."""
    import importlib.util

    missing = [n for n in NEEDED if importlib.util.find_spec(n) is None]
    if missing:
        raise InputError(f'this needs {", ".join(missing)}: pip install "gatewise[forecast,cli]"')


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _print_json(data: Any) -> None:
    print(json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False))
