"""``gatewise fit forecast``: trains a forecaster on a file and says how it compares."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli import tables
from gatewise.cli.exits import say
from gatewise.errors import nearest

if TYPE_CHECKING:
    from gatewise.tasks import Forecaster
    from gatewise.tasks.forecast.config import FitPlan

# have switches of their own
NOT_OPTIONS = (
    "horizon",
    "cell",
    "random_state",
    "device",
    "time",
    "target",
    "id",
    "known",
    "past",
    "static",
    "zone",
)

fit = typer.Typer(help="Train a model on a file.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(fit, name="fit")


@fit.command("forecast")
def fit_forecast(
    context: typer.Context,
    file: tables.File,
    horizon: Annotated[
        int, typer.Option("--horizon", help="Steps to forecast.", metavar="N", min=1)
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the model to this folder.", metavar="FOLDER")
    ] = None,
    time: tables.Time = None,
    target: tables.Target = [],  # noqa: B006
    id: tables.Id = None,
    known: tables.Known = [],  # noqa: B006
    past: tables.Past = [],  # noqa: B006
    static: tables.Static = [],  # noqa: B006
    zone: tables.Zone = None,
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
    seed: Annotated[int, typer.Option(help="Of all that is random.", min=0, max=2**32 - 1)] = 0,
    device: Annotated[
        str, typer.Option(help="Where to train: cpu, cuda or auto.", metavar="NAME")
    ] = "cpu",
    force: Annotated[bool, typer.Option("--force", help="Overwrite the model in --out.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the fit in --out that was interrupted.")
    ] = False,
    as_json: tables.AsJson = False,
    quiet: tables.Quiet = False,
) -> None:
    """Train a forecaster and compare it with simple forecasts on rows that it has not seen."""
    options = _settings(setting)
    tables.need("fit")
    from gatewise.cli.sources import find_cell
    from gatewise.tasks import Forecaster
    from gatewise.tasks.forecast.metrics import format_table
    from gatewise.tasks.model_dir import REPORT, RUN, check_free
    from gatewise.tasks.training.distributed import first_process

    if resume and out is None:
        raise typer.BadParameter("--resume needs the --out of the fit that was interrupted")
    first = first_process()  # of several, one talks and writes
    quiet = quiet or not first
    if out is not None and first:
        check_free(out, force, resume)
        if not resume:
            shutil.rmtree(out / RUN, ignore_errors=True)
    named = tables.Named(time, target, id, known, past, static, zone)
    with tables.warned(quiet):
        table = named.read(file)
        model = Forecaster(
            horizon, find_cell(cell), random_state=seed, device=device, **named.options(), **options
        )
        plan = model.plan(table)
    talk = (lambda text: None) if quiet else say
    talk("\n".join(plan.describe()))
    if out is None:
        talk("note     the model will not be kept: for that, add --out FOLDER")
    _train(model, table, plan, quiet, None if out is None else out / RUN)
    if not first:
        return
    if out is not None:
        command = shlex.join(["gatewise", *context.obj])
        model.save(out, force=force, resume=True, report=model.report(command))
    if model.stopped_ is not None:
        talk(_out_of_time(model, *model.stopped_))
    if as_json:
        rows = [row.to_dict() for row in model.evaluation_]
        tables.print_json(
            tables.table_data(table)
            | {"choices": plan.choices.to_dict()}
            | {"steps": model.steps_, "stopped": model.stopped_, "evaluation": rows}
        )
    else:
        print("\n".join(format_table(model.evaluation_)))
    talk(_verdict(model))
    if out is not None:
        talk(f"wrote {out}; look at {out / REPORT}; next: gatewise predict {shlex.quote(str(out))}")


# --- parts ----------------------------------------------------------------------------------------


def _train(model: Forecaster, table: Any, plan: FitPlan, quiet: bool, run: Path | None) -> None:
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
        with tables.warned(quiet=True):  # it was said when it was planned
            model.fit(table, progress=progress, run=run)
    except KeyboardInterrupt:
        if run is not None and not quiet:
            say("interrupted; the same command with --resume goes on from here")
        raise
    finally:
        for bar in bars.values():
            bar.close()


def _out_of_time(model: Forecaster, step: int, steps: int) -> str:
    return (
        f"time     training was stopped by the time limit ({model.time_limit:g} s for all of it) at step "
        f"{step} of {steps}: the best weights so far are kept; --set time_limit=none takes all steps"
    )


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
    defaults: Mapping[str, Any] = {}
    if texts:
        tables.need("fit")
        from gatewise.tasks import Forecaster

        defaults = inspect.signature(Forecaster).parameters
        known = [n for n in defaults if n not in NOT_OPTIONS]
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r}: write --set key=value")
        if name not in known:
            raise typer.BadParameter(
                f"there is no option {name!r}.{nearest(name, known)} There are {', '.join(known)}"
            )
        if isinstance(defaults[name].default, str):
            out[name] = value
            continue
        try:
            out[name] = json.loads(value.lower().replace("none", "null"))
        except (ValueError, RecursionError):
            raise typer.BadParameter(
                f"{text!r:.200}: a value is a number, true, false, none or a list such as [80,95]"
            ) from None
    return out
