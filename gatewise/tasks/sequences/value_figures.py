"""Figures of a regressor, beside those of its baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats


@dataclass(frozen=True)
class Row:
    """The figures of one regressor on the same sequences.

    Attributes:
        name: of the regressor.
        rmse: root of the mean squared error.
        mae: mean absolute error.
        r2: share of the variance that it explains; below 0 it is worse than the mean of these values.
    """

    name: str
    rmse: float
    mae: float
    r2: float

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def row_of(name: str, truth: Floats, answer: Floats) -> Row:
    """Figures for values [B] or [B, K]; of several the explained shares are averaged."""
    error = answer - truth
    spread = ((truth - truth.mean(0)) ** 2).sum(0)
    unexplained = (error**2).sum(0) / np.where(spread > 0, spread, 1.0)
    r2 = float(np.mean(np.where(spread > 0, 1 - unexplained, 0.0)))
    return Row(name, float(np.sqrt((error**2).mean())), float(np.abs(error).mean()), r2)


def ordered(rows: Sequence[Row]) -> list[Row]:
    """Best first, by RMSE."""
    return sorted(rows, key=lambda row: row.rmse)


def format_table(rows: Sequence[Row]) -> list[str]:
    """For people, a line each."""
    width = max(len(row.name) for row in rows)
    lines = [f"{'':{width}}        RMSE         MAE      R²"]
    for row in rows:
        lines.append(f"{row.name:{width}}  {row.rmse:10.4g}  {row.mae:10.4g}  {row.r2:6.3f}")
    return lines


def half_width(residuals: Floats, level: float) -> float:
    """Half of an interval that holds a new value with so many percent (split conformal prediction).

    Vovk, Gammerman & Shafer 2005: the value of rank ceil((n + 1) level) of the n absolute residuals,
    ascending; infinite where n is too small to promise the level.
    """
    rank = int(np.ceil((len(residuals) + 1) * level / 100))
    return float(residuals[rank - 1]) if rank <= len(residuals) else float("inf")
