"""Columns that continue where the target ends: whoever knows them beforehand may name them as known."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

import numpy as np

from gatewise.arrays import Bools, Floats
from gatewise.tasks.data.columns import Columns
from gatewise.tasks.data.names import list_names


def known_ahead(
    columns: Columns,
    values: Mapping[str, Floats],
    unused: Sequence[str],
    id: str | None,
) -> list[str]:
    """A sentence on columns that have values in rows where the target has none yet.

    ``values`` are those of the targets. Whoever knows a column beforehand may name it as known.
    """
    names = list(values)
    ends = {name: _last(~np.isnan(v)) for name, v in values.items()}
    last = min(ends.values())
    later = columns.rows - 1 - last
    if later < 1 or last < 0:
        return []
    ahead = [n for n in unused if _goes_on(columns, n, last) and not _is_static(columns, n, id)]
    if not ahead and len(names) > 1 and max(ends.values()) == columns.rows - 1:
        on = [n for n in names if ends[n] == columns.rows - 1]
        ahead = on if len(on) == len(names) - 1 else []
    if not ahead:
        return []
    words = " ".join(f"--known {shlex.quote(n)}" for n in ahead[:5])
    targets = " ".join(f"--target {shlex.quote(n)}" for n in names[:5] if n not in ahead)
    return [
        f"{list_names(ahead)} {'has' if len(ahead) == 1 else 'have'} values in the last {later} rows, where the target has "
        f"none: if they are known beforehand, name them: {targets} {words}"
    ]


def _last(present: Bools) -> int:
    """The last place that is true; -1 if there is none."""
    return len(present) - 1 - int(np.argmax(present[::-1])) if present.any() else -1


def _is_static(columns: Columns, name: str, id: str | None) -> bool:
    """Whether a column of texts has one value in each series."""
    if id is None or columns.kind(name) != "text":
        return False
    series, codes = columns.texts(id)[1], columns.texts(name)[1]
    return len(np.unique(np.stack([series, codes], axis=1), axis=0)) == len(np.unique(series))


def _goes_on(columns: Columns, name: str, last: int) -> bool:
    """Whether a column of numbers or texts has a value in every row after one."""
    if columns.kind(name) not in ("integer", "number", "text"):
        return False
    if columns.kind(name) == "text":
        return bool(np.all(columns.texts(name)[1][last + 1 :] >= 0))
    return not np.isnan(columns.numbers(name)[last + 1 :]).any()
