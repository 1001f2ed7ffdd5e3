"""``gatewise fit control``: a policy that remembers, learned in an environment or cloned from episodes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli import tables, training
from gatewise.cli.exits import say
from gatewise.cli.policies import ALL_EXTRAS, places
from gatewise.cli.sources import find_cell
from gatewise.extras import require

if TYPE_CHECKING:
    from gatewise.control.history import Entry
    from gatewise.control.ppo import RecurrentPPO

SWITCHES = ("env", "cell", "hide", "max_steps", "workers", "start_from", "seed")
SECONDS = 60.0  # of training where neither frames nor time were typed


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("control")(fit_control)


def fit_control(
    context: typer.Context,
    env: Annotated[
        str | None,
        typer.Argument(
            help="An environment of Gymnasium, such as CartPole-v1; module:name where a module registers it.",
            metavar="ENV",
            show_default=False,
        ),
    ] = None,
    episodes: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Learn from the episodes of this table instead: columns id, step, observations, action.",
            metavar="FILE",
        ),
    ] = None,
    hide: Annotated[
        str | None,
        typer.Option(
            "--hide", help="Numbers of the observation to leave out: 1,3 or 5-10.", metavar="PLACES"
        ),
    ] = None,
    max_steps: Annotated[
        int | None,
        typer.Option("--max-steps", help="Cut episodes after so many steps.", metavar="N", min=1),
    ] = None,
    time: Annotated[
        float | None,
        typer.Option("--time", help="Seconds of training (default: 60).", metavar="SECONDS"),
    ] = None,
    frames: Annotated[
        int | None,
        typer.Option("--frames", help="Steps of training.", metavar="N", min=1),
    ] = None,
    goal: Annotated[
        float | None,
        typer.Option("--goal", help="Stop at this mean return of 100 episodes.", metavar="RETURN"),
    ] = None,
    workers: Annotated[
        bool, typer.Option("--workers", help="Run each environment in a process of its own.")
    ] = False,
    start_from: Annotated[
        Path | None,
        typer.Option(
            "--start-from",
            help="Begin with the policy of this folder, learned in an easier environment or from episodes.",
            metavar="FOLDER",
        ),
    ] = None,
    out: training.Out = None,
    cell: training.CellName = "lstm",
    setting: training.Setting = [],  # noqa: B006
    seed: training.Seed = 0,
    force: training.Force = False,
    resume: training.Resume = False,
    as_json: tables.AsJson = False,
    quiet: tables.Quiet = False,
) -> None:
    """Train a policy with memory in an environment, and play 100 episodes with it."""
    require("fit control", "control,cli", ALL_EXTRAS)
    if (env is None) == (episodes is None):
        raise typer.BadParameter("name an environment, or a table of episodes with --from")
    destination = training.Destination(out, force, resume)
    command = ["gatewise", *context.obj]
    if episodes is not None:
        if start_from is not None:
            raise typer.BadParameter("--start-from is for learning in an environment, not --from")
        from gatewise.cli.policies import clone

        clone(episodes, cell, setting, seed, destination, as_json, quiet)
        return
    _fit(
        {
            "env": env,
            "hide": places(hide),
            "max_steps": max_steps,
            "workers": workers,
            "start_from": start_from,
            "seed": seed,
        },
        (cell, setting),
        (frames, time, goal),
        destination,
        command,
        as_json,
        quiet,
    )


def _fit(
    arguments: dict[str, Any],
    how: tuple[str, list[str]],
    budget: tuple[int | None, float | None, float | None],
    destination: training.Destination,
    command: list[str],
    as_json: bool,
    quiet: bool,
) -> None:
    import shlex

    from gatewise.control import RecurrentPPO, load
    from gatewise.control.report.page import report
    from gatewise.tasks.model_dir import check_free

    cell, setting = how
    frames, seconds, goal = budget
    folder = destination.folder
    options = training.parse_settings(setting, RecurrentPPO, SWITCHES)
    if folder is not None:
        check_free(folder, destination.force or destination.resume)
    if arguments["start_from"] is not None:
        arguments["start_from"] = load(arguments["start_from"])
    with tables.warned(quiet):
        if destination.resume and folder is not None:
            learner = RecurrentPPO.load(folder, arguments["env"], workers=arguments["workers"])
        else:
            learner = RecurrentPPO(cell=find_cell(cell), **arguments, **options)
        if frames is None and seconds is None and not (destination.resume and learner.interrupted):
            seconds = SECONDS
        with learner:
            _learn(learner, (frames, seconds, goal), folder, quiet)
            if folder is not None:  # what was learned is not lost if an episode never ends
                learner.save(folder, force=True)
            evaluation = learner.evaluate()
            if folder is not None:
                text = report(learner, evaluation, shlex.join(command))
                learner.save(folder, force=True, report=text)
    if as_json:
        data = {"frames": learner.frames, "seconds": round(learner.seconds, 3)}
        tables.print_json(data | evaluation.data())
        return
    print("\n".join([*_learned(learner), *evaluation.lines()]))
    if folder is not None and not quiet:
        say(f"wrote {folder}: play an episode with gatewise play {folder} --out episode.gif")


def _learned(learner: RecurrentPPO) -> list[str]:
    """How much was learned, and which policy was handed out."""
    lines = [f"learned   {learner.frames:,} frames, {learner.seconds:.0f} s"]
    if learner.handed_out is not None:
        last = learner.history[-1].mean_return
        lines.append(
            f"policy    the best, of update {learner.handed_out:,} of {learner.updates:,}: later ones did worse, with "
            f"a mean return of {last:.2f} at the end"
        )
    return lines


def _learn(
    learner: RecurrentPPO,
    budget: tuple[int | None, float | None, float | None],
    folder: Path | None,
    quiet: bool,
) -> None:
    """Learn, with a line every few seconds; what is interrupted is saved where it stands."""
    frames, seconds, goal = budget
    shown = -SAID_EVERY

    def tell(entry: Entry) -> None:
        nonlocal shown
        if not quiet and entry.seconds - shown >= SAID_EVERY:
            shown = entry.seconds
            say(entry.told())

    try:
        with _interrupted_between(tell) as progress:
            learner.learn(frames, time=seconds, goal=goal, progress=progress)
    except KeyboardInterrupt:
        if folder is not None:
            learner.save(folder, force=True)
            say("interrupted and saved: to resume, run the same command with --resume")
        raise


SAID_EVERY = 5.0  # seconds


@contextmanager
def _interrupted_between(tell: Callable[[Entry], None]) -> Iterator[Callable[[Entry], None]]:
    """Lets the first Ctrl-C take effect between two updates, so that what is saved is whole."""
    asked = False

    def ask(*signals: object) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    def progress(entry: Entry) -> None:
        tell(entry)
        if asked:
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield progress
    finally:
        signal.signal(signal.SIGINT, before)
