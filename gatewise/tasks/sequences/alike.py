"""Labels that may be meant to be one."""

from __future__ import annotations

import warnings

from gatewise.arrays import Array
from gatewise.errors import InputWarning


def warn_of_alike(classes: Array) -> None:
    """Warns (InputWarning) of classes that differ only in capitals or blanks."""
    if classes.dtype.kind not in "OUT":
        return
    first_of: dict[str, str] = {}
    for label in map(str, classes.tolist()):
        other = first_of.setdefault("".join(label.casefold().split()), label)
        if other != label:
            warnings.warn(
                f"{other!r} and {label!r} are two classes: write them alike if they are one",
                InputWarning,
                stacklevel=5,
            )
