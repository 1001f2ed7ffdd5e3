"""``gatewise play``: an episode of a saved policy as a film, without a screen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatewise.cli.exits import say
from gatewise.cli.tables import Model, Overwrite, Quiet, warned
from gatewise.cli.writing import check_out, write_whole
from gatewise.errors import InputError

ENDINGS = (".gif", ".mp4")
STEPS = 1_000


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(play)


def play(
    folder: Model,
    out: Annotated[
        Path, typer.Option("--out", help="Write to this file: .gif or .mp4.", metavar="FILE")
    ],
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            help="The environment to play in (default: the one it learned in).",
            metavar="NAME",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the episode.", min=0, max=2**31 - 1)] = 0,
    steps: Annotated[
        int, typer.Option("--steps", help="Stop after so many steps.", metavar="N", min=1)
    ] = STEPS,
    sample: Annotated[
        bool, typer.Option("--sample", help="Draw actions instead of taking the likeliest.")
    ] = False,
    force: Overwrite = False,
    quiet: Quiet = False,
) -> None:
    """Play an episode with a saved policy and write it as a film."""
    from gatewise.cli import policies

    check_out(out, force, ENDINGS)
    if not policies.is_policy(folder):
        raise InputError(f"{folder} holds no policy: play shows what gatewise fit control learned")
    shown, remark = "", ""

    def write(part: Path) -> None:
        nonlocal shown, remark
        shown, remark = policies.play(folder, part, env, seed, steps, sample)

    with warned(quiet):
        write_whole(out, write)
    if not quiet:
        if remark:
            say(remark)
        say(f"wrote {out}: {shown}")
