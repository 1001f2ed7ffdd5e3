"""What the commands of ``fit`` share: their options, the folder of the model, the progress bar."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import shutil
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from gatewise.cli.exits import say
from gatewise.cli.tables import warned
from gatewise.errors import nearest

if TYPE_CHECKING:
    from gatewise.tasks.data.series import Table
    from gatewise.tasks.estimator import Estimator

Out = Annotated[
    Path | None, typer.Option("--out", help="Write the model to this folder.", metavar="FOLDER")
]
CellName = Annotated[
    str,
    typer.Option("--cell", help="A name of the catalogue, file.py:name or a saved cell.json."),
]
Setting = Annotated[
    list[str],
    typer.Option("--set", help="Another option of the estimator: units=64.", metavar="KEY=VALUE"),
]
Seed = Annotated[int, typer.Option(help="The seed of the random numbers.", min=0, max=2**32 - 1)]
Device = Annotated[
    str, typer.Option("--device", help="Where to train: cpu, cuda or auto.", metavar="NAME")
]
Force = Annotated[
    bool, typer.Option("--force", help="Overwrite an existing model or fit in --out.")
]
Resume = Annotated[bool, typer.Option("--resume", help="Resume the interrupted fit in --out.")]


class Trains(Protocol):
    """An estimator as the command line trains it."""

    def fit(
        self,
        data: Any,
        y: None = None,
        *,
        progress: Callable[[str, int, float], None] | None = None,
        run: str | Path | None = None,
    ) -> Any: ...


@dataclass(frozen=True)
class Destination:
    """The folder for the model, if it is to be kept, and what may be there already."""

    folder: Path | None
    force: bool
    resume: bool

    def __post_init__(self) -> None:
        if self.resume and self.folder is None:
            raise typer.BadParameter("--resume needs the --out of the interrupted fit")

    @property
    def run(self) -> Path | None:
        """The folder for the state of the training."""
        from gatewise.tasks.model_dir import RUN

        return None if self.folder is None else self.folder / RUN

    def prepare(self) -> None:
        """Check that the model may be written, and remove a run that is not resumed. Raises InputError."""
        from gatewise.tasks.model_dir import check_free

        if self.folder is not None and self.run is not None:
            check_free(self.folder, self.force, self.resume)
            if not self.resume:
                shutil.rmtree(self.run, ignore_errors=True)

    def announce(self) -> None:
        """Say before a fit where the model will not be kept."""
        if self.folder is None:
            say("note     the model will not be kept: to keep it, add --out FOLDER")

    def tell_saved(self, options: str = "") -> None:
        """Say where the model is, and how to predict with it; ``options`` of ``predict`` that it needs."""
        from gatewise.tasks.model_dir import REPORT

        if self.folder is not None:
            predict = f"gatewise predict {shlex.quote(str(self.folder))}{options}"
            say(f"wrote {self.folder}; the report is {self.folder / REPORT}; next: {predict}")

    def save(self, model: Estimator[Any], arguments: Sequence[str]) -> None:
        """Write the model with its report, which shows the command. Raises InputError."""
        if self.folder is not None:
            report = model.report(shlex.join(["gatewise", *arguments]))
            # the folder holds the run of this fit
            model.save(self.folder, force=self.force, resume=True, report=report)


def parse_settings(
    texts: list[str], estimator: Callable[..., Any], switches: Collection[str]
) -> dict[str, Any]:
    """Arguments of an estimator from ``units=64``, ``log=false``, ``levels=[80,95]``.

    Args:
        texts: as they were typed.
        estimator: the class; its signature says which options there are.
        switches: the arguments that have an option of their own on the command line.

    Raises BadParameter. The values themselves are checked by the estimator.
    """
    parameters = inspect.signature(estimator).parameters
    known = [name for name in parameters if name not in switches]
    settings: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            raise typer.BadParameter(f"{text!r}: write --set key=value")
        if name not in known:
            raise typer.BadParameter(
                f"there is no option {name!r}.{nearest(name, known)} "
                f"The options are {', '.join(known)}"
            )
        if isinstance(parameters[name].default, str):
            settings[name] = value
            continue
        try:
            settings[name] = json.loads(value.lower().replace("none", "null"))
        except (ValueError, RecursionError):
            # annotations are texts, such as "str | None"
            if "str" in re.findall(r"\w+", str(parameters[name].annotation)):
                settings[name] = value
                continue
            raise typer.BadParameter(
                f"{text!r:.200}: a value is a number, true, false, none or a list such as [80,95]"
            ) from None
    return settings


def train(model: Trains, table: Table, steps: int, run: Path | None, quiet: bool) -> None:
    """Fit with a bar of so many steps for each stage, on stderr where that is a terminal."""
    from tqdm import tqdm

    bars: dict[str, Any] = {}

    def progress(stage: str, step: int, loss: float) -> None:
        if stage not in bars:
            for bar in bars.values():
                bar.close()
            bars[stage] = tqdm(total=steps, desc=stage, disable=quiet or None, leave=False)
        bars[stage].update(step - bars[stage].n)
        bars[stage].set_postfix(loss=f"{loss:.4g}")

    try:
        # the warnings about the table were shown when it was read
        with warned(quiet=True):
            model.fit(table, progress=progress, run=run)
    except KeyboardInterrupt:
        if run is not None and not quiet:
            say("interrupted: to resume, run the same command with --resume")
        raise
    finally:
        for bar in bars.values():
            bar.close()
