"""Series that several columns name together: ``store,item``."""

from __future__ import annotations

from itertools import combinations

import narwhals as nw
import numpy as np

from gatewise.arrays import Ints
from gatewise.tasks.data.columns import Columns

BETWEEN = " / "  # what stands between the parts of a name
MOST = 8  # columns whose pairs are looked at


def with_joined_id(columns: Columns, id: str | None) -> Columns:
    """The columns with one more that is called ``id``, where that names several of them; else as they are."""
    parts = joined_parts(columns, id)
    if not parts:
        return columns
    texts = [nw.col(p).cast(nw.String) for p in parts]
    frame = columns.frame.with_columns(nw.concat_str(texts, separator=BETWEEN).alias(str(id)))
    joined = Columns(frame, columns.zones, columns.before, columns.cell_format)
    joined.notes.extend(columns.notes)
    return joined


def joined_parts(columns: Columns, id: str | None) -> list[str]:
    """The columns that "store,item" names; none where there is a column of that name, or one is not there."""
    if id is None or id in columns.named or "," not in id:
        return []
    parts = [p.strip() for p in id.split(",")]
    known = all(p in columns.named for p in parts) and len(set(parts)) == len(parts)
    return parts if known and type(columns) is Columns else []


def pair_that_tells_apart(columns: Columns, codes: dict[str, Ints], times: Ints) -> str:
    """Two columns with which no time occurs twice, as ``--id`` takes them; "" if there are none.

    ``codes``: the number of its value in each row, of each column that may say which series a row is of.
    """
    if type(columns) is not Columns:
        return ""
    for a, b in combinations(list(codes)[:MOST], 2):
        pairs = np.unique(np.stack([codes[a], codes[b], times], axis=1), axis=0)
        if len(pairs) == len(times):
            return f"{a},{b}"
    return ""
