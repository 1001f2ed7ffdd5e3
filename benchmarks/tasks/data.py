"""The real data: frames as they stand in the files, nothing changed but what a protocol asks for."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pandas as pd

ETT_MONTH = 30 * 24  # rows, as the usual split of ETTh1 counts
ETT_TRAIN, ETT_VALID, ETT_TEST = 12 * ETT_MONTH, 4 * ETT_MONTH, 4 * ETT_MONTH


def folder() -> Path:
    """Where the files lie: ``GATEWISE_DATA``, or ``shared/data`` beside the checkout."""
    folder = os.environ.get("GATEWISE_DATA")
    data = Path(folder) if folder else Path(__file__).resolve().parents[2] / "shared" / "data"
    if not (data / "forecast").is_dir():
        raise SystemExit(f"no data at {data}: set GATEWISE_DATA to the folder that has forecast/")
    return data / "forecast"


def m4(part: str) -> dict[str, np.ndarray]:
    """M4 Hourly, "train" or "test": the values of each series."""
    with (folder() / f"M4-Hourly-{part}.csv").open() as file:
        rows = csv.reader(file)
        next(rows)
        return {name: np.array([float(v) for v in row if v]) for name, *row in rows}


def etth1() -> pd.DataFrame:
    """ETTh1 up to the end of its test span, each column standardised by its training span."""
    frame = pd.read_csv(folder() / "ETTh1.csv").iloc[: ETT_TRAIN + ETT_VALID + ETT_TEST]
    columns = frame.columns[1:]
    train = frame[columns][:ETT_TRAIN]
    frame[columns] = (frame[columns] - train.mean()) / train.std(ddof=0)
    return frame


def table(name: str) -> pd.DataFrame:
    """One of the other files."""
    return pd.read_csv(folder() / f"{name}.csv")
