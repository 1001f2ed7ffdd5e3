"""Small series are quickest on one thread; made-up series with a known structure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import torch

from tests.outlines import draw_outlines


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def outlines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports whose pictures are not drawn, for tests of what else is in them."""
    draw_outlines(monkeypatch)


@pytest.fixture
def hourly() -> pd.DataFrame:
    """Two series of 400 hours: a day with a slow wave on it that no baseline knows, some noise."""
    return long_frame(400)


def long_frame(count: int, seed: int = 0) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    t = np.arange(count)
    pieces = []
    for k, name in enumerate(("a", "b")):
        day = np.sin(2 * np.pi * t / 24 + k)
        wave = np.sin(2 * np.pi * t / 60 + k)
        y = 10 + k + 2 * day + 2 * wave + 0.1 * draw.standard_normal(count)
        ds = pd.date_range("2024-01-01", periods=count, freq="h")
        pieces.append(pd.DataFrame({"unique_id": name, "ds": ds, "y": y}))
    return pd.concat(pieces, ignore_index=True)
