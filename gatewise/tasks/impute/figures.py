"""Figures of an imputer: how far off removed values are filled in, in deviations of their channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats

SHARES = (0.1, 0.3, 0.5)  # of the values, that are removed in blocks to judge


@dataclass(frozen=True)
class Row:
    """The figures of one way to fill gaps, in standard deviations of each channel.

    Attributes:
        name: of the way.
        mae: mean absolute error over all removed values.
        rmse: root of their mean squared error.
        by_share: the mean absolute error where 10, 30 and 50 % of the values are removed.
    """

    name: str
    mae: float
    rmse: float
    by_share: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def row_of(name: str, errors: Sequence[Floats]) -> Row:
    """Figures from the errors for each share."""
    joined = np.concatenate(errors)
    by_share = tuple(float(np.abs(e).mean()) if len(e) else 0.0 for e in errors)
    return Row(name, float(np.abs(joined).mean()), float(np.sqrt((joined**2).mean())), by_share)


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Best first, by the mean absolute error."""
    return sorted(rows, key=lambda row: row.mae)


def format_table(rows: Sequence[Row]) -> list[str]:
    """For people, a line each; errors are in standard deviations of each channel."""
    width = max(len(row.name) for row in rows)
    shares = "".join(f"{100 * share:5.0f} %" for share in SHARES[: len(rows[0].by_share)])
    lines = [f"{'':{width}}    MAE   RMSE  of removed{shares}"]
    for row in rows:
        cells = "".join(f"{error:7.3f}" for error in row.by_share)
        lines.append(f"{row.name:{width}}  {row.mae:5.3f}  {row.rmse:5.3f}            {cells}")
    return lines
