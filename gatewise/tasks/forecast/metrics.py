"""Errors of forecasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gatewise.arrays import Floats


@dataclass(frozen=True)
class Row:
    """The errors of a forecast on the test span; ``None`` where an error is not defined.

    Attributes:
        name: of the model or baseline.
        mae, rmse: in the units of the target, over all windows and steps.
        smape: mean of 200 |y - f| / (|y| + |f|), in percent (M4).
        mase: mean absolute error over that of the seasonal naive forecast on the training span,
            series by series (Hyndman & Koehler 2006), averaged over windows.
        coverage, width: by level: share of values inside the interval, and its mean width.
        by_step: mean absolute error at each step of the horizon.
        coverage_by_step, width_by_step: by level, at each step of the horizon.
    """

    name: str
    mae: float
    rmse: float
    smape: float
    mase: float | None
    coverage: dict[int, float]
    width: dict[int, float]
    by_step: list[float]
    coverage_by_step: dict[int, list[float]]
    width_by_step: dict[int, list[float]]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    name: str, truth: Floats, quantiles: Floats, levels: Sequence[int], naive: Floats
) -> Row:
    """Errors of quantiles [B, h, Q] (Q is 1 without intervals) against truth [B, h], NaN if missing.

    ``naive`` [B] is the denominator of MASE for the series of each window; NaN where it has none.
    """
    middle = quantiles.shape[-1] // 2
    point = quantiles[..., middle]
    error = np.abs(truth - point)
    size = np.abs(truth) + np.abs(point)
    relative = np.where(
        size > 0, 200 * error / np.where(size > 0, size, 1), np.where(np.isnan(truth), np.nan, 0)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = error / np.where(naive > 0, naive, np.nan)[:, None]
    coverage, width, by_step, widths = {}, {}, {}, {}
    for k, level in enumerate(levels if quantiles.shape[-1] > 1 else ()):
        low, high = quantiles[..., middle - 1 - k], quantiles[..., middle + 1 + k]
        inside = np.where(np.isnan(truth), np.nan, (truth >= low) & (truth <= high))
        coverage[level], width[level] = _mean(inside) or 0.0, float(np.mean(high - low))
        by_step[level] = [_mean(column) or 0.0 for column in inside.T]
        widths[level] = (high - low).mean(0).tolist()
    return Row(
        name,
        _mean(error) or 0.0,
        float(np.sqrt(_mean(error**2) or 0.0)),
        _mean(relative) or 0.0,
        _mean(scaled),
        coverage,
        width,
        [_mean(column) or 0.0 for column in error.T],
        by_step,
        widths,
    )


def naive_error(y: Floats, season: int) -> float:
    """Mean absolute change from one season to the next; NaN if there is none."""
    change = np.abs(y[season:] - y[:-season]) if len(y) > season else np.zeros(0)
    seen = change[~np.isnan(change)]
    return float(seen.mean()) if len(seen) else float("nan")


def _mean(values: Floats) -> float | None:
    seen = values[~np.isnan(values)]
    return float(seen.mean()) if len(seen) else None


def format_table(rows: Sequence[Row]) -> list[str]:
    """The rows as a table of text."""
    levels = next((list(row.coverage) for row in rows if row.coverage), [])
    head = ["", "MAE", "RMSE", "sMAPE %", "MASE", *(f"in {level} %" for level in levels)]
    body = [
        [
            row.name,
            f"{row.mae:.4g}",
            f"{row.rmse:.4g}",
            f"{row.smape:.2f}",
            "-" if row.mase is None else f"{row.mase:.3f}",
            *(f"{100 * row.coverage[v]:.1f}" if row.coverage else "" for v in levels),
        ]
        for row in rows
    ]
    widths = [max(len(line[k]) for line in (head, *body)) for k in range(len(head))]
    return [
        f"{line[0]:<{widths[0]}}  "
        + "  ".join(f"{text:>{w}}" for text, w in zip(line[1:], widths[1:], strict=True)).rstrip()
        for line in (head, *body)
    ]
