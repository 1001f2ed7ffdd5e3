"""A tagger as a folder: ``model.safetensors``, ``config.json``, ``README.md``. No code inside."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import numpy as np

from gatewise.arrays import Array
from gatewise.errors import InputError
from gatewise.lang.cell import Cell
from gatewise.tasks.model_files import model_files, packed
from gatewise.tasks.sequences.class_figures import Row as ClassRow
from gatewise.tasks.sequences.saved import networks_in, read_model
from gatewise.tasks.sequences.value_figures import Row as ValueRow
from gatewise.tasks.steps.fitting import network_of
from gatewise.tasks.steps.saved import SavedSteps, card, config_fields, fitted_fields
from gatewise.tasks.tag.events import Detection, EventRow, format_events
from gatewise.tasks.tag.figures import format_table
from gatewise.tasks.tag.fitted import Fitted
from gatewise.tasks.tag.labels import What
from gatewise.tasks.tag.options import Options

KIND = "tagger"


class SavedTagger(SavedSteps):
    """The configuration of a tagger."""

    kind: Literal["tagger"]
    options: Options
    what: What
    classes: tuple[str, ...] | tuple[bool, ...] | tuple[int, ...] | tuple[float, ...]
    counts: tuple[int, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    events: tuple[int, ...]
    temperature: float
    detection: Detection
    evaluation: list[ClassRow] | list[ValueRow]
    event_evaluation: list[EventRow]
    calibration: tuple[float, float] | None


# fields that only a tagger has, in its record and in its configuration
OWN = (
    "what",
    "counts",
    "mean",
    "scale",
    "events",
    "temperature",
    "detection",
    "event_evaluation",
    "calibration",
)


def files(fitted: Fitted, report: bool) -> dict[str, bytes]:
    """The files of a fitted model; ``report``: whether there is a report beside them."""
    weights, digest = packed(fitted.networks, {"seen": fitted.seen})
    config = SavedTagger(
        kind="tagger",
        classes=tuple(fitted.classes.tolist()),
        **{name: getattr(fitted, name) for name in OWN},
        **config_fields(fitted, digest),
    )
    return model_files(config, weights, _card(fitted, report), fitted.history)


def load(folder: str | Path) -> Fitted:
    """Read a model. Raises InputError if it is missing, damaged, changed or from a newer version."""
    return read_model(Path(folder), SavedTagger, _restored)


def _restored(config: SavedTagger, cell: Cell, arrays: dict[str, Array]) -> Fitted:
    classes = np.array(config.classes)
    width = len(classes)
    if not width or len(set(config.classes)) != width:
        raise InputError("classes: there are none, or two are the same")
    if {len(config.counts), len(config.mean), len(config.scale)} - {width, 1}:
        raise InputError("counts, mean and scale: not one for each class")
    if min(config.scale) <= 0 or not 0 < config.temperature < 1e6:
        raise InputError("scale or temperature is out of range")
    if any(not 0 <= k < width for k in config.events):
        raise InputError("events: there is no class of that number")
    networks = networks_in(
        arrays,
        {"seen": np.int64},
        lambda: network_of(
            cell, config.coding, config.choices, config.options, config.options.lookahead, width
        ),
    )
    return Fitted(
        classes=classes,
        **{name: getattr(config, name) for name in OWN},
        **fitted_fields(config, cell, networks, arrays),
    )


def _card(fitted: Fitted, report: bool) -> str:
    said = {
        "class": f"one of {len(fitted.classes)} classes",
        "several": f"{len(fitted.classes)} labels at once",
        "value": f"{len(fitted.classes)} values",
    }[fitted.what]
    ahead = fitted.options.lookahead
    reads = "reads to the end before it speaks" if ahead is None else f"looks {ahead} steps ahead"
    tables = [("Steps:", _nameless(format_table(fitted.evaluation)))]
    if fitted.event_evaluation:
        lines = format_events(fitted.event_evaluation, fitted.options.rate)
        tables.append(("Events:", _nameless(lines)))
    return card(fitted, f"A tagger of sequences: {said} at every step", reads, tables, report)


def _nameless(lines: list[str]) -> list[str]:
    """Lines without the names of columns, which a threshold is named after."""
    return [
        re.sub(r"threshold on the (\w+) of .* over", r"threshold on the \1 over", text)
        for text in lines
    ]
