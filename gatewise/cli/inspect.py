"""``gatewise inspect``: a page on which a person scrubs through sequences and sees what a saved model does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatewise.cli.exits import say
from gatewise.cli.tables import Model, Quiet, need, warned
from gatewise.cli.writing import check_out, write_whole
from gatewise.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(inspect)


def inspect(
    folder: Model,
    data: Annotated[
        Path,
        typer.Argument(
            help="The sequences to look at, as predict --data reads them.",
            metavar="FILE",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", help="Write the page to this file.", metavar="FILE")
    ] = Path("report.html"),
    future: Annotated[
        Path | None,
        typer.Option("--future", help="Known covariates of the steps to forecast.", metavar="FILE"),
    ] = None,
    layer: Annotated[
        int, typer.Option("--layer", help="Which layer, from 0 on.", metavar="N", min=0)
    ] = 0,
    direction: Annotated[
        int,
        typer.Option(
            "--direction",
            help="0 forward, 1 from the end to the beginning.",
            metavar="N",
            min=0,
            max=1,
        ),
    ] = 0,
    member: Annotated[
        int,
        typer.Option(
            "--network", help="Which network, of a model with several.", metavar="N", min=0
        ),
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file in --out.")] = False,
    quiet: Quiet = False,
) -> None:
    """Write one offline page: inputs, every gate and the state at every step of sequences of a file.

    On the page units are sorted by how long they remember, and spans are found in which chosen units are active.
    """
    check_out(out, force, (".html",))
    need("inspect")
    from gatewise.cli.kinds import PredictOptions, commands_of
    from gatewise.inspect.page.page import MOST_SEQUENCES, page
    from gatewise.tasks import load

    model = load(folder)
    networks = getattr(model.fitted_, "networks", ())
    if not networks:
        raise InputError(f"a model of the kind {model.kind!r} has no network to look into")
    if member >= len(networks):
        raise InputError(f"there is no network {member}: there are {len(networks)}, from 0 on")
    encoder = networks[member].encoder
    with warned(quiet), _calls(encoder) as calls:
        commands_of(model).predict(model, PredictOptions(data=data, future=future))
    if not calls:
        raise InputError(f"the network was not asked about {data}: it has nothing to show")
    steps, lengths = joined(calls)
    shown = min(steps.shape[1], MOST_SEQUENCES)
    text = page(
        encoder,
        steps,
        title=f"{model.kind}: {data.name}",
        lengths=lengths,
        layer=layer,
        direction=direction,
    )

    def write(part: Path) -> None:
        part.write_text(text, encoding="utf-8")

    write_whole(out, write)
    if not quiet:
        say(f"wrote {out}: {shown} sequence{'s' * (shown != 1)}")


def joined(calls: list[tuple[Tensor, list[int] | None]]) -> tuple[Tensor, list[int]]:
    """The sequences of calls side by side, as many as a page shows: [T, B, I] and the steps of each.

    Calls of one step, with which a network is made ready, are left out where there are longer ones.
    """
    from torch import cat
    from torch.nn.functional import pad

    from gatewise.inspect.page.page import MOST_SEQUENCES

    longest = max(len(steps) for steps, _ in calls)
    parts: list[Tensor] = []
    ends: list[int] = []
    for steps, lengths in calls:
        if len(steps) > 1 or longest == 1:
            parts.append(pad(steps, (0, 0, 0, 0, 0, longest - len(steps))))
            ends += [len(steps)] * steps.shape[1] if lengths is None else lengths
        if len(ends) >= MOST_SEQUENCES:
            break
    return cat(parts, dim=1), ends


@contextmanager
def _calls(encoder: Module) -> Iterator[list[tuple[Tensor, list[int] | None]]]:
    """What the encoder is called with: its steps, and the lengths where sequences differ."""
    calls: list[tuple[Tensor, list[int] | None]] = []

    def note(module: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> None:
        lengths = keywords.get("lengths")
        steps = arguments[0].detach()
        if len(steps) and steps.shape[1]:
            calls.append((steps, None if lengths is None else [max(1, int(n)) for n in lengths]))

    hook = encoder.register_forward_pre_hook(note, with_kwargs=True)
    try:
        yield calls
    finally:
        hook.remove()
