"""Saved policies at the command line: what ``info``, ``evaluate`` and ``play`` do with them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli import tables, training
from gatewise.cli.exits import say
from gatewise.cli.kinds import Report
from gatewise.errors import InputError
from gatewise.extras import FORECAST, require

if TYPE_CHECKING:
    from gatewise.control.making import Setting
    from gatewise.control.policy import Policy
    from gatewise.control.record import SavedPolicy

KIND = "policy"
ALL_EXTRAS = (*FORECAST, "gymnasium")
Env = Annotated[
    str | None,
    typer.Option(
        "--env",
        help="The environment to play in (default: the one it learned in).",
        metavar="NAME",
    ),
]
Sample = Annotated[
    bool, typer.Option("--sample", help="Draw actions instead of taking the likeliest.")
]


def places(text: str | None) -> tuple[int, ...]:
    """Places of numbers: ``1,3`` or ``5-10``. Raises BadParameter."""
    chosen: list[int] = []
    for part in (text or "").split(",") if text else []:
        match = re.fullmatch(r"\s*(\d{1,6})(?:-(\d{1,6}))?\s*", part)
        if match is None:
            raise typer.BadParameter(f"--hide {text!r}: write places such as 1,3 or 5-10")
        first, last = int(match[1]), int(match[2] or match[1])
        chosen += range(first, last + 1)
    return tuple(dict.fromkeys(chosen))


def is_policy(folder: Path) -> bool:
    """Whether a folder holds a policy. Raises InputError if it is no saved model."""
    from gatewise.tasks.model_dir import kind_of

    return kind_of(folder) == KIND


def opened(folder: Path, env: str | None) -> tuple[Policy, str, Setting]:
    """A saved policy, the name of its environment, and how it is made.

    Raises InputError where neither the model nor the user names one.
    """
    require("a policy", "control,cli", ALL_EXTRAS)
    from gatewise.control import load
    from gatewise.control.making import Setting, is_registered
    from gatewise.control.saved import read_config

    policy, config = load(folder), read_config(folder)
    name = env or config.environment.name
    if name is None:
        raise InputError(f"{folder} does not name its environment: add --env NAME")
    if env is None and config.environment.module is not None and not is_registered(name):
        raise InputError(
            f"the environment {name} is registered by a module, and a model names none to import: add --env "
            f"{config.environment.typed}"
        )
    setting = Setting(name, config.environment.hide, config.environment.max_steps)
    return policy, name, setting


def evaluate(folder: Path, episodes: int, env: str | None, sample: bool) -> Report:
    """Whole episodes that training has not seen."""
    policy, name, setting = opened(folder, env)
    from gatewise.control.evaluation import evaluate as played

    result = played(policy, name, setting, episodes, not sample)
    return Report(result.lines(), {"environment": name} | result.data())


def info(folder: Path) -> Report:
    """What a policy is, and how it was trained."""
    require("a policy", "control,cli", ALL_EXTRAS)
    from gatewise.control.history import parse
    from gatewise.control.saved import read_config
    from gatewise.tasks.model_dir import METRICS, read_extra

    config: SavedPolicy = read_config(folder)
    entries = parse(read_extra(folder, METRICS) or b"")
    last = next((e.mean_return for e in reversed(entries) if e.mean_return is not None), None)
    place = config.environment
    hidden = f", numbers {', '.join(map(str, place.hide))} hidden" if place.hide else ""
    lines = [
        "model     a policy with memory",
        f"learned   in {place.name or 'an environment that was an object'}{hidden}",
        f"reads     {config.observation.describe()}",
        f"does      {config.action.describe()}",
        f"cell      {config.cell.get('name', 'of its own')!s:.80}, {config.options.units} units",
        f"training  {config.frames:,} frames, {config.seconds:.0f} s, {config.updates:,} updates",
    ]
    if last is not None:
        lines.append(f"return    {last:.2f}, mean of the last 100 episodes of training")
    if config.budget is not None:
        lines.append("training  interrupted: fit control --resume resumes it")
    data: dict[str, Any] = {
        "environment": place.name,
        "hide": list(place.hide),
        "observations": config.observation.describe(),
        "actions": config.action.describe(),
        "frames": config.frames,
        "seconds": config.seconds,
        "updates": config.updates,
        "mean_return": last,
        "interrupted": config.budget is not None,
    }
    return Report(lines, data)


def clone(
    file: Path,
    cell: str,
    setting: list[str],
    seed: int,
    destination: training.Destination,
    as_json: bool,
    quiet: bool,
) -> None:
    """Clone the behaviour of the episodes of a table."""
    from gatewise.cli.sources import find_cell
    from gatewise.control import BehaviourCloning
    from gatewise.tasks.model_dir import check_free

    options = training.parse_settings(setting, BehaviourCloning, ("cell", "seed"))
    if destination.folder is not None:
        check_free(destination.folder, destination.force)
    with tables.warned(quiet):
        model = BehaviourCloning(find_cell(cell), seed=seed, **options).fit(file)
        if destination.folder is not None:
            model.save(destination.folder, force=destination.force)
    if as_json:
        tables.print_json(model.cloned_.data())
        return
    print("\n".join(model.cloned_.lines()))
    if destination.folder is not None and not quiet:
        say(f"wrote {destination.folder}")


def play(
    folder: Path, out: Path, env: str | None, seed: int, steps: int, sample: bool
) -> tuple[str, str]:
    """Write the film of an episode; what it shows, and a remark or ""."""
    policy, name, setting = opened(folder, env)
    from gatewise.control.film import film

    episode, remark = film(
        policy, name, replace(setting), out, seed=seed, steps=steps, sample=sample
    )
    ended = "ended by itself" if episode.terminated else "was cut"
    return f"{len(episode.rewards)} steps, return {episode.total:.2f}, {ended}", remark
