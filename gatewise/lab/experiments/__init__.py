"""The experiments, one subject a file. A file is found by lying here; its ``EXPERIMENTS`` are the classes it states."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from gatewise.errors import InputError, nearest
from gatewise.lab.experiment import Experiment

# the order of the literature: that of the list and the table
_ORDER = (
    "reber",
    "2a",
    "2b",
    "2c",
    "3a",
    "3b",
    "3c",
    "adding97",
    "adding",
    "multiplication",
    "6a",
    "6b",
    "continual-reber",
    "continual-6b",
    "msd",
    "nmsd",
    "gts",
    "pfg",
    "anbn",
    "anbncn",
    "copy",
    "selective-copy",
    "digits",
    "permuted-digits",
    "agreement",
)


@cache
def _known() -> dict[str, type[Experiment]]:
    by_name: dict[str, type[Experiment]] = {}
    for module in iter_modules(__path__):
        for experiment in import_module(f"{__name__}.{module.name}").EXPERIMENTS:
            by_name[experiment.name] = experiment
    ordered = {name: by_name[name] for name in _ORDER if name in by_name}
    return ordered | by_name


def names() -> tuple[str, ...]:
    """The names of all experiments."""
    return tuple(_known())


def get(name: str) -> type[Experiment]:
    """The experiment of that name. Raises InputError with the nearest name if there is none."""
    known = _known()
    if name not in known:
        raise InputError(
            f"there is no experiment {name!r}.{nearest(name, list(known))} There are: {', '.join(known)}"
        )
    return known[name]
