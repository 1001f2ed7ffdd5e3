"""The options of a forecaster, checked before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from gatewise import cells
from gatewise.errors import InputError
from gatewise.lang.cell import Cell

COUNTS = ("horizon", "patience", "patch", "context", "units", "steps", "batch", "members")
MOST = {"units": 10_000, "members": 100, "batch": 1_000_000}
NEEDED = ("horizon", "patience")
DEVICES = ("cpu", "cuda", "auto")
PRECISIONS = ("32-true", "bf16-mixed")
FRACTIONS = {"learning_rate": 1.0, "dropout": 0.999}


def check(options: Mapping[str, Any]) -> None:
    """Raises InputError for an option out of range."""
    for name in COUNTS:
        value = options[name]
        if value is None and name not in NEEDED:
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InputError(f"{name} must be a whole number of at least 1, not {value!r}")
        if value > MOST.get(name, value):
            raise InputError(f"{name} must be at most {MOST[name]:,}, not {value:,}")
    for name, top in FRACTIONS.items():
        value = options[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= top:
            raise InputError(f"{name} must be a number from 0 to {top:g}, not {value!r}")
    limit = options["time_limit"]
    seconds = isinstance(limit, int | float) and not isinstance(limit, bool) and limit > 0
    if limit is not None and not seconds:
        raise InputError(f"time_limit must be seconds above 0, or None for no limit, not {limit!r}")
    if options["device"] not in DEVICES:
        raise InputError(f"device is one of {', '.join(DEVICES)}, not {options['device']!r}")
    if options["precision"] not in PRECISIONS:
        known = ", ".join(PRECISIONS)
        raise InputError(f"precision is one of {known}, not {options['precision']!r}")
    seed = options["random_state"]
    if isinstance(seed, int) and not 0 <= seed < 2**32:
        raise InputError(f"random_state must be a whole number from 0 to {2**32 - 1}, not {seed}")
    log, levels, seasons = options["log"], options["levels"], options["seasons"]
    if log not in (None, True, False):
        raise InputError(f"log must be True, False or None, not {log!r}")
    if not _whole(levels, 1, 99) or not len(levels):
        raise InputError(f"levels are different percentages from 1 to 99, not {levels!r}")
    if seasons is not None and not _whole(seasons, 2, 100_000):
        raise InputError(f"seasons are different whole numbers of at least 2, not {seasons!r}")


def cell_of(cell: object) -> Cell:
    """The cell of an option. Raises InputError for one that cannot forecast, CellError for no name."""
    found = cells.get(cell) if isinstance(cell, str) else cell
    if not isinstance(found, Cell):
        raise InputError(f"cell is a name of the catalogue or a cell, not {type(found).__name__}")
    if len(found.program.inputs) != 1:
        names = ", ".join(i.name for i in found.program.inputs)
        raise InputError(
            f"the cell {found.name} has several inputs ({names}); forecasting gives it one"
        )
    return found


def _whole(values: object, low: int, high: int) -> bool:
    """Whether it is a sequence of different whole numbers in a range."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        return False
    numbers = all(isinstance(v, int) and not isinstance(v, bool) for v in values)
    return numbers and len(set(values)) == len(values) and all(low <= v <= high for v in values)
