"""What ``predict``, ``evaluate``, ``update`` and ``info`` do with a saved model: a record for each kind.

A file of this folder has the name of a kind and an object ``commands``. It is imported when a model of that
kind has been loaded, so it may import what is slow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from gatewise.errors import InputError

if TYPE_CHECKING:
    from gatewise.tasks.estimator import Estimator

M = TypeVar("M")


@dataclass(frozen=True)
class PredictOptions:
    """What was typed after ``predict MODEL``; None or () where an option was not given."""

    data: Path | None = None
    horizon: int | None = None
    future: Path | None = None
    level: tuple[int, ...] = ()
    digits: int | None = None
    baseline: str | None = None
    best: bool | None = None
    point: str | None = None
    total: bool | None = None
    events: bool | None = None

    def typed(self) -> list[str]:
        """Names of the options that were typed."""
        return [f.name for f in fields(self) if getattr(self, f.name) not in (None, ())]


@dataclass(frozen=True)
class PlotOptions:
    """What was typed after ``plot MODEL``; None where an option was not given. ``series`` is ``--id``."""

    series: str | None = None
    data: Path | None = None
    horizon: int | None = None
    future: Path | None = None


@dataclass(frozen=True)
class Report:
    """The answer to a verb, for people and for programs: the lines, and what ``--json`` prints."""

    lines: list[str]
    data: dict[str, Any]


@dataclass(frozen=True)
class KindCommands(Generic[M]):
    """How the command line uses models of one kind.

    Attributes:
        info: what such a model is.
        evaluate: its errors on the file.
        predict: a frame of its predictions.
        predict_options: the fields of ``PredictOptions`` that it understands.
        update: takes up the rows of a file and says in a phrase where the model then stands; None for a
            kind that only training changes.
        plot: writes a picture of a prediction to a file and says in a phrase what it shows; None for a kind
            without one.
    """

    info: Callable[[M], Report]
    evaluate: Callable[[M, Path], Report]
    predict: Callable[[M, PredictOptions], Any]
    predict_options: frozenset[str]
    update: Callable[[M, Path], str] | None = None
    plot: Callable[[M, PlotOptions, Path], str] | None = None


def commands_of(model: Estimator[Any]) -> KindCommands[Any]:
    """The record of a model's kind. Raises InputError if the command line has none."""
    if find_spec(f"gatewise.cli.kinds.{model.kind}") is None:
        raise InputError(
            f"the command line cannot use a model of the kind {model.kind!r}: use it from Python, "
            "with gatewise.tasks.load"
        )
    commands: KindCommands[Any] = import_module(f"gatewise.cli.kinds.{model.kind}").commands
    return commands


def check_options(model: Estimator[Any], typed: Sequence[str], understood: frozenset[str]) -> None:
    """Raises InputError for an option that models of this kind do not have."""
    for name in typed:
        if name not in understood:
            raise InputError(
                f"--{name} has no meaning for a model of the kind {model.kind!r}: leave it out"
            )
