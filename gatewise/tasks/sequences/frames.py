"""Predictions for a table as a frame of the same library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import numpy as np

from gatewise.arrays import Array
from gatewise.tasks.sequences.source import Source

NUMBER = "sequence"  # the column that numbers sequences without names


def frame_of(source: Source, columns: Mapping[str, Array]) -> Any:
    """A frame with a row for each sequence: its name, then the columns."""
    ids = np.array(source.ids) if source.ids else np.arange(len(source.sequences))
    name = source.named if source.ids else NUMBER
    data = {name: ids, **{k: v for k, v in columns.items() if k != name}}
    library: Any = source.library
    return nw.from_dict(data, backend=library).to_native()
